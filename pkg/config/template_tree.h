// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A YAML value of any shape in which every text is a template: the webhook's payload and the like.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/templates/template.h"
#include "pkg/templates/value.h"

namespace watchfire::config {

struct TemplateTree {
  enum class Kind { kValue, kText, kList, kMap } kind = Kind::kValue;
  templates::Value value;                // kValue: a number, a boolean or nothing.
  templates::Snippet text;               // kText
  std::vector<TemplateTree> items;       // kList: the entries. kMap: the values.
  std::vector<templates::Snippet> keys;  // kMap: beside the values.
};

// Returns what a rendered text says as YAML, for Go's YAML: a number, a boolean, null (also for an
// empty text), a list or a mapping; its texts are read once more in the same way. Nothing when it
// is a text, or no YAML. Keys of mappings that are not texts are left out.
// Source: Alertmanager template.DeepCopyWithTemplate (reference alertmanager-compat §4.2), which
// would also run what is in the braces of a label; that is not done here.
std::optional<templates::Value> ParseYamlValue(const std::string& text);

}  // namespace watchfire::config
