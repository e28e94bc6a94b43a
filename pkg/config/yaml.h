// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// YAML as a tree that knows where each thing stands. yaml-cpp's own tree drops duplicate keys in
// silence and lets aliases multiply without end; this one is built from the parser's events,
// reports the first and bounds the second. For pkg/config, and for pkg/oncall, which reads the
// documents of many vendors.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/config/problems.h"

namespace watchfire::config {

struct Key {
  std::string text;
  Mark mark;
  bool plain = false;  // As in YamlNode: may be a number or a boolean.
};

// Aliases are copies that keep the marks of what they repeat; merge keys (<<) are resolved.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap } kind = Kind::kNull;
  bool plain = false;  // A scalar that may be a number or a boolean: no quotes, or tagged as one.
  int height = 1;      // Levels from here down; at most limits::kYamlDepth for a document.
  size_t size = 1;     // Nodes from here down; at most limits::kYamlNodes for a file.
  Mark mark;
  std::string text;             // kScalar
  std::vector<Key> keys;        // kMap, in file order, no text twice.
  std::vector<YamlNode> items;  // kList: the entries. kMap: the values, beside their keys.

  // Returns the value of `key`, or nullptr.
  const YamlNode* Find(const std::string& key) const;
  // Returns where `key` stands, or the mark of the mapping itself.
  Mark At(const std::string& key) const;
};

// Returns all documents of `text`, or nullopt after reporting what makes it unreadable: a syntax
// error, bytes that YAML forbids, or a bound. A duplicate key is reported, and its first value
// kept.
std::optional<std::vector<YamlNode>> ParseYaml(const std::string& text, const Source& source);

// The same for a file of one document: warns about further ones. An empty file gives a null node,
// which stands at 1:1.
std::optional<YamlNode> ParseYamlDocument(const std::string& text, const Source& source);

// Returns "a list", "nothing" …: what a message says it found.
const char* KindName(YamlNode::Kind kind);

}  // namespace watchfire::config
