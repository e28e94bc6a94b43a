// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/silence/set.h"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::silence {
namespace {

using matcher::Matcher;
using matcher::Op;

// 0 stands for the limit of the house, which holds in any case.
size_t Limit(size_t wanted, size_t house) { return wanted == 0 ? house : std::min(wanted, house); }

bool SameSecond(WallTime a, WallTime b) {
  return std::chrono::floor<std::chrono::seconds>(a) == std::chrono::floor<std::chrono::seconds>(b);
}

// Whether `old` may become `fresh` without rewriting the past.
bool CanBecome(const Silence& old, const Silence& fresh, WallTime now) {
  if (old.matcher_sets != fresh.matcher_sets) return false;
  switch (StateAt(old, now)) {
    case State::kActive:
      return SameSecond(old.starts_at, fresh.starts_at) && fresh.ends_at >= now;
    case State::kPending:
      return fresh.starts_at >= now;
    case State::kExpired:
      return false;
  }
  return false;
}

Silence Ended(Silence silence, WallTime now) {
  if (StateAt(silence, now) == State::kPending) silence.starts_at = now;
  silence.ends_at = now;
  silence.updated_at = now;
  return silence;
}

std::vector<std::vector<Condition>> SetsOf(const Draft& draft) {
  if (!draft.matcher_sets.empty()) return draft.matcher_sets;
  return {draft.matchers};
}

// Fewer than StoredBytes() of the silence that it would make.
size_t BytesAtLeast(const Draft& draft) {
  size_t bytes = draft.created_by.size() + draft.comment.size() + draft.annotations.bytes();
  for (const std::vector<Condition>& set : SetsOf(draft)) {
    bytes += 2;
    for (const Condition& matcher : set) bytes += 2 + matcher.name.size() + matcher.value.size();
  }
  return bytes;
}

tl::unexpected<Error> TooLarge(size_t bytes, size_t limit) {
  return Fail(Code::kExhausted, "silence exceeded maximum size: " + std::to_string(bytes) +
                                    " bytes (limit: " + std::to_string(limit) + " bytes)");
}

bool Holds(const Silence& silence, const matcher::Matchers& filters) {
  return std::ranges::any_of(silence.matcher_sets, [&](const matcher::Matchers& set) {
    return std::ranges::all_of(filters, [&](const Matcher& filter) {
      return std::ranges::find(set, filter) != set.end();
    });
  });
}

}  // namespace

Result<Set::Written> Set::Put(const Draft& draft, WallTime now, Rng* rng) {
  Result<Silence> fresh = Validate(draft, now);
  if (!fresh) return Fail(std::move(fresh.error()));
  const Silence* old = Find(draft.id);
  if (!draft.id.empty() && old == nullptr) return Fail(Code::kNotFound, "silence not found");

  if (old != nullptr && draft.matcher_sets.empty() &&
      old->matcher_sets.front() == fresh->matcher_sets.front()) {
    fresh->matcher_sets = old->matcher_sets;
  }
  if (old != nullptr && CanBecome(*old, *fresh, now)) {
    fresh->id = old->id;
    WF_RETURN_IF_ERROR(CheckBytes(*fresh));
    return Written{draft.id, {Keep(*std::move(fresh))}};
  }

  const size_t limit = Limit(options_.max_silences, limits::kSilences);
  if (size() >= limit) {
    return Fail(Code::kExhausted, "exceeded maximum number of silences: " + std::to_string(size()) +
                                      " (limit: " + std::to_string(limit) + ")");
  }
  // A generator that starts over after a restart must not meet its own ids.
  do {
    fresh->id = NewId(rng);
  } while (silences_.contains(fresh->id));
  fresh->starts_at = std::max(fresh->starts_at, now);
  WF_RETURN_IF_ERROR(CheckBytes(*fresh));

  Written written{fresh->id, {}};
  if (old != nullptr && StateAt(*old, now) != State::kExpired) {
    written.records.push_back(Keep(Ended(*old, now)));
  }
  written.records.push_back(Keep(*std::move(fresh)));
  return written;
}

Result<std::vector<Record>> Set::Adopt(const Draft& draft, WallTime now) {
  if (draft.id.empty()) return InvalidArgument("a silence to be followed needs an id");
  if (draft.ends_at < draft.starts_at) return InvalidArgument("its end is before its start");
  const size_t bytes = BytesAtLeast(draft);
  if (bytes > limits::kSilenceBytes) return TooLarge(bytes, limits::kSilenceBytes);
  Result<std::vector<matcher::Matchers>> sets = CompileSets(draft);
  if (!sets) return Fail(std::move(sets.error()));
  const Silence* old = Find(draft.id);
  // The index is by matchers, and no server changes those under the same id.
  if (old != nullptr && old->matcher_sets != *sets) {
    return Fail(Code::kConflict, "silence " + draft.id + " has other matchers");
  }
  Silence silence;
  silence.id = draft.id;
  silence.matcher_sets = *std::move(sets);
  silence.starts_at = draft.starts_at;
  silence.ends_at = draft.ends_at;
  silence.updated_at = old == nullptr ? now : old->updated_at;
  silence.created_by = draft.created_by;
  silence.comment = draft.comment;
  silence.annotations = draft.annotations;
  if (old != nullptr && *old == silence) return std::vector<Record>();
  silence.updated_at = now;
  const size_t limit = Limit(options_.max_silences, limits::kSilences);
  if (old == nullptr && size() >= limit) {
    return Fail(Code::kExhausted, "exceeded maximum number of silences: " + std::to_string(size()) +
                                      " (limit: " + std::to_string(limit) + ")");
  }
  WF_RETURN_IF_ERROR(CheckBytes(silence));
  std::vector<Record> records;
  records.push_back(Keep(std::move(silence)));
  return records;
}

// Alertmanager also refuses a missing end and an end before the start, in its next step; after the
// checks on times here neither can be.
Result<Silence> Set::Validate(const Draft& draft, WallTime now) const {
  if (draft.starts_at >= draft.ends_at) {
    return InvalidArgument("Failed to create silence: start time must be before end time");
  }
  if (draft.ends_at < now) {
    return InvalidArgument("Failed to create silence: end time can't be in the past");
  }
  // A body may hold a quarter of a million regexes, and compiling them would stop the world.
  const size_t bytes = BytesAtLeast(draft);
  if (bytes > limits::kSilenceBytes) return TooLarge(bytes, limits::kSilenceBytes);
  Result<std::vector<matcher::Matchers>> sets = CompileSets(draft);
  if (!sets) return Fail(std::move(sets.error()));
  Silence silence;
  silence.matcher_sets = *std::move(sets);
  silence.starts_at = draft.starts_at == kNoTime ? now : draft.starts_at;
  silence.ends_at = draft.ends_at;
  silence.updated_at = now;
  silence.created_by = draft.created_by;
  silence.comment = draft.comment;
  silence.annotations = draft.annotations;
  return silence;
}

Result<std::vector<matcher::Matchers>> Set::CompileSets(const Draft& draft) const {
  if (draft.matchers.empty() && draft.matcher_sets.empty()) {
    return InvalidArgument("invalid silence: at least one matcher set required");
  }
  std::vector<matcher::Matchers> sets;
  for (const std::vector<Condition>& set : SetsOf(draft)) {
    Result<matcher::Matchers> matchers = Compile(set, sets.size());
    if (!matchers) return InvalidArgument("invalid silence: " + matchers.error().message);
    sets.push_back(*std::move(matchers));
  }
  return sets;
}

Result<matcher::Matchers> Set::Compile(const std::vector<Condition>& conditions, size_t set) const {
  const std::string number = std::to_string(set);
  if (conditions.empty()) return InvalidArgument("matcher set " + number + " is empty");
  const auto is_name = [this](const std::string& name) {
    return options_.classic_names ? labels::IsClassicLabelName(name)
                                  : !name.empty() && IsValidUtf8(name);
  };
  matcher::Matchers matchers;
  for (const auto& [op, name, value] : conditions) {
    const auto invalid = [&](const std::string& what) {
      return InvalidArgument("invalid label matcher " + std::to_string(matchers.size()) +
                             " in set " + number + ": invalid " + what);
    };
    if (!is_name(name)) return invalid("label name " + GoQuote(name));
    const bool is_regex = op == Op::kRegex || op == Op::kNotRegex;
    if (!is_regex && !IsValidUtf8(value)) return invalid("label value " + GoQuote(value));
    const Status alone = is_regex ? matcher::CheckRegex(value) : Status();
    Result<Matcher> matcher = alone ? Matcher::Create(op, name, value) : Fail(alone.error());
    if (!matcher) {
      return invalid("regular expression " + GoQuote(value) + ": " + matcher.error().message);
    }
    matchers.push_back(*std::move(matcher));
  }
  // Negative ones count as not matching it, in Alertmanager's eyes.
  const auto takes_nothing = [](const Matcher& matcher) {
    const bool is_positive = matcher.op() == Op::kEqual || matcher.op() == Op::kRegex;
    return is_positive && matcher.MatchesValue("");
  };
  if (std::ranges::all_of(matchers, takes_nothing)) {
    return InvalidArgument("matcher set " + number +
                           ": at least one matcher must not match the empty string");
  }
  return matchers;
}

Status Set::CheckBytes(const Silence& silence) const {
  const size_t limit = Limit(options_.max_bytes, limits::kSilenceBytes);
  const size_t bytes = StoredBytes(silence, options_.retention);
  if (bytes <= limit) return {};
  return TooLarge(bytes, limit);
}

Record Set::Keep(Silence silence) {
  Record record = Encode(silence);
  const auto [place, is_new] = silences_.try_emplace(silence.id);
  Silence& kept = place->second;
  if (!is_new) RemoveEdges(kept);
  kept = std::move(silence);
  AddEdges(kept);
  if (is_new) index_.Add(kept);
  ++version_;
  snapshot_ = nullptr;
  return record;
}

Result<std::vector<Record>> Set::Expire(const std::string& id, WallTime now) {
  const Silence* silence = Find(id);
  if (silence == nullptr) return Fail(Code::kNotFound, "silence not found");
  std::vector<Record> records;
  if (StateAt(*silence, now) != State::kExpired) records.push_back(Keep(Ended(*silence, now)));
  return records;
}

std::vector<Record> Set::Collect(WallTime now) {
  const WallTime before = now - options_.retention;
  std::unordered_set<const Silence*> gone;
  std::vector<Record> deletions;
  for (const auto& [id, silence] : silences_) {
    if (silence.ends_at > before) continue;
    gone.insert(&silence);
    deletions.push_back({Table::kSilence, id, std::nullopt});
  }
  if (gone.empty()) return deletions;
  index_.Remove(gone);
  for (const Record& deletion : deletions) {
    const auto place = silences_.find(deletion.key);
    RemoveEdges(place->second);
    silences_.erase(place);
  }
  ++version_;
  snapshot_ = nullptr;
  return deletions;
}

Status Set::Restore(const Record& record) {
  Result<Silence> silence = Decode(record);
  if (!silence) return Fail(std::move(silence.error()));
  if (silences_.contains(silence->id)) {
    return Fail(Code::kCorrupt, "silence " + silence->id + ": stored twice");
  }
  Keep(*std::move(silence));
  return {};
}

const Silence* Set::Find(const std::string& id) const {
  const auto found = silences_.find(id);
  return found == silences_.end() ? nullptr : &found->second;
}

std::shared_ptr<const std::vector<Silence>> Set::Snapshot() const {
  ++query_stats_.queries;
  query_stats_.scanned += silences_.size();
  if (snapshot_ == nullptr) {
    auto all = std::make_shared<std::vector<Silence>>();
    all->reserve(silences_.size());
    for (const auto& [id, silence] : silences_) all->push_back(silence);
    snapshot_ = std::move(all);
  }
  return snapshot_;
}

std::vector<const Silence*> Select(const std::vector<Silence>& silences, const Query& query,
                                   WallTime now) {
  std::vector<const Silence*> out;
  for (const Silence& silence : silences) {
    const State state = StateAt(silence, now);
    const bool is_wanted = state == State::kActive    ? query.active
                           : state == State::kPending ? query.pending
                                                      : query.expired;
    if (is_wanted && Holds(silence, query.filters)) out.push_back(&silence);
  }
  const auto key = [now](const Silence* silence) {
    const State state = StateAt(*silence, now);
    const int64_t nanos = ToNanos(state == State::kPending ? silence->starts_at : silence->ends_at);
    return std::tuple(state, state == State::kExpired ? -nanos : nanos);
  };
  std::ranges::stable_sort(out, {}, key);  // They come by id.
  return out;
}

Counts Set::Count(WallTime now) const {
  Counts counts;
  for (const auto& [id, silence] : silences_) {
    const State state = StateAt(silence, now);
    ++(state == State::kActive    ? counts.active
       : state == State::kPending ? counts.pending
                                  : counts.expired);
  }
  return counts;
}

std::vector<std::string> Set::Silencing(const labels::LabelSet& labels, WallTime now) const {
  std::vector<std::string> ids;
  ++query_stats_.queries;
  if (silences_.empty()) return ids;
  const std::vector<const Silence*> candidates = index_.Candidates(labels);
  query_stats_.scanned += candidates.size();
  query_stats_.skipped += silences_.size() - candidates.size();
  for (const Silence* silence : candidates) {
    if (StateAt(*silence, now) != State::kActive) continue;
    if (Matches(*silence, labels)) ids.push_back(silence->id);
  }
  std::ranges::sort(ids);
  return ids;
}

std::vector<std::string> Set::Crossed(WallTime from, WallTime to) const {
  std::vector<std::string> ids;
  const auto end = After(to);
  for (auto edge = After(from); edge != end; ++edge) ids.emplace_back(edge->second);
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::multiset<Set::Edge>::const_iterator Set::After(WallTime time) const {
  return edges_.lower_bound({time + Duration(1), {}});
}

void Set::AddEdges(const Silence& silence) {
  edges_.emplace(silence.starts_at, silence.id);
  edges_.emplace(silence.ends_at, silence.id);
}

void Set::RemoveEdges(const Silence& silence) {
  edges_.erase(edges_.find({silence.starts_at, silence.id}));
  edges_.erase(edges_.find({silence.ends_at, silence.id}));
}

std::optional<WallTime> Set::NextChange(WallTime now) const {
  const auto next = After(now);
  return next == edges_.end() ? std::nullopt : std::optional(next->first);
}

}  // namespace watchfire::silence
