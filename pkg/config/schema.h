// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which fields there are, as the loader itself has it: a reader is given an empty section, and what
// it asks for is noted. docs/receivers.md is made from it.

#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"

namespace watchfire::config {

struct Field {
  std::string path;                       // "title", "threading.enabled", "fields[].title"
  std::string type;                       // "template", "secret", "duration"; "": nobody reads it.
  std::string fallback;                   // What is taken when it is absent; "" for nothing.
  std::vector<std::string> globals;       // Keys of `global` that come before that.
  bool is_needed = false;                 // Absent, it is an error, unless another field is there.
  std::vector<std::string> choices = {};  // The only values there may be.
};

// The fields of one entry of `kind`_configs, in the order in which they are read, without
// send_resolved and page, which all have.
std::vector<Field> FieldsOf(const IntegrationKind& kind);
// Those of `global`, and of any http_config.
std::vector<Field> GlobalFields();
std::vector<Field> HttpFields();

}  // namespace watchfire::config
