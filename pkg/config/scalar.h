// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What plain YAML 1.1 scalars mean to Go's yaml.v2, with which Alertmanager reads them. For
// pkg/config and pkg/oncall.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/config/any.h"
#include "pkg/config/global.h"
#include "pkg/config/yaml.h"

namespace watchfire::config {

// y, yes, on, true and their opposites: lower, upper or with a capital letter.
std::optional<bool> ParseYamlBool(const std::string& text);
// -5, +5, 1_000, 0x1f, 0b101, 017 (octal); also a fraction, which is cut.
std::optional<int64_t> ParseYamlInt(const std::string& text);
// The same and 1.5, 1e3; finite.
std::optional<double> ParseYamlNumber(const std::string& text);

// "mail:25", "[::1]:25", ":25". Errors: kInvalidArgument with the text of Go's net.SplitHostPort or
// Alertmanager's for an empty port.
Result<HostPort> ParseHostPort(const std::string& text);

// Whether `text` is what guides write where something is to be filled in: "<your key>",
// "YOUR_API_KEY", "xxxx", "changeme". Any word in capitals is no URL, but may be a key.
bool IsPlaceholder(std::string_view text, bool is_url);

Any ToAny(const YamlNode& node);

}  // namespace watchfire::config
