// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/original.h"

#include <algorithm>
#include <array>
#include <utility>

#include "pkg/base/secret.h"
#include "pkg/base/strings.h"

namespace watchfire::config {
namespace {

// Plain when no reader could take it for anything else.
bool IsPlain(const std::string& text) {
  static constexpr std::array<std::string_view, 9> kWords = {"null", "true", "false", "yes", "no",
                                                             "on",   "off",  "y",     "n"};
  const auto is_letter = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
  if (text.empty() || !(is_letter(text[0]) || text[0] == '/' || text == Secret::masked())) {
    return false;
  }
  if (text.back() == ':' || std::ranges::count(kWords, ToLower(text)) > 0) return false;
  return std::ranges::all_of(text, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') ||
           std::string_view("/.:_-+*<>").find(c) != std::string_view::npos;
  });
}

std::string Quoted(const std::string& text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += "\\x";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string Printed(const std::string& text) { return IsPlain(text) ? text : Quoted(text); }

}  // namespace

Echo& Echo::Put(const std::string& key) {
  kind_ = Kind::kMap;
  const auto found = std::ranges::find(keys_, key);
  if (found != keys_.end()) return *children_[static_cast<size_t>(found - keys_.begin())];
  keys_.push_back(key);
  return *children_.emplace_back(std::make_unique<Echo>());
}

void Echo::PutDefault(const std::string& key, const std::string& text) {
  kind_ = Kind::kMap;
  const auto at = std::ranges::find_if(keys_, [&](const std::string& k) { return k >= key; });
  if (at != keys_.end() && *at == key) return;
  auto child = std::make_unique<Echo>();
  child->SetText(text);
  children_.insert(children_.begin() + (at - keys_.begin()), std::move(child));
  keys_.insert(at, key);
}

Echo& Echo::Append() {
  kind_ = Kind::kList;
  return *children_.emplace_back(std::make_unique<Echo>());
}

void Echo::SetText(const std::string& text) { SetRaw(Printed(text)); }

void Echo::SetRaw(const std::string& text) {
  kind_ = Kind::kScalar;
  if (!masked_) text_ = text;
}

void Echo::SetTexts(const std::vector<std::string>& texts) {
  StartList();
  for (const std::string& text : texts) Append().SetText(text);
}

void Echo::SetValue(const Any& value) {
  if (const auto* map = value.As<Any::Map>()) {
    SetMap();
    for (const auto& [key, entry] : *map) Put(key).SetValue(entry);
  } else if (const auto* list = value.As<Any::List>()) {
    StartList();
    for (const Any& item : *list) Append().SetValue(item);
  } else if (const auto* text = value.As<std::string>()) {
    SetText(*text);
  } else if (const auto* boolean = value.As<bool>()) {
    SetRaw(*boolean ? "true" : "false");
  } else if (const auto* whole = value.As<int64_t>()) {
    SetRaw(std::to_string(*whole));
  } else if (const auto* number = value.As<double>()) {
    SetRaw(FormatGoFloat(*number));
  } else {
    SetRaw("null");
  }
}

void Echo::SetMap() { kind_ = Kind::kMap; }

void Echo::StartMap() {
  SetMap();
  keys_.clear();
  children_.clear();
}

void Echo::SetList() { kind_ = Kind::kList; }

void Echo::StartList() {
  SetList();
  children_.clear();
}

void Echo::Mask(const std::string& text) {
  masked_ = false;
  SetText(text);
  masked_ = true;
}

bool Echo::Empty() const {
  return std::ranges::all_of(children_,
                             [](const auto& child) { return child->kind_ == Kind::kUnset; });
}

std::string Echo::ToYaml() const {
  std::string out;
  Write(0, &out);
  return out;
}

// Writes the entries of a mapping or list, each on its own line.
void Echo::Write(size_t indent, std::string* out) const {
  const std::string margin(indent, ' ');
  for (size_t i = 0; i < children_.size(); ++i) {
    const Echo& child = *children_[i];
    if (child.kind_ == Kind::kUnset) continue;
    if (kind_ == Kind::kMap) {
      *out += margin + Printed(keys_[i]) + ":";
      child.WriteChild(indent, out);
    } else if (child.kind_ == Kind::kMap && !child.Empty()) {
      // The first key stands beside the dash, the others below it.
      std::string block;
      child.Write(indent + 2, &block);
      block.replace(0, indent + 2, margin + "- ");
      *out += block;
    } else {
      *out += margin + "-";
      child.WriteChild(indent, out);
    }
  }
}

// Writes a value after its key or dash.
void Echo::WriteChild(size_t indent, std::string* out) const {
  if (kind_ == Kind::kScalar) {
    *out += " " + text_ + "\n";
  } else if (Empty()) {
    *out += kind_ == Kind::kMap ? " {}\n" : " []\n";
  } else {
    *out += "\n";
    Write(kind_ == Kind::kMap ? indent + 2 : indent, out);
  }
}

}  // namespace watchfire::config
