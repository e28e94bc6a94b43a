// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The notification log: who was told what, when. One entry per group, receiver and integration. It
// decides whether a flush has anything new to say, so it is what keeps a restart from paging twice.
// Owned by the core thread.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/fetch.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/nflog/key.h"
#include "pkg/nflog/key_map.h"

namespace watchfire::nflog {

// What Alertmanager told before us. It names alerts by labels::NotificationHash, and which alert
// that is shows only when the alert arrives.
struct Foreign {
  std::vector<uint64_t> firing;  // Hashes not met yet; sorted.
  std::vector<uint64_t> resolved;
  WallTime at = kNoTime;     // When it told.
  WallTime until = kNoTime;  // An alert that began later is another episode: news.

  bool operator==(const Foreign&) const = default;
};

struct Entry {
  std::vector<uint64_t> firing;  // Fingerprints told as firing; sorted.
  std::vector<uint64_t> resolved;
  WallTime at = kNoTime;  // When the outcome was recorded; kNoTime: nothing was accepted yet.
  // Fingerprints in messages whose outcome is unknown: under way, cut off, or about to be sent when
  // the process died. What the receiver believes of them is unknown, so their state is told again
  // (with the same dedup key) and their end must be told. Sorted.
  std::vector<uint64_t> attempted;
  WallTime expires_at = kNoTime;
  // Those of `attempted` whose end such a message told: the receiver may have them for over,
  // whatever it took before. Sorted.
  std::vector<uint64_t> ending = {};
  // What the receiver noted with the last accepted message, to go on with it (Slack's ts). No
  // secrets.
  std::map<std::string, std::string> data = {};
  std::optional<Foreign> foreign = {};  // Engaged iff it holds a hash.
  // Since when it has owed the group a page: alerts fire that it was to be told of and has not
  // taken. kNoTime: it owes none.
  WallTime owed_since = kNoTime;

  bool operator==(const Entry&) const = default;
};

class Log {
 public:
  // Returns nullptr when nothing is known. An expired entry counts until it is collected.
  const Entry* Find(const Key& key) const;
  // Has the processor fetch what is known.
  void Fetch(const Key& key) const {
    if (const Entry* entry = entries_.Find(key)) FetchWhole(*entry);
  }

  // Writes down that a message about what fires and what is `resolved` is about to be sent; the
  // record must be stored before the send. `owed_since`: as in Entry, from now on.
  Record Attempt(const Key& key, const std::vector<uint64_t>& firing,
                 const std::vector<uint64_t>& resolved, WallTime expires_at,
                 WallTime owed_since = kNoTime);
  // Writes down that more is owed than is being sent: `since` then, unless it is known to owe
  // something already. Returns what changed, if anything.
  std::optional<Record> Owe(const Key& key, WallTime since);
  // Writes down that nothing is owed any more, though nothing was accepted. Returns what changed,
  // if anything.
  std::optional<Record> Settle(const Key& key);
  // Writes down that the receiver has certainly not taken that message (it answered with a
  // refusal): neither `alerts` nor the ends of `ends` are in doubt any more because of it.
  Record Withdraw(const Key& key, const std::vector<uint64_t>& alerts,
                  const std::vector<uint64_t>& ends);
  // Writes down that the message was accepted (or that there was nothing to transmit).
  Record Accept(const Key& key, Entry entry);

  // Puts those of `alerts` in doubt that the receiver believes to fire: they ended while muted, so
  // their end was not told and their next beginning is news. Returns what changed, if anything.
  std::optional<Record> Doubt(const Key& key, const std::vector<uint64_t>& alerts);

  // Forgets that the receiver believes these alerts to fire: they ended, and it does not want to
  // hear of ends, so their next beginning is news. `alerts` is sorted. Returns what changed, if
  // anything.
  std::optional<Record> Forget(const Key& key, const std::vector<uint64_t>& alerts);

  // Alertmanager's hashes become fingerprints: those of `alerts` that it told count from now on as
  // told by us. Call it before anything is decided about them. Returns what changed, if anything.
  std::optional<Record> Adopt(const Key& key,
                              const std::vector<std::shared_ptr<const alert::Alert>>& alerts);
  // True while Alertmanager told of alerts that have not arrived yet: when one arrives resolved,
  // somebody waits for its end.
  bool has_foreign() const { return foreign_ > 0; }

  // Puts every entry in doubt: the last life could not store what it sent, so what receivers
  // believe is unknown. Everything that fires is told once more.
  void DoubtAll();

  // Drops expired entries, save those whose group lives: what a receiver was told of it must not be
  // forgotten, or its end would go untold. Returns the deletions to store.
  std::vector<Record> Collect(WallTime now, const std::function<bool(const Key&)>& lives);

  // Takes back one stored record. Errors: kCorrupt.
  Status Restore(const Record& record);

  // The keys of all that were told, or may have been, of that group.
  std::vector<Key> OfGroup(const SharedText& group_key) const {
    return entries_.OfGroup(group_key);
  }

  size_t size() const { return entries_.size(); }
  // Calls of Find() so far.
  uint64_t queries() const { return queries_; }

  // Calls `visit(key, entry)` for every entry, in the order of keys. Nothing may change meanwhile.
  template <typename Visit>
  void ForEach(Visit visit) const {
    entries_.ForEach(visit);
  }

 private:
  const Entry& Put(const Key& key, Entry entry);
  const Entry& Put(Entry entry, Entry* kept);  // Of entries_.

  KeyMap<Entry> entries_;
  size_t foreign_ = 0;  // Entries with hashes not met.
  mutable uint64_t queries_ = 0;
};

// Reads the key and the entry of a record. Errors: kCorrupt.
Result<std::pair<Key, Entry>> Decode(const Record& record);

// Table::kNflog: key as "integration\nindex\nbytes\n<group key><receiver>", value as JSON. With
// `via`: "integration\nindex\nbytes bytes\n<group key><via><receiver>", and with `person`:
// "integration\nindex\nbytes bytes bytes\n<group key><via><person><receiver>".
Record Encode(const Key& key, const Entry& entry);

}  // namespace watchfire::nflog
