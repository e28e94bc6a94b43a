// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/silence/regex_set.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <re2/re2.h>
#include <re2/set.h>

#include "pkg/base/regex.h"

namespace watchfire::silence {
namespace {

constexpr size_t kBatchMin = 32;    // Fewer are tried one by one.
constexpr size_t kBatchMax = 1024;  // Takes some 20 ms to build.
constexpr int kFirstBytes = 64;     // A match that may begin with more has no beginning of its own.
constexpr int64_t kBatchMemoryBytes = 16 << 20;

re2::RE2::Options BatchOptions() {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kBatchMemoryBytes);
  return options;
}

}  // namespace

struct RegexSet::Batch {
  struct Member {
    matcher::Matcher regex;
    const Silence* silence;  // Null: removed, and left out when the batch is built again.
  };
  std::vector<Member> members;
  size_t removed = 0;
  // Built when first needed: much is often added before anything is asked.
  mutable std::unique_ptr<re2::RE2::Set> automaton;
  mutable bool is_unbuildable = false;

  void Forget() {
    std::erase_if(members, [](const Member& member) { return member.silence == nullptr; });
    removed = 0;
    automaton.reset();
    is_unbuildable = false;
  }

  void Build() const {
    automaton = std::make_unique<re2::RE2::Set>(BatchOptions(), re2::RE2::ANCHOR_BOTH);
    const bool is_built = std::ranges::all_of(members, [this](const Member& member) {
      return automaton->Add(WithOldGroupNames(member.regex.value()), nullptr) >= 0;
    });
    is_unbuildable = !is_built || !automaton->Compile();
    if (is_unbuildable) automaton.reset();
  }

  void AppendMatching(std::string_view value, std::vector<const Silence*>* out) const {
    if (members.size() >= kBatchMin && automaton == nullptr && !is_unbuildable) Build();
    std::vector<int> matching;
    re2::RE2::Set::ErrorInfo error{re2::RE2::Set::kNoError};
    const re2::StringPiece text(value.data(), value.size());
    if (automaton != nullptr && !automaton->Match(text, &matching, &error) &&
        error.kind == re2::RE2::Set::kNoError) {
      return;
    }
    if (automaton == nullptr || error.kind != re2::RE2::Set::kNoError) {
      for (const Member& member : members) {
        if (member.silence != nullptr && member.regex.MatchesValue(value)) {
          out->push_back(member.silence);
        }
      }
      return;
    }
    for (const int i : matching) {
      const Silence* silence = members[static_cast<size_t>(i)].silence;
      if (silence != nullptr) out->push_back(silence);
    }
  }
};

RegexSet::RegexSet() = default;
RegexSet::~RegexSet() = default;
RegexSet::RegexSet(RegexSet&&) noexcept = default;

bool RegexSet::Suits(const matcher::Matcher& regex) {
  const re2::RE2 compiled(WithOldGroupNames(regex.value()), re2::RE2::Quiet);
  std::string least;
  std::string most;
  if (!compiled.ok() || !compiled.PossibleMatchRange(&least, &most, 1)) return false;
  if (least.empty() || most.empty()) return false;
  return static_cast<unsigned char>(most[0]) - static_cast<unsigned char>(least[0]) < kFirstBytes;
}

void RegexSet::Add(const matcher::Matcher& regex, const Silence& silence) {
  if (batches_.empty() || batches_.back().members.size() >= kBatchMin) batches_.emplace_back();
  batches_.back().members.push_back({regex, &silence});
  if (batches_.back().members.size() < kBatchMin) return;
  while (batches_.size() > 1) {
    Batch& last = batches_.back();
    Batch& before = batches_[batches_.size() - 2];
    const size_t total = before.members.size() + last.members.size();
    if (before.members.size() > last.members.size() || total > kBatchMax) break;
    std::ranges::move(last.members, std::back_inserter(before.members));
    before.Forget();
    batches_.pop_back();
  }
}

void RegexSet::Remove(const std::unordered_set<const Silence*>& gone) {
  for (Batch& batch : batches_) {
    for (Batch::Member& member : batch.members) {
      if (member.silence == nullptr || !gone.contains(member.silence)) continue;
      member.silence = nullptr;
      ++batch.removed;
    }
    // Building again for each that goes would cost more than passing over it.
    if (2 * batch.removed >= batch.members.size()) batch.Forget();
  }
  std::erase_if(batches_, [](const Batch& batch) { return batch.members.empty(); });
}

void RegexSet::AppendMatching(std::string_view value, std::vector<const Silence*>* out) const {
  for (const Batch& batch : batches_) batch.AppendMatching(value, out);
}

}  // namespace watchfire::silence
