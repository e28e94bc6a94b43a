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
// empty text), a list or a mapping, in which texts stay as they are, or a text in JSON's quotes.
// Nothing when it is any other text, or no YAML. Keys of mappings that are not texts are left out.
// Source: Alertmanager template.DeepCopyWithTemplate (reference alertmanager-compat §4.2), of 0.35.
std::optional<templates::Value> ParseYamlValue(const std::string& text);

}  // namespace watchfire::config
