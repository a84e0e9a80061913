#include "core/plugin/elf_note.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>

#include <triage/abi.h>

#include "core/base/unique_fd.hpp"
#include "core/plugin/names.hpp"

namespace triage::plugin {
namespace {

using base::fail;

constexpr char note_name[] = "triage";  // with its NUL, as in the file
constexpr std::size_t max_note_text = 4096;
constexpr std::size_t max_segment_bytes = 64UL * 1024;  // of notes; what is larger is not looked at
constexpr std::size_t begin_bytes = 512;                // enough for the header and to tell text

// A file of which only small parts are read: plugins may be large, their notes are not.
struct File {
    std::uint64_t size = 0;
    std::string begin;  // its first bytes
    std::function<bool(std::uint64_t offset, char* to, std::size_t count)> read_at;

    bool holds(std::uint64_t offset, std::uint64_t count) const {
        return offset <= size && count <= size - offset;
    }
};

#if defined(__x86_64__)
constexpr unsigned this_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned this_machine = EM_AARCH64;
#else
#error "add this machine's ELF number"
#endif

std::string machine_name(unsigned machine) {
    switch (machine) {
        case EM_X86_64:
            return "x86-64";
        case EM_AARCH64:
            return "aarch64";
        case EM_386:
            return "x86 (32 bit)";
        case EM_ARM:
            return "arm (32 bit)";
        case EM_RISCV:
            return "riscv";
        case EM_PPC64:
            return "ppc64";
        case EM_S390:
            return "s390";
        default:
            return "machine number " + std::to_string(machine);
    }
}

// A copy of the T at `offset`, or nothing if the file ends before its end.
template <class T>
std::optional<T> at(const File& file, std::uint64_t offset) {
    T value;
    if (!file.holds(offset, sizeof(T)) ||
        !file.read_at(offset, reinterpret_cast<char*>(&value), sizeof(T)))
        return std::nullopt;
    return value;
}

auto truncated(const File& file, const std::string& name) {
    return fail(name + " is truncated: it ends after " + std::to_string(file.size) +
                    " bytes, in the middle of what its ELF headers announce",
                "Build or copy it again.");
}

auto no_library(const std::string& name, const std::string& found) {
    return fail(name + " is not a shared library (found: " + found + ")",
                "Only plugins belong into a plugin folder: remove it, or build it again.");
}

std::string describe_content(std::string_view begin) {
    if (begin.empty()) return "an empty file";
    if (begin.starts_with("#!")) return "a script";
    if (begin.starts_with("!<arch>")) return "a static library";
    const bool text = std::ranges::all_of(begin, [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t' || c == '\r';
    });
    return text ? "text" : "no ELF header";
}

std::string type_name(unsigned type) {
    switch (type) {
        case ET_REL:
            return "an ELF object file";
        case ET_EXEC:
            return "an ELF executable";
        case ET_CORE:
            return "a core dump";
        default:
            return "ELF type " + std::to_string(type);
    }
}

base::Result<Elf64_Ehdr> read_header(const File& file, const std::string& name) {
    constexpr std::string_view magic(ELFMAG, SELFMAG);
    if (!file.begin.starts_with(magic)) {
        if (!file.begin.empty() && magic.starts_with(file.begin)) return truncated(file, name);
        return no_library(name, describe_content(file.begin));
    }
    // e_type and e_machine are at the same place in 32-bit files.
    const auto header = at<Elf64_Ehdr>(file, 0);
    if (!header) return truncated(file, name);
    if (header->e_ident[EI_DATA] != ELFDATA2LSB)
        return fail(
            name + " is for a big-endian machine, this program is " + machine_name(this_machine),
            "Build it for this machine.");
    if (header->e_machine != this_machine || header->e_ident[EI_CLASS] != ELFCLASS64) {
        const bool other = header->e_machine != this_machine;
        return fail(name + " is for " +
                        (other ? machine_name(header->e_machine)
                               : machine_name(header->e_machine) + " with 32-bit pointers") +
                        ", this program is " + machine_name(this_machine),
                    "Build it for this machine.");
    }
    if (header->e_type != ET_DYN) return no_library(name, type_name(header->e_type));
    return *header;
}

// What a note is called, its NUL included, and its type.
struct Kind {
    std::string_view name;
    std::uint32_t type;
};
constexpr Kind triage_note{{note_name, sizeof(note_name)}, TRIAGE_NOTE_TYPE};
constexpr char gnu_name[] = "GNU";
constexpr Kind build_id_note{{gnu_name, sizeof(gnu_name)}, NT_GNU_BUILD_ID};

// The text of such a note among `notes`, the content of one PT_NOTE segment.
std::optional<std::string> find_text(std::string_view notes, std::uint64_t align, Kind kind) {
    const auto round = [align](std::uint64_t size) { return (size + align - 1) / align * align; };
    std::uint64_t offset = 0;
    while (offset + sizeof(Elf64_Nhdr) <= notes.size()) {
        Elf64_Nhdr note;
        std::memcpy(&note, notes.data() + offset, sizeof(note));
        const std::uint64_t name = offset + sizeof(note);
        const std::uint64_t text = round(name + note.n_namesz);
        if (text > notes.size() || note.n_descsz > notes.size() - text) break;
        if (note.n_type == kind.type && notes.substr(name, note.n_namesz) == kind.name)
            return std::string(notes.substr(text, note.n_descsz));
        offset = round(text + note.n_descsz);
    }
    return std::nullopt;
}

std::optional<std::string> find_text(const File& file, const Elf64_Phdr& segment, Kind kind) {
    std::string notes(std::min<std::uint64_t>(segment.p_filesz, max_segment_bytes), '\0');
    if (!file.read_at(segment.p_offset, notes.data(), notes.size())) return std::nullopt;
    return find_text(notes, segment.p_align == 8 ? 8 : 4, kind);
}

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes.substr(0, 20)) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte / 16U];
        out += digits[byte % 16U];
    }
    return out;
}

struct Notes {
    std::string triage;
    std::string build_id;
};

// The file lacks its end if a segment or the section table is not there.
base::Result<Notes> find_notes(const File& file, const Elf64_Ehdr& header,
                               const std::string& name) {
    std::optional<std::string> text, build_id;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        const auto offset = header.e_phoff + std::uint64_t{i} * header.e_phentsize;
        const auto segment = at<Elf64_Phdr>(file, offset);
        if (offset < header.e_phoff || !segment ||
            !file.holds(segment->p_offset, segment->p_filesz))
            return truncated(file, name);
        if (segment->p_type != PT_NOTE) continue;
        if (!text) text = find_text(file, *segment, triage_note);
        if (!build_id) build_id = find_text(file, *segment, build_id_note);
    }
    if (!file.holds(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize))
        return truncated(file, name);
    if (!text)
        return fail(name + " is a shared library but no triage plugin: it has no ELF note 'triage'",
                    "Build it with triage_add_plugin(), or put TRIAGE_NOTE() of triage/abi.h into "
                    "one source file.");
    return Notes{*std::move(text), hexadecimal(build_id.value_or(""))};
}

// "0.1" → {0, 1}.
std::optional<std::pair<unsigned, unsigned>> parse_abi(std::string_view text) {
    unsigned major = 0;
    unsigned minor = 0;
    const char* const end = text.end();
    const auto dot = std::from_chars(text.begin(), end, major);
    if (dot.ec != std::errc() || dot.ptr == end || *dot.ptr != '.') return std::nullopt;
    const auto last = std::from_chars(dot.ptr + 1, end, minor);
    if (last.ec != std::errc() || last.ptr != end) return std::nullopt;
    return std::pair(major, minor);
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        if (end > 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

auto bad_note(const std::string& name, const std::string& what) {
    return fail(name + " has a triage note that cannot be read: " + what,
                "Build it with triage_add_plugin().");
}

base::Result<void> check_note(const Note& note, const std::string& name) {
    const auto abi = parse_abi(note.abi);
    if (!abi) return bad_note(name, "abi is \"" + quotable(note.abi) + "\", expected \"0.1\"");
    if (auto fits = check_abi(abi->first, abi->second, name); !fits) return fits;
    if (!is_kebab(note.id))
        return bad_note(name, "id is \"" + quotable(note.id) + "\", expected ^[a-z][a-z0-9-]*$");
    if (note.version.empty() || quotable(note.version) != note.version)
        return bad_note(name, "version is \"" + quotable(note.version) + "\", expected \"1.2.3\"");
    for (const auto& word : note.capabilities) {
        if (!is_capability(word))
            return bad_note(name, "capability \"" + quotable(word) + "\" is unknown; known are " +
                                      "net, fs.read, exec, secret.reveal");
    }
    return {};
}

base::Result<Note> parse_text(std::string_view text, const std::string& name) {
    if (text.size() > max_note_text) return bad_note(name, "it is longer than 4096 bytes");
    if (text.ends_with('\0')) text.remove_suffix(1);
    Note note;
    for (const auto& line : split(text, '\n')) {
        const auto equals = line.find('=');
        if (equals == std::string::npos) continue;
        const auto key = line.substr(0, equals);
        const auto value = line.substr(equals + 1);
        if (key == "id") note.id = value;
        if (key == "version") note.version = value;
        if (key == "abi") note.abi = value;
        if (key == "capabilities") note.capabilities = split(value, ',');
    }
    std::ranges::sort(note.capabilities);
    if (auto good = check_note(note, name); !good) return std::unexpected(std::move(good.error()));
    return note;
}

std::string file_kind(mode_t mode) {
    if (S_ISDIR(mode)) return "a folder";
    if (S_ISFIFO(mode)) return "a named pipe";
    if (S_ISSOCK(mode)) return "a socket";
    return "a device";
}

bool read_fully(int fd, std::uint64_t offset, char* to, std::size_t count) {
    while (count > 0) {
        const auto got = ::pread(fd, to, count, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        to += got;
        offset += static_cast<std::uint64_t>(got);
        count -= static_cast<std::size_t>(got);
    }
    return true;
}

base::Result<Note> parse(File& file, const std::string& name) {
    file.begin.resize(std::min<std::uint64_t>(file.size, begin_bytes));
    if (!file.read_at(0, file.begin.data(), file.begin.size()))
        return fail(name + " cannot be read: " + std::generic_category().message(errno));
    const auto header = read_header(file, name);
    if (!header) return std::unexpected(header.error());
    const auto notes = find_notes(file, *header, name);
    if (!notes) return std::unexpected(notes.error());
    auto note = parse_text(notes->triage, name);
    if (note) note->build_id = notes->build_id;
    return note;
}

}  // namespace

base::Result<void> check_abi(unsigned major, unsigned minor, const std::string& name) {
    if (major == TRIAGE_ABI_MAJOR && minor <= TRIAGE_ABI_MINOR) return {};
    const auto text = [](unsigned a, unsigned b) {
        return std::to_string(a) + "." + std::to_string(b);
    };
    const auto offers = text(TRIAGE_ABI_MAJOR, TRIAGE_ABI_MINOR);
    const bool newer = major > TRIAGE_ABI_MAJOR || major == TRIAGE_ABI_MAJOR;
    return fail(name + " wants ABI " + text(major, minor) + ", this triage offers " + offers,
                newer ? "Upgrade triage, or rebuild the plugin with the SDK of ABI " + offers + "."
                      : "Rebuild the plugin with the SDK of ABI " + offers + ".");
}

base::Result<Note> parse_note(std::string_view content, const std::string& name) {
    File file;
    file.size = content.size();
    file.read_at = [content](std::uint64_t offset, char* to, std::size_t count) {
        content.copy(to, count, offset);
        return true;
    };
    return parse(file, name);
}

base::Result<Note> read_note(const std::string& path) {
    const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status{};
    if (!fd || ::fstat(fd.get(), &status) != 0)
        return fail(path + " cannot be read: " + std::generic_category().message(errno));
    if (!S_ISREG(status.st_mode)) return no_library(path, file_kind(status.st_mode));
    File file;
    file.size = static_cast<std::uint64_t>(status.st_size);
    file.read_at = [&fd](std::uint64_t offset, char* to, std::size_t count) {
        return read_fully(fd.get(), offset, to, count);
    };
    return parse(file, path);
}

}  // namespace triage::plugin
