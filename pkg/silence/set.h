// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// All silences: creating, updating and expiring them under Alertmanager's rules, and asking which
// of them mute an alert. Owned by the core thread. Every change returns the records that must be
// stored before anybody is told. Source: reference §2.9 and §5.8.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/rng.h"
#include "pkg/base/time.h"
#include "pkg/labels/labels.h"
#include "pkg/matcher/matcher.h"
#include "pkg/silence/index.h"
#include "pkg/silence/silence.h"

namespace watchfire::silence {

// A matcher as posted: whether it makes sense is for Put() to say.
struct Condition {
  matcher::Op op = matcher::Op::kEqual;
  std::string name;
  std::string value;
};

// The body of POST /api/v2/silences.
struct Draft {
  std::string id;                   // "": create. Else the silence to update.
  std::vector<Condition> matchers;  // The only set.
  // Several sets; empty: `matchers` alone. A client that knows of one set and updates a silence
  // that has several, with `matchers` as the first of them, keeps the others.
  std::vector<std::vector<Condition>> matcher_sets = {};
  WallTime starts_at = kNoTime;  // kNoTime: now.
  WallTime ends_at = kNoTime;
  std::string created_by;
  std::string comment;
  labels::LabelSet annotations;
};

struct Options {
  Duration retention = std::chrono::hours(120);  // How long an ended silence is kept.
  size_t max_silences = 0;                       // --silences.max-silences; 0: limits::kSilences.
  size_t max_bytes = 0;        // --silences.max-silence-size-bytes; 0: limits::kSilenceBytes.
  bool classic_names = false;  // Label names as [a-zA-Z_][a-zA-Z0-9_]*.
};

// What GET /api/v2/silences asks for.
struct Query {
  // One set of the silence must hold each of them: same name, operator and value.
  matcher::Matchers filters;
  bool active = true;
  bool pending = true;
  bool expired = true;
};

// Returns those that `query` asks for: active ones by end, then pending ones by start, then expired
// ones by end, latest first; equal times by id. `silences` is sorted by id and outlives the answer.
std::vector<const Silence*> Select(const std::vector<Silence>& silences, const Query& query,
                                   WallTime now);

struct Counts {
  size_t active = 0;
  size_t pending = 0;
  size_t expired = 0;
};

// What it cost to answer Silencing() and Snapshot().
struct QueryStats {
  uint64_t queries = 0;
  uint64_t scanned = 0;  // Silences looked at.
  uint64_t skipped = 0;  // Silences that the index left out.
};

class Set {
 public:
  explicit Set(const Options& options) : options_(options) {}

  struct Written {
    std::string id;
    std::vector<Record> records;  // Of `id`, and before it of the silence that it replaces, if any.
  };
  // Creates a silence, or updates one. An update that would change the past (other matchers,
  // another start) or bring an ended silence back expires the old one and creates a new one, whose
  // start is not before `now`. Errors change nothing and carry Alertmanager's texts:
  // kInvalidArgument; kNotFound when there is no silence `draft.id`; kExhausted at a limit.
  Result<Written> Put(const Draft& draft, WallTime now, Rng* rng);

  // Makes the silence `draft.id` what the draft says, whatever its times: how another server's
  // silences are followed. No record when it is so already. Errors change nothing:
  // kInvalidArgument; kConflict when it has other matchers here; kExhausted at a limit.
  Result<std::vector<Record>> Adopt(const Draft& draft, WallTime now);

  // Ends a silence now; a pending one will then never have been in force. Ended ones stay as they
  // are and give no record. Errors: kNotFound.
  Result<std::vector<Record>> Expire(const std::string& id, WallTime now);

  // Drops those that ended `retention` ago; returns the deletions to store.
  std::vector<Record> Collect(WallTime now);

  // Takes back one stored record. Errors: kCorrupt.
  Status Restore(const Record& record);

  // Returns null when there is none. Valid until the next change.
  const Silence* Find(const std::string& id) const;
  // All of them by id, for readers; the same object until the next change.
  std::shared_ptr<const std::vector<Silence>> Snapshot() const;
  Counts Count(WallTime now) const;
  size_t size() const { return silences_.size(); }
  const QueryStats& query_stats() const { return query_stats_; }

  // Returns the ids of the silences in force that match, sorted. A missing label is the empty text.
  std::vector<std::string> Silencing(const labels::LabelSet& labels, WallTime now) const;
  // Returns the first time after `now` at which one begins or ends: until then, and while version()
  // stays, Silencing() answers the same.
  std::optional<WallTime> NextChange(WallTime now) const;
  // Returns the ids of those that began or ended after `from` and not after `to`, sorted.
  std::vector<std::string> Crossed(WallTime from, WallTime to) const;
  // Grows with every change.
  uint64_t version() const { return version_; }

 private:
  // The silence that `draft` describes, without id.
  Result<Silence> Validate(const Draft& draft, WallTime now) const;
  // Set number `set` of the silence.
  Result<std::vector<matcher::Matchers>> CompileSets(const Draft& draft) const;
  Result<matcher::Matchers> Compile(const std::vector<Condition>& conditions, size_t set) const;
  Status CheckBytes(const Silence& silence) const;
  // Keeps `silence`, new or in the place of an older state of it.
  Record Keep(Silence silence);

  using Edge = std::pair<WallTime, std::string_view>;  // Where a silence begins or ends; its id.
  // The first edge later than `time`.
  std::multiset<Edge>::const_iterator After(WallTime time) const;
  void AddEdges(const Silence& silence);
  void RemoveEdges(const Silence& silence);

  const Options options_;
  std::map<std::string, Silence> silences_;  // By id; nodes stay where they are, for index_.
  std::multiset<Edge> edges_;
  Index index_;
  uint64_t version_ = 0;
  mutable std::shared_ptr<const std::vector<Silence>> snapshot_;  // Null: to be made anew.
  mutable QueryStats query_stats_;
};

}  // namespace watchfire::silence
