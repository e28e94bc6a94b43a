// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/responder/poll.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/ack_polling.h"

namespace watchfire::responder {
namespace {

using config::AckPolling;
using inbound::ResponderAct;

// So far does a look reach back behind the beginning of the last one.
constexpr std::chrono::minutes kOverlap{2};
constexpr std::chrono::hours kLongAgo{48};  // What is older is no news to anybody (judge.cc).
constexpr std::chrono::minutes kBackoffMax{5};
constexpr std::chrono::hours kWaitMax{1};    // However long a vendor wants it.
constexpr std::chrono::seconds kSkewMin{3};  // Less is the resolution of the Date header.
constexpr std::chrono::hours kSkewMax{1};    // More is no clock.
constexpr int kSlowMax = 5;  // A vendor that is always so slow is heard all the same.
constexpr size_t kExcerptRunes = 200;

struct Known {
  Vendor vendor;
  std::unique_ptr<VendorApi> (*make)();
};
constexpr std::array kVendors = {Known{{"victorops", "VictorOps"}, VictorOpsApi},
                                 Known{{"opsgenie", "Opsgenie"}, OpsgenieApi},
                                 Known{{"pagerduty", "PagerDuty"}, PagerDutyApi}};

const Known& Find(const std::string& kind) {
  for (const Known& known : kVendors) {
    if (kind == known.vendor.kind) return known;
  }
  return kVendors.front();  // The loader takes no other.
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7); kNoTime for anything else.
WallTime ParseDate(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT")) return kNoTime;
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  if (month == kMonths.end()) return kNoTime;
  const std::string number = std::to_string(month - kMonths.begin() + 1);
  const std::string iso = std::string(text.substr(12, 4)) + "-" + (number.size() < 2 ? "0" : "") +
                          number + "-" + std::string(text.substr(5, 2)) + "T" +
                          std::string(text.substr(17, 8)) + "Z";
  return ParseTime(iso).value_or(kNoTime);
}

Duration WaitOf(std::string_view text) {
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return std::min<Duration>(std::chrono::seconds(seconds), kWaitMax);
}

// VictorOps answers what is too much with 403, too, and says so in words only.
bool IsThrottled(const Answer& answer) {
  if (answer.status == 429) return true;
  if (answer.status != 403) return false;
  const std::string body = ToLower(answer.body);
  return body.find("rate limit") != std::string::npos || body.find("throttl") != std::string::npos;
}

}  // namespace

std::vector<std::shared_ptr<const AckPolling>> AccountsOf(const config::Config& config) {
  std::vector<std::shared_ptr<const AckPolling>> accounts;
  for (const config::Receiver& receiver : config.receivers) {
    for (const config::Integration& integration : receiver.integrations) {
      if (integration.polling == nullptr) continue;
      const auto same = std::ranges::find_if(
          accounts, [&](const auto& known) { return known->IsSameAccount(*integration.polling); });
      if (same == accounts.end()) {
        accounts.push_back(integration.polling);
      } else if (integration.polling->interval < (*same)->interval) {
        *same = integration.polling;
      }
    }
  }
  return accounts;
}

Poll::Poll(std::shared_ptr<const AckPolling> account, MonoTime first_due)
    : account_(std::move(account)), api_(Find(account_->vendor).make()), due_(first_due) {}
Poll::~Poll() = default;
Poll::Poll(Poll&&) noexcept = default;

Poll Poll::After(std::shared_ptr<const AckPolling> account, const Poll* before, MonoTime now) {
  if (before == nullptr) return Poll(std::move(account), now);
  // An answer under way is of the poll that was, and dropped.
  const MonoTime due = before->due().value_or(now + account->interval);
  Poll poll(std::move(account), due);
  poll.skew_ = before->skew_;
  poll.is_clock_known_ = before->is_clock_known_;
  return poll;
}

Vendor Poll::vendor() const { return Find(account_->vendor).vendor; }

std::optional<Question> Poll::Ask(const Incidents& incidents, const Now& now) {
  open_.clear();
  for (const auto& [id, incident] : incidents) {
    // Where it was paged before it was merged it is still known by that name.
    if (GoesOnIn(incidents, *incident) == nullptr) continue;
    open_.insert(incident->entity_id);
    for (const incident::Group& group : incident->groups) open_.insert(group.entity_id);
  }
  if (open_.empty()) {
    // The next incident has nothing to do with what was there before.
    look_.reset();
    follow_.clear();
    since_ = since_before_ = kNoTime;
    due_ = now.mono + account_->interval;
    return std::nullopt;
  }
  asked_.reset();
  if (!look_ && is_notes_turn_ && !follow_.empty()) {
    asked_ = std::move(follow_.front());
    follow_.pop_front();
  } else if (!look_) {
    Begin(incidents, now);
  }
  due_.reset();
  asked_at_ = now.mono;
  return Question{account_->url + (asked_ ? api_->Notes(*asked_) : api_->List(*look_)),
                  api_->Headers(*account_)};
}

void Poll::Wait(MonoTime now) { due_ = now + account_->interval; }

void Poll::Begin(const Incidents& incidents, const Now& now) {
  WallTime since = since_;
  if (since == kNoTime) {
    since = now.wall;
    for (const auto& [id, incident] : incidents) {
      if (IsOpen(incident->state)) since = std::min(since, incident->cycle_at);
    }
  }
  // It is ahead of `now` when the clock was set back.
  since = std::clamp(since, now.wall - kLongAgo, now.wall) - kOverlap;
  look_ = Look{since + skew_, now.wall + skew_, 0};
  pages_ = 0;
  given_back_.clear();
  is_postponed_ = false;
}

Poll::Learnt Poll::Take(const Result<Answer>& answer, const Now& now) {
  if (!answer) return Fault("failed", answer.error().message, {}, now);
  const std::string status = "HTTP " + std::to_string(answer->status);
  if (answer->status != 200) {
    const std::string why =
        status + ": " + TruncateRunes(RepairUtf8(Trim(answer->body)), kExcerptRunes);
    if (IsThrottled(*answer)) return Fault("throttled", why, WaitOf(Trim(answer->wait)), now);
    const bool is_refused = answer->status == 401 || answer->status == 403;
    return Fault(is_refused ? "refused" : "failed", why, WaitOf(Trim(answer->wait)), now);
  }
  const WallTime date = ParseDate(answer->date);
  // When an answer is long on its way nobody knows when within that time it was dated.
  const bool is_slow = now.mono - asked_at_ > kSkewMin;
  // What ends an incident can wait until it is known that it was not done before that broke.
  const bool ends_wait =
      date != kNoTime && is_slow && !is_clock_known_ && ++slow_answers_ <= kSlowMax;
  if (date != kNoTime && !is_slow) {
    is_clock_known_ = true;
    const Duration skew = date - now.wall;
    const bool is_clock = std::chrono::abs(skew) > kSkewMin && std::chrono::abs(skew) < kSkewMax;
    skew_ = is_clock ? skew : Duration::zero();
  }
  Learnt learnt;
  learnt.is_of_notes = asked_.has_value();
  Result<std::vector<ResponderAct>> acts = Read(*answer, now, &learnt.fault);
  if (!acts) return Fault("failed", status + ": " + acts.error().message, {}, now);
  for (ResponderAct& act : *acts) {
    if (!act.entity_id.empty() && !open_.contains(act.entity_id)) continue;
    const bool is_known = done_.contains(act.mark) || done_before_.contains(act.mark);
    if (is_known) {
      done_.insert(act.mark);
      continue;
    }
    if (ends_wait && act.kind == ResponderAct::Kind::kResolve) {
      Postpone();
      continue;
    }
    act.at -= skew_;
    learnt.acts.push_back(std::move(act));
  }
  failures_ = 0;
  due_ = now.mono + account_->interval;
  return learnt;
}

Result<std::vector<ResponderAct>> Poll::Read(const Answer& answer, const Now& now,
                                             std::string* fault) {
  if (asked_) {
    is_notes_turn_ = false;
    return api_->ReadNotes(answer.body, *asked_, now.wall + skew_);
  }
  Result<Page> page = api_->ReadList(answer.body, *look_);
  if (!page) return Fail(page.error());
  Follow(page->subjects);
  for (const auto& [id, at] : page->given_back) {
    WallTime& last = given_back_.try_emplace(id, at).first->second;
    last = std::max(last, at);
  }
  // An ack that is over there is none here.
  std::erase_if(page->acts, [this](const ResponderAct& act) {
    const auto found = given_back_.find(act.page);
    return act.kind == ResponderAct::Kind::kAcknowledge && found != given_back_.end() &&
           act.at <= found->second;
  });
  look_->offset += page->size;
  if (!page->has_more || ++pages_ >= limits::kPollPages) {
    if (page->has_more) {
      *fault = "more changed than " + std::to_string(limits::kPollPages) +
               " pages hold: what came first is not read";
    }
    EndLook();
  }
  return std::move(page->acts);
}

void Poll::EndLook() {
  since_before_ = since_;
  if (!is_postponed_) since_ = look_->until - skew_;
  look_.reset();
  is_notes_turn_ = true;
  done_before_ = std::move(done_);
  done_.clear();
}

void Poll::Postpone() {
  if (asked_) {
    if (std::ranges::find(follow_, asked_->id, &Subject::id) == follow_.end()) {
      follow_.push_front(*asked_);
    }
  } else if (look_) {
    is_postponed_ = true;
  } else {
    since_ = since_before_;
  }
}

void Poll::Follow(const std::vector<Subject>& subjects) {
  const bool is_round = follow_.empty();
  for (const Subject& subject : subjects) {
    if (!open_.contains(subject.entity_id) || follow_.size() >= limits::kPollFollowed) continue;
    if (subject.version.empty()) {
      if (is_round) follow_.push_back(subject);
      continue;
    }
    std::string& version = versions_[subject.id];
    if (version == subject.version) continue;
    version = subject.version;
    const auto waits = std::ranges::find(follow_, subject.id, &Subject::id);
    if (waits == follow_.end()) follow_.push_back(subject);
  }
  if (versions_.size() > limits::kPollFollowed) versions_.clear();  // They are read once more.
}

void Poll::Settle(const ResponderAct& act, std::string_view word) {
  if (word == "error") return Postpone();
  Done(act);
}

void Poll::Done(const ResponderAct& act) { done_.insert(act.mark); }

// Acks are worth more than notes, which some accounts do not show at all: these wait for the next
// look, that they do not hold up.
Poll::Learnt Poll::NotesFault(const char* outcome, std::string why, const Now& now) {
  versions_.erase(asked_->id);
  is_notes_turn_ = false;
  due_ = now.mono + account_->interval;
  return {{}, outcome, "notes: " + Masked(std::move(why)), true};
}

Poll::Learnt Poll::Fault(const char* outcome, std::string why, Duration wait, const Now& now) {
  const bool is_throttled = std::string_view(outcome) == "throttled";
  if (asked_ && !is_throttled) return NotesFault(outcome, std::move(why), now);
  if (asked_) follow_.push_front(*asked_);
  constexpr int kDoublingsMax = 6;
  const Duration backoff = account_->interval * (1 << std::min(failures_, kDoublingsMax));
  ++failures_;
  due_ = now.mono + std::max({account_->interval, wait, std::min<Duration>(backoff, kBackoffMax)});
  return {{}, outcome, Masked(std::move(why)), asked_.has_value()};
}

std::string Poll::Masked(std::string text) const {
  for (const Secret* secret : {&account_->id, &account_->key}) {
    if (secret->empty()) continue;
    for (size_t at = 0; (at = text.find(secret->reveal(), at)) != std::string::npos;) {
      text.replace(at, secret->reveal().size(), Secret::masked());
      at += std::string_view(Secret::masked()).size();
    }
  }
  return text;
}

}  // namespace watchfire::responder
