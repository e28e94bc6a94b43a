// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/help.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

constexpr const char* kExitCodes =
    R"(exit codes:
  0  fine
  1  the answer is no: a file with errors, receivers that differ, a request that was refused
  2  the command line, a defaults file or --http.config.file is wrong
  3  the server cannot be reached or does not speak as expected
)";

// Two columns, the second wrapped to 100 places.
void PrintColumns(std::ostringstream& out,
                  const std::vector<std::pair<std::string, std::string>>& rows) {
  size_t width = 0;
  for (const auto& [left, right] : rows) {
    if (RuneCount(left) <= 40) width = std::max(width, RuneCount(left));
  }
  for (const auto& [left, right] : rows) {
    std::string line = "  " + left;
    if (RuneCount(left) > width) {
      out << line << "\n";
      line = "  ";
    }
    line.append(width + 4 - std::min(width + 4, RuneCount(line)), ' ');
    for (const std::string_view word : Split(right, ' ')) {
      if (RuneCount(line) + RuneCount(word) > 100) {
        while (line.ends_with(' ')) line.pop_back();
        out << line << "\n";
        line.assign(width + 4, ' ');
      }
      line += std::string(word) + " ";
    }
    while (line.ends_with(' ')) line.pop_back();
    out << line << "\n";
  }
}

void PrintFlags(std::ostringstream& out, const std::vector<Flag>& flags) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Flag& flag : flags) {
    std::string left = flag.letter == 0 ? "    " : std::string("-") + flag.letter + ", ";
    const bool is_on = flag.is_switch() && std::string_view(flag.fallback) == "true";
    left += std::string("--") + (is_on ? "[no-]" : "") + flag.name;
    if (!flag.is_switch()) left += std::string("=") + flag.value;
    std::string help = flag.help;
    if (!flag.is_switch() && *flag.fallback != '\0') {
      help += " (default " + std::string(flag.fallback) + ")";
    }
    rows.emplace_back(left, help);
  }
  PrintColumns(out, rows);
}

void PrintCommands(std::ostringstream& out, const std::string& path) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Command& command : Commands()) {
    if (command.is_hidden || (!path.empty() && !command.path.starts_with(path + " "))) continue;
    const std::string operands = command.operands.empty() ? "" : " " + command.operands;
    rows.emplace_back(command.path + operands + (command.is_default ? " *" : ""), command.summary);
  }
  out << "commands" << (path.empty() ? " (* is what its noun means alone)" : "") << ":\n";
  PrintColumns(out, rows);
}

}  // namespace

std::string HelpAll() {
  std::ostringstream out;
  out << "wfctl: everything an SRE or a pipeline does with Watchfire, or with an Alertmanager, "
         "from "
         "a shell\n\nusage: wfctl COMMAND [FLAGS] [OPERANDS]\n\n";
  PrintCommands(out, "");
  out << "\nflags of all commands:\n";
  PrintFlags(out, GlobalFlags());
  out << R"(
Defaults for any flag come from YAML files of `flag: value`, the first that names it wins:
  $HOME/.config/wfctl/config.yml, $HOME/.config/amtool/config.yml, /etc/amtool/config.yml
Colours appear on a terminal only, and not when $NO_COLOR is set.

)" << kExitCodes
      << "\n`wfctl COMMAND --help` has the flags of a command, and examples.\n";
  return out.str();
}

std::string HelpNoun(const std::string& path) {
  std::ostringstream out;
  out << "usage: wfctl " << path << " COMMAND [FLAGS] [OPERANDS]\n\n";
  PrintCommands(out, path);
  out << "\n`wfctl " << path << " COMMAND --help` has flags and examples.\n";
  return out.str();
}

std::string HelpCommand(const Command& command) {
  std::ostringstream out;
  out << "wfctl " << command.path << ": " << command.summary << "\n\nusage: wfctl " << command.path
      << (command.flags.empty() ? "" : " [FLAGS]")
      << (command.operands.empty() ? "" : " " + command.operands) << "\n";
  // Long texts begin on a line of their own in the source.
  if (!command.text.empty()) out << (command.text.starts_with("\n") ? "" : "\n") << command.text;
  if (!command.flags.empty()) {
    out << "\nflags:\n";
    PrintFlags(out, command.flags);
  }
  out << "\nflags of all commands:\n";
  PrintFlags(out, GlobalFlags());
  out << "\n" << kExitCodes;
  return out.str();
}

std::vector<std::string> Complete(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  const std::string& last = words.back();
  const Result<Parsed> parsed = Parse({words.begin(), words.end() - 1});
  if (!parsed) return {};
  std::set<std::string> found;
  if (last.starts_with("-")) {
    const auto add = [&](const std::vector<Flag>& flags) {
      for (const Flag& flag : flags) {
        found.insert(std::string("--") + flag.name + (flag.is_switch() ? "" : "="));
      }
    };
    add(GlobalFlags());
    if (parsed->command != nullptr) add(parsed->command->flags);
  } else if (parsed->unknown.empty()) {
    const std::string prefix = parsed->path.empty() ? "" : parsed->path + " ";
    for (const Command& command : Commands()) {
      if (command.is_hidden || !command.path.starts_with(prefix)) continue;
      const std::string rest = command.path.substr(prefix.size());
      found.insert(rest.substr(0, rest.find(' ')));
    }
  }
  std::vector<std::string> candidates;
  for (const std::string& word : found) {
    if (!word.empty() && word.starts_with(last)) candidates.push_back(word);
  }
  return candidates;
}

}  // namespace watchfire::wfctl
