// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/arguments.h"

#include <algorithm>

#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

bool LeadsToCommand(const std::string& path) {
  return std::ranges::any_of(Commands(), [&](const Command& command) {
    return command.path == path || command.path.starts_with(path + " ");
  });
}

bool IsBelow(const Command& command, const std::string& path) {
  return path.empty() || command.path == path || command.path.starts_with(path + " ");
}

const Flag* FindIn(const std::vector<Flag>& flags, const std::string& name, char letter) {
  const auto found = std::ranges::find_if(
      flags, [&](const Flag& f) { return letter != 0 ? f.letter == letter : name == f.name; });
  return found == flags.end() ? nullptr : &*found;
}

// The flag that a word speaks of, among those that may still turn out to be meant at `path`.
const Flag* FlagBelow(const std::string& path, const std::string& word) {
  const bool is_long = word.starts_with("--");
  const std::string name = is_long ? word.substr(2, word.find('=') - 2) : "";
  const char letter = is_long || word.size() < 2 ? '\0' : word[1];
  if (const Flag* flag = FindIn(GlobalFlags(), name, letter)) return flag;
  for (const Command& command : Commands()) {
    if (!IsBelow(command, path)) continue;
    if (const Flag* flag = FindIn(command.flags, name, letter)) return flag;
  }
  return nullptr;
}

// Takes the words that name the command out of `words`, stepping over flags and their values.
void TakePath(std::vector<std::string>* words, Parsed* parsed) {
  for (size_t i = 0; i < words->size() && (*words)[i] != "--";) {
    const std::string& word = (*words)[i];
    if (word.starts_with("-") && word.size() > 1) {
      const Flag* flag = FlagBelow(parsed->path, word);
      const bool is_joined =
          word.starts_with("--") ? word.find('=') != std::string::npos : word.size() > 2;
      i += flag != nullptr && !flag->is_switch() && !is_joined ? 2 : 1;
      continue;
    }
    const std::string longer = parsed->path.empty() ? word : parsed->path + " " + word;
    if (!LeadsToCommand(longer)) {
      parsed->unknown = {word};
      return;
    }
    parsed->path = longer;
    words->erase(words->begin() + static_cast<ptrdiff_t>(i));
  }
}

void Choose(Parsed* parsed) {
  for (const Command& command : Commands()) {
    if (command.path == parsed->path) {
      parsed->command = &command;
      return;
    }
  }
  for (const Command& command : Commands()) {
    const bool is_child = IsBelow(command, parsed->path) && !parsed->path.empty() &&
                          command.path.find(' ', parsed->path.size() + 1) == std::string::npos;
    if (is_child && command.is_default) {
      parsed->command = &command;
      parsed->by_default = true;
      return;
    }
  }
}

tl::unexpected<Error> Unknown(const Command* command, const std::string& shown,
                              const std::string& name) {
  std::vector<std::string> known = {"help"};
  for (const Flag& flag : GlobalFlags()) known.emplace_back(flag.name);
  if (command != nullptr) {
    for (const Flag& flag : command->flags) known.emplace_back(flag.name);
  }
  const std::string near = Nearest(name, known);
  const std::string path = command == nullptr ? "" : " " + command->path;
  return InvalidArgument(
      "unknown flag " + shown +
      (near.empty() ? " (see wfctl" + path + " --help)" : " (did you mean --" + near + "?)"));
}

// Reads the words behind the path: flags into `flags`, the rest into `operands`.
class Reader {
 public:
  Reader(const std::vector<std::string>& words, Parsed* parsed) : words_(words), parsed_(parsed) {}

  Status Read() {
    for (; next_ < words_.size(); ++next_) {
      const std::string word = words_[next_];
      if (word == "--") {
        operands().insert(operands().end(), words_.begin() + static_cast<ptrdiff_t>(next_) + 1,
                          words_.end());
        return {};
      }
      if (word.starts_with("--")) {
        WF_RETURN_IF_ERROR(ReadLong(word));
      } else if (word.starts_with("-") && word.size() > 1) {
        WF_RETURN_IF_ERROR(ReadLetters(word));
      } else {
        operands().push_back(word);
      }
    }
    return {};
  }

 private:
  std::vector<std::string>& operands() { return parsed_->invocation.operands; }

  const Flag* Find(const std::string& name, char letter) const {
    const Command* command = parsed_->command;
    if (command != nullptr) {
      if (const Flag* flag = FindIn(command->flags, name, letter)) return flag;
    }
    return FindIn(GlobalFlags(), name, letter);
  }

  void Add(const Flag& flag, const std::string& value) {
    // "version" is no flag of any command line that goes on.
    if (std::string_view(flag.name) == "version") parsed_->version = true;
    if (std::string_view(flag.name) == "help") parsed_->help = true;
    parsed_->invocation.flags.emplace_back(flag.name, value);
  }

  Status TakeNext(const Flag& flag, const std::string& shown) {
    if (next_ + 1 == words_.size()) return InvalidArgument(shown + " needs " + flag.value);
    Add(flag, words_[++next_]);
    return {};
  }

  Status ReadLong(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const Flag* flag = Find(name, 0);
    if (flag == nullptr && name.starts_with("no-")) {
      flag = Find(name.substr(3), 0);
      if (flag != nullptr && flag->is_switch() && equals == std::string::npos) {
        Add(*flag, "false");
        return {};
      }
      flag = nullptr;
    }
    if (flag == nullptr) return Unknown(parsed_->command, "--" + name, name);
    if (flag->is_switch()) {
      const std::string value = equals == std::string::npos ? "true" : word.substr(equals + 1);
      if (value != "true" && value != "false") {
        return InvalidArgument("--" + name + " takes no value but true or false");
      }
      Add(*flag, value);
      return {};
    }
    if (equals == std::string::npos) return TakeNext(*flag, "--" + name);
    Add(*flag, word.substr(equals + 1));
    return {};
  }

  Status ReadLetters(const std::string& word) {
    for (size_t i = 1; i < word.size(); ++i) {
      const std::string shown = std::string("-") + word[i];
      const Flag* flag = Find("", word[i]);
      if (flag == nullptr) return Unknown(parsed_->command, shown, shown);
      if (flag->is_switch()) {
        Add(*flag, "true");
        continue;
      }
      if (i + 1 == word.size()) return TakeNext(*flag, shown);
      Add(*flag, word.substr(word[i + 1] == '=' ? i + 2 : i + 1));
      return {};
    }
    return {};
  }

  const std::vector<std::string>& words_;
  Parsed* parsed_;
  size_t next_ = 0;
};

}  // namespace

std::string Invocation::Get(const std::string& name, const std::string& fallback) const {
  const auto found = std::ranges::find(flags.rbegin(), flags.rend(), name,
                                       &std::pair<std::string, std::string>::first);
  return found == flags.rend() ? fallback : found->second;
}

bool Invocation::On(const std::string& name, bool fallback) const {
  return Get(name, fallback ? "true" : "false") == "true";
}

std::vector<std::string> Invocation::All(const std::string& name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : flags) {
    if (key == name) values.push_back(value);
  }
  return values;
}

const std::vector<Flag>& GlobalFlags() {
  static const auto& flags = *new std::vector<Flag>{
      {"url", 0, "URL", "http://localhost:9093",
       "the server; or $WATCHFIRE_URL. May hold user:password@ and a path"},
      {"alertmanager.url", 0, "URL", "", "the same, as amtool calls it"},
      {"output", 'o', "FORMAT", "simple", "simple, extended, wide, json, yaml"},
      {"timeout", 0, "DURATION", "30s", "for the whole command"},
      {"http.config.file", 0, "FILE", "",
       "how to connect: a YAML file with the fields of http_config"},
      {"version-check", 0, "", "true", "warn when the server's version does not suit"},
      {"enable-feature", 0, "NAMES", "",
       "classic-mode or utf8-strict-mode decide how matchers are read"},
      {"date.format", 0, "LAYOUT", "2006-01-02 15:04:05 MST", "how dates print, in Go's notation"},
      {"verbose", 'v', "", "", "print requests and answers' statuses to standard error"},
      {"help", 'h', "", "", "what a command does, its flags and examples"},
      {"version", 0, "", "", "the version of wfctl"}};
  return flags;
}

Result<Parsed> Parse(const std::vector<std::string>& words) {
  Parsed parsed;
  std::vector<std::string> rest = words;
  TakePath(&rest, &parsed);
  Choose(&parsed);
  WF_RETURN_IF_ERROR(Reader(rest, &parsed).Read());
  return parsed;
}

}  // namespace watchfire::wfctl
