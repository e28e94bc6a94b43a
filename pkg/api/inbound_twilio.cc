// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /inbound/twilio: the digit that somebody presses in a call of ours. Who is called hears what
// became of it; what is not signed by Twilio, or was said before, changes nothing.

#include <algorithm>

#include "pkg/api/find_incident.h"
#include "pkg/api/handlers.h"
#include "pkg/api/inbound_changes.h"
#include "pkg/api/respond.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/twilio.h"

namespace watchfire::api {
namespace {

using inbound::TwilioCall;
using incident::Incident;

constexpr const char* kTwilio = "twilio";
constexpr const char* kAckDigit = "4";  // What the call asks for: notify/twilio.

net::Response Spoken(Backend& backend, const char* result, std::string twiml) {
  backend.Count({kTwilio, result});
  net::Response response;
  response.headers = {{"Content-Type", "text/xml; charset=utf-8"}, {"Cache-Control", "no-store"}};
  response.body = std::move(twiml);
  return response;
}

net::Response Said(Backend& backend, const char* result, const std::string& text) {
  return Spoken(backend, result, inbound::SayTwiml(text));
}

net::Response Refused(Backend& backend, const char* result, const Error& error) {
  backend.Count({kTwilio, result});
  return Failure(error);
}

// Whether the query of `url` has that parameter.
bool HasParameter(std::string_view url, std::string_view name) {
  const size_t query = std::min(url.find('?'), url.size() - 1) + 1;
  return std::ranges::any_of(Split(url.substr(query), '&'), [&](std::string_view pair) {
    return UrlDecode(pair.substr(0, pair.find('=')), /*plus_is_space=*/true) == name;
  });
}

// As Twilio asked for it: it signs what it was given in the call.
std::string AskedUrl(const Call& call, const config::InboundKey& key) {
  std::string url = key.url;
  if (url.empty()) {
    url = call.backend.info().external_url + "/inbound/twilio/" + UrlEncode(key.key.reveal());
  }
  const std::string known = url;
  char before = url.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : call.request.query) {
    if (HasParameter(known, name)) continue;  // It is in what Twilio asked for, and so came here.
    url += before + name + "=" + UrlEncode(value);
    before = '&';
  }
  return url;
}

std::string NoteOf(const TwilioCall& call) { return "pressed 4 in call " + call.call_sid; }

// What is known of the entity that the call was about.
struct Known {
  bool any = false;
  std::shared_ptr<const Incident> open;
  bool is_replay = false;  // That call has acknowledged before.
};

Known LookUp(const core::View& view, std::string_view entity_id, const TwilioCall& call) {
  Known known;
  const std::string note = NoteOf(call);
  const auto has_acked = [&](const Incident& incident) {
    return std::ranges::any_of(incident.timeline, [&](const incident::Event& event) {
      return event.channel == kTwilio && event.text == note;
    });
  };
  for (const auto& [id, incident] : view.incidents) {
    if (!IsAbout(*incident, entity_id)) continue;
    known.any = true;
    known.is_replay |= has_acked(*incident);
  }
  for (const Incident* open : responder::OpenOf(view.incidents, entity_id)) {
    known.open = view.incidents.at(open->id);
    known.is_replay |= has_acked(*open);
  }
  return known;
}

net::Response Acknowledge(const Call& call, const TwilioCall& said, const std::string& entity_id) {
  Backend& backend = call.backend;
  const auto view = backend.Read(core::kViewIncidents);
  if (!view) return Refused(backend, "error", view.error());
  const Known known = LookUp(**view, entity_id, said);
  if (!known.any) return Said(backend, "unknown_entity", "Nothing is known of this page any more.");
  if (known.open == nullptr) {
    return Said(backend, "already_resolved", "It is resolved already. Sleep well.");
  }
  const incident::Hold* ack = AckOfSomebody(*known.open);
  if (known.is_replay) {
    return Said(
        backend, "duplicate",
        ack != nullptr ? "It is acknowledged already." : "This call has acknowledged before.");
  }
  const std::string who = said.who();
  if (ack != nullptr && ack->by != who) {
    return Said(backend, "duplicate", "It is acknowledged already, by " + ack->by + ".");
  }
  core::IncidentCommand command;
  command.entity_id = entity_id;
  command.ack.actor = who;
  command.ack.channel = kTwilio;
  command.ack.note = NoteOf(said);
  const Result<core::Reply> reply = backend.Ask(std::move(command));
  if (!reply) return Refused(backend, "error", reply.error());
  if (reply->status) return Said(backend, "ok", "Acknowledged. It is yours.");
  const Code code = reply->status.error().code;
  if (code == Code::kNotFound || code == Code::kConflict) {
    return Said(backend, "already_resolved", "It is resolved already. Sleep well.");
  }
  return Refused(backend, "error", reply->status.error());
}

}  // namespace

net::Response PostTwilio(const Call& call) {
  Backend& backend = call.backend;
  const auto config = backend.config();
  const config::InboundKey* key = FindKey(*config, kTwilio, call.params[0]);
  if (key == nullptr) {
    return Refused(backend, "bad_key",
                   {Code::kPermission, "the key in the path is none of inbound.twilio"});
  }
  if (const auto error = TooMany(backend, kTwilio, *key)) {
    return Refused(backend, "rate_limited", *error);
  }
  const Result<TwilioCall> said = TwilioCall::Read(call.request.body);
  if (!said) return Refused(backend, "bad_body", said.error());
  const std::string url = AskedUrl(call, *key);
  const std::string_view signature = call.request.header("X-Twilio-Signature");
  if (!inbound::IsSignedByTwilio(url, *said, key->auth_token, signature)) {
    return Refused(backend, "bad_signature",
                   {Code::kPermission,
                    "X-Twilio-Signature does not fit: check auth_token, and that url (or "
                    "--web.external-url) is what Twilio asks for"});
  }
  const std::string* entity_id = call.request.param("entity_id");
  if (entity_id == nullptr || entity_id->empty()) {
    return Said(backend, "unknown_entity", "The page cannot be told from this call.");
  }
  if (said->digits != kAckDigit) {
    return Spoken(backend, "ignored", inbound::AskTwiml("Press 4 to acknowledge.", url));
  }
  return Acknowledge(call, *said, *entity_id);
}

}  // namespace watchfire::api
