// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which integrations owe which groups a page: since when, why it has not arrived, and which of them
// have owed it for so long that their receiver's fallback is to be told as well.
//
//   Owe -----> owed ---(patience over, or Refused)---> overdue
//               |                                         |
//               +------------- Settled -------------------+--> (forgotten)
//
// What must outlive the process, since when, is in the notification log; this is what is waited for
// (MonoTime). A pure state machine, owned by the core thread.

#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/nflog/key_map.h"

namespace watchfire::dispatch {

class Undelivered {
 public:
  struct Debt {
    MonoTime since{};
    std::optional<MonoTime> due;  // When it is overdue; nullopt: never, for nobody stands in.
    std::string why;              // The last failure; empty: none yet.
    bool is_overdue = false;
  };

  // The integration is about to be told of something that fires and that it does not know. If it
  // owes that group nothing yet, it does `since` then, and is overdue when `patience` is over.
  void Owe(const nflog::Key& key, MonoTime since, std::optional<Duration> patience);
  // An attempt failed. Does nothing when nothing is owed, as below.
  void Failed(const nflog::Key& key, const std::string& why);
  // It will not take the page, however often it is asked: overdue at once, if it can be.
  void Refused(const nflog::Key& key, MonoTime now);
  // It took the page, or there is nothing to page any more. `key` is none that is kept here.
  void Settled(const nflog::Key& key);
  // A new configuration: `patience_of` says what holds for each from now on, as for Owe.
  void Rearm(const std::function<std::optional<Duration>(const nflog::Key&)>& patience_of);

  // Null when nothing is owed.
  const Debt* Find(const nflog::Key& key) const;
  bool IsOverdue(const nflog::Key& key) const;
  // Those whose patience is over by `now`, each once.
  std::vector<nflog::Key> TakeOverdue(MonoTime now);
  // When TakeOverdue() next has work.
  std::optional<MonoTime> next_due() const;
  // The keys of those debts that `wants` accepts.
  template <typename Wants>
  std::vector<nflog::Key> Keys(Wants wants) const {
    std::vector<nflog::Key> keys;
    debts_.ForEach([&](const nflog::Key& key, const Debt&) {
      if (wants(key)) keys.push_back(key);
    });
    return keys;
  }

 private:
  nflog::KeyMap<Debt> debts_;
  std::set<std::pair<MonoTime, nflog::Key>> timers_;
};

}  // namespace watchfire::dispatch
