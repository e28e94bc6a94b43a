// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Compares what Watchfire would have sent with what the live Alertmanager sent. A pure state
// machine: time is an argument, and the same calls give the same report.
//
//   ours ─────────────┐ same receiver, group and alerts, not further apart than the tolerance
//   their webhooks ───┴─> pair, or after twice the tolerance a verdict
//   their groups ───────> the verdict for receivers that they do not mirror; every reason
//
// A receiver is mirrored once a webhook of theirs came for it: then what they sent is known
// exactly. Of the others only their groups are seen: an alert that is active there longer than the
// tolerance must have been told. Groups show neither repeats nor what was said of resolved alerts,
// so these get no verdict.
//
// The tolerance of a receiver is 2 × group_interval + group_wait of its slowest route. Both sides
// wait from the moment at which they first saw a group's first alert, so a group that is older than
// one of the processes ticks at different times in each: up to one group_interval apart, and one
// more when a tick failed. Twice that is waited, so that a late message is known as late.

#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/dispatch/notification.h"
#include "pkg/shadow/message.h"
#include "pkg/shadow/report.h"
#include "pkg/shadow/snapshot.h"

namespace watchfire::shadow {

struct Terms {
  std::map<std::string, Duration> tolerance;  // By receiver.
  Duration longest{};                         // Of receivers that are not among them.
  std::set<std::string> without_integrations;
};
// `tolerance`: --shadow.tolerance; zero: of each receiver as its routes ask for.
Terms MakeTerms(const config::Config& config, Duration tolerance);

class Comparison {
 public:
  explicit Comparison(Terms terms) : terms_(std::move(terms)) {}

  // After a reload.
  void Use(Terms terms) { terms_ = std::move(terms); }

  // Takes what one integration would have been sent. What several of one receiver are told by one
  // flush is one message.
  void OnOurs(const dispatch::Notification& notification, const Now& now);
  // It could not even be made: `why`. A difference of its own; the comparison goes on as if it had
  // been sent, so that one bad template does not hide the rest.
  void OnUnmade(const dispatch::Notification& notification, const std::string& why, const Now& now);
  // Takes what they sent.
  void OnTheirs(Message message, const Now& now);
  // Takes the groups of both sides. `shows_muting`: as in TheirGroups. `asked`: when they were
  // asked for, not when they came; what was sent meanwhile may be missing in them, so they say
  // nothing of it.
  void OnGroups(const std::vector<Group>& theirs, const std::vector<Group>& ours, bool shows_muting,
                const Now& asked);

  // Gives the verdicts that are due.
  void Advance(const Now& now);
  // When Advance() next has work.
  std::optional<MonoTime> next_deadline() const;

  // Differences since the last call, oldest first.
  std::vector<std::shared_ptr<const Difference>> TakeNew();
  // Fills in what the comparison knows.
  void Fill(Report* report) const;

 private:
  using Key = std::pair<std::string, std::string>;  // Receiver, group labels as text.

  struct Entry {
    Message message;
    Now at;
    std::string flush;   // Ours: which flush it is of.
    std::string why;     // The other side did not tell it, as it stood at the next poll.
    bool known = false;  // Its alerts fired there before we came; they may be told already.
    bool settled = false;
  };
  using Entries = std::deque<Entry>;
  // An alert in a group of theirs.
  struct Seen {
    labels::LabelSet labels;
    std::optional<MonoTime> active_since;  // In every poll from then on.
    MonoTime last_active = MonoTime::min();
    MonoTime last_seen{};
    bool known = false;     // Was there at the first poll, and ever since.
    bool reported = false;  // As missing, in this episode.
  };
  struct State {
    labels::LabelSet labels;
    Entries ours;
    Entries theirs;
    std::map<uint64_t, Seen> seen;
    std::set<uint64_t> told;  // By us, as firing.
    MonoTime touched{};
  };

  State& StateOf(const std::string& receiver, const labels::LabelSet& group, MonoTime now);
  Duration ToleranceOf(const std::string& receiver) const;
  // Returns null when there are too many already.
  Entry* Add(Side side, State& state, Message message, const Now& now);
  // Settles `entry` together with one of the other side that says the same, if there is one.
  void Pair(Side side, State& state, Entry& entry);

  // Verdicts (verdict.cc).
  void Judge(Side side, State& state, size_t index);
  bool IsRepeat(Side side, const State& state, size_t index) const;
  void JudgeAlone(Side side, State& state, Entry& entry);
  Entry* Nearest(Entries& entries, const Entry& entry) const;
  void JudgeByGroups(const State& state, Entry& entry);
  void FindMissing(const Key& key, State& state, const Now& now);
  void Remember(State& state, const Now& asked);
  std::string WhyUntold(Side untold, const std::string& receiver, const labels::LabelSet& group,
                        const std::vector<Item>& items) const;

  void Settle(Entry& entry);
  void Count(Verdict verdict) { ++counts_[static_cast<size_t>(verdict)]; }
  // Counts and lists a difference; of `ours` and `theirs` at most one is null.
  void Note(Verdict verdict, WallTime at, const Message* ours, const Message* theirs,
            std::string reason);
  bool IsForgotten(const Key& key, const Seen& seen, const Now& now) const;
  void Prune(const Now& now);

  Terms terms_;
  std::map<Key, State> states_;
  std::set<std::pair<MonoTime, Key>> due_;
  std::set<std::string> mirrored_;
  std::optional<MonoTime> pruned_;
  Snapshot ours_now_;
  Snapshot theirs_now_;
  std::optional<Now> polled_;  // When the last one was asked.
  bool shows_muting_ = false;
  size_t waiting_ = 0;
  uint64_t over_limit_ = 0;
  std::array<uint64_t, 5> counts_{};
  std::deque<std::shared_ptr<const Difference>> differences_;  // Newest first.
  std::vector<std::shared_ptr<const Difference>> new_;
};

}  // namespace watchfire::shadow
