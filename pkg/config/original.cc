// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The configuration for /api/v2/status: the file as it was read, our defaults filled in for what
// clients look at, every secret replaced. It loads again.

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

// Keys whose values are secrets, wherever they stand. A webhook's URL holds its token.
bool IsSecret(const std::string& key) {
  static constexpr const char* kKeys[] = {
      "password", "credentials", "bearer_token", "api_key", "token", "client_secret",
      "user_key", "service_key", "api_secret",   "url",     "key"};
  if (key == "routing_key") return false;  // VictorOps': a name, not a secret.
  return std::ranges::any_of(kKeys, [&](const char* secret) {
    return key == secret || key.ends_with(std::string("_") + secret);
  });
}

// URLs that are not secrets, by the mapping they stand in.
bool IsPlainUrl(const std::string& path, const std::string& key) {
  return key.ends_with("_api_url") || key == "pagerduty_url" || key == "proxy_url" ||
         key == "slack_app_url" || path.ends_with("datasources[]");
}

std::string Quote(const Node& node) {
  const bool plain = !node.quoted && !node.text.empty() &&
                     std::ranges::all_of(node.text,
                                         [](char c) {
                                           return (c >= '0' && c <= '9') ||
                                                  (c >= 'a' && c <= 'z') ||
                                                  (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
                                                  c == '-' || c == '/';
                                         }) &&
                     node.text.front() != '-' && node.text.front() != '.';
  if (plain) return node.text;
  std::string out = "'";
  bool single_line = true;
  for (const char c : node.text) {
    if (static_cast<unsigned char>(c) < 0x20) single_line = false;
    out += c == '\'' ? "''" : std::string(1, c);
  }
  // Control characters need the escapes of a double-quoted scalar.
  return single_line ? out + "'" : GoQuote(node.text);
}

void Print(const Node& node, const std::string& path, size_t indent, std::string* out);

void PrintEntry(const Node& key, const Node& value, const std::string& path, size_t indent,
                std::string* out) {
  *out += std::string(indent, ' ') + Quote(key) + ":";
  const bool secret = IsSecret(key.text) && !IsPlainUrl(path, key.text);
  if (secret && value.kind == Node::Kind::kScalar) {
    *out += std::string(" ") + Secret::masked() + "\n";
    return;
  }
  Print(value, path + "." + key.text, indent + 2, out);
}

void Print(const Node& node, const std::string& path, size_t indent, std::string* out) {
  switch (node.kind) {
    case Node::Kind::kNull:
      *out += node.quoted ? " ''\n" : " null\n";
      return;
    case Node::Kind::kScalar:
      *out += " " + Quote(node) + "\n";
      return;
    case Node::Kind::kList:
      *out += node.items.empty() ? " []\n" : "\n";
      for (const Node& item : node.items) {
        *out += std::string(indent, ' ') + "-";
        if (item.kind == Node::Kind::kMap && !item.entries.empty()) {
          std::string inner;
          for (const auto& [key, value] : item.entries) {
            PrintEntry(key, value, path + "[]", indent + 2, &inner);
          }
          *out += " " + inner.substr(indent + 2);
        } else {
          Print(item, path + "[]", indent + 2, out);
        }
      }
      return;
    case Node::Kind::kMap:
      *out += node.entries.empty() ? " {}\n" : "\n";
      for (const auto& [key, value] : node.entries) PrintEntry(key, value, path, indent, out);
      return;
  }
}

Node Scalar(const std::string& text) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = text;
  return node;
}

// Puts `key` into the mapping `parent` (made if absent) unless the file set it.
void Default(Node* root, const std::string& parent, const std::string& key,
             const std::string& value) {
  auto found = std::ranges::find_if(root->entries,
                                    [&](const auto& entry) { return entry.first.text == parent; });
  if (found == root->entries.end()) {
    Node map;
    map.kind = Node::Kind::kMap;
    found = root->entries.insert(root->entries.begin(), {Scalar(parent), map});
  }
  Node& map = found->second;
  if (map.kind != Node::Kind::kMap) map = Node{Node::Kind::kMap, 0, 0, false, "", {}, {}};
  if (map.Find(key) == nullptr) map.entries.emplace_back(Scalar(key), Scalar(value));
}

}  // namespace

std::string Original(const Node& root, const Config& config) {
  Node copy = root;
  Default(&copy, "global", "resolve_timeout", FormatDuration(config.global.resolve_timeout));
  Default(&copy, "global", "victorops_api_url", config.global.victorops_api_url);
  Default(&copy, "route", "group_wait", FormatDuration(config.route.group_wait));
  Default(&copy, "route", "group_interval", FormatDuration(config.route.group_interval));
  Default(&copy, "route", "repeat_interval", FormatDuration(config.route.repeat_interval));
  std::string out;
  for (const auto& [key, value] : copy.entries) PrintEntry(key, value, "", 0, &out);
  return out;
}

}  // namespace watchfire::config
