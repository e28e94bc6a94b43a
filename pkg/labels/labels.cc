// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/labels.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <new>

#include "pkg/base/check.h"
#include "pkg/base/strings.h"

namespace watchfire::labels {
namespace {

constexpr uint64_t kFnvOffset = 0xcbf29ce484222325ULL;
constexpr uint64_t kFnvPrime = 0x100000001b3ULL;

uint64_t MixByte(uint64_t hash, char c) {
  return (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
}

uint64_t Mix(uint64_t hash, std::string_view text) {
  for (const char c : text) hash = MixByte(hash, c);
  return MixByte(hash, '\xff');
}

// Each byte waits for the multiplication of the one before; those of four texts do not wait for
// each other.
using Four = std::array<uint64_t, 4>;
void MixFour(const std::array<std::string_view, 4>& texts, Four* hashes) {
  auto [a, b, c, d] = *hashes;
  const auto [text_a, text_b, text_c, text_d] = texts;
  const size_t all = std::min({text_a.size(), text_b.size(), text_c.size(), text_d.size()});
  for (size_t i = 0; i < all; ++i) {
    a = MixByte(a, text_a[i]);
    b = MixByte(b, text_b[i]);
    c = MixByte(c, text_c[i]);
    d = MixByte(d, text_d[i]);
  }
  *hashes = {Mix(a, text_a.substr(all)), Mix(b, text_b.substr(all)), Mix(c, text_c.substr(all)),
             Mix(d, text_d.substr(all))};
}

}  // namespace

void PutInOrder(std::vector<Label>* labels) {
  const auto in_order = [](const Label& a, const Label& b) { return a.name < b.name; };
  const auto out_of_order = [](const Label& a, const Label& b) { return a.name >= b.name; };
  // Prometheus sends them so.
  if (std::ranges::adjacent_find(*labels, out_of_order) == labels->end()) return;
  std::ranges::stable_sort(*labels, in_order);
  // Of equal names keep the last: walk backwards and keep the first one met.
  const auto kept = std::unique(labels->rbegin(), labels->rend(),
                                [](const Label& a, const Label& b) { return a.name == b.name; });
  labels->erase(labels->begin(), kept.base());
}

LabelSet::LabelSet(Pairs pairs) {
  std::vector<Label> labels;
  labels.reserve(pairs.size());
  for (const auto& [name, value] : pairs) labels.push_back({name, value});
  *this = FromViews(std::move(labels));
}

LabelSet LabelSet::FromViews(std::vector<Label> labels) {
  PutInOrder(&labels);
  LabelSet set;
  if (labels.empty()) return set;
  set.Build(labels.size(), {}, [&](auto take) {
    for (const auto& [name, value] : labels) {
      take(name);
      take(value);
    }
  });
  return set;
}

template <typename EachText>
void LabelSet::Build(size_t count, LabelSet base, EachText each_text) {
  size_t bytes = 0;
  each_text([&](std::string_view part) { bytes += part.size(); });
  WF_CHECK(bytes <= std::numeric_limits<uint32_t>::max() && count < Rep::kWide);
  const bool is_wide = bytes > std::numeric_limits<uint16_t>::max();
  const size_t width = is_wide ? sizeof(uint32_t) : sizeof(uint16_t);
  const size_t texts = base.empty() ? 2 * count : count;
  void* memory = ::operator new(sizeof(Rep) + texts * width + bytes);
  const auto count_and_width = static_cast<uint32_t>(count) | (is_wide ? Rep::kWide : 0);
  rep_ = new (memory) Rep{1, count_and_width, 0, std::move(base)};
  char* ends = reinterpret_cast<char*>(rep_ + 1);
  char* const text = ends + texts * width;
  char* place = text;
  each_text([&](std::string_view part) {
    place = std::copy(part.begin(), part.end(), place);
    const auto end = static_cast<uint32_t>(place - text);
    const auto narrow = static_cast<uint16_t>(end);
    if (is_wide) {
      std::memcpy(ends, &end, sizeof(end));
    } else {
      std::memcpy(ends, &narrow, sizeof(narrow));
    }
    ends += width;
  });
}

void LabelSet::Release() {
  if (rep_ == nullptr || rep_->owners.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  rep_->~Rep();
  ::operator delete(rep_);
}

size_t LabelSet::bytes() const {
  if (rep_ == nullptr) return 0;
  if (rep_->base.empty()) return rep_->End(rep_->texts() - 1);
  size_t bytes = 0;
  for (const Label& label : *this) bytes += label.name.size() + label.value.size();
  return bytes;
}

LabelSet LabelSet::FromBase(const LabelSet& base, const std::vector<std::string_view>& own) {
  WF_CHECK(own.size() == base.size() && base.base().base().empty());
  LabelSet set;
  if (base.empty()) return set;
  set.Build(base.size(), base, [&](auto take) {
    for (const std::string_view value : own) take(value);
  });
  return set;
}

LabelSet LabelSet::Over(const LabelSet& base, const std::vector<std::string_view>& own) const {
  WF_CHECK(base.size() == size());
  LabelSet set = FromBase(base, own);
  if (empty()) return set;
  set.rep_->fingerprint.store(rep_->fingerprint.load(std::memory_order_relaxed),
                              std::memory_order_relaxed);
  return set;
}

size_t LabelSet::owners() const {
  return rep_ == nullptr ? 0 : rep_->owners.load(std::memory_order_relaxed);
}

template <typename Width>
size_t LabelSet::Rep::IndexOf(std::string_view name) const {
  const char* const texts = text();
  size_t begin = 0;
  for (size_t index = 0; index < count(); ++index) {
    std::array<Width, 2> pair{};  // Where the name ends, and the value.
    std::memcpy(pair.data(), ends() + index * sizeof(pair), sizeof(pair));
    const auto [name_end, value_end] = pair;
    const bool is_it = name_end - begin == name.size() &&
                       std::memcmp(texts + begin, name.data(), name.size()) == 0;
    if (is_it) return index;
    begin = value_end;
  }
  return count();
}

// Looks only at where the names stand, which many sets share: it is mostly in the cache.
size_t LabelSet::IndexOf(std::string_view name) const {
  if (rep_ == nullptr) return 0;
  const Rep* const names = this->names().rep_;
  return names->is_wide() ? names->IndexOf<uint32_t>(name) : names->IndexOf<uint16_t>(name);
}

std::string_view LabelSet::Get(std::string_view name) const {
  const size_t index = IndexOf(name);
  return index == size() ? std::string_view() : ValueAt(index);
}

bool LabelSet::Has(std::string_view name) const { return IndexOf(name) != size(); }

uint64_t LabelSet::WorkOutFingerprint() const {
  if (rep_ == nullptr) return kFnvOffset;
  // Whoever comes at the same time finds the same.
  uint64_t hash = kFnvOffset;
  for (const Label& label : *this) hash = Mix(Mix(hash, label.name), label.value);
  rep_->fingerprint.store(hash, std::memory_order_relaxed);
  return hash;
}

void LabelSet::WorkOutFingerprints(const std::vector<const LabelSet*>& sets) {
  for (size_t i = 0; i + 4 <= sets.size(); i += 4) {
    const LabelSet* const* four = sets.data() + i;
    const size_t size = four[0]->size();
    if (!std::all_of(four, four + 4, [size](const auto* set) { return set->size() == size; })) {
      continue;
    }
    Four hashes{kFnvOffset, kFnvOffset, kFnvOffset, kFnvOffset};
    // They mostly have one list of names.
    const auto name_of = [four](size_t lane, size_t index) {
      return four[lane]->names().rep_->Text(2 * index);
    };
    const bool one_list = std::all_of(four + 1, four + 4, [first = four[0]](const auto* set) {
      return set->names().IsThat(first->names());
    });
    for (size_t index = 0; index < size; ++index) {
      const std::string_view name = name_of(0, index);
      if (one_list) {
        MixFour({name, name, name, name}, &hashes);
      } else {
        MixFour({name, name_of(1, index), name_of(2, index), name_of(3, index)}, &hashes);
      }
      MixFour({four[0]->ValueAt(index), four[1]->ValueAt(index), four[2]->ValueAt(index),
               four[3]->ValueAt(index)},
              &hashes);
    }
    for (size_t lane = 0; size > 0 && lane < 4; ++lane) {
      four[lane]->rep_->fingerprint.store(hashes[lane], std::memory_order_relaxed);
    }
  }
  for (const LabelSet* set : sets) set->fingerprint();  // Of those that had no three like them.
}

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
  std::vector<Label> kept;
  for (const Label& label : *this) {
    if (std::ranges::find(names, label.name) != names.end()) kept.push_back(label);
  }
  return FromViews(std::move(kept));
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
  if (size() != other.size()) return false;
  if (rep_->base.rep_ != other.rep_->base.rep_) return std::equal(begin(), end(), other.begin());
  // What a base has as well is empty in all that stand over it: equal sets look equal.
  const size_t bytes = rep_->End(rep_->texts() - 1);
  return rep_->is_wide() == other.rep_->is_wide() && bytes == other.rep_->End(rep_->texts() - 1) &&
         std::memcmp(rep_->ends(), other.rep_->ends(), rep_->ends_bytes() + bytes) == 0;
}

bool LabelSet::Before(const LabelSet& other) const {
  if (size() != other.size()) return size() < other.size();
  for (size_t i = 0; i < size(); ++i) {
    const Label a = at(i);
    const Label b = other.at(i);
    // The first name that only one side has decides: the side lacking it is smaller.
    if (a.name != b.name) return a.name > b.name;
    if (a.value != b.value) return a.value < b.value;
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
