// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /ack/{token}: the page behind a link in a message. To look at it changes nothing, because mail
// and chat servers follow every link that they see; only the form on it does. The token is all the
// proof that is asked for, so the front lets everybody come here (net::Front::Options::open_path).

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "pkg/api/find_incident.h"
#include "pkg/api/handlers.h"
#include "pkg/api/respond.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/incident/ack_link.h"
#include "pkg/web/ack_page.h"

namespace watchfire::api {
namespace {

using incident::Incident;

constexpr const char* kChannel = "link";

net::Response Html(int status, const web::AckPage& page) {
  net::Response response{status,
                         {{"Content-Type", "text/html; charset=utf-8"},
                          {"Cache-Control", "no-store"},
                          {"Content-Security-Policy", web::AckPagePolicy()},
                          {"Referrer-Policy", "no-referrer"},  // The address is a secret.
                          {"X-Content-Type-Options", "nosniff"},
                          {"X-Frame-Options", "DENY"},
                          {"X-Robots-Tag", "noindex, nofollow"}},
                         web::AckPageHtml(page)};
  if (status == 503) response.headers.push_back({"Retry-After", "1"});
  return response;
}

// A page that shows no incident.
net::Response Nowhere(int status, std::string title, std::string notice) {
  web::AckPage page;
  page.title = std::move(title);
  page.notice = std::move(notice);
  return Html(status, page);
}

// ---- Where a link leads ----

struct Followed {
  incident::AckLink link;
  std::shared_ptr<const Incident> incident;
};

struct Refusal {
  const char* result;
  net::Response response;
};

Refusal CannotSay() {
  return {"error", Nowhere(503, "Watchfire is busy", "Nothing was done. Try again in a moment.")};
}

// Follows the link of the path, or says why not.
std::optional<Refusal> Follow(const Call& call, Followed* out) {
  const auto config = call.backend.config();
  const config::AckLinks& terms = config->incidents.ack_links;
  const Result<incident::AckLink> link =
      incident::ReadAckLink(call.params[0], terms.secrets, call.backend.Now());
  if (!link && link.error().code == Code::kTimeout) {
    return Refusal{"expired", Nowhere(410, "This link has expired",
                                      "Nothing was done. Use the newest message, or Watchfire's "
                                      "own page.")};
  }
  if (!link) {
    return Refusal{"bad_token",
                   Nowhere(403, "This link is not good",
                           "Nothing was done. It may have been cut short: copy all of it, or use "
                           "the newest message.")};
  }
  const auto view = call.backend.Read(core::kViewIncidents);
  if (!view) return CannotSay();
  out->link = *link;
  // What has been taken out of `actions` since is good no more in the links that are out.
  out->link.may_resolve &= terms.may_resolve;
  out->link.may_snooze &= terms.may_snooze;
  out->link.may_escalate &= terms.may_escalate;
  out->incident = FindIncident(**view, *link);
  if (out->incident == nullptr) {
    return Refusal{"unknown_incident", Nowhere(410, "This incident is gone",
                                               "It ended long ago, or Watchfire's database is "
                                               "another one now. Nothing was done.")};
  }
  return std::nullopt;
}

// ---- The page ----

std::string TimeText(WallTime at) {
  const std::string text = FormatRfc3339(at, 0);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string AgoText(WallTime at, WallTime now) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(now - at);
  if (minutes < std::chrono::minutes(1)) return TimeText(at);
  return TimeText(at) + " (" + FormatDuration(minutes) + " ago)";
}

std::string HoldText(const incident::Hold& hold, const std::string& what, WallTime now) {
  std::string text = hold.by + ", " + what + AgoText(hold.since, now);
  if (hold.until != kNoTime) text += ", until " + TimeText(hold.until);
  return text;
}

web::AckPage::Pairs FactsOf(const Incident& incident, WallTime now) {
  web::AckPage::Pairs facts;
  if (incident.state == incident::State::kResolved) {
    facts.emplace_back("Resolved",
                       "by " + incident.resolved_by + ", " + AgoText(incident.resolved_at, now));
  } else if (incident.ack) {
    facts.emplace_back("Whose", HoldText(*incident.ack, "acknowledged ", now));
    // It may have been given to another since.
    if (incident.owner != incident.ack->by) facts.emplace_back("Owner", incident.owner);
  } else {
    facts.emplace_back("Whose", incident.owner.empty() ? "nobody's yet" : incident.owner);
  }
  if (incident.snooze) facts.emplace_back("Snoozed", HoldText(*incident.snooze, "", now));
  facts.emplace_back("Opened", AgoText(incident.opened_at, now));
  facts.emplace_back("Severity", incident.severity);
  facts.emplace_back("Team", incident.team);
  facts.emplace_back("Service", incident.service);
  facts.emplace_back("Incident", std::to_string(incident.id));
  return facts;
}

// A browser that repeats the form must not call the next one, and the next: the button says how
// often somebody asked for that before.
constexpr std::string_view kEscalate = "escalate-";

size_t AskedOf(const Incident& incident) {
  return static_cast<size_t>(
      std::ranges::count(incident.timeline, "hastened", &incident::Event::kind));
}

std::optional<web::AckPage::Form> FormOf(const Followed& followed, const config::AckLinks& terms) {
  const Incident& incident = *followed.incident;
  if (!IsOpen(incident.state)) return std::nullopt;
  const std::string& person = followed.link.person;
  web::AckPage::Form form;
  form.asks_name = person.empty();
  if (AckOfSomebody(incident) == nullptr) {
    form.buttons.push_back(
        {"acknowledge", person.empty() ? "Acknowledge" : "Acknowledge as " + person, true});
  }
  if (followed.link.may_escalate && AckOfSomebody(incident) == nullptr && !incident.snooze) {
    form.buttons.push_back(
        {std::string(kEscalate) + std::to_string(AskedOf(incident)), "Escalate: call the next"});
  }
  if (followed.link.may_snooze && !incident.snooze) {
    form.buttons.push_back({"snooze", "Snooze for " + FormatDuration(terms.snooze_for)});
  }
  if (followed.link.may_resolve) form.buttons.push_back({"resolve", "Resolve"});
  if (form.buttons.empty()) return std::nullopt;
  return form;
}

// What became of a form, if there was one.
struct Outcome {
  const char* result;
  int status = 200;
  std::string notice = {};
  bool is_good = false;
  std::string name = {};  // As typed.
};

net::Response Show(const Call& call, const Followed& followed, Outcome outcome) {
  const auto config = call.backend.config();
  const Incident& incident = *followed.incident;
  call.backend.Count(AckLinkSeen{outcome.result});
  web::AckPage page;
  page.title = incident.title;
  page.state = StateName(incident.state);
  page.level = incident.level;
  page.notice = std::move(outcome.notice);
  page.is_good = outcome.is_good;
  page.facts = FactsOf(incident, call.backend.Now());
  page.alerts = incident.alerts;
  page.links = {incident.links.begin(), incident.links.end()};
  page.form = FormOf(followed, config->incidents.ack_links);
  if (page.form) page.form->name = std::move(outcome.name);
  return Html(outcome.status, page);
}

// ---- The form ----

struct Filled {
  std::string action;
  std::string name;
  std::string asked = {};  // Of "escalate": how often that was asked for, when the page was shown.
};

// Errors: kInvalidArgument, for the visitor to read.
Result<Filled> ReadForm(const Call& call, const Followed& followed) {
  const Error unknown = {Code::kInvalidArgument, "Nothing was done: press one of the buttons."};
  const std::string_view type = call.request.header("Content-Type");
  const std::string& body = call.request.body;
  if (!ToLower(type).starts_with("application/x-www-form-urlencoded") ||
      body.size() > limits::kAckFormBytes) {
    return Fail(unknown);
  }
  Filled filled;
  for (const std::string_view pair : Split(body, '&')) {
    const size_t equals = std::min(pair.find('='), pair.size());
    const std::string value =
        UrlDecode(pair.substr(std::min(equals + 1, pair.size())), /*plus_is_space=*/true);
    if (pair.substr(0, equals) == "action") filled.action = value;
    if (pair.substr(0, equals) == "name") filled.name = Trim(value);
  }
  if (filled.action.starts_with(kEscalate)) {
    filled.asked = filled.action.substr(kEscalate.size());
    filled.action = "escalate";
  } else if (filled.action != "acknowledge" && filled.action != "snooze" &&
             filled.action != "resolve") {
    return Fail(unknown);
  }
  // Who was paged needs no name, and can give himself no other.
  if (!followed.link.person.empty()) filled.name = followed.link.person;
  return filled;
}

std::string NameFault(const std::string& name) {
  if (name.empty()) return "Nothing was done: say who you are.";
  const bool is_text =
      IsValidUtf8(name) && std::ranges::none_of(name, [](char c) { return (c & 0xe0) == 0; });
  if (!is_text || RuneCount(name) > limits::kAckNameRunes) {
    return "Nothing was done: a name has up to " + std::to_string(limits::kAckNameRunes) +
           " characters on one line.";
  }
  return "";
}

// What has been done already is not done again, however often a browser repeats the form.
std::optional<Outcome> DoneBefore(const Incident& incident, const Filled& filled) {
  const std::string& action = filled.action;
  if (!IsOpen(incident.state)) {
    return Outcome{"already_resolved", 200, "This incident is over. Nothing was done."};
  }
  const incident::Hold* ack = AckOfSomebody(incident);
  const bool calls = action == "acknowledge" || action == "escalate";
  if (calls && ack != nullptr && ack->by != filled.name) {
    return Outcome{"already_acked", 200, "Already acknowledged by " + ack->by + "."};
  }
  if (action == "snooze" && incident.snooze) {
    return Outcome{"already_snoozed", 200, "Already snoozed by " + incident.snooze->by + "."};
  }
  if (action == "escalate" && filled.asked != std::to_string(AskedOf(incident))) {
    return Outcome{"already_escalated", 200,
                   "Escalated already, since you saw this page. Press again to call one more."};
  }
  return std::nullopt;
}

Outcome Do(Backend& backend, const Incident& incident, const Filled& filled) {
  if (auto before = DoneBefore(incident, filled)) return *std::move(before);
  core::IncidentCommand command;
  command.incident = incident.id;
  command.ack = {filled.name, incident::ActorType::kHuman, kChannel, ""};
  Outcome good{"acked", 200, "Acknowledged. It is yours, " + filled.name + ".", true};
  if (filled.action == "resolve") {
    command.act = incident::Resolve{};
    good = {"resolved", 200, "Resolved.", true};
  } else if (filled.action == "escalate") {
    command.act = incident::Escalate{};
    good = {"escalated", 200, "Escalated: the next on call is being paged.", true};
  } else if (filled.action == "snooze") {
    const Duration span = backend.config()->incidents.ack_links.snooze_for;
    command.act = incident::Snooze{incident::Until{kNoTime, span}};
    good = {"snoozed", 200, "Snoozed for " + FormatDuration(span) + ".", true};
  } else if (AckOfSomebody(incident) != nullptr) {
    // By the same: said again all the same, as the answer is a promise that it is stored.
    good = {"already_acked", 200, "Already acknowledged by " + filled.name + ".", true};
  }
  const Result<core::Reply> reply = backend.Ask(std::move(command));
  if (reply && reply->status) return good;
  const Code code = reply ? reply->status.error().code : reply.error().code;
  // No policy runs for it, it has nobody left to call, or somebody has it in hand.
  if (filled.action == "escalate" && code == Code::kConflict) {
    const std::string why = reply ? reply->status.error().message : reply.error().message;
    return {"not_escalated", 200, "Nothing was done: " + why + "."};
  }
  if (code == Code::kConflict || code == Code::kNotFound) {
    return {"already_resolved", 200, "This incident is over. Nothing was done."};
  }
  return {"error", 503, "This may not have been done. Try again in a moment."};
}

Outcome Act(const Call& call, const Followed& followed) {
  const Result<Filled> filled = ReadForm(call, followed);
  if (!filled) return {"bad_form", 400, filled.error().message};
  const bool may = filled->action == "acknowledge" ||
                   (filled->action == "resolve" && followed.link.may_resolve) ||
                   (filled->action == "snooze" && followed.link.may_snooze) ||
                   (filled->action == "escalate" && followed.link.may_escalate);
  if (!may) return {"not_allowed", 403, "Nothing was done: this link does not allow it."};
  if (std::string fault = NameFault(filled->name); !fault.empty()) {
    return {"bad_form", 400, std::move(fault), false, RepairUtf8(filled->name)};
  }
  Outcome outcome = Do(call.backend, *followed.incident, *filled);
  outcome.name = filled->name;  // For the other buttons.
  return outcome;
}

// Follows the link; without links there is no such page.
std::optional<net::Response> Refuse(const Call& call, Followed* followed) {
  if (call.backend.config()->incidents.ack_links.secrets.empty()) {
    return Nowhere(404, "There is no such page", "Links to acknowledge are switched off here.");
  }
  std::optional<Refusal> refusal = Follow(call, followed);
  if (!refusal) return std::nullopt;
  call.backend.Count(AckLinkSeen{refusal->result});
  return std::move(refusal->response);
}

}  // namespace

net::Response GetAckLink(const Call& call) {
  Followed followed;
  if (auto refusal = Refuse(call, &followed)) return *std::move(refusal);
  return Show(call, followed, {"shown"});
}

net::Response PostAckLink(const Call& call) {
  Followed followed;
  if (auto refusal = Refuse(call, &followed)) return *std::move(refusal);
  Outcome outcome = Act(call, followed);
  // The page shows how it is now.
  if (const auto view = call.backend.Read(core::kViewIncidents)) {
    if (auto now = FindIncident(**view, followed.link)) followed.incident = std::move(now);
  }
  return Show(call, followed, std::move(outcome));
}

}  // namespace watchfire::api
