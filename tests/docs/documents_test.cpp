// SPDX-License-Identifier: BSD-3-Clause
//
// The documents against the sources they quote: code blocks, lines of headers, links, drawings.
#include "docs/documents.hpp"

#include <xrnn/version.hpp>

#include <doctest/doctest.h>

using namespace documents;

namespace {

/// The pages in docs/ and the documents in the root, as far as they exist.
std::vector<fs::path> pages() {
    std::vector<fs::path> result;
    for (auto const& entry : fs::directory_iterator(root / "docs"))
        if (entry.path().extension() == ".md")
            result.push_back(entry.path());
    for (char const* name : {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"})
        if (fs::exists(root / name))
            result.push_back(root / name);
    return result;
}

bool in_docs(fs::path const& page) {
    return page.parent_path() == root / "docs";
}

} // namespace

TEST_CASE("code blocks are the code that the tests compile") {
    std::size_t compared = 0;
    for (fs::path const& page : pages())
        for (block const& b : blocks_of(lines_of(read(page)))) {
            bool const must = in_docs(page) && (b.language == "cpp" || b.language == "text");
            if (!must && b.origin.empty())
                continue;
            CAPTURE(page);
            CAPTURE(b.line);
            CHECK(fault_of(b) == "");
            ++compared;
        }
    CHECK(compared >= 15);
}

TEST_CASE("quoted lines stand where their links point") {
    std::size_t quotes = 0, links = 0;
    for (fs::path const& page : pages()) {
        std::string const text = read(page);
        for (quote const& q : quotes_of(text)) {
            CAPTURE(page);
            CHECK(fault_of(q, page.parent_path()) == "");
            ++quotes;
        }
        static std::regex const line_link("#L[0-9]+\\)");
        links += static_cast<std::size_t>(
            std::distance(std::sregex_iterator(text.begin(), text.end(), line_link), {}));
    }
    CHECK(quotes >= 20);
    CHECK(quotes == links); // no link to a line without its quote
}

TEST_CASE("every line of the cells' equations is quoted") {
    std::vector<quote> const quotes = quotes_of(read(root / "docs/gates.md"));
    for (char const* cell : {"lstm", "gru", "simple_rnn"}) {
        std::size_t equations = 0;
        for (std::string const& line :
             lines_of(read(root / "include/xrnn/cells" / (std::string(cell) + ".hpp")))) {
            std::string const code = trimmed(line);
            if (!code.starts_with("auto const ") || code.find("{}(") == std::string::npos)
                continue;
            ++equations;
            CAPTURE(code);
            CHECK(std::any_of(quotes.begin(), quotes.end(),
                              [&](quote const& q) { return q.code == code; }));
        }
        CHECK((equations > 0 || std::string(cell) == "simple_rnn"));
    }
}

TEST_CASE("links lead to files") {
    std::size_t links = 0;
    for (fs::path const& page : pages())
        for (std::string const& target : linked_files(read(page))) {
            CAPTURE(page);
            CAPTURE(target);
            CHECK(fs::exists(page.parent_path() / target));
            ++links;
        }
    CHECK(links >= 20);
}

TEST_CASE("links to a section of a page lead to a heading") {
    static std::regex const form("\\]\\(([^)#: \n]*)#([a-z][^)\n]*)\\)");
    for (fs::path const& page : pages()) {
        std::string const text = read(page);
        for (std::sregex_iterator it(text.begin(), text.end(), form), end; it != end; ++it) {
            fs::path const target = it->length(1) == 0 ? page : page.parent_path() / it->str(1);
            CAPTURE(page);
            CAPTURE(it->str());
            REQUIRE(fs::exists(target));
            lines const headings = headings_of(lines_of(read(target)));
            CHECK(std::find(headings.begin(), headings.end(), it->str(2)) != headings.end());
        }
    }
}

TEST_CASE("names in the drawings are the names in the code") {
    static std::regex const code("class=\"code\"[^>]*>([^<]+)<");
    std::size_t names = 0;
    for (auto const& [drawing, cell] : {std::pair{"lstm", "lstm"},
                                        {"gru", "gru"},
                                        {"gru_reset_before", "gru"},
                                        {"simple_rnn", "simple_rnn"}}) {
        std::string const svg = read(root / "docs/pictures" / (std::string(drawing) + ".svg"));
        std::string const header = read(root / "include/xrnn/cells" / (std::string(cell) + ".hpp"));
        for (std::sregex_iterator it(svg.begin(), svg.end(), code), end; it != end; ++it) {
            CAPTURE(it->str(1));
            CHECK(header.find("using " + it->str(1) + " = ") != std::string::npos);
            ++names;
        }
    }
    CHECK(names == 4 + 4 + 3 + 1);
}

TEST_CASE("the changes tell of the version") {
    std::string const version = std::to_string(XRNN_VERSION_MAJOR) + "." +
                                std::to_string(XRNN_VERSION_MINOR) + "." +
                                std::to_string(XRNN_VERSION_PATCH);
    CHECK(read(root / "CHANGELOG.md").find(version) != std::string::npos);
}

TEST_CASE("faults are noticed") {
    auto const fault = [](std::string const& text) {
        return fault_of(blocks_of(lines_of(text))[0]);
    };
    std::string const end = "\n```\n";
    CHECK(fault("```cpp\nint a;" + end).starts_with("no origin"));
    CHECK(fault("<!-- example: nowhere.cpp -->\n```cpp\nint a;" + end) ==
          "there is no file nowhere.cpp");
    std::string const example = "<!-- example: docs/examples/own_parts.cpp#loss -->\n```cpp\n";
    lines const loss = region_of(lines_of(read(root / "docs/examples/own_parts.cpp")), "loss");
    std::string body;
    for (std::string const& line : loss)
        body += line + "\n";
    CHECK(loss.size() == 8);
    CHECK(fault(example + body + "```\n") == "");
    CHECK(fault(example + body + " " + end) != "");
    CHECK(fault(example + body.substr(1) + "```\n") != "");
    CHECK(fault("<!-- example: docs/examples/own_parts.cpp#no_such -->\n```cpp\nx" + end) != "");
    std::string const from = "<!-- from: include/xrnn/cells/lstm.hpp -->\n```cpp\n";
    CHECK(fault(from + "using h = state<\"h\">;\nusing c = state<\"c\">;" + end) == "");
    CHECK(fault(from + "using c = state<\"c\">;\nusing h = state<\"h\">;" + end) != "");
    CHECK_THROWS(blocks_of({"```cpp", "never closed"}));

    auto const line = [](std::string const& code, std::string const& number) {
        auto const quotes =
            quotes_of("| `" + code + "` [x](../include/xrnn/version.hpp#L" + number + ") |");
        REQUIRE(quotes.size() == 1);
        return fault_of(quotes[0], root / "docs");
    };
    CHECK(line("#define XRNN_VERSION_MAJOR " + std::to_string(XRNN_VERSION_MAJOR), "5") == "");
    CHECK(line("#define XRNN_VERSION_MAJOR " + std::to_string(XRNN_VERSION_MAJOR), "6") ==
          "../include/xrnn/version.hpp line 6 is not `#define XRNN_VERSION_MAJOR " +
              std::to_string(XRNN_VERSION_MAJOR) + "`; it is line 5");
    CHECK(line("#define XRNN_VERSION", "5").ends_with("no line is"));

    CHECK(alike("loss 0.30 after 3s 2ms/step", "loss 0.31  after 0s 9ms/step", 0.02));
    CHECK_FALSE(alike("loss 0.30", "loss 0.32", 0.02));
    CHECK_FALSE(alike("loss 0.30", "loss 0.31", 0));
    CHECK(alike("1.8333e-05", "1.8433e-05", 0.02));
    CHECK_FALSE(alike("1.8333e-05", "2.8333e-05", 0.02));
    CHECK_FALSE(alike("16 units", "17 units", 0.02));
    CHECK_FALSE(alike("a 0.5", "a 0.5 0.5", 0.02));

    std::string const shown = "<!-- output: p -->\n```text\na 1\nb 2\n```\n";
    CHECK(compare_output(shown, "p", "x\na 1\nb 2\n").fault == "");
    CHECK(compare_output(shown, "p", "x\na 1\nb 2\n").blocks == 1);
    CHECK(compare_output(shown, "p", "a 1\nx\nb 2\n").fault != "");
    CHECK(compare_output(shown, "q", "a 1\nb 2\n").blocks == 0);
    CHECK(output_of([] {
              std::printf("out");
              return 3;
          }) == "out\nreturned 3\n");
    CHECK(output_of([]() -> int { throw std::runtime_error("why"); }) ==
          "\nreturned by an exception: why\n");
    CHECK(headings_of({"# A b", "```", "# no", "```", "## Keras's (c, d)!"}) ==
          lines{"a-b", "kerass-c-d"});
}
