// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// YAML as a tree that remembers where everything stands. Built from yaml-cpp's events rather than
// its nodes, because nodes drop duplicate keys and lose positions. Depth, size and alias expansion
// are bounded. The only place that knows yaml-cpp.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/config/config.h"

namespace watchfire::config {

struct Node {
  enum class Kind { kNull, kScalar, kList, kMap } kind = Kind::kNull;
  int line = 0;  // From 1.
  int column = 0;
  bool quoted = false;      // A scalar in quotes is a string, whatever it looks like.
  std::string text;         // kScalar
  std::vector<Node> items;  // kList
  std::vector<std::pair<Node, Node>> entries;  // kMap: key, value; in file order.

  const Node* Find(const std::string& key) const;
  // "a list", "a mapping", "\"text\"": for messages.
  std::string Describe() const;
};

// Collects problems of one load; drops those past limits::kConfigProblems but counts them.
class Problems {
 public:
  void Add(Problem problem);
  void Error(const std::string& file, const Node& at, const std::string& message,
             const std::string& hint = "");
  void Warn(const std::string& file, const Node& at, const std::string& message,
            const std::string& hint = "");
  bool has_errors() const { return errors_ > 0; }
  size_t errors() const { return errors_; }
  // All of them, with a last line for those that were dropped.
  std::vector<Problem> Take();

 private:
  std::vector<Problem> problems_;
  size_t errors_ = 0;
  size_t dropped_ = 0;
};

// Parses every document of `text`. Syntax errors and duplicate keys are reported; what could be
// read before a syntax error is not returned.
std::vector<Node> ParseYaml(const std::string& file, const std::string& text, Problems* problems);

}  // namespace watchfire::config
