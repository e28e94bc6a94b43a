// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/poller.h"

#include <algorithm>

namespace watchfire::sim {
namespace {

using inbound::ResponderAct;

constexpr Duration kTimeout = std::chrono::seconds(20);      // Of a question.
constexpr Duration kCorePatience = std::chrono::seconds(5);  // With core.
constexpr int kLeaveAloneSeconds = 60;
constexpr Duration kRounding = std::chrono::seconds(5);  // Of clocks: whole seconds, and skew.

const char* NameOf(ResponderAct::Kind kind) {
  if (kind == ResponderAct::Kind::kAcknowledge) return "acknowledge ";
  return kind == ResponderAct::Kind::kResolve ? "resolve " : "note ";
}

}  // namespace

Poller::Poller(World& world, Desk& desk, uint64_t seed)
    : world_(world), desk_(desk), rng_(seed ^ 0x9011ULL) {
  world_.on_boot = [this] { OnBoot(); };
  world_.on_reload = [this] { Use(); };
  OnBoot();
  world_.Later(std::chrono::seconds(1), [this] { Tick(); });
}

// Nothing of it is stored.
void Poller::OnBoot() {
  line_.reset();
  acts_.clear();
  ++turn_;
  not_before_.reset();
  is_reloaded_ = false;
  Use();
}

void Poller::Use() {
  if (!acts_.empty()) {
    is_reloaded_ = true;
    return;
  }
  const auto accounts = responder::AccountsOf(world_.config());
  if (accounts.empty()) {
    line_.reset();
    not_before_.reset();
    return;
  }
  const bool is_same = line_ && line_->poll.account().IsSameAccount(*accounts[0]);
  responder::Poll poll =
      responder::Poll::After(accounts[0], is_same ? &line_->poll : nullptr, world_.mono());
  line_.emplace(Line{std::move(poll), ++last_line_});
}

void Poller::Tick() {
  const bool is_due = line_ && line_->poll.due() && *line_->poll.due() <= world_.mono();
  if (is_due && acts_.empty()) Ask();
  world_.Later(std::chrono::milliseconds(500), [this] { Tick(); });
}

void Poller::NoteQuestion(bool is_open) {
  ++questions_;
  if (!is_open) world_.Violation("the vendor was polled while nothing is open");
  if (not_before_ && world_.mono() < *not_before_) {
    world_.Violation("the vendor was polled too often");
  }
  not_before_ = world_.mono() + std::chrono::seconds(20);
}

void Poller::Ask() {
  const auto view = world_.Read(core::kViewIncidents);
  const bool is_open = std::ranges::any_of(
      view->incidents, [](const auto& entry) { return IsOpen(entry.second->state); });
  const auto question = line_->poll.Ask(view->incidents, world_.now());
  if (!question) return;
  NoteQuestion(is_open);
  responder::Answer answer{200, "", "", desk_.Date()};
  const bool is_notes = question->url.ends_with("/notes");
  answer.body = is_notes ? desk_.NotesOf(question->url) : desk_.Incidents();
  Result<responder::Answer> heard = answer;
  Duration delay = std::chrono::milliseconds(20 + rng_.Below(500));
  switch (world_.has_faults() ? rng_.Below(16) : 15) {
    case 0:
      heard = Result<responder::Answer>(Fail(Code::kTimeout, "no answer"));
      delay = kTimeout;
      break;
    case 1:
      heard = responder::Answer{429, "slow down", std::to_string(kLeaveAloneSeconds), ""};
      break;
    case 2:
      heard = responder::Answer{503, "down", "", desk_.Date()};
      break;
    case 3:
      heard = responder::Answer{401, "who is there?", "", desk_.Date()};
      break;
    case 4:  // Cut off in the midst.
      heard->body.resize(heard->body.size() * 2 / 3);
      break;
    case 5:
      heard->body = "<html>maintenance</html>";
      break;
    case 6:  // As it was then; it may be that we died meanwhile, or are asked no more.
      delay = kTimeout - std::chrono::seconds(1);
      break;
    default:
      break;
  }
  world_.LaterInThisLife(delay, [this, heard, id = line_->id] { Take(id, heard); });
}

void Poller::Take(uint64_t line, const Result<responder::Answer>& answer) {
  if (!line_ || line_->id != line) return;
  const responder::Poll::Learnt learnt = line_->poll.Take(answer, world_.now());
  ++counts_[std::string("polls ") + learnt.outcome];
  world_.Trace(std::string("the vendor was polled: ") + learnt.outcome + " " + learnt.fault);
  if (std::string_view(learnt.outcome) == "throttled") {
    not_before_ = world_.mono() + std::chrono::seconds(kLeaveAloneSeconds);
  }
  acts_.assign(learnt.acts.begin(), learnt.acts.end());
  if (!acts_.empty()) TellNext();
}

void Poller::TellNext() {
  while (!acts_.empty()) {
    const ResponderAct act = acts_.front();
    const auto view = world_.Read(core::kViewIncidents);
    const responder::Index index(view->incidents);
    const responder::Verdict verdict = responder::Judge(line_->poll.vendor(), act, index,
                                                        responder::Heard::kPolled, world_.wall());
    if (verdict.is_to_do) return Tell(act, verdict);
    Told(verdict.word);
  }
  if (std::exchange(is_reloaded_, false)) Use();
}

void Poller::Tell(const ResponderAct& act, const responder::Verdict& verdict) {
  CheckIsOfThisCycle(act, verdict.entity_id);
  core::IncidentCommand command;
  command.entity_id = verdict.entity_id;
  command.ack = verdict.ack;
  command.act = verdict.act;
  command.done_at = verdict.at;
  const uint64_t turn = ++turn_;
  world_.LaterInThisLife(kCorePatience, [this, turn] {
    if (turn != turn_) return;
    Told("error");
    TellNext();
  });
  world_.Ask(std::move(command), [this, turn, act, verdict](const Status& status) {
    if (status) stored_.push_back(act.mark);
    if (turn != turn_) return;
    Told(responder::WordAfter(verdict, act, status));
    TellNext();
  });
}

void Poller::Told(const char* word) {
  ++turn_;
  const ResponderAct& act = acts_.front();
  world_.Trace("polled: " + act.mark + ": " + word);
  ++counts_[NameOf(act.kind) + std::string(word)];
  line_->poll.Settle(act, word);
  acts_.pop_front();
}

// What was done to what broke before is not done to what broke since.
void Poller::CheckIsOfThisCycle(const ResponderAct& act, const std::string& entity_id) {
  const auto view = world_.Read(core::kViewIncidents);
  const Desk::Deed* deed = desk_.Find(act.mark);
  for (const auto& [id, incident] : view->incidents) {
    if (!IsOpen(incident->state) || !responder::IsAbout(*incident, entity_id)) continue;
    if (act.kind == ResponderAct::Kind::kResolve) world_.NoteHandEnds(id, entity_id);
    if (act.kind == ResponderAct::Kind::kNote) continue;
    // Only people resolve; and of acks a machine's is our own word coming back. What a full disk
    // lost of it is rightly learnt there.
    if (deed == nullptr && !world_.doubtful_lives().empty()) continue;
    if (deed == nullptr) {
      world_.Violation("incident " + std::to_string(id) + ": our own word came back as " +
                       act.mark + " by " + act.actor);
      continue;
    }
    const bool is_merged = !incident->merged.empty();
    if ((deed->incident == id && deed->cycle == incident->cycle) || is_merged) continue;
    // Nobody knows to the second which was first.
    const MonoTime began = world_.mono() - (world_.wall() - incident->cycle_at);
    if (deed->at >= began - kRounding) continue;
    world_.Violation("incident " + std::to_string(id) + ": " + act.mark +
                     " was done before it broke");
  }
}

}  // namespace watchfire::sim
