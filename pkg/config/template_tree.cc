// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/template_tree.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include <re2/re2.h>

#include "pkg/base/strings.h"
#include "pkg/config/scalar.h"
#include "pkg/config/section.h"
#include "pkg/config/section_impl.h"
#include "pkg/config/yaml.h"

namespace watchfire::config {
namespace {

using templates::Value;

// Whole numbers as Go's YAML reads them: 12, -0x1f, 0b11, 0o17, 017, 1_000.
std::optional<Value> ParseInteger(std::string digits) {
  std::erase(digits, '_');
  const bool negative = digits.starts_with('-');
  size_t at = negative || digits.starts_with('+') ? 1 : 0;
  int base = 10;
  if (digits.size() > at + 1 && digits[at] == '0') {
    const char mark = static_cast<char>(digits[at + 1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    at += mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1;
  }
  if (at < digits.size() && digits[at] == '-') return std::nullopt;
  const std::string text = (negative ? "-" : "") + digits.substr(at);
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || stop != end || text.size() == (negative ? 1U : 0U)) {
    return std::nullopt;
  }
  return Value::Int(value);
}

// Nothing when a plain scalar is a text.
std::optional<Value> ParseScalar(const std::string& text) {
  static const auto* const decimal =
      new re2::RE2("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  static const auto* const special = new re2::RE2("[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return Value();
  }
  if (const std::optional<bool> boolean = ParseYamlBool(text)) return Value::Bool(*boolean);
  if (std::optional<Value> integer = ParseInteger(text)) return integer;
  if (re2::RE2::FullMatch(text, *decimal)) return Value::Float(std::strtod(text.c_str(), nullptr));
  if (!re2::RE2::FullMatch(text, *special)) return std::nullopt;
  if (text.back() == 'n' || text.back() == 'N') return Value::Float(std::nan(""));
  return Value::Float(text.starts_with('-') ? -HUGE_VAL : HUGE_VAL);
}

// A key is a text unless Go's YAML makes something else of it.
bool IsTextKey(const Key& key) { return !key.plain || !ParseScalar(key.text); }

// Texts within lists and mappings are what they are: the summary of an alert that reads "latency:
// 5s" is no mapping.
Value ValueOf(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return {};
    case YamlNode::Kind::kScalar:
      if (node.plain) {
        if (std::optional<Value> value = ParseScalar(node.text)) return *value;
      }
      return Value::String(node.text);
    case YamlNode::Kind::kList: {
      std::vector<Value> items;
      for (const YamlNode& item : node.items) items.push_back(ValueOf(item));
      return Value::Of(std::move(items));
    }
    case YamlNode::Kind::kMap: {
      std::vector<std::pair<std::string, Value>> entries;
      for (size_t i = 0; i < node.keys.size(); ++i) {
        if (!IsTextKey(node.keys[i])) continue;
        entries.emplace_back(node.keys[i].text, ValueOf(node.items[i]));
      }
      return Value::Of(std::move(entries));
    }
  }
  return {};
}

// Whether all of it is one text in JSON's quotes, as toJson makes them.
bool IsJsonText(std::string_view text) {
  static const auto* const quoted = new re2::RE2(
      "[ \\t\\r\\n]*\"([^\"\\\\\\x00-\\x1f]|\\\\([\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*\"[ \\t\\r\\n]*");
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *quoted);
}

}  // namespace

std::optional<Value> ParseYamlValue(const std::string& text) {
  // A directive, which Go's YAML would refuse.
  if (text.starts_with('%')) return std::nullopt;
  // The tag of a text, and no other value behind it.
  if (Trim(text) == "!") return std::nullopt;
  Problems problems;
  const Source source("", &problems);
  const std::optional<std::vector<YamlNode>> documents = ParseYaml(text, source);
  // More than one: "[FIRING:2] disk" is a list and then a text to the parser, an error to Go's.
  if (!documents || problems.has_error() || documents->size() > 1) return std::nullopt;
  if (documents->empty()) return Value();
  const YamlNode& node = documents->front();
  if (node.kind == YamlNode::Kind::kScalar) {
    if (node.plain) return ParseScalar(node.text);
    return IsJsonText(text) ? std::optional(Value::String(node.text)) : std::nullopt;
  }
  return ValueOf(node);
}

namespace {

class TreeReader {
 public:
  TreeReader(const Section::Impl& section, const std::string& key) : section_(section), key_(key) {}

  // With `names`, the names of a mapping's members are texts.
  TemplateTree Read(const YamlNode& node, Echo* echo, bool names = false) {
    TemplateTree tree;
    switch (node.kind) {
      case YamlNode::Kind::kNull:
        if (echo != nullptr) echo->SetRaw("null");
        break;
      case YamlNode::Kind::kScalar:
        ReadScalar(node, echo, &tree);
        break;
      case YamlNode::Kind::kList:
        tree.kind = TemplateTree::Kind::kList;
        if (echo != nullptr) echo->StartList();
        for (const YamlNode& item : node.items) {
          tree.items.push_back(Read(item, echo != nullptr ? &echo->Append() : nullptr));
        }
        break;
      case YamlNode::Kind::kMap:
        ReadMap(node, echo, names, &tree);
        break;
    }
    return tree;
  }

 private:
  void ReadScalar(const YamlNode& node, Echo* echo, TemplateTree* tree) {
    const std::optional<Value> value = node.plain ? ParseScalar(node.text) : std::nullopt;
    if (value) {
      tree->value = *value;
    } else {
      tree->kind = TemplateTree::Kind::kText;
      tree->text = Parse(node.text, node.mark);
    }
    if (echo == nullptr) return;
    if (value) {
      echo->SetRaw(node.text);
    } else {
      echo->SetText(node.text);
    }
  }

  void ReadMap(const YamlNode& node, Echo* echo, bool names, TemplateTree* tree) {
    tree->kind = TemplateTree::Kind::kMap;
    if (echo != nullptr) echo->SetMap();
    for (size_t i = 0; i < node.keys.size(); ++i) {
      const Key& key = node.keys[i];
      if (!names && !IsTextKey(key)) {
        section_.source.Warn(
            key.mark, key_ + ": the key " + GoQuote(key.text) + " is not a text and is left out",
            "put it in quotes");
        continue;
      }
      tree->keys.push_back(Parse(key.text, key.mark));
      tree->items.push_back(Read(node.items[i], echo != nullptr ? &echo->Put(key.text) : nullptr));
    }
  }

  templates::Snippet Parse(const std::string& text, Mark mark) {
    Result<templates::Snippet> snippet = templates::Snippet::Parse(key_, text);
    if (snippet) return *std::move(snippet);
    section_.source.Error(mark, "invalid template syntax: " + snippet.error().message);
    return {};
  }

  const Section::Impl& section_;
  const std::string& key_;
};

}  // namespace

std::optional<TemplateTree> Section::Tree(const std::string& key, TreeOf of) {
  impl_->Note(key, "anything, texts in it are templates");
  const YamlNode* node = impl_->Find(key);
  if (node == nullptr) return std::nullopt;
  return TreeReader(*impl_, key).Read(*node, impl_->Show(key), of == TreeOf::kNames);
}

}  // namespace watchfire::config
