// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/sns/environment.h"

#include <string_view>

#include "pkg/base/strings.h"

namespace watchfire::notify::sns {
namespace {

// Adds the keys of [section] in an ini file to `keys`, those that are there already staying.
void ReadSection(const std::string& text, const std::string& section,
                 std::map<std::string, std::string>* keys) {
  bool inside = false;
  for (const std::string_view raw : Split(text, '\n')) {
    const std::string_view line = Trim(raw);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      inside = Trim(line.substr(1, line.find(']') - 1)) == section;
      continue;
    }
    const size_t equals = line.find('=');
    if (!inside || equals == std::string_view::npos) continue;
    keys->emplace(ToLower(Trim(line.substr(0, equals))),
                  std::string(Trim(line.substr(equals + 1))));
  }
}

}  // namespace

std::string Variable(const Context& context, const std::string& name) {
  return context.environment ? context.environment(name) : "";
}

std::map<std::string, std::string> ReadProfile(const Context& context, const std::string& name) {
  std::map<std::string, std::string> keys;
  const auto read = [&](const char* variable, const char* file, const std::string& section) {
    const std::string home = Variable(context, "HOME");
    std::string path = Variable(context, variable);
    if (path.empty() && !home.empty()) path = home + "/.aws/" + file;
    if (path.empty()) return;
    const Result<std::string> text = context.read_file(path);
    if (text) ReadSection(*text, section, &keys);
  };
  read("AWS_SHARED_CREDENTIALS_FILE", "credentials", name);
  read("AWS_CONFIG_FILE", "config", name == "default" ? name : "profile " + name);
  return keys;
}

}  // namespace watchfire::notify::sns
