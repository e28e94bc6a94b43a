// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/world.h"

#include <algorithm>
#include <cstdio>

#include "pkg/base/strings.h"
#include "pkg/notify/builtin/builtin.h"

namespace watchfire::sim {
namespace {

constexpr Duration kResend = std::chrono::seconds(60);
constexpr Duration kMuteLook = std::chrono::seconds(2);
constexpr size_t kQueriesAhead = 8;  // As pkg/app/server.cc has it.
const WallTime kEpoch = FromNanos(1'790'000'000'000'000'000);

// Of labels as they are logged.
std::string AlertNameIn(const std::string& labels) {
  const std::string start = "alertname=\"";
  const size_t from = labels.find(start) + start.size();
  return labels.substr(from, labels.find('"', from) - from);
}

}  // namespace

World::World(const WorldOptions& options)
    : rng_(options.seed),
      faults_(options.faults),
      config_(options.config),
      wall_base_(options.start == kNoTime ? kEpoch : options.start - (mono_ - MonoTime())) {
  for (const char* name : {"ApiDown", "ApiSlow", "DiskFull", "JobLate", "NodeGone"}) {
    const bool critical =
        std::string_view(name) == "ApiDown" || name == std::string_view("NodeGone");
    truths_[name] = {labels::LabelSet{{"alertname", name},
                                      {"service", name[0] == 'A' ? "api" : "batch"},
                                      {"severity", critical ? "critical" : "warning"},
                                      {"team", "core"}},
                     false, mono_, false};
  }
  truths_["RuleFires"] = {labels::LabelSet{{"alertname", "RuleFires"},
                                           {"service", "rules"},
                                           {"severity", "critical"},
                                           {"team", "core"}},
                          false, mono_, true};
  Boot();
  After(std::chrono::seconds(1), [this] { SendAlerts(); });
  After(std::chrono::seconds(5), [this] { MaybeChange(); });
  After(std::chrono::seconds(7), [this] { MaybeTrouble(); });
  After(std::chrono::seconds(11), [this] { MaybeAct(); });
  if (is_strict()) {
    After(std::chrono::seconds(13), [this] { MaybeSilence(); });
    After(kMuteLook, [this] { NoteMutes(); });
  }
}

void World::At(MonoTime when, Action action) {
  queue_.emplace(std::make_pair(std::max(when, mono_), ++sequence_), std::move(action));
}

World::Action World::InThisLife(Action action) {
  return [this, life = life_, action = std::move(action)] {
    if (life == life_) action();
  };
}

void World::Boot() {
  ++life_;
  if (disk_.lost_writes()) doubtful_lives_.insert(life_);
  core::Options options{"http://watchfire.example", std::chrono::hours(120),
                        std::chrono::minutes(30), rng_.Next()};
  options.queries_ahead = kQueriesAhead;
  if (options.seed % 2 == 0) options.messages_under_way = 1;  // Whatever happens is a storm.
  core_ = std::make_unique<core::Core>(options, config_);
  for (const std::string& problem : core_->Restore(disk_.Rows(), disk_.lost_writes(), now())) {
    Violation("a stored record cannot be read: " + problem);
  }
}

void World::Crash() {
  Trace("crash");
  last_fault_ = mono_;
  acts_asked_.clear();
  decisions_asked_.clear();
  asked_.clear();
  silence_requests_.clear();
  Boot();
  if (on_boot) on_boot();
  After(Duration::zero(), InThisLife([this] { Turn({}); }));
}

void World::Reload() {
  Turn({core::ConfigSwap{config_}});
  if (on_reload) on_reload();
}

void World::Reload(std::shared_ptr<const config::Config> config) {
  Trace("another configuration");
  config_ = std::move(config);
  Reload();
}

void World::Silence(const std::string& name, Duration lasts) {
  Trace(name + " is silenced for " + FormatDuration(lasts));
  silence::Draft draft;
  draft.matchers = {{matcher::Op::kEqual, "alertname", name}};
  draft.starts_at = now().wall;
  draft.ends_at = now().wall + lasts;
  draft.created_by = "ada";
  EndSilence(name);
  const RequestId request{++last_request_};
  silence_requests_[request] = name;
  Turn({core::SilenceCommand{request, std::move(draft)}});
}

void World::EndSilence(const std::string& name) {
  const auto found = silences_.find(name);
  if (found == silences_.end()) return;
  Turn({core::SilenceCommand{RequestId{++last_request_}, found->second}});
  silences_.erase(found);
}

// What core itself sees: a silence that a dead process never stored mutes nobody.
void World::NoteMutes() {
  const auto view = Read(core::kViewGroups);
  const auto is_muted = [](const core::GroupRow& row) { return !row.muted_by.empty(); };
  const bool is_calendar = std::ranges::any_of(
      view->groups, [&](const auto& shard) { return std::ranges::any_of(*shard, is_muted); });
  for (const auto& shard : view->alerts) {
    for (const core::AlertRow& row : *shard) {
      if (!is_calendar && row.silenced_by.empty()) continue;
      muted_[std::string(row.alert->name())].emplace_back(muted_until_, mono_);
    }
  }
  muted_until_ = mono_;
  After(kMuteLook, [this] { NoteMutes(); });
}

bool World::WasMuted(const std::string& name, MonoTime from, MonoTime to) const {
  const auto found = muted_.find(name);
  return found != muted_.end() && std::ranges::any_of(found->second, [&](const auto& span) {
           return span.first <= to + kMuteLook && span.second >= from - kMuteLook;
         });
}

void World::MaybeSilence() {
  if (faults_) {
    auto it = truths_.begin();
    std::advance(it, static_cast<long>(rng_.Below(truths_.size())));
    const bool is_end = rng_.Chance(0.4);
    if (is_end) {
      EndSilence(it->first);
    } else {
      Silence(it->first, std::chrono::seconds(5 + rng_.Below(600)));
    }
  }
  After(std::chrono::seconds(10 + rng_.Below(200)), [this] { MaybeSilence(); });
}

void World::Run(Duration span) {
  const MonoTime end = mono_ + span;
  while (true) {
    const std::optional<MonoTime> wake = core_->next_deadline(now());
    const bool queued = !queue_.empty() && queue_.begin()->first.first <= end;
    const MonoTime next_item = queued ? queue_.begin()->first.first : MonoTime::max();
    if (wake && *wake <= end && *wake < next_item) {
      mono_ = std::max(mono_, *wake);
      Turn({});
      continue;
    }
    if (!queued) break;
    auto item = queue_.extract(queue_.begin());
    mono_ = std::max(mono_, item.key().first);
    item.mapped()();
  }
  mono_ = end;
}

void World::Heal() {
  faults_ = false;
  vendor_.mood = fakes::Mood::kHealthy;
  disk_.set_full(false);
  prometheus_down_ = false;
  query_hangs_ = {};
  partitioned_ = false;
  last_fault_ = mono_;
  for (const auto& [name, truth] : truths_) EndSilence(name);
}

void World::SetAlert(const std::string& name, bool firing) {
  Truth& truth = truths_.at(name);
  if (truth.firing == firing) return;
  Trace(name + (firing ? " begins" : " ends"));
  truth.firing = firing;
  truth.since = mono_;
}

std::shared_ptr<const core::View> World::Read(unsigned parts) {
  reply_.reset();
  Turn({core::ViewRequest{RequestId{++last_request_}, parts}});
  return reply_->view;
}

void World::Violation(const std::string& what) {
  violations_.push_back(
      "at +" + std::to_string((mono_ - MonoTime(std::chrono::hours(1))) / std::chrono::seconds(1)) +
      "s: " + what);
}

void World::Turn(std::vector<core::Event> events) {
  for (core::Effect& effect : core_->Step(now(), std::move(events))) Carry(std::move(effect));
  if (on_step) on_step(*this);
}

// The hash covers what leaves core: same seed, same effects, or something read a clock or a hash
// order.
void World::Mix(const std::string& text) {
  for (const char c : text) {
    effect_hash_ = (effect_hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
}

void World::Trace(const std::string& text) const {
  if (!trace) return;
  std::printf("+%.3f life %d: %s\n", ToSeconds(mono_ - MonoTime(std::chrono::hours(1))), life_,
              text.c_str());
}

void World::Carry(core::Effect effect) {
  if (const auto* attempt = std::get_if<core::Attempt>(&effect)) {
    Mix("attempt " + std::to_string(attempt->id.value) + attempt->notification->group_key.str());
    CarryAttempt(*attempt);
  } else if (const auto* query = std::get_if<core::RunQuery>(&effect)) {
    Mix("query " + std::string(query->expr.view()) + std::to_string(ToNanos(query->at)));
    CarryQuery(*query);
  } else if (const auto* batch = std::get_if<core::Persist>(&effect)) {
    for (const Record& record : *batch->records) Mix(record.key + record.value.value_or("-"));
    CarryBatch(*batch);
  } else if (auto* reply = std::get_if<core::Reply>(&effect)) {
    const auto found = acts_asked_.find(reply->to);
    if (found != acts_asked_.end()) {
      if (reply->status) promises_.push_back(found->second);
      acts_asked_.erase(found);
    } else if (decisions_asked_.contains(reply->to)) {
      const auto decided = decisions_asked_.extract(reply->to).mapped();
      if (reply->status) decisions_.insert(decided);
    } else if (const auto asked = asked_.extract(reply->to); !asked.empty()) {
      // Nobody may ask core in the midst of a turn.
      At(mono_, InThisLife([then = asked.mapped(), status = reply->status] { then(status); }));
    } else if (silence_requests_.contains(reply->to)) {
      const std::string name = silence_requests_.extract(reply->to).mapped();
      if (!reply->silence_id.empty()) silences_[name] = reply->silence_id;
    } else {
      reply_ = std::move(*reply);
    }
  } else if (const auto* log = std::get_if<core::Log>(&effect)) {
    Mix(log->message);
    const bool is_end = log->message == "alert: resolved";
    if (is_end || log->message == "alert: firing") {
      // Not only those of truths: Watchfire has alerts of its own.
      (is_end ? ends_ : begins_)[AlertNameIn(log->fields[0].second)].push_back(mono_);
    }
    if (log->message.ends_with("→ triggered")) NoteReturn(std::stoull(log->fields[0].second));
    const bool is_join = log->message == "incident: a group more is part of it" ||
                         log->message == "incident: merged";
    if (is_join) joins_.push_back(mono_);
    const bool is_out =
        log->message == "escalation: nobody has acknowledged → sent to the fallback";
    if (is_out) unanswered_.push_back(mono_);
    std::string line = log->message;
    for (const auto& [key, value] : log->fields) line += " " + key + "=" + value;
    Trace(line);
  }
}

void World::CarryAttempt(const core::Attempt& attempt) {
  notify::Context context;
  context.user_agent = "sim";
  context.read_file = [](const std::string&) -> Result<std::string> { return std::string("key"); };
  context.templates = {attempt.config, &attempt.config->templates};
  context.now = [this] { return now().wall; };
  std::shared_ptr<notify::Exchange> exchange =
      notify::builtin::Start(*attempt.integration, context);
  Drive(exchange, exchange->Begin(*attempt.notification), attempt, mono_, false);
}

void World::Drive(const std::shared_ptr<notify::Exchange>& exchange, notify::Step step,
                  const core::Attempt& attempt, MonoTime started, bool unknown) {
  if (auto* send = std::get_if<notify::Send>(&step)) {
    const fakes::Vendor::Answer answer =
        vendor_.OnRequest(attempt.notification->receiver + "/" + attempt.notification->integration,
                          std::min<Duration>(send->request.timeout, attempt.timeout));
    std::string content;
    for (const alert::Alert& alert : attempt.notification->alerts) {
      content += (attempt.notification->Firing(alert) ? " +" : " -") + std::string(alert.name());
    }
    Trace("request to " + attempt.notification->receiver + "/" + attempt.notification->integration +
          " about " + attempt.notification->group_key.str() + content + " (" +
          dispatch::ReasonText(attempt.notification->reason) +
          "): " + (answer.accepted ? "taken" : "not taken"));
    const std::string deed = DeedOf(attempt);
    const bool is_page = !attempt.notification->update && deed.empty();
    if (is_page) NotePageRequest(attempt);
    // A page that the vendor took counts as arrived even if we die before its answer.
    if (is_page && answer.accepted) Remember(attempt, answer.answered);
    if (answer.accepted && on_taken) on_taken(attempt);
    if (is_page && !answer.response) {
      const dispatch::Notification& notification = *attempt.notification;
      doubts_[{notification.receiver + "/" + notification.integration, notification.group_key}]
          .push_back(mono_);
    }
    After(send->request.delay + answer.delay,
          InThisLife([this, exchange, attempt, started, answer] {
            Drive(exchange, exchange->OnResponse(answer.response), attempt, started,
                  !answer.response.has_value());
          }));
    return;
  }
  if (const std::string deed = DeedOf(attempt); !deed.empty()) {
    const bool is_done = std::holds_alternative<notify::Done>(step);
    deeds_.push_back({deed, life_, is_done, attempt.notification->group_key, started, mono_});
  }
  core::Attempted outcome;
  outcome.id = attempt.id;
  outcome.took = mono_ - started;
  outcome.unknown = unknown;
  if (const auto* retry = std::get_if<notify::Retry>(&step)) {
    outcome.kind = core::Attempted::Kind::kRetry;
    outcome.why = retry->why;
    outcome.retry_after = retry->after;
    outcome.failure = notify::FailureName(retry->failure);
  } else if (const auto* fail = std::get_if<notify::Fail>(&step)) {
    outcome.kind = core::Attempted::Kind::kFail;
    outcome.why = fail->why;
    outcome.failure = notify::FailureName(fail->failure);
  }
  Turn({std::move(outcome)});
}

std::string World::DeedOf(const core::Attempt& attempt) {
  const dispatch::Notification& notification = *attempt.notification;
  if (notification.receiver == "tickets" && notification.update) {
    return notification.group_key.str() + " end of " +
           std::to_string(notification.update->incident) + " at " +
           FormatRfc3339(notification.update->at);
  }
  return std::string(notification.route_labels.Get("automation_run"));
}

void World::Remember(const core::Attempt& attempt, bool answered) {
  vendor_.accepted.push_back(MessageOf(attempt, answered));
}

fakes::Accepted World::MessageOf(const core::Attempt& attempt, bool answered) const {
  const dispatch::Notification& notification = *attempt.notification;
  fakes::Accepted message{mono_,
                          notification.receiver + "/" + notification.integration,
                          notification.group_key,
                          {},
                          {},
                          answered,
                          life_,
                          now().wall};
  for (const alert::Alert& alert : notification.alerts) {
    (notification.Firing(alert) ? message.firing : message.resolved)
        .insert(std::string(alert.name()));
  }
  return message;
}

void World::CarryQuery(const core::RunQuery& query) {
  const Duration delay = std::chrono::milliseconds(5 + rng_.Below(200));
  const QueryId id = query.id;
  if (prometheus_down_) {
    After(delay, InThisLife([this, id, delay] {
            Turn({core::QueryDone{id, Fail(Code::kUnavailable, "connection refused"), delay}});
          }));
    return;
  }
  if (query_hangs_ > Duration::zero()) {
    After(query_hangs_, InThisLife([this, id, took = query_hangs_] {
            Turn({core::QueryDone{id, Fail(Code::kTimeout, "no answer"), took}});
          }));
    return;
  }
  promql::Vector vector;
  // What automation asks: whether that alert still fires.
  for (const auto& [name, truth] : truths_) {
    if (!truth.firing || query.expr != "firing{alertname=\"" + name + "\"}") continue;
    vector.push_back({truth.labels, query.at, 1.0});
  }
  if (query.expr == "rule_signal > 0" && truths_.at("RuleFires").firing) {
    vector.push_back({labels::LabelSet{{"service", "rules"}}, query.at, 1.0});
  }
  // Half of all requests fail while the budget burns.
  if (is_burning_ && query.expr.view().find("errors_total") != std::string::npos) {
    vector.push_back({{}, query.at, 0.5});
  }
  After(delay, InThisLife([this, id, delay, vector] {
          Turn({core::QueryDone{id, vector, delay}});
        }));
}

void World::CarryBatch(const core::Persist& batch) {
  // The batch reaches the platter at some instant before its answer; a crash in between leaves it
  // written and unanswered, a crash before leaves nothing of it.
  const Duration write = std::chrono::milliseconds(1 + rng_.Below(8));
  After(write, InThisLife([this, batch] {
          const Status status = disk_.Commit(*batch.records);
          After(std::chrono::milliseconds(rng_.Below(4)), InThisLife([this, id = batch.id, status] {
                  Turn({core::Committed{id, status, std::chrono::milliseconds(2)}});
                }));
        }));
}

void World::SendAlerts() {
  core::AlertsArrived arrived;
  for (const auto& [name, truth] : truths_) {
    if (truth.from_rule) continue;
    // A resolved alert is repeated for a while, then forgotten, as Prometheus does.
    const bool recent = mono_ - truth.since < std::chrono::minutes(15) &&
                        truth.since > MonoTime(std::chrono::hours(1));
    if (!truth.firing && !recent) continue;
    alert::Alert alert;
    alert.labels = truth.labels;
    const WallTime since = now().wall - (mono_ - truth.since);
    alert.starts_at = truth.firing ? since : since - std::chrono::seconds(1);
    alert.ends_at = truth.firing ? now().wall + 4 * kResend : since;
    alert.updated_at = now().wall;
    ++(truth.firing ? arrived.firing : arrived.resolved);
    arrived.alerts.push_back(std::move(alert));
  }
  if (!partitioned_ && !arrived.alerts.empty()) {
    if (faults_ && rng_.Chance(0.1)) {  // Delivered twice, the second time late.
      After(std::chrono::milliseconds(rng_.Below(3000)),
            InThisLife([this, copy = arrived] { Turn({copy}); }));
    }
    Turn({std::move(arrived)});
  }
  After(std::chrono::seconds(15), [this] { SendAlerts(); });
}

void World::MaybeChange() {
  auto it = truths_.begin();
  std::advance(it, static_cast<long>(rng_.Below(truths_.size())));
  if (faults_) SetAlert(it->first, !it->second.firing);
  After(std::chrono::seconds(20 + rng_.Below(400)), [this] { MaybeChange(); });
}

void World::MaybeTrouble() {
  if (!faults_) return;
  last_fault_ = mono_;
  switch (rng_.Below(9)) {
    case 0:
      Crash();
      break;
    case 1:
      disk_.set_full(!disk_.full());
      break;
    case 2:
      prometheus_down_ = !prometheus_down_;
      break;
    case 3:
      partitioned_ = !partitioned_;
      break;
    case 4:  // The wall clock steps: a second either way, sometimes minutes.
      wall_base_ += (rng_.Chance(0.2) ? std::chrono::seconds(90) : std::chrono::seconds(1)) *
                    (rng_.Chance(0.5) ? 1 : -1);
      break;
    case 5:
      Reload();
      break;
    default:
      vendor_.mood = static_cast<fakes::Mood>(rng_.Below(6));
      break;
  }
  After(std::chrono::seconds(5 + rng_.Below(240)), [this] { MaybeTrouble(); });
}

}  // namespace watchfire::sim
