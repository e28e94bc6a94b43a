// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /inbound/slack: the buttons in Slack messages about an incident. Who presses one is told when it
// did not do what he wanted, with 200 all the same: Slack shows any other answer as a failure of
// the app, and the reply in it for some kinds of messages only, so it goes to response_url as well.

#include <algorithm>
#include <optional>

#include "pkg/api/find_incident.h"
#include "pkg/api/handlers.h"
#include "pkg/api/inbound_changes.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/slack.h"
#include "pkg/oncall/model.h"

namespace watchfire::api {
namespace {

using Action = inbound::SlackPress::Action;
using inbound::SlackPress;
using incident::Incident;

constexpr const char* kSlack = "slack";
// Not that of the receiver: what is done by a button is told to the message's thread, too, as the
// others in the channel are to see it.
constexpr const char* kChannel = "slack_button";
constexpr std::chrono::minutes kAge{5};  // What is signed longer ago, or ahead, is a recording.
constexpr size_t kNameRunes = 80;        // Slack's own limit.

// A message to who pressed alone.
net::Response Told(Backend& backend, const SlackPress& press, const char* result,
                   const std::string& text) {
  backend.Count({kSlack, result});
  JsonWriter json;
  json.StartObject().Field("response_type", "ephemeral").Field("replace_original", false);
  std::string reply = json.Field("text", text).EndObject().Take();
  if (!press.response_url.empty()) backend.Deliver(press.response_url, reply);
  return Json(200, std::move(reply));
}

net::Response Done(Backend& backend, const char* result) {
  backend.Count({kSlack, result});
  return {200, {}, ""};
}

net::Response Refused(Backend& backend, const char* result, const Error& error) {
  backend.Count({kSlack, result});
  return Failure(error);
}

// The user that `oncall_files` call so; only exactly, as it is a matter of whose act it is.
std::string WhoPressed(const config::Config& config, const SlackPress& press) {
  const std::string known = "slack:" + press.user_id;
  if (config.oncall.roster == nullptr) return known;
  for (const oncall::User& user : config.oncall.roster->users) {
    for (const std::string& alias : user.aliases) {
      if (alias == known || alias == press.user_id) return user.name;
    }
  }
  return known;
}

// The same for each delivery of one press, another for every other; the end of what the timeline
// says of it.
std::string MarkOf(const SlackPress& press) {
  return "Slack press " + press.action_ts + " of " + press.user_id;
}

bool IsReplay(const Incident& incident, const SlackPress& press) {
  const std::string mark = MarkOf(press);
  return std::ranges::any_of(incident.timeline, [&](const incident::Event& event) {
    return event.channel == kChannel && event.text.ends_with(mark);
  });
}

core::IncidentCommand CommandFor(const SlackPress& press, const Incident& incident,
                                 const config::Config& config) {
  core::IncidentCommand command;
  command.incident = incident.id;
  command.ack.actor = WhoPressed(config, press);
  command.ack.channel = kChannel;
  if (!press.user_name.empty()) {
    command.ack.note = "@" + TruncateRunes(RepairUtf8(press.user_name), kNameRunes) + " · ";
  }
  command.ack.note += MarkOf(press);
  if (press.action == Action::kResolve) command.act = incident::Resolve{};
  if (press.action == Action::kEscalate) command.act = incident::Escalate{};
  if (press.action == Action::kSnooze) {
    command.act = incident::Snooze{incident::Until{kNoTime, config.incidents.ack_links.snooze_for}};
  }
  return command;
}

// Whether the button may do that: by its link, and still by the configuration.
bool May(const SlackPress& press, const incident::AckLink& link, const config::AckLinks& terms) {
  if (press.action == Action::kResolve) return link.may_resolve && terms.may_resolve;
  if (press.action == Action::kSnooze) return link.may_snooze && terms.may_snooze;
  if (press.action == Action::kEscalate) return link.may_escalate && terms.may_escalate;
  return true;
}

// What was done before; nullopt: nothing of it.
std::optional<net::Response> DoneBefore(Backend& backend, const Incident& incident,
                                        const SlackPress& press, const std::string& who) {
  if (IsReplay(incident, press)) return Done(backend, "duplicate");
  if (!IsOpen(incident.state)) {
    return Told(backend, press, "already_resolved", "This incident is over. Nothing was done.");
  }
  // Done to what broke before, or before it came back to those on call.
  if (press.at < incident.cycle_at - std::chrono::seconds(1)) {
    return Told(backend, press, "stale",
                "The incident came back since. Nothing was done: press again.");
  }
  const incident::Hold* ack = AckOfSomebody(incident);
  if (press.action == Action::kAcknowledge && ack != nullptr) {
    return ack->by == who
               ? Done(backend, "duplicate")
               : Told(backend, press, "duplicate", "Already acknowledged by " + ack->by + ".");
  }
  if (press.action == Action::kSnooze && incident.snooze) {
    return Told(backend, press, "duplicate", "Already snoozed by " + incident.snooze->by + ".");
  }
  return std::nullopt;
}

net::Response Apply(const Call& call, const SlackPress& press) {
  Backend& backend = call.backend;
  if (press.action == Action::kNone) return Done(backend, "ignored");
  const auto config = backend.config();
  const config::AckLinks& terms = config->incidents.ack_links;
  const auto link = incident::ReadAckLink(press.value, terms.secrets, backend.Now());
  if (!link) {
    const bool is_old = link.error().code == Code::kTimeout;
    return is_old ? Told(backend, press, "expired",
                         "This button has expired. Nothing was done: use the newest message.")
                  : Told(backend, press, "unknown_entity",
                         "This button is not of this Watchfire. Nothing was done.");
  }
  if (!May(press, *link, terms)) {
    return Told(backend, press, "not_allowed",
                "Nothing was done: incidents.ack_links.actions does not have this.");
  }
  const auto view = backend.Read(core::kViewIncidents);
  if (!view) {
    return Told(backend, press, "error", "Watchfire is busy. Nothing was done: press again.");
  }
  const auto incident = FindIncident(**view, *link);
  if (incident == nullptr) {
    return Told(backend, press, "unknown_entity",
                "This incident is gone: it ended long ago. Nothing was done.");
  }
  core::IncidentCommand command = CommandFor(press, *incident, *config);
  if (auto before = DoneBefore(backend, *incident, press, command.ack.actor)) {
    return *std::move(before);
  }
  const Result<core::Reply> reply = backend.Ask(std::move(command));
  if (reply && reply->status) return Done(backend, "ok");
  // No policy runs for it, somebody has it in hand, or another has just pressed.
  if (press.action == Action::kEscalate && reply && reply->status.error().code == Code::kConflict) {
    return Told(backend, press, "not_escalated",
                "Nothing was done: " + reply->status.error().message + ".");
  }
  const Code code = reply ? reply->status.error().code : reply.error().code;
  if (code == Code::kConflict || code == Code::kNotFound) {
    return Told(backend, press, "already_resolved", "This incident is over. Nothing was done.");
  }
  return Told(backend, press, "error", "This may not have been done. Press again in a moment.");
}

}  // namespace

net::Response PostSlack(const Call& call) {
  Backend& backend = call.backend;
  const auto config = backend.config();
  const config::InboundKey* key = FindKey(*config, kSlack, call.params[0]);
  if (key == nullptr) {
    return Refused(backend, "bad_key",
                   {Code::kPermission, "the key in the path is none of inbound.slack"});
  }
  if (const auto error = TooMany(backend, kSlack, *key)) {
    return Refused(backend, "rate_limited", *error);
  }
  const std::string& body = call.request.body;
  if (body.size() > limits::kInboundBytes) {
    backend.Count({kSlack, "bad_body"});
    return Failure(413, "exhausted", "the body is larger than 1 MiB");
  }
  const std::string_view timestamp = call.request.header("X-Slack-Request-Timestamp");
  if (!inbound::IsSignedBySlack(body, timestamp, key->signing_secret,
                                call.request.header("X-Slack-Signature"))) {
    return Refused(backend, "bad_signature",
                   {Code::kPermission,
                    "X-Slack-Signature does not fit: check signing_secret, which is that of the "
                    "app and not a token"});
  }
  const WallTime signed_at = inbound::SlackTime(timestamp);
  const WallTime now = backend.Now();
  if (signed_at < now - kAge || signed_at > now + kAge) {
    return Refused(backend, "stale",
                   {Code::kPermission,
                    "X-Slack-Request-Timestamp is more than 5 minutes from now: a recording, or "
                    "this host's clock is wrong"});
  }
  const Result<SlackPress> press = SlackPress::Read(body);
  if (!press) return Refused(backend, "bad_body", press.error());
  return Apply(call, *press);
}

}  // namespace watchfire::api
