// SPDX-License-Identifier: BSD-3-Clause
//
// Reads the project's documents as the tests need them: code blocks with their origin, quoted lines,
// links, and what a program prints.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

namespace documents {

namespace fs = std::filesystem;

inline fs::path const root = XRNN_SOURCE_DIR;

using lines = std::vector<std::string>;

inline lines lines_of(std::string const& text) {
    lines result;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        result.push_back(line);
    return result;
}

inline std::string read(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error("cannot read " + path.string());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline std::string trimmed(std::string_view line) {
    auto const first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return std::string(line.substr(first, line.find_last_not_of(" \t") - first + 1));
}

/// A fenced block: its language, the HTML comment on the line above ("example: FILE#REGION"), its
/// lines, and its place.
struct block {
    std::string language, origin;
    lines content;
    std::size_t line = 0;
};

inline std::vector<block> blocks_of(lines const& document) {
    std::vector<block> result;
    for (std::size_t n = 0; n < document.size(); ++n) {
        if (!document[n].starts_with("```"))
            continue;
        block& b = result.emplace_back();
        b.line = n + 1;
        b.language = document[n].substr(3);
        if (n > 0 && document[n - 1].starts_with("<!-- ") && document[n - 1].ends_with(" -->"))
            b.origin = document[n - 1].substr(5, document[n - 1].size() - 9);
        for (++n; n < document.size() && document[n] != "```"; ++n)
            b.content.push_back(document[n]);
        if (n == document.size())
            throw std::runtime_error("a block is never closed: line " + std::to_string(b.line));
    }
    return result;
}

/// What lies between `// [name]` and `// [/name]`, without the indentation that all of it has.
/// Empty when there is no such region.
inline lines region_of(lines const& source, std::string const& name) {
    lines result;
    bool inside = false;
    for (std::string const& line : source) {
        if (trimmed(line) == "// [/" + name + "]")
            break;
        if (inside)
            result.push_back(line);
        if (trimmed(line) == "// [" + name + "]")
            inside = true;
    }
    std::size_t indent = std::string::npos;
    for (std::string const& line : result)
        indent = std::min(indent, line.find_first_not_of(' '));
    for (std::string& line : result)
        line.erase(0, std::min(indent, line.size()));
    return result;
}

/// Whether `part` occurs in `whole`, line after line, indentation aside.
inline bool occurs(lines const& part, lines const& whole) {
    for (std::size_t at = 0; at + part.size() <= whole.size(); ++at) {
        std::size_t n = 0;
        while (n < part.size() && trimmed(part[n]) == trimmed(whole[at + n]))
            ++n;
        if (n == part.size())
            return !part.empty();
    }
    return false;
}

/// A program's text without the SPDX line at its top.
inline lines without_licence(lines source) {
    if (!source.empty() && source[0].starts_with("// SPDX"))
        source.erase(source.begin());
    return source;
}

/// What is wrong with a block that names its origin; empty when nothing is. Origins:
///   example: FILE#REGION   the region of that file
///   example: FILE          the whole file (its SPDX line may be left out)
///   from: FILE             lines of that file
///   output: FILE           what a program prints; checked where the program is run
inline std::string fault_of(block const& b) {
    std::smatch match;
    static std::regex const form("(example|from|output): ([^#]+)(#(.+))?");
    if (!std::regex_match(b.origin, match, form))
        return "no origin: write <!-- example: FILE#REGION --> above it";
    fs::path const path = root / match.str(2);
    if (!fs::exists(path))
        return "there is no file " + match.str(2);
    lines const source = lines_of(read(path));
    if (match.str(1) == "output")
        return {};
    if (match.str(1) == "from")
        return occurs(b.content, source) ? "" : "these lines are not in " + match.str(2);
    if (!match[4].matched) {
        bool const same = b.content == source || b.content == without_licence(source);
        return same ? "" : "differs from " + match.str(2);
    }
    return b.content == region_of(source, match.str(4)) ? "" : "differs from " + b.origin;
}

/// A line of a file quoted in a document as  `code` [text](FILE#LNUMBER).
struct quote {
    std::string code, file;
    std::size_t number = 0;
};

// Patterns stay within a line: the library's regex engine needs stack for each character it matches.
inline std::vector<quote> quotes_of(std::string const& document) {
    std::vector<quote> result;
    static std::regex const form("`([^`\n]+)` \\[[^\\]\n]*\\]\\(([^)#\n]+)#L([0-9]+)\\)");
    for (std::sregex_iterator it(document.begin(), document.end(), form), end; it != end; ++it)
        result.push_back({it->str(1), it->str(2), std::stoul(it->str(3))});
    return result;
}

/// What is wrong with a quote in a document of that folder; empty when nothing is.
inline std::string fault_of(quote const& q, fs::path const& folder) {
    if (!fs::exists(folder / q.file))
        return "there is no file " + q.file;
    lines const source = lines_of(read(folder / q.file));
    std::string where;
    for (std::size_t n = 1; n <= source.size(); ++n)
        if (trimmed(source[n - 1]) == q.code) {
            if (n == q.number)
                return {};
            where += " " + std::to_string(n);
        }
    return q.file + " line " + std::to_string(q.number) + " is not `" + q.code + "`; " +
           (where.empty() ? "no line is" : "it is line" + where);
}

/// Targets of the links in a document that are files of this project.
inline std::vector<std::string> linked_files(std::string const& document) {
    std::vector<std::string> result;
    static std::regex const form("\\]\\(([^)#: \n]+)(#[^)\n]*)?\\)|src=\"([^\":\n]+)\"");
    for (std::sregex_iterator it(document.begin(), document.end(), form), end; it != end; ++it)
        result.push_back((*it)[1].matched ? it->str(1) : it->str(3));
    return result;
}

/// The anchors of a page's headings as GitHub forms them: lower case, blanks become hyphens,
/// punctuation goes.
inline lines headings_of(lines const& document) {
    lines result;
    bool code = false;
    for (std::string const& line : document) {
        if (line.starts_with("```"))
            code = !code;
        auto const text = line.find_first_not_of('#');
        if (code || text == 0 || text == std::string::npos || line[text] != ' ')
            continue;
        std::string& anchor = result.emplace_back();
        for (char const c : line.substr(text + 1)) {
            if (c == ' ' || c == '-')
                anchor += '-';
            else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')
                anchor += c;
            else if (c >= 'A' && c <= 'Z')
                anchor += static_cast<char>(c - 'A' + 'a');
        }
    }
    return result;
}

/// Runs a program's main in an empty folder and returns what it prints to the standard output.
template <class Main>
std::string output_of(Main main) {
    fs::path const folder = fs::temp_directory_path() / ("xrnn-docs-" + std::to_string(getpid()));
    fs::create_directories(folder);
    fs::path const before = fs::current_path();
    fs::path const file = folder / "output.txt";
    std::fflush(stdout);
    int const terminal = dup(STDOUT_FILENO);
    if (terminal < 0 || std::freopen(file.c_str(), "w", stdout) == nullptr)
        throw std::runtime_error("cannot redirect the standard output");
    fs::current_path(folder);
    std::string end;
    try {
        int const status = main();
        end = status == 0 ? "" : "\nreturned " + std::to_string(status) + "\n";
    } catch (std::exception const& e) {
        end = "\nreturned by an exception: " + std::string(e.what()) + "\n";
    }
    fs::current_path(before);
    std::fflush(stdout);
    dup2(terminal, STDOUT_FILENO);
    close(terminal);
    std::string const text = read(file) + end;
    fs::remove_all(folder);
    return text;
}

inline double number_of(std::string const& text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Whether two lines are equal but for the digits of their numbers: numbers with a decimal point may
/// differ by `relative`, or by one in the last place that is printed; times may differ freely.
inline bool alike(std::string expected, std::string actual, double relative) {
    static std::regex const time("[0-9]+s [0-9]+ms/step");
    static std::regex const number("-?[0-9]+\\.[0-9]+(e[-+][0-9]+)?");
    auto const prepare = [](std::string& line, std::vector<std::string>& numbers) {
        line = std::regex_replace(trimmed(line), time, "TIME");
        for (std::sregex_iterator it(line.begin(), line.end(), number), end; it != end; ++it)
            numbers.push_back(it->str());
        line = std::regex_replace(std::regex_replace(line, number, "#"), std::regex(" +"), " ");
    };
    std::vector<std::string> a, b;
    prepare(expected, a);
    prepare(actual, b);
    if (expected != actual || a.size() != b.size())
        return false;
    for (std::size_t k = 0; k < a.size(); ++k) {
        double const x = number_of(a[k]), y = number_of(b[k]);
        auto const decimals = static_cast<double>(a[k].size() - a[k].find('.') - 1);
        bool const plain = a[k].find('e') == std::string::npos;
        double const last_place = plain ? 1.01 * std::pow(10.0, -decimals) : 0;
        if (std::abs(x - y) > std::max(relative * std::abs(x), relative > 0 ? last_place : 0))
            return false;
    }
    return true;
}

/// The blocks of a document that show output of a program, and whether each is in what it printed.
struct shown_output {
    std::size_t blocks = 0;
    std::string fault;
};
inline shown_output compare_output(std::string const& document, std::string const& program,
                                   std::string const& output, double relative = 0.02) {
    shown_output result;
    lines const printed = lines_of(output);
    for (block const& b : blocks_of(lines_of(document))) {
        if (b.origin != "output: " + program)
            continue;
        ++result.blocks;
        bool found = false;
        for (std::size_t at = 0; !found && at + b.content.size() <= printed.size(); ++at) {
            found = !b.content.empty();
            for (std::size_t n = 0; found && n < b.content.size(); ++n)
                found = alike(b.content[n], printed[at + n], relative);
        }
        if (!found)
            result.fault += "line " + std::to_string(b.line) + ": " + program +
                            " does not print this block, but:\n" + output;
    }
    return result;
}

} // namespace documents
