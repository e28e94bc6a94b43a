// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/route/route.h"

#include <set>

#include "pkg/base/limits.h"
#include "pkg/labels/values_key.h"

namespace watchfire::route {
namespace {

// Appends what `node`, which matches, delivers.
void Collect(const config::Route& node, const labels::LabelSet& labels,
             std::vector<const config::Route*>* out) {
  const size_t before = out->size();
  for (const config::Route& child : node.routes) {
    if (!matcher::MatchesAll(child.matchers, labels)) continue;
    Collect(child, labels, out);
    if (!child.continue_matching) break;
  }
  if (out->size() == before) out->push_back(&node);
}

void Walk(const config::Route& node, std::vector<const config::Route*>* out) {
  out->push_back(&node);
  for (const config::Route& child : node.routes) Walk(child, out);
}

}  // namespace

std::vector<const config::Route*> Match(const config::Route& root, const labels::LabelSet& labels) {
  std::vector<const config::Route*> out;
  Collect(root, labels, &out);
  return out;
}

Router::Router(const config::Route& root) : root_(root) {
  std::set<std::string> names;
  for (const config::Route* route : All(root)) {
    if (route == &root) continue;  // It takes everything.
    for (const matcher::Matcher& matcher : route->matchers) names.insert(matcher.name());
  }
  names_.assign(names.begin(), names.end());
}

const Router::Way& Router::Match(const labels::LabelSet& labels) {
  labels::MakeValuesKey(labels, names_, &key_);
  if (last_ != nullptr && last_->first == key_) return last_->second;
  if (const auto known = known_.find(key_); known != known_.end()) {
    last_ = &*known;
    return last_->second;
  }
  if (known_.size() >= limits::kRouterWays) known_.clear();
  Way way{route::Match(root_, labels), {}};
  std::vector<std::string> receivers;
  for (const config::Route* route : way.routes) receivers.push_back(route->receiver);
  way.receivers = std::move(receivers);
  last_ = &*known_.emplace(key_, std::move(way)).first;
  return last_->second;
}

labels::LabelSet GroupLabels(const config::Route& route, const labels::LabelSet& labels) {
  return route.group_by_all ? labels : labels.Only(route.group_by);
}

std::string GroupKey(const config::Route& route, const labels::LabelSet& group_labels) {
  return route.key + ":" + group_labels.ToString();
}

std::optional<GroupKeyParts> SplitGroupKey(std::string_view group_key) {
  // The colon between the two stands outside of braces and quotes, and is the only one there.
  bool is_quoted = false;
  int depth = 0;
  size_t colon = 0;
  for (; colon < group_key.size(); ++colon) {
    const char c = group_key[colon];
    if (is_quoted && c == '\\') {
      ++colon;
    } else if (c == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted) {
      if (c == ':' && depth == 0) break;
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    }
  }
  if (colon >= group_key.size()) return std::nullopt;
  const std::string_view rest = group_key.substr(colon + 1);
  // A label set prints as equality matchers do.
  const Result<matcher::Matchers> pairs = matcher::Parse(rest, matcher::Mode::kUtf8);
  if (!pairs) return std::nullopt;
  labels::LabelSet::Pairs found;
  for (const matcher::Matcher& pair : *pairs) found.emplace_back(pair.name(), pair.value());
  labels::LabelSet labels(std::move(found));
  if (labels.ToString() != rest) return std::nullopt;
  return GroupKeyParts{std::string(group_key.substr(0, colon)), std::move(labels)};
}

std::vector<const config::Route*> All(const config::Route& root) {
  std::vector<const config::Route*> out;
  Walk(root, &out);
  return out;
}

}  // namespace watchfire::route
