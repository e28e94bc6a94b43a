// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An immutable, sorted label set: the identity of an alert. Copying copies a pointer; one small
// allocation holds everything. Safe to share between threads.

#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace watchfire::labels {

struct Label {
  std::string_view name;
  std::string_view value;

  auto operator<=>(const Label&) const = default;
};

// Sorts by name bytewise; of equal names the last one stays.
void PutInOrder(std::vector<Label>* labels);

class LabelSet {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  // Gives labels by value: they are put together as they are read. Their texts live as long as any
  // copy of the set.
  class Iterator {
   public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = Label;
    using difference_type = std::ptrdiff_t;
    using pointer = const Label*;
    using reference = Label;

    Iterator() = default;
    Label operator*() const { return set_->at(index_); }
    Iterator& operator++() { return *this += 1; }
    Iterator operator++(int) { return Iterator(set_, index_++); }
    Iterator& operator--() { return *this += -1; }
    Iterator operator--(int) { return Iterator(set_, index_--); }
    Iterator& operator+=(difference_type by) {
      index_ += static_cast<size_t>(by);
      return *this;
    }
    Iterator operator+(difference_type by) const { return Iterator(*this) += by; }
    difference_type operator-(const Iterator& other) const {
      return static_cast<difference_type>(index_) - static_cast<difference_type>(other.index_);
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }
    auto operator<=>(const Iterator& other) const { return index_ <=> other.index_; }

   private:
    friend class LabelSet;
    Iterator(const LabelSet* set, size_t index) : set_(set), index_(index) {}

    const LabelSet* set_ = nullptr;
    size_t index_ = 0;
  };

  LabelSet() = default;
  LabelSet(const LabelSet& other) : rep_(other.rep_) { Share(); }
  LabelSet(LabelSet&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  LabelSet& operator=(LabelSet other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~LabelSet() { Release(); }

  // Sorts by name bytewise; of duplicate names the last wins; pairs with an empty value stay
  // (alerts drop them before they come here, annotations keep them).
  explicit LabelSet(Pairs pairs);
  LabelSet(std::initializer_list<std::pair<std::string, std::string>> pairs)
      : LabelSet(Pairs(pairs)) {}

  // The same from texts that need to live during this call only.
  static LabelSet FromViews(std::vector<Label> labels);

  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }
  // `index` is below size().
  Label at(size_t index) const;
  // at(index).value
  std::string_view ValueAt(size_t index) const;
  size_t size() const;
  bool empty() const { return rep_ == nullptr; }

  // Returns the value, "" when the name is absent (Prometheus: absent equals empty).
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;
  // The place of the label; size() when there is none.
  size_t IndexOf(std::string_view name) const;

  // FNV-1a 64 over name, 0xFF, value, 0xFF in name order: the fingerprint that Prometheus and
  // Alertmanager print. Source: prometheus/common model.LabelsToSignature.
  uint64_t fingerprint() const {
    const uint64_t known = KnownFingerprint();
    return known != 0 ? known : WorkOutFingerprint();
  }
  // Works out those of many sets, which then have them at hand: a processor takes little longer for
  // four of them at a time than for one.
  static void WorkOutFingerprints(const std::vector<const LabelSet*>& sets);

  // Returns this set with `pairs` laid over it; an empty value removes the name.
  LabelSet With(const Pairs& pairs) const;
  // Returns only the labels whose names are in `names` (and present).
  LabelSet Only(const std::vector<std::string>& names) const;

  Pairs pairs() const;
  // Bytes of all names and values.
  size_t bytes() const;

  // For many sets of the same names, which they can share, and values with them (set_pool.h).
  // A set of the names of `base`, over which it stands and which lives as long as the set then.
  // `own` are its values, empty where they are the base's; the base has none where its own is
  // empty. A base stands by itself, or over one that does.
  static LabelSet FromBase(const LabelSet& base, const std::vector<std::string_view>& own);
  // The same for a set that is there: it is equal to what comes of that.
  LabelSet Over(const LabelSet& base, const std::vector<std::string_view>& own) const;
  // What it stands over; empty when it stands by itself.
  const LabelSet& base() const;
  // What it has its names from, under all that it stands over; itself when it stands by itself.
  const LabelSet& names() const;
  // The two are one in memory, not only equal.
  bool IsThat(const LabelSet& other) const { return rep_ == other.rep_; }
  // Calls `visit(index, value)` for the labels that may have another value than in `other`, if the
  // two stand over one base, or one over the other. Else returns false, having called nothing.
  template <typename Visit>
  bool VisitUnlike(const LabelSet& other, Visit visit) const;
  // How many hold it or stand over it; 0 when it is empty. Others may change that at any time.
  size_t owners() const;
  // Has the processor fetch it, so many of its bytes: somebody is about to look at it.
  void Fetch(size_t bytes = 1) const {
    constexpr size_t kLine = 64;
    const auto* const begin = reinterpret_cast<const char*>(rep_);
    for (size_t at = 0; begin != nullptr && at < bytes; at += kLine) __builtin_prefetch(begin + at);
  }

  // {a="1", b="x"}: names bytewise, values quoted as Go does. The form of group keys and logs.
  std::string ToString() const;

  bool operator==(const LabelSet& other) const;
  // Alertmanager's order: fewer labels first; then, over the union of names bytewise, the set that
  // lacks a name is smaller, else values compare. Source: model.LabelSet.Before.
  bool Before(const LabelSet& other) const;

 private:
  struct Rep;

  void Share() const;
  void Release();
  uint64_t KnownFingerprint() const;  // 0: it is not at hand.
  uint64_t WorkOutFingerprint() const;
  // `each_text` gives all texts, in order, to what it is called with; it is called twice.
  template <typename EachText>
  void Build(size_t count, LabelSet base, EachText each_text);

  template <typename Width, typename Visit>
  void VisitOwn(const Rep* own, const Rep* others, Visit& visit) const;

  static const LabelSet kNone;

  Rep* rep_ = nullptr;  // Null when empty. Never changes once built, save what is atomic.
};

// Behind it in the same allocation stand where each text ends, in numbers of 16 bits if they
// suffice, and then the texts: of each label its name and its value; or over a base, which has the
// names, the values alone, those that are the base's as well being empty here.
struct LabelSet::Rep {
  std::atomic<uint32_t> owners;
  const uint32_t count_and_width;             // The highest bit: numbers of 32 bits.
  mutable std::atomic<uint64_t> fingerprint;  // 0: not worked out yet.
  const LabelSet base;                        // Empty: there is none.

  static constexpr uint32_t kWide = uint32_t{1} << 31;

  size_t count() const { return count_and_width & ~kWide; }
  bool is_wide() const { return (count_and_width & kWide) != 0; }
  size_t texts() const { return base.empty() ? 2 * count() : count(); }
  size_t ends_bytes() const { return texts() * (is_wide() ? sizeof(uint32_t) : sizeof(uint16_t)); }
  const char* ends() const { return reinterpret_cast<const char*>(this + 1); }
  const char* text() const { return ends() + ends_bytes(); }

  // Where the text number `index` ends, of those that stand one behind the other.
  size_t End(size_t index) const { return is_wide() ? End<uint32_t>(index) : End<uint16_t>(index); }
  template <typename Width>
  size_t End(size_t index) const {
    Width end = 0;
    std::memcpy(&end, ends() + index * sizeof(end), sizeof(end));
    return end;
  }
  std::string_view Text(size_t index) const;
  // Of one that stands by itself: the place of the label, or count().
  template <typename Width>
  size_t IndexOf(std::string_view name) const;
};

inline constinit const LabelSet LabelSet::kNone;

inline size_t LabelSet::size() const { return rep_ != nullptr ? rep_->count() : 0; }

inline const LabelSet& LabelSet::base() const { return rep_ == nullptr ? kNone : rep_->base; }

inline const LabelSet& LabelSet::names() const {
  const LabelSet* names = this;
  while (names->rep_ != nullptr && names->rep_->base.rep_ != nullptr) names = &names->rep_->base;
  return *names;
}

inline uint64_t LabelSet::KnownFingerprint() const {
  return rep_ == nullptr ? 0 : rep_->fingerprint.load(std::memory_order_relaxed);
}

inline void LabelSet::Share() const {
  if (rep_ != nullptr) rep_->owners.fetch_add(1, std::memory_order_relaxed);
}

inline std::string_view LabelSet::Rep::Text(size_t index) const {
  const size_t begin = index == 0 ? 0 : End(index - 1);
  return {text() + begin, End(index) - begin};
}

inline Label LabelSet::at(size_t index) const {
  return {names().rep_->Text(2 * index), ValueAt(index)};
}

inline std::string_view LabelSet::ValueAt(size_t index) const {
  const Rep* at = rep_;
  for (; at->base.rep_ != nullptr; at = at->base.rep_) {
    const std::string_view value = at->Text(index);
    if (!value.empty()) return value;
  }
  return at->Text(2 * index + 1);
}

// Of what stands over a base a text is empty where it is the base's. `own`, `others`: those of the
// two of which that holds, or null.
template <typename Width, typename Visit>
void LabelSet::VisitOwn(const Rep* own, const Rep* others, Visit& visit) const {
  size_t own_begin = 0;
  size_t other_begin = 0;
  const size_t count = rep_->count();
  for (size_t index = 0; index < count; ++index) {
    const size_t own_end = own == nullptr ? 0 : own->End<Width>(index);
    const size_t other_end = others == nullptr ? 0 : others->End<Width>(index);
    const bool is_alike = own_end == own_begin && other_end == other_begin;
    own_begin = own_end;
    other_begin = other_end;
    if (!is_alike) visit(index, ValueAt(index));
  }
}

template <typename Visit>
bool LabelSet::VisitUnlike(const LabelSet& other, Visit visit) const {
  if (rep_ == nullptr || other.rep_ == nullptr) return false;
  const Rep* own = rep_;
  const Rep* others = other.rep_;
  if (own->base.rep_ == others) {
    others = nullptr;
  } else if (others->base.rep_ == own) {
    own = nullptr;
  } else if (own->base.empty() || own->base.rep_ != others->base.rep_) {
    return false;
  }
  const bool is_wide = (own != nullptr ? own : others)->is_wide();
  if (others != nullptr && others->is_wide() != is_wide) return false;
  if (is_wide) {
    VisitOwn<uint32_t>(own, others, visit);
  } else {
    VisitOwn<uint16_t>(own, others, visit);
  }
  return true;
}

// [a-zA-Z_][a-zA-Z0-9_]*
bool IsClassicLabelName(std::string_view name);

}  // namespace watchfire::labels
