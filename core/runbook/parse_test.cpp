#include "core/runbook/parse.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runbook/testing.hpp"

namespace triage::runbook {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A folder of its own, removed with what is in it.
class Folder {
public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "triage-parse-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
        path_ = pattern;
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, const std::string& text) const {
        const auto file = path_ / name;
        fs::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        return file.string();
    }
    std::string at(const std::string& name) const { return (path_ / name).string(); }

private:
    fs::path path_;
};

const Table& root(const Document& document) {
    return std::get<Table>(document.sources[0].root.value);
}

const Node& node(const Document& document, std::string_view key) {
    return find(root(document), key)->node;
}

std::vector<std::string> rules(const Diagnostics& diagnostics) {
    std::vector<std::string> result;
    for (const auto& found : diagnostics)
        result.emplace_back(name(found.rule));
    return result;
}

TEST(Parse, KeepsValuesWithTheirTypes) {
    const auto document = parse(
        "a = true\nb = -5\nc = 1.5\nd = 'x'\ne = 2026-01-02\nf = 10:00:01\n"
        "g = 2026-01-02T03:04:05Z\nh = [1, 'x']\ni = { j = 1 }\n",
        "x.toml");
    ASSERT_TRUE(document);
    EXPECT_EQ(std::get<bool>(node(*document, "a").value), true);
    EXPECT_EQ(std::get<std::int64_t>(node(*document, "b").value), -5);
    EXPECT_EQ(std::get<double>(node(*document, "c").value), 1.5);
    EXPECT_EQ(std::get<std::string>(node(*document, "d").value), "x");
    EXPECT_EQ(std::get<Date>(node(*document, "e").value).text, "2026-01-02");
    EXPECT_EQ(std::get<Date>(node(*document, "f").value).text, "10:00:01");
    EXPECT_EQ(std::get<Date>(node(*document, "g").value).text, "2026-01-02T03:04:05Z");
    EXPECT_EQ(std::get<Array>(node(*document, "h").value).size(), 2U);
    EXPECT_EQ(std::get<Table>(node(*document, "i").value)[0].key, "j");
}

TEST(Parse, KeepsTheOrderOfTheSource) {
    const auto document = parse("z = 1\na.y = 2\na.b = 3\nm = { q = 1, p = 2 }\n", "x.toml");
    ASSERT_TRUE(document);
    std::vector<std::string> keys;
    for (const auto& entry : root(*document))
        keys.push_back(entry.key);
    EXPECT_THAT(keys, ElementsAre("z", "a", "m"));
    EXPECT_EQ(std::get<Table>(node(*document, "a").value)[0].key, "y");
    EXPECT_EQ(std::get<Table>(node(*document, "m").value)[0].key, "q");
}

TEST(Parse, CountsColumnsInCharacters) {
    const auto document = parse("\"äöü\" = 'x'\n\tb = \"é\"", "x.toml");
    ASSERT_TRUE(document);
    const auto& umlauts = *find(root(*document), "äöü");
    EXPECT_EQ(umlauts.at.column, 1U);
    EXPECT_EQ(umlauts.at.length, 5U);
    EXPECT_EQ(umlauts.node.at.column, 9U);
    const auto& second = *find(root(*document), "b");
    EXPECT_EQ(second.at.line, 2U);
    EXPECT_EQ(second.at.column, 2U);
    EXPECT_EQ(second.node.at.length, 3U);
}

TEST(Parse, TakesAByteOrderMarkAndWindowsLines) {
    const auto document = parse(
        "\xEF\xBB\xBF"
        "a = 1\r\nb = 2\r\n",
        "x.toml");
    ASSERT_TRUE(document);
    EXPECT_EQ(find(root(*document), "b")->at.line, 2U);
}

TEST(Parse, RefusesBadTextWithItsPlace) {
    const auto check = [](const std::string& text, Rule rule, unsigned line, unsigned column) {
        const auto document = parse(text, "x.toml");
        ASSERT_FALSE(document) << text;
        const auto& found = document.error().at(0);
        EXPECT_EQ(found.rule, rule) << text;
        EXPECT_EQ(found.where.line, line) << text << found.message;
        EXPECT_EQ(found.where.column, column) << text << found.message;
    };
    check("", Rule::empty_file, 1, 1);
    check(" \r\n\t", Rule::empty_file, 1, 1);
    check("\xEF\xBB\xBF", Rule::empty_file, 1, 1);
    check("a = 1\nb = 'ä\xff'", Rule::invalid_utf8, 2, 7);
    check("a = \"\xc3", Rule::invalid_utf8, 1, 6);
    check(
        "\xff\xfe"
        "a",
        Rule::invalid_utf8, 1, 1);
    check("[\n", Rule::syntax, 1, 2);
    check("a = 1\nb\n", Rule::syntax, 2, 2);
    check(std::string("a = 1\nb = \"\0\"", 13), Rule::syntax, 2, 6);
}

TEST(Parse, NestingIsLimitedInEveryWay) {
    const std::string many(200'000, '[');
    EXPECT_FALSE(parse("a = " + many, "x.toml"));
    std::string tables = "a = ";
    std::string dotted;
    for (int i = 0; i < 50'000; ++i) {
        tables += "{ a = ";
        dotted += "a.";
    }
    EXPECT_FALSE(parse(tables, "x.toml"));
    EXPECT_FALSE(parse(dotted + "a = 1", "x.toml"));
    EXPECT_FALSE(parse("[" + dotted + "a]", "x.toml"));
    EXPECT_FALSE(parse("a = { " + dotted + "a = 1 }", "x.toml"));
    // The deepest that the TOML parser takes.
    std::string deep = "1";
    for (int i = 0; i < 250; ++i)
        deep = "{ a.b.c.d.e.f.g.h.i.j.k.l.m.n.o = " + deep + " }";
    const auto document = parse("a = " + deep, "x.toml");
    ASSERT_FALSE(document);
    EXPECT_THAT(document.error()[0].message, HasSubstr("nested more than 64 deep"));
    EXPECT_TRUE(parse("a = " + std::string(60, '[') + std::string(60, ']'), "x.toml"));
}

TEST(Parse, DotsInTextAndCommentsAreNoKeys) {
    std::string dots = "x";
    for (int i = 0; i < 100; ++i)
        dots += ".x";
    const auto text = fmt::format(
        "# {0}\na = \"{0}\\\" {0}\" # {0}\nb = '{0}\\'\nc = \"\"\"{0}\n\"{0}\\\"\"\"\""
        "\nd = '''{0}\n'{0}'''\n\"{0}\" = [1.5, 2.5, 'a.b']\n",
        dots);
    const auto document = parse(text, "x.toml");
    ASSERT_TRUE(document) << render(document.error().at(0), false);
    EXPECT_EQ(root(*document).size(), 5U);
}

TEST(Parse, EveryTruncationOfARunbookIsAnswered) {
    const auto text = testing::large_runbook(20);
    const auto catalog = testing::catalog();
    const auto inputs = testing::with_environment({{"TOKEN", "0123456789"}});
    std::size_t valid = 0;
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const auto document = parse(text.substr(0, size), "large.toml");
        if (!document) {
            ASSERT_FALSE(document.error().empty()) << size;
            for (const auto& found : document.error())
                ASSERT_FALSE(render(found, true).empty());
            continue;
        }
        const auto validated = validate(*document, catalog, inputs);
        if (validated.usable()) ++valid;
        for (const auto& found : validated.diagnostics)
            ASSERT_FALSE(render(found, false).empty());
    }
    EXPECT_GT(valid, 0U);
    EXPECT_LT(valid, text.size() / 2);
}

TEST(Parse, EveryByteMayBeDamaged) {
    const auto text = testing::large_runbook(4);
    const auto catalog = testing::catalog();
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char damage : {'\0', '"', '[', '\n', '$', '\xff'}) {
            auto damaged = text;
            damaged[i] = damage;
            if (const auto document = parse(damaged, "x.toml"))
                validate(*document, catalog, testing::inputs());
        }
    }
}

TEST(Load, SaysWhyAFileCannotBeRead) {
    const Folder folder;
    const auto missing = load(folder.at("none.toml"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error()[0].where.file, folder.at("none.toml"));
    EXPECT_THAT(missing.error()[0].message, HasSubstr("No such file"));
    const auto is_folder = load(folder.at("."));
    ASSERT_FALSE(is_folder);
    EXPECT_THAT(is_folder.error()[0].message, HasSubstr("is a folder"));
    const auto large = load(folder.write("large.toml", std::string(max_file_bytes + 1, '#')));
    ASSERT_FALSE(large);
    EXPECT_THAT(large.error()[0].message, HasSubstr("larger than 16 MiB"));
}

TEST(Load, TakesTenMegabytes) {
    const Folder folder;
    std::string text = "triage = 1\nname = 'big'\n";
    for (int i = 0; text.size() < 10'000'000; ++i)
        text +=
            fmt::format("# {0}\n[[step]]\nid = 's{0}'\ndoc = '{1}'\n", i, std::string(900, 'x'));
    const auto document = load(folder.write("big.toml", text));
    ASSERT_TRUE(document);
    EXPECT_GT(std::get<Array>(node(*document, "step").value).size(), 10'000U);
}

TEST(Load, MergesIncludedFilesBeforeTheirIncluder) {
    const Folder folder;
    folder.write("sub/base.toml", "triage = 1\ninclude = ['deep.toml']\n");
    folder.write("sub/deep.toml", "triage = 1\n");
    folder.write("other.toml", "triage = 1\ninclude = ['sub/deep.toml']\n");
    const auto main =
        folder.write("main.toml", "triage = 1\ninclude = ['sub/base.toml', 'other.toml']\n");
    const auto document = load(main);
    ASSERT_TRUE(document) << render(document.error()[0], false);
    std::vector<std::string> order;
    for (const auto i : document->merge_order)
        order.push_back(fs::path(document->sources[i].path).filename());
    EXPECT_THAT(order, ElementsAre("deep.toml", "base.toml", "other.toml", "main.toml"));
    EXPECT_EQ(document->sources[0].path, main);
}

TEST(Load, AnIncludedFileMayIncludeItselfOnlyByName) {
    const Folder folder;
    const auto self = folder.write("self.toml", "include = ['./self.toml']\n");
    const auto document = load(self);
    ASSERT_FALSE(document);
    EXPECT_THAT(rules(document.error()), ElementsAre("include-cycle"));
    EXPECT_THAT(document.error()[0].message, HasSubstr("self.toml → "));
}

TEST(Load, ReportsEveryIncludedFile) {
    const Folder folder;
    folder.write("a.toml", "a = \n");
    folder.write("b.toml", "");
    const auto document =
        load(folder.write("main.toml", "include = ['a.toml', 'b.toml', 'c.toml']\n"));
    ASSERT_FALSE(document);
    EXPECT_THAT(rules(document.error()), ElementsAre("unreadable", "syntax", "empty-file"));
}

TEST(Load, LimitsTheNumberOfFiles) {
    const Folder folder;
    std::string includes;
    for (std::size_t i = 0; i < max_files; ++i) {
        const auto name = fmt::format("f{}.toml", i);
        folder.write(name, "triage = 1\n");
        includes += fmt::format("'{}',", name);
    }
    const auto document = load(folder.write("main.toml", "include = [" + includes + "]\n"));
    ASSERT_FALSE(document);
    EXPECT_THAT(rules(document.error()), ElementsAre("out-of-bounds"));
}

TEST(PluginsUsed, AreFoundWhateverElseIsWrong) {
    const auto document = parse(
        "unknown = 1\n[[step]]\n[[step.check]]\nuse = 'health.endpoint'\n"
        "[[step.check]]\nuse = 'cors.preflight.x'\n[[step.check]]\nuse = 5\n"
        "[[step.check]]\nuse = 'nodot'\n[[step.check]]\nuse = 'health.pattern'\n[[step]]\ncheck = "
        "1\n",
        "x.toml");
    ASSERT_TRUE(document);
    EXPECT_THAT(plugins_used(*document), ElementsAre("cors", "health"));
    EXPECT_THAT(plugins_used(*parse("step = 1", "x.toml")), IsEmpty());
}

}  // namespace
}  // namespace triage::runbook
