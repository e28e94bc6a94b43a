// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/labels.h"

#include <algorithm>
#include <ranges>

#include "pkg/base/strings.h"

namespace watchfire::labels {
namespace {

constexpr uint64_t kFnvOffset = 0xcbf29ce484222325ULL;
constexpr uint64_t kFnvPrime = 0x100000001b3ULL;

uint64_t Mix(uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return (hash ^ 0xff) * kFnvPrime;
}

}  // namespace

LabelSet::LabelSet(Pairs pairs) {
  if (pairs.empty()) return;
  std::ranges::stable_sort(pairs, {}, &Pairs::value_type::first);
  // Of equal names keep the last: walk backwards and keep the first one met.
  const auto kept = std::unique(pairs.rbegin(), pairs.rend(),
                                [](const auto& a, const auto& b) { return a.first == b.first; });
  pairs.erase(pairs.begin(), kept.base());

  auto rep = std::make_shared<Rep>();
  size_t bytes = 0;
  for (const auto& [name, value] : pairs) bytes += name.size() + value.size();
  rep->text.reserve(bytes);
  for (const auto& [name, value] : pairs) rep->text.append(name).append(value);
  rep->labels.reserve(pairs.size());
  rep->fingerprint = kFnvOffset;
  std::string_view rest = rep->text;
  for (const auto& [name, value] : pairs) {
    const Label label{rest.substr(0, name.size()), rest.substr(name.size(), value.size())};
    rest.remove_prefix(name.size() + value.size());
    rep->fingerprint = Mix(Mix(rep->fingerprint, label.name), label.value);
    rep->labels.push_back(label);
  }
  rep_ = std::move(rep);
}

std::string_view LabelSet::Get(std::string_view name) const {
  const auto* found = std::lower_bound(
      begin(), end(), name, [](const Label& l, std::string_view n) { return l.name < n; });
  return found != end() && found->name == name ? found->value : std::string_view();
}

bool LabelSet::Has(std::string_view name) const {
  return std::any_of(begin(), end(), [name](const Label& label) { return label.name == name; });
}

uint64_t LabelSet::fingerprint() const { return rep_ ? rep_->fingerprint : kFnvOffset; }

LabelSet LabelSet::With(const Pairs& pairs) const {
  Pairs all = this->pairs();
  all.insert(all.end(), pairs.begin(), pairs.end());
  LabelSet merged(std::move(all));
  Pairs kept;
  for (const Label& label : merged) {
    if (!label.value.empty()) kept.emplace_back(label.name, label.value);
  }
  return LabelSet(std::move(kept));
}

LabelSet LabelSet::Only(const std::vector<std::string>& names) const {
  Pairs kept;
  for (const Label& label : *this) {
    if (std::ranges::find(names, label.name) != names.end()) {
      kept.emplace_back(label.name, label.value);
    }
  }
  return LabelSet(std::move(kept));
}

LabelSet::Pairs LabelSet::pairs() const {
  Pairs out;
  out.reserve(size());
  for (const Label& label : *this) out.emplace_back(label.name, label.value);
  return out;
}

std::string LabelSet::ToString() const {
  std::string out = "{";
  for (const Label& label : *this) {
    if (out.size() > 1) out += ", ";
    out.append(label.name).append("=").append(GoQuote(label.value));
  }
  return out + "}";
}

bool LabelSet::operator==(const LabelSet& other) const {
  if (rep_ == other.rep_) return true;
  return fingerprint() == other.fingerprint() &&
         std::equal(begin(), end(), other.begin(), other.end());
}

bool LabelSet::Before(const LabelSet& other) const {
  if (size() != other.size()) return size() < other.size();
  const Label* a = begin();
  const Label* b = other.begin();
  for (; a != end() && b != other.end(); ++a, ++b) {
    // The first name that only one side has decides: the side lacking it is smaller.
    if (a->name != b->name) return a->name > b->name;
    if (a->value != b->value) return a->value < b->value;
  }
  return false;
}

bool IsClassicLabelName(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto rest = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name[0]) && std::ranges::all_of(name, rest);
}

}  // namespace watchfire::labels
