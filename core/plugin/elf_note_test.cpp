// Plugin files as hostile input, and what is found in folders.
#include "core/plugin/elf_note.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <gmock/gmock.h>

#include "core/plugin/plugins.hpp"

namespace triage::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string zoo = ZOO_DIR;

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
}

std::string message(const base::Result<Note>& note) {
    return note ? "(no error)" : note.error().message;
}

// A plugin without the debug information that a build may have: small enough to be cut everywhere.
std::string small_plugin() { return content(zoo + "/no-entry.so"); }

TEST(ElfNote, OfAGoodPlugin) {
    const auto note = read_note(zoo + "/good.so");
    ASSERT_TRUE(note) << message(note);
    EXPECT_EQ(note->id, "good");
    EXPECT_EQ(note->version, "1.0.0");
    EXPECT_EQ(note->abi, "0.1");
    EXPECT_TRUE(note->capabilities.empty());
}

TEST(ElfNote, SaysWhatAFileIsInstead) {
    EXPECT_EQ(message(parse_note("", "X")), "X is not a shared library (found: an empty file)");
    EXPECT_EQ(message(parse_note("hello\n", "X")), "X is not a shared library (found: text)");
    EXPECT_EQ(message(parse_note("#!/bin/sh\n", "X")),
              "X is not a shared library (found: a script)");
    EXPECT_EQ(message(parse_note("!<arch>\n", "X")),
              "X is not a shared library (found: a static library)");
    EXPECT_EQ(message(parse_note("\x01\x02\x03", "X")),
              "X is not a shared library (found: no ELF header)");
    EXPECT_EQ(message(parse_note("\x7f"
                                 "EL",
                                 "X"))
                  .substr(0, 15),
              "X is truncated:");
    EXPECT_THAT(message(read_note(TRIAGE_WORKER)), HasSubstr("no ELF note 'triage'"));
    EXPECT_EQ(message(read_note("/nowhere.so")),
              "/nowhere.so cannot be read: No such file or directory");
    EXPECT_EQ(message(read_note("/tmp")), "/tmp is not a shared library (found: a folder)");
    EXPECT_EQ(message(read_note("/dev/null")),
              "/dev/null is not a shared library (found: a device)");
    EXPECT_THAT(message(read_note(zoo + "/no-note.so")),
                EndsWith("is a shared library but no triage plugin: it has no ELF note 'triage'"));
}

TEST(ElfNote, OtherMachinesAndVersions) {
    auto file = small_plugin();
    constexpr std::size_t class_at = 4;
    constexpr std::size_t data_at = 5;
    constexpr std::size_t type_at = 16;
    constexpr std::size_t machine_at = 18;
    auto other = file;
    other[machine_at] = static_cast<char>(183);
    EXPECT_EQ(message(parse_note(other, "X")), "X is for aarch64, this program is x86-64");
    other[machine_at] = 3;
    other[class_at] = 1;
    EXPECT_EQ(message(parse_note(other, "X")), "X is for x86 (32 bit), this program is x86-64");
    other = file;
    other[data_at] = 2;
    EXPECT_THAT(message(parse_note(other, "X")), StartsWith("X is for a big-endian machine"));
    other = file;
    other[type_at] = 1;
    EXPECT_EQ(message(parse_note(other, "X")),
              "X is not a shared library (found: an ELF object file)");
    const auto newer = read_note(zoo + "/newer-abi.so");
    ASSERT_FALSE(newer);
    EXPECT_THAT(newer.error().message, EndsWith("wants ABI 1.3, this triage offers 0.1"));
    EXPECT_EQ(newer.error().remedy,
              "Upgrade triage, or rebuild the plugin with the SDK of ABI 0.1.");
}

// The note's text with one line changed.
std::string with_text(std::string_view from, std::string_view to) {
    auto file = small_plugin();
    const auto place = file.find(from);
    EXPECT_NE(place, std::string::npos);
    return file.replace(place, to.size(), to);
}

TEST(ElfNote, BadTexts) {
    EXPECT_THAT(message(parse_note(with_text("id=no-entry", "id=No-entry"), "X")),
                HasSubstr("id is \"No-entry\", expected ^[a-z]"));
    EXPECT_THAT(message(parse_note(with_text("abi=0.1", "abi=0,1"), "X")),
                HasSubstr("abi is \"0,1\", expected \"0.1\""));
    EXPECT_THAT(message(parse_note(with_text("version=1.0.0", "version=1\x01\x30.0"), "X")),
                HasSubstr("version is \"1?0.0\""));
    EXPECT_THAT(message(parse_note(with_text("version=1.0.0\nabi", "version=1\nabi=0.1"), "X")),
                StartsWith("X has a triage note that cannot be read: abi is"));
}

TEST(ElfNote, TruncatedAtEveryByteIsAnErrorThatSaysSo) {
    const auto file = small_plugin();
    ASSERT_TRUE(parse_note(file, "X"));
    const std::size_t stride = file.size() > 65536 ? 97 : 1;
    for (std::size_t size = 1; size < file.size(); size += stride) {
        const auto note = parse_note(std::string_view(file).substr(0, size), "X");
        ASSERT_FALSE(note) << size;
        ASSERT_THAT(note.error().message, StartsWith("X is truncated: it ends after")) << size;
    }
}

TEST(ElfNote, FlippedBytesNeverHarm) {
    const auto file = small_plugin();
    std::mt19937 random(7);
    for (std::size_t at = 0; at < std::min<std::size_t>(file.size(), 4096); ++at) {
        auto flipped = file;
        flipped[at] = static_cast<char>(random());
        const auto note = parse_note(flipped, "X");
        EXPECT_THAT(note ? "X " : note.error().message, StartsWith("X "));
    }
    for (int round = 0; round < 2000; ++round) {
        auto flipped = file.substr(0, 4096);
        for (int i = 0; i < 20; ++i)
            flipped[random() % flipped.size()] = static_cast<char>(random());
        (void)parse_note(flipped, "X");
    }
}

class Folder {
public:
    Folder() {
        std::string pattern = fs::temp_directory_path() / "triage-plugins-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::string& path() const { return path_; }
    void copy(const std::string& animal, const std::string& as) const {
        fs::copy_file(zoo + "/" + animal, path_ + "/" + as);
    }

private:
    std::string path_;
};

TEST(FindPlugins, FirstFolderWinsAndTheRestIsToldWhy) {
    const Folder first;
    const Folder second;
    first.copy("good.so", "good.so");
    second.copy("good.so", "another-name.so");
    second.copy("bad.so", "bad.so");
    second.copy("no-note.so", "no-note.so");
    std::ofstream(second.path() + "/text.so") << "hello\n";
    std::ofstream(second.path() + "/README.md") << "hello\n";
    fs::create_directory(second.path() + "/folder.so");
    fs::create_symlink("/nowhere", second.path() + "/dangling.so");
    const auto found = find_plugins({first.path(), "/nowhere", second.path(), first.path() + "/."});
    EXPECT_THAT(found.searched, ElementsAre(first.path(), "/nowhere", second.path()));
    ASSERT_EQ(found.usable.size(), 2U);
    EXPECT_EQ(found.usable.at("good").path, first.path() + "/good.so");
    EXPECT_EQ(found.usable.at("bad").path, second.path() + "/bad.so");
    ASSERT_EQ(found.broken.size(), 5U);
    const auto why = [&](const char* name) {
        return found.broken.at(second.path() + "/" + name).message;
    };
    EXPECT_THAT(why("another-name.so"), HasSubstr("plugin 'good' is also in " + first.path()));
    EXPECT_THAT(why("no-note.so"), HasSubstr("no triage plugin"));
    EXPECT_THAT(why("text.so"), HasSubstr("found: text"));
    EXPECT_THAT(why("folder.so"), HasSubstr("found: a folder"));
    EXPECT_THAT(why("dangling.so"), HasSubstr("No such file"));
}

TEST(FindPlugins, AFileIsNoFolder) {
    const auto found = find_plugins({"/dev/null"});
    EXPECT_THAT(found.broken.at("/dev/null").message, HasSubstr("Not a directory"));
}

TEST(FindPlugins, DefaultFolders) {
    ::setenv("TRIAGE_PLUGIN_PATH", "/a::/b", 1);
    const auto folders = default_folders({"/flag"});
    ::unsetenv("TRIAGE_PLUGIN_PATH");
    EXPECT_THAT(folders, ElementsAre("/flag", "/a", "/b", EndsWith("/lib/triage/plugins")));
}

}  // namespace
}  // namespace triage::plugin
