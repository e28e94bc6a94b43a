// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the readers of a section ask for, noted while they read an empty one. Private to pkg/config.

#pragma once

#include <string>
#include <vector>

#include "pkg/config/schema.h"

namespace watchfire::config {

class Survey {
 public:
  // What a marked key holds, if it is a text.
  static constexpr const char* kMarked = "marked";
  // Types of fields that are none, or that have fields themselves.
  static constexpr const char* kRefused = "refused";
  static constexpr const char* kAnything = "anything";
  static constexpr const char* kHttp = "`http_config`";
  static constexpr const char* kTls = "`tls_config`";

  struct Options {
    std::string mark = {};     // The path of a field to be read as something else than its default.
    bool enters_http = false;  // The fields of http_config are noted, not it alone.
    bool maps = false;         // Where there may be a text or a mapping, there is a mapping.
  };
  explicit Survey(Options options) : options_(std::move(options)) {}

  const Options& options() const { return options_; }

  // Somebody looked for the key, and may or may not have read it.
  void Ask(const std::string& path) { Find(path); }
  // It is read as a `type`. The first type counts that says something, and the first default that
  // is not empty.
  void Note(const std::string& path, const char* type, const std::string& fallback);
  // It was found missing.
  void Need(const std::string& path);
  void Choose(const std::string& path, const std::vector<std::string>& choices);

  // In the order in which they were first looked for.
  const std::vector<Field>& fields() const { return fields_; }

 private:
  Field& Find(const std::string& path);

  const Options options_;
  std::vector<Field> fields_;
};

}  // namespace watchfire::config
