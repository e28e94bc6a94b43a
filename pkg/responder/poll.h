// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Poll asks one account of a vendor what people did there to what we paged, where no webhook tells
// us: one request in each interval, and none while no incident is open. A pure state machine: it is
// given the time and answers, and says what to ask next, and when.
//
//   due -> Ask() --request--> Take() -> what people did, the oldest first -> due again
//
// What changed is looked through page by page, the newest first; then the notes of one alert that
// changed take their turn, then the next look. A look begins a little before the last one began,
// so that what could not be done yet comes again: an ack of a page that we do not know to have
// left, an act that core had no time for. What is done with comes once. Nothing is stored: after a
// restart the first look goes back to when the oldest open incident broke, and what incidents' own
// timelines say was told before is no news (judge.h).

#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/responder/judge.h"
#include "pkg/responder/vendor_api.h"

namespace watchfire::responder {

// The accounts that the configuration polls, each once; of several intervals the shortest counts.
std::vector<std::shared_ptr<const config::AckPolling>> AccountsOf(const config::Config& config);

// A GET. The headers hold the account's secrets.
struct Question {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct Answer {
  int status = 0;
  std::string body;
  // Headers, "" where there is none: the first of kWaitHeaders, and Date.
  std::string wait;
  std::string date;
};
// In seconds: how long a vendor wants to be left alone.
inline constexpr const char* kWaitHeaders[] = {"Retry-After", "ratelimit-reset",
                                               "X-RateLimit-Period-In-Sec"};

class Poll {
 public:
  Poll(std::shared_ptr<const config::AckPolling> account, MonoTime first_due);
  ~Poll();
  Poll(Poll&&) noexcept;
  // One that is asked at once; or, after a reload, in the place of `before`, which may be null:
  // then it keeps to that one's interval, and to what is known of the vendor's clock.
  static Poll After(std::shared_ptr<const config::AckPolling> account, const Poll* before,
                    MonoTime now);

  const config::AckPolling& account() const { return *account_; }
  Vendor vendor() const;

  // When Ask() is to be called; nullopt while an answer is awaited.
  std::optional<MonoTime> due() const { return due_; }
  // What is to be asked now. Nullopt: nothing, for no incident is open; it is due an interval
  // later.
  std::optional<Question> Ask(const Incidents& incidents, const Now& now);

  // Core could not say what is open: it is due an interval later.
  void Wait(MonoTime now);

  struct Learnt {
    std::vector<inbound::ResponderAct> acts;  // Of incidents that are open, not done with.
    // "ok"; "throttled": less often, please; "refused": the credentials are not good; "failed".
    const char* outcome = "ok";
    std::string fault;  // Unless ok, or when something was left out. Without secrets.
    bool is_of_notes = false;
  };
  // What came of the question; an error is one of the network. Of a question that was asked.
  Learnt Take(const Result<Answer>& answer, const Now& now);

  // What came of an act (judge.h): but for an "error", which comes again, it is done with.
  void Settle(const inbound::ResponderAct& act, std::string_view word);
  // The act is done with, or never will be done: it does not come again.
  void Done(const inbound::ResponderAct& act);
  // Something of what the last answer said could not be done now: it comes again.
  void Postpone();

 private:
  void Begin(const Incidents& incidents, const Now& now);
  Result<std::vector<inbound::ResponderAct>> Read(const Answer& answer, const Now& now,
                                                  std::string* fault);
  void EndLook();
  void Follow(const std::vector<Subject>& subjects);
  Learnt NotesFault(const char* outcome, std::string why, const Now& now);
  Learnt Fault(const char* outcome, std::string why, Duration wait, const Now& now);
  std::string Masked(std::string text) const;

  std::shared_ptr<const config::AckPolling> account_;
  std::unique_ptr<VendorApi> api_;
  std::optional<MonoTime> due_;
  std::set<std::string, std::less<>> open_;     // Entity ids, as of the last question.
  std::optional<Look> look_;                    // Under way.
  size_t pages_ = 0;                            // Of it, so far.
  std::map<std::string, WallTime> given_back_;  // By it, so far: see Page. The newest come first.
  bool is_postponed_ = false;                   // Some of what it found.
  WallTime since_ = kNoTime;         // When the last whole look began; kNoTime: none did.
  WallTime since_before_ = kNoTime;  // The same of the one before.
  std::deque<Subject> follow_;       // Whose notes are wanted.
  std::map<std::string, std::string> versions_;  // By id: when its notes were read last.
  std::optional<Subject> asked_;  // Whose notes were asked for last; nullopt: a page.
  bool is_notes_turn_ = false;
  std::set<std::string> done_;         // Marks, of this look
  std::set<std::string> done_before_;  // and of the last one.
  Duration skew_{};                    // The vendor's clock is so far ahead of ours.
  bool is_clock_known_ = false;        // An answer that came soon has told.
  int slow_answers_ = 0;               // Before that.
  MonoTime asked_at_{};
  int failures_ = 0;  // One after the other.
};

}  // namespace watchfire::responder
