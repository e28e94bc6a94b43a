// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The small YAML files of command-line clients, read as strictly as the configuration itself.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pkg/config/config.h"

namespace watchfire::config {

struct HttpFile {
  std::optional<HttpConfig> http;  // Nullopt iff there is an error among the problems.
  std::vector<Problem> problems;
};

// A file that holds nothing but the fields of http_config (amtool's --http.config.file). Files that
// it names are resolved against its directory. Source: reference §3.9.
HttpFile LoadHttpFile(const std::string& path, const Files& files);

// A mapping of names to single values, each as its text: defaults for command-line flags. Errors:
// those of files.read; kInvalidArgument for anything else than such a mapping, with its place.
Result<std::map<std::string, std::string>> LoadFlatFile(const std::string& path,
                                                        const Files& files);

}  // namespace watchfire::config
