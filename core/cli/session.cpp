#include "core/cli/session.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/unique_fd.hpp"
#include "core/cli/print.hpp"
#include "core/model/verdict.hpp"
#include "core/report/report.hpp"

namespace triage::cli {
namespace {

// A .env file is small; what is larger is something else.
constexpr off_t max_env_file_bytes = 1 << 20;

base::Result<std::optional<std::string>> read_small_file(const std::string& path) {
    const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd && errno == ENOENT) return std::nullopt;
    struct stat info{};
    if (!fd || ::fstat(fd.get(), &info) != 0) {
        return base::fail(fmt::format("{}: {}", path, std::generic_category().message(errno)));
    }
    if (!S_ISREG(info.st_mode)) return base::fail(fmt::format("{}: not a regular file", path));
    if (info.st_size > max_env_file_bytes) {
        return base::fail(fmt::format("{}: {} bytes long, more than a .env file may be ({})", path,
                                      info.st_size, max_env_file_bytes));
    }
    std::string text(static_cast<std::size_t>(info.st_size), '\0');
    const auto got = ::read(fd.get(), text.data(), text.size());
    if (got < 0)
        return base::fail(fmt::format("{}: {}", path, std::generic_category().message(errno)));
    text.resize(static_cast<std::size_t>(got));
    return text;
}

std::string stem(const std::string& path) { return std::filesystem::path(path).stem().string(); }

plugin::Options plugin_options(Watchdog* watchdog) {
    plugin::Options result;
    result.isolated = watchdog == nullptr;
    if (watchdog != nullptr) result.host_lock = &watchdog->lock();
    return result;
}

// As long as nothing was run: there is nothing to tell but this.
int give_up(const plugin::UnderWay& callback, bool interrupted) {
    print_error({plugin::describe(callback), "Without --in-process triage goes on without it."});
    return interrupted ? model::exit_interrupted : model::exit_unknown;
}

}  // namespace

Session::Session(const PluginOptions& options)
    : on_interrupt_([] { end_interrupted(); }),
      interrupts_(loop_, [this] { on_interrupt_(); }),
      watchdog_(options.in_process ? std::make_unique<Watchdog>(loop_, interrupts_, give_up)
                                   : nullptr),
      broker_(loop_, redactor_,
              [this](const auto& place) { return net::load_http(loop_, net_limits_, place); }),
      plugins_(loop_, broker_, plugin_options(watchdog_.get())),
      found_(plugin::find_plugins(plugin::default_folders(options.folders))) {
    catalog_.searched = fmt::format("{}", fmt::join(found_.searched, ", "));
    for (const auto& [id, candidate] : found_.usable)
        catalog_.known_ids.push_back(id);
    for (const auto& [path, error] : found_.broken) {
        // A file that cannot be read has no id; by custom it is named after it.
        if (!found_.usable.contains(stem(path))) catalog_.broken.emplace(stem(path), error);
    }
}

// Whatever the plugins do while they are closed: all is told.
Session::~Session() {
    if (watchdog_ != nullptr) watchdog_->expect_end(loop_.now());
}

void Session::open(const std::vector<std::string>& ids) {
    std::vector<plugin::Candidate> wanted;
    for (const auto& id : ids.empty() ? catalog_.known_ids : ids) {
        const auto found = found_.usable.find(id);
        if (found != found_.usable.end()) wanted.push_back(found->second);
    }
    // In-process they are loaded one after the other.
    const auto time = plugin::Options().open_timeout * static_cast<int>(wanted.size());
    if (watchdog_ != nullptr) watchdog_->expect_end(loop_.now() + time);
    bool done = false;
    plugins_.open(wanted, [&done] { done = true; });
    loop_.run_until([&done] { return done; });
    if (watchdog_ != nullptr) watchdog_->expect_nothing();
    catalog_.plugins = plugins_.loaded();
    for (const auto& [id, error] : plugins_.broken())
        catalog_.broken.insert_or_assign(id, error);
}

std::vector<std::string> Session::passed_over() const {
    using std::filesystem::path;
    const auto rank = [&](const std::string& file) {
        return std::ranges::find_if(found_.searched,
                                    [&](const std::string& folder) {
                                        return path(file).parent_path() ==
                                               (path(folder) / "x").parent_path();
                                    }) -
               found_.searched.begin();
    };
    std::vector<std::string> out;
    for (const auto& [file, error] : found_.broken) {
        const auto used = found_.usable.find(stem(file));
        if (used == found_.usable.end() || !catalog_.plugins.contains(used->first)) continue;
        if (rank(file) < rank(used->second.path))
            out.push_back(fmt::format("{}; {} is used instead", error.message, used->second.path));
    }
    return out;
}

bool missing_default(const RunbookOptions& options, const char* command) {
    std::error_code error;
    if (options.path != RunbookOptions::default_path ||
        std::filesystem::symlink_status(options.path, error).type() !=
            std::filesystem::file_type::not_found) {
        return false;
    }
    print_error({fmt::format("there is no ./{} here", RunbookOptions::default_path),
                 fmt::format("`triage {0} FILE` takes another; `triage {0} --help` shows the rest.",
                             command)});
    return true;
}

runbook::Inputs process_inputs(const RunbookOptions& options) {
    return {.vars = options.vars,
            .profile = options.profile,
            .environment = [](const std::string& name) -> std::optional<std::string> {
                const char* value = std::getenv(name.c_str());
                if (value == nullptr) return std::nullopt;
                return value;
            },
            .read_file = read_small_file,
            .today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now())};
}

namespace {

// A text that stands in the runbook, or on the command line, where a secret is expected.
std::optional<std::string> literal_secret(const model::ArgValue& value) {
    const auto* text = std::get_if<model::Template>(&value.value);
    if (value.type != model::ParamType::secret || text == nullptr) return std::nullopt;
    std::string all;
    for (const auto& part : text->parts) {
        const auto* literal = std::get_if<std::string>(&part);
        if (literal == nullptr) return std::nullopt;
        all += *literal;
    }
    return all;
}

}  // namespace

void hand_secrets_to(redact::Redactor& redactor, const runbook::Runbook& runbook) {
    for (const auto& secret : runbook.secrets) {
        if (secret.value) redactor.add(secret.name, *secret.value);
    }
    for (const auto& check : runbook.checks)
        for (const auto& argument : check.arguments)
            for (const auto& item : argument.items)
                if (const auto text = literal_secret(item.value))
                    redactor.add(argument.name, *text);
}

namespace {

// Of what is missing here: where else the same is. One variable may be wanted by a dozen checks.
using Places = std::vector<runbook::Location>;

std::vector<std::pair<const runbook::Diagnostic*, Places>> each_once(
    const runbook::Diagnostics& diagnostics) {
    std::vector<std::pair<const runbook::Diagnostic*, Places>> once;
    std::map<std::pair<std::string, std::string>, std::size_t> known;
    for (const auto& diagnostic : diagnostics) {
        if (diagnostic.kind == runbook::Kind::unmet) {
            const auto [first, added] =
                known.try_emplace({diagnostic.message, diagnostic.remedy}, once.size());
            if (!added) {
                once[first->second].second.push_back(diagnostic.where);
                continue;
            }
        }
        once.emplace_back(&diagnostic, Places());
    }
    return once;
}

// "The same at 12:3, 15:3 and 7 more places."
std::string same_at(const std::string& file, const Places& places) {
    constexpr std::size_t enough = 4;
    if (places.empty()) return {};
    std::vector<std::string> shown;
    for (const auto& [other, line, column] : places) {
        if (shown.size() == enough) break;
        shown.push_back(other == file ? fmt::format("{}:{}", line, column)
                                      : fmt::format("{}:{}:{}", other, line, column));
    }
    const auto more = places.size() - shown.size();
    return fmt::format("The same at {}{}.", fmt::join(shown, ", "),
                       more == 0 ? "" : fmt::format(" and {} more places", more));
}

}  // namespace

Said print_diagnostics(const runbook::Diagnostics& diagnostics, const redact::Redactor& redactor,
                       Color color) {
    Said said;
    const bool colored = use_color(color, STDERR_FILENO);
    for (const auto& [diagnostic, places] : each_once(diagnostics)) {
        ++(diagnostic->kind == runbook::Kind::wrong ? said.wrong : said.missing);
        runbook::Diagnostic shown = *diagnostic;
        if (const auto others = same_at(shown.where.file, places); !others.empty())
            shown.remedy += (shown.remedy.empty() ? "" : "\n") + others;
        shown.line_text = redactor.redact(shown.line_text).str();
        shown.where.file = redactor.redact(shown.where.file).str();
        shown.message = redactor.redact(shown.message).str();
        shown.remedy = redactor.redact(shown.remedy).str();
        print_to_stderr(runbook::render(shown, colored) + "\n");
    }
    return said;
}

bool use_color(Color color, int fd) {
    if (color == Color::automatic) return report::style_for(fd).color;
    return color == Color::always;
}

}  // namespace triage::cli
