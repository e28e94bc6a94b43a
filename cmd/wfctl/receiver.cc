// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl receiver test: a test message through the real thing.

#include <algorithm>
#include <map>
#include <utility>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/config_source.h"
#include "cmd/wfctl/groups.h"
#include "cmd/wfctl/outgoing.h"
#include "cmd/wfctl/table.h"
#include "cmd/wfctl/watched.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/builtin/builtin.h"

namespace watchfire::wfctl {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// One message to one integration, and what became of it.
struct Trial {
  const config::Integration* integration = nullptr;
  bool firing = true;
  bool is_sent = true;
  core::Attempted outcome = {};
  Answer answer = {};

  std::string verdict() const {
    if (!is_sent) return "not sent";
    if (is_taken()) return answer.flaw.empty() ? "accepted" : "incomplete";
    return outcome.kind == core::Attempted::Kind::kFail ? "refused" : "failed for now";
  }
  bool is_taken() const { return !is_sent || outcome.kind == core::Attempted::Kind::kDone; }
  bool is_good() const { return is_taken() && answer.flaw.empty(); }
};

// The same for every test of a receiver, so that the vendor folds them into one.
dispatch::Notification TestNotification(const config::Receiver& receiver, const Pairs& labels,
                                        const Pairs& annotations, const Invocation& invocation,
                                        const World& world) {
  std::map<std::string, std::string> all_labels = {
      {"alertname", "WatchfireTest"}, {"receiver", receiver.name}, {"severity", "info"}};
  for (const auto& [name, value] : labels) all_labels[name] = value;
  const std::string sender = world.user.empty() ? "somebody" : world.user;
  std::map<std::string, std::string> notes = {
      {"summary",
       "TEST of receiver " + receiver.name + ", sent by " + sender + ": nothing is wrong"},
      {"description", sender + " ran `wfctl receiver test` at " + FormatRfc3339(world.now, 0) +
                          " to see whether this receiver works. Nobody needs to do anything."}};
  for (const auto& [name, value] : annotations) notes[name] = value;

  alert::Alert alert;
  alert.labels = labels::LabelSet(labels::LabelSet::Pairs{all_labels.begin(), all_labels.end()});
  alert.annotations = labels::LabelSet(labels::LabelSet::Pairs{notes.begin(), notes.end()});
  alert.starts_at = world.now;
  dispatch::Notification notification;
  notification.receiver = receiver.name;
  notification.group_labels =
      labels::LabelSet{{"alertname", "WatchfireTest"}, {"receiver", receiver.name}};
  notification.group_key =
      "{}/test:{alertname=\"WatchfireTest\", receiver=" + GoQuote(receiver.name) + "}";
  notification.external_url = invocation.target.url;
  notification.at = world.now;
  notification.alerts = {std::move(alert)};
  return notification;
}

// The end of the same test, a second later.
dispatch::Notification Ended(dispatch::Notification notification) {
  notification.at += std::chrono::seconds(1);
  notification.reason = dispatch::Reason::kAllResolved;
  for (size_t i = 0; i < notification.alerts.size(); ++i) {
    notification.alerts.Own(i).ends_at = notification.at;
  }
  return notification;
}

class Tester {
 public:
  Tester(std::shared_ptr<const config::Config> config, const Invocation& invocation, World& world)
      : config_(std::move(config)),
        invocation_(invocation),
        world_(world),
        masking_(*config_),
        context_(MakeContext(config_, world, &masking_)) {}

  // Sends one message to all at once.
  void Send(const std::vector<const config::Integration*>& integrations,
            const dispatch::Notification& what) {
    std::vector<core::Attempt> attempts;
    std::vector<Trial> wave;
    std::vector<std::shared_ptr<Answer>> answers;
    for (const config::Integration* integration : integrations) {
      dispatch::Notification own = ForIntegration(what, *integration);
      own.receiver_data = data_[integration];
      core::Attempt attempt;
      attempt.id = DeliveryId{trials_.size() + wave.size() + 1};
      attempt.config = config_;
      attempt.integration = integration;
      attempt.notification = std::make_shared<const dispatch::Notification>(std::move(own));
      attempt.timeout = invocation_.target.timeout;
      attempts.push_back(std::move(attempt));
      answers.push_back(std::make_shared<Answer>());
      wave.push_back({integration, what.firing()});
    }
    const size_t first = trials_.size() + 1;
    const auto start = [&](const core::Attempt& attempt) {
      return Watch(notify::builtin::Start(*attempt.integration, context_),
                   answers[attempt.id.value - first]);
    };
    std::vector<core::Attempted> outcomes = world_.attempt(std::move(attempts), start);
    for (size_t i = 0; i < wave.size(); ++i) {
      wave[i].outcome = std::move(outcomes[i]);
      wave[i].answer = *answers[i];
      data_[wave[i].integration] = wave[i].outcome.data;
      trials_.push_back(std::move(wave[i]));
    }
  }

  // The same, but only to those that took the first message and tell of ends.
  void SendEnd(const dispatch::Notification& what) {
    std::vector<const config::Integration*> told;
    std::vector<Trial> untold;
    for (const Trial& trial : trials_) {
      if (trial.is_taken() && trial.integration->send_resolved) {
        told.push_back(trial.integration);
      } else if (trial.is_taken()) {
        untold.push_back({trial.integration, false, false});
      }
    }
    Send(told, what);
    std::move(untold.begin(), untold.end(), std::back_inserter(trials_));
  }

  int Report() {
    const bool is_good = std::ranges::all_of(trials_, &Trial::is_good);
    if (!PrintRaw(invocation_.output, world_, Json())) PrintTrials();
    return is_good ? kOk : kNo;
  }

 private:
  // What the vendor said, or why nothing came of it.
  std::string Said(const Trial& trial) const {
    if (!trial.is_sent) return "send_resolved is false";
    const std::vector<std::string>& secrets = masking_.secrets();
    if (!trial.is_taken()) return masking_.Mask(notify::Excerpt(trial.outcome.why, secrets));
    const std::string body = masking_.Mask(notify::Excerpt(trial.answer.body, secrets));
    const std::string flaw = masking_.Mask(trial.answer.flaw);
    return (flaw.empty() ? "" : flaw + "; the answer was ") + std::to_string(trial.answer.status) +
           (body.empty() ? "" : " " + body);
  }

  std::string Json() const {
    JsonWriter json;
    json.StartArray();
    for (const Trial& trial : trials_) {
      json.StartObject().Field("integration", IntegrationName(*trial.integration));
      json.Field("message", trial.firing ? "firing" : "resolved");
      json.Field("outcome", trial.verdict()).Field("accepted", trial.is_sent && trial.is_taken());
      json.Field("status", trial.answer.status).Field("answer", Said(trial));
      json.Field("failure", trial.outcome.failure);
      json.Field("incomplete", masking_.Mask(trial.answer.flaw));
      json.Field("requestId", masking_.Mask(trial.answer.request_id));
      json.Field("requests", trial.answer.requests);
      json.Field("tookSeconds", ToSeconds(trial.outcome.took)).EndObject();
    }
    return json.EndArray().Take();
  }

  void PrintTrials() const {
    std::vector<std::vector<std::string>> rows;
    size_t sent = 0;
    size_t accepted = 0;
    size_t incomplete = 0;
    for (const Trial& trial : trials_) {
      sent += trial.is_sent ? 1 : 0;
      accepted += trial.is_sent && trial.is_taken() ? 1 : 0;
      incomplete += trial.answer.flaw.empty() ? 0 : 1;
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(trial.outcome.took);
      rows.push_back(
          {IntegrationName(*trial.integration), trial.firing ? "firing" : "resolved",
           trial.verdict(), trial.is_sent ? FormatDuration(took) : "-",
           trial.answer.request_id.empty() ? "-" : masking_.Mask(trial.answer.request_id),
           Said(trial)});
    }
    PrintTable(world_.out, {"Integration", "Message", "Result", "Took", "Request id", "Answer"},
               rows, world_.color);
    world_.out << accepted << " of " << sent << (sent == 1 ? " message" : " messages")
               << " accepted";
    if (incomplete > 0) world_.out << ", " << incomplete << " incomplete";
    world_.out << "\n";
  }

  const std::shared_ptr<const config::Config> config_;
  const Invocation& invocation_;
  World& world_;
  Masking masking_;
  const notify::Context context_;
  std::vector<Trial> trials_;
  std::map<const config::Integration*, dispatch::ReceiverData> data_;
};

int DryRun(const std::shared_ptr<const config::Config>& config,
           const std::vector<const config::Integration*>& integrations,
           const std::vector<dispatch::Notification>& messages, const Invocation& invocation,
           World& world) {
  Masking masking(*config);
  const notify::Context context = MakeContext(config, world, &masking);
  std::vector<Outgoing> all;
  std::map<const config::Integration*, dispatch::ReceiverData> data;
  for (const dispatch::Notification& what : messages) {
    for (const config::Integration* integration : integrations) {
      dispatch::Notification own = what;
      own.receiver_data = data[integration];
      all.push_back(RehearseOne(own, *integration, context));
      const auto* done = std::get_if<notify::Done>(&all.back().rehearsal.end);
      if (done != nullptr) data[integration] = done->data;
    }
  }
  return ShowOutgoing(all, masking, invocation, world);
}

int Test(const Invocation& invocation, World& world) {
  if (invocation.operands.empty()) {
    return Misuse(world, "which receiver?", "as in wfctl receiver test on-call");
  }
  if (invocation.Get("config.file").empty()) {
    return Misuse(world, "receiver test needs --config.file",
                  "a server shows its configuration without the secrets");
  }
  const std::vector<std::string> words(invocation.operands.begin() + 1, invocation.operands.end());
  const auto labels = ReadPairs(words, invocation.matcher_mode, "labels");
  if (!labels) return Misuse(world, labels.error().message);
  const auto annotations =
      ReadPairs(invocation.All("annotation"), invocation.matcher_mode, "annotations");
  if (!annotations) return Misuse(world, annotations.error().message);

  const ConfigSource source = LoadConfig(invocation, world);
  if (source.config == nullptr) return source.code;
  const config::Receiver* receiver = FindReceiver(*source.config, invocation.operands[0]);
  if (receiver == nullptr) return NoReceiver(*source.config, invocation.operands[0], world);
  const auto chosen = Choose(*receiver, invocation.All("integration"));
  if (!chosen) return Misuse(world, chosen.error().message);
  if (chosen->empty()) {
    world.err << "wfctl: receiver " << receiver->name << " has no integrations: it tells nobody\n";
    return kNo;
  }

  const dispatch::Notification fire =
      TestNotification(*receiver, *labels, *annotations, invocation, world);
  const bool tells_end = invocation.On("send-resolved", true);
  if (invocation.On("dry-run")) {
    std::vector<dispatch::Notification> messages = {fire};
    if (tells_end) messages.push_back(Ended(fire));
    return DryRun(source.config, *chosen, messages, invocation, world);
  }
  Tester tester(source.config, invocation, world);
  tester.Send(*chosen, fire);
  if (tells_end) tester.SendEnd(Ended(fire));
  return tester.Report();
}

}  // namespace

std::vector<Command> ReceiverCommands() {
  return {
      {.path = "receiver test",
       .operands = "NAME [LABEL=VALUE …]",
       .summary = "send a test message through a receiver, and say what the vendor answered",
       .text = R"(
Sends the alert WatchfireTest to every integration of the receiver, through the code that sends the
real ones: same templates, credentials, proxies and TLS. Its summary says that it is a test and who
sent it. Then it sends the end of that alert to all that took it, unless they have send_resolved:
false; --no-send-resolved leaves that out, for who wants to acknowledge a page by hand.

A receiver that pages somebody does so now, too! --dry-run shows what would be sent.

Nothing is tried twice: "failed for now" is what a server would try again, "refused" what it would
not. "incomplete" is what was accepted without what a template with an error should have said. Exits
with 1 unless all messages were accepted, and whole. Labels change what templates and vendors make
of the test. All tests of a receiver have the same dedup key, so the vendor folds them into one.

examples:
  wfctl receiver test db-pager --config.file=alertmanager.yml --dry-run
  wfctl receiver test db-pager --config.file=alertmanager.yml
  wfctl receiver test db-pager severity=critical --integration=webhook[0] --config.file=alertmanager.yml
  wfctl receiver test db-pager --config.file=alertmanager.yml -o json --timeout=10s --no-send-resolved
)",
       .flags = {{"config.file", 0, "FILE", "", "the configuration, with its secrets; required"},
                 {"integration", 0, "NAME", "",
                  "only this one, as in slack[0], or slack for all of a kind; may be repeated"},
                 {"annotation", 0, "NAME=VALUE", "", "add or replace one; may be repeated"},
                 {"send-resolved", 0, "", "true", "send the end of the alert as well"},
                 {"dry-run", 0, "", "", "show what would be sent, and send nothing"}},
       .run = Test,
       .is_default = false}};
}

}  // namespace watchfire::wfctl
