// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The configuration as it was understood: what the loader read, defaults filled in, secrets masked,
// in the order it was asked for. Its YAML is Config.original. Private to pkg/config.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pkg/config/any.h"

namespace watchfire::config {

class Echo {
 public:
  // Returns the child named `key` of this mapping, new or not. It stays where it is. A child to
  // which nothing is written does not print.
  Echo& Put(const std::string& key);
  // Adds the child `key` where its name sorts, unless there is one.
  void PutDefault(const std::string& key, const std::string& text);
  // Returns a new entry of this list.
  Echo& Append();

  void SetText(const std::string& text);  // Quoted when it needs to be.
  void SetRaw(const std::string& text);   // A number, boolean or duration.
  void SetTexts(const std::vector<std::string>& texts);
  void SetValue(const Any& value);
  void SetMap();                         // Prints {} when nothing is put into it.
  void StartMap();                       // The same, without what was put into it before.
  void SetList();                        // Prints [] when nothing is appended.
  void StartList();                      // The same, without what was appended before.
  void Hide() { kind_ = Kind::kUnset; }  // Prints nothing, after all.
  // Shows `text`, whatever is set before or after.
  void Mask(const std::string& text = "<secret>");

  // Returns block-style YAML with a final newline. The order of keys is that of the first Put.
  std::string ToYaml() const;

 private:
  enum class Kind { kUnset, kScalar, kList, kMap };

  bool Empty() const;  // Nothing below prints.
  void Write(size_t indent, std::string* out) const;
  void WriteChild(size_t indent, std::string* out) const;

  Kind kind_ = Kind::kUnset;
  bool masked_ = false;
  std::string text_;  // As it prints.
  std::vector<std::string> keys_;
  std::vector<std::unique_ptr<Echo>> children_;  // Not by value: callers keep references.
};

}  // namespace watchfire::config
