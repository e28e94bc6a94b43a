// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /v2/alerts: as Opsgenie's Alert API. A change is done before the 202, so that the request id can
// say what became of it. A key sees and changes what came with its kind and labels. Source:
// reference paging-backends §2.1.

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "pkg/api/alert_incidents.h"
#include "pkg/api/opsgenie_page.h"
#include "pkg/api/opsgenie_roster.h"
#include "pkg/api/opsgenie_visit.h"
#include "pkg/inbound/opsgenie_query.h"

namespace watchfire::api {
namespace {

using inbound::OpsgenieAlert;
using inbound::OpsgenieRequest;

// What the alerts' incidents add to them.
OpsgenieAlert Complete(const alert::Alert& alert, const InboundBook& book,
                       const AlertIncidents& incidents) {
  OpsgenieAlert shown = OpsgenieAlert::Of(alert, book.now(), book.key().labels);
  for (const auto& [fingerprint, incident] : incidents.Find(alert.fingerprint())) {
    shown.is_snoozed |= incident->snooze.has_value();
    if (incident->snooze) shown.snoozed_until = incident->snooze->until;
    // Of several the one that somebody has.
    if (shown.is_acknowledged && !incident->ack) continue;
    shown.is_acknowledged = incident->ack.has_value();
    shown.owner = incident->owner;
    shown.acked_at = incident->acked_at;
    shown.acked_by = incident->acked_by;
  }
  return shown;
}

std::vector<std::string> WithTags(const alert::Alert& alert, const inbound::OpsgenieAct& act) {
  std::vector<std::string> tags = OpsgenieAlert::Of(alert, kNoTime).tags;
  for (const std::string& tag : act.tags) {
    const auto found = std::ranges::find(tags, tag);
    if (act.removes_tags && found != tags.end()) tags.erase(found);
    if (!act.removes_tags && found == tags.end()) tags.push_back(tag);
  }
  return tags;
}

// Whether somebody has acknowledged or snoozed what the alert is in.
bool IsInHand(const alert::Alert& alert, const InboundBook& book) {
  const AlertIncidents incidents(book.view());
  return std::ranges::any_of(incidents.Find(alert.fingerprint()), [](const auto& found) {
    return found.second->ack.has_value() || found.second->snooze.has_value();
  });
}

net::Response Carry(OpsgenieVisit& visit, const std::string& identifier, inbound::OpsgenieAct act) {
  Backend& backend = visit.call().backend;
  Result<InboundBook> book = visit.BookFor(identifier);
  if (!book) return visit.Refuse(book.error());
  OpsgenieRequest request{0, inbound::OpsgenieActionIndex(act.name), kNotKnown, backend.Now()};
  const auto alert = FindOpsgenieAlert(*book, visit.call().request, identifier);
  if (alert == nullptr || (alert->Resolved(book->now()) && act.is_known)) {
    request.status = kNoAlert;
    backend.Count({kOpsgenie, "no_alert"});
    return visit.Accept(request);
  }
  act.change.entity = std::string(alert->labels.Get(inbound::kEntityLabel));
  request.alert = inbound::OpsgenieHash(act.change.entity);
  if (!act.is_known) {
    backend.Count({kOpsgenie, "ignored"});
    return visit.Accept(request);
  }
  if (!act.tags.empty()) {
    act.change.annotations.emplace_back("tags", Join(WithTags(*alert, act), ","));
  }
  KeepRoute(*alert, IsInHand(*alert, *book), &act);
  for (const std::string& name : act.removed) act.change.annotations.emplace_back(name, "");
  const Result<std::string> word = book->Do(act.change);
  if (!word) return visit.Refuse(word.error());
  request.status = *word == "no_incident"    ? kNoIncident
                   : *word == "unknown_name" ? kUnknownName
                   : *word == "in_hand"      ? kInHand
                                             : kUpdated;
  if (const Status posted = book->Post(); !posted) return visit.Refuse(posted.error());
  return visit.Accept(request);
}

// The body's act, on the alert of the path.
net::Response Perform(const Call& call, const std::string& identifier, std::string_view verb) {
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal()) return *std::move(refusal);
  auto act = inbound::ReadOpsgenieAct(verb, call.request.body, call.backend.Now());
  if (!act) return visit.Refuse(act.error());
  const std::string* user = call.request.param("user");
  if (act->change.actor.empty() && user != nullptr) act->change.actor = *user;
  Result<std::string> named = WithNameForId(call.backend, act->change.assignee);
  if (!named) return visit.Refuse(named.error());
  act->change.assignee = *std::move(named);
  return Carry(visit, identifier, *std::move(act));
}

inbound::OpsgenieResult<inbound::OpsgenieQuery> ReadQuery(const net::Request& request) {
  using Fault = tl::unexpected<inbound::OpsgenieFault>;
  const std::string* text = request.param("query");
  const std::string* saved = request.param("searchIdentifier");
  if (text == nullptr && saved != nullptr && !saved->empty()) {
    return Fault({422, "searchIdentifier", "there are no saved searches here: say it as a query"});
  }
  auto query = inbound::OpsgenieQuery::Parse(text != nullptr ? *text : "");
  if (!query) return Fault({422, "query", query.error().message});
  return *std::move(query);
}

std::vector<OpsgenieAlert> Search(const InboundBook& book, const inbound::OpsgenieQuery& query,
                                  const OpsgeniePage& page) {
  const AlertIncidents incidents(book.view());
  std::vector<OpsgenieAlert> found;
  for (const auto& [alias, alerts] : book.all()) {
    // A new priority ends one alert of ours and opens another: to a client it is one still.
    std::map<std::string, const alert::Alert*> by_id;
    for (const auto& alert : alerts) {
      const alert::Alert*& last = by_id[OpsgenieAlert::Of(*alert, book.now()).id];
      if (last == nullptr || last->ends_at < alert->ends_at) last = alert.get();
    }
    for (const auto& [id, alert] : by_id) {
      OpsgenieAlert shown = Complete(*alert, book, incidents);
      if (query.Matches(shown)) found.push_back(std::move(shown));
    }
  }
  SortOpsgenie(page, &found);
  return found;
}

}  // namespace

std::shared_ptr<const alert::Alert> FindOpsgenieAlert(const InboundBook& book,
                                                      const net::Request& request,
                                                      const std::string& identifier) {
  const std::string* type = request.param("identifierType");
  const bool by_alias = type != nullptr && *type == "alias";
  const bool by_tiny = type != nullptr && *type == "tiny";
  const std::string wanted = by_alias ? inbound::EntityOf(book.key(), identifier) : identifier;
  std::shared_ptr<const alert::Alert> best;
  for (const auto& [alias, alerts] : book.all()) {
    if (by_alias && alias != wanted) continue;
    for (const auto& alert : alerts) {
      if (!by_alias) {
        const OpsgenieAlert shown = OpsgenieAlert::Of(*alert, book.now());
        if ((by_tiny ? shown.tiny_id : shown.id) != wanted) continue;
      }
      if (best == nullptr || best->ends_at < alert->ends_at) best = alert;
    }
  }
  return best;
}

net::Response PostOpsgenieAlert(const Call& call) {
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal()) return *std::move(refusal);
  auto change = inbound::ReadOpsgenieCreate(call.request.body, call.backend.Now());
  if (!change) return visit.Refuse(change.error());
  change->entity = visit.EntityOf(change->entity);
  Result<InboundBook> book = visit.Book(*change);
  if (!book) return visit.Refuse(book.error());
  const bool is_new = book->Firing(change->entity).empty();
  if (const auto word = book->Do(*change); !word) return visit.Refuse(word.error());
  if (const Status posted = book->Post(); !posted) return visit.Refuse(posted.error());
  return visit.Accept({inbound::OpsgenieHash(change->entity), 0, is_new ? kCreated : kDeduplicated,
                       call.backend.Now()});
}

net::Response PostOpsgenieAct(const Call& call) {
  std::string identifier = call.params[0];
  constexpr std::string_view kCustom = "/actions";
  const bool is_custom = identifier.ends_with(kCustom);
  if (is_custom) identifier.resize(identifier.size() - kCustom.size());
  return Perform(call, identifier, is_custom ? "actions" : call.params[1]);
}

net::Response DeleteOpsgenieAlert(const Call& call) {
  return Perform(call, call.params[0], "delete");
}

net::Response DeleteOpsgeniePart(const Call& call) {
  const bool is_tags = call.params[1] == "tags";
  if (!is_tags && call.params[1] != "details") {
    return Perform(call, call.params[0] + "/" + call.params[1], "delete");
  }
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal()) return *std::move(refusal);
  const char* name = is_tags ? "tags" : "keys";
  const std::string* list = call.request.param(name);
  if (list == nullptr || list->empty()) {
    return visit.Refuse({422, name, std::string(name) + " must not be empty"});
  }
  inbound::OpsgenieAct act;
  act.name = is_tags ? "RemoveTags" : "RemoveDetails";
  act.change.verb = inbound::Verb::kAnnotate;
  act.removes_tags = is_tags;
  for (const std::string_view word : Split(*list, ',')) {
    if (!word.empty()) (is_tags ? act.tags : act.removed).emplace_back(Trim(word));
  }
  return Carry(visit, call.params[0], std::move(act));
}

net::Response GetOpsgenieAlert(const Call& call) {
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal()) return *std::move(refusal);
  const Result<InboundBook> book = visit.BookFor(call.params[0]);
  if (!book) return visit.Refuse(book.error());
  const auto alert = FindOpsgenieAlert(*book, call.request, call.params[0]);
  if (alert == nullptr) return visit.Refuse("no_alert", 404, "Alert does not exist");
  const AlertIncidents incidents(book->view());
  JsonWriter json;
  json.StartObject().Key("data");
  Complete(*alert, *book, incidents).Write(&json, true);
  return visit.Show(json);
}

net::Response GetOpsgenieAlerts(const Call& call) {
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal()) return *std::move(refusal);
  const auto page = OpsgeniePage::Read(call.request);
  if (!page) return visit.Refuse(page.error());
  const auto query = ReadQuery(call.request);
  if (!query) return visit.Refuse(query.error());
  const Result<InboundBook> book = visit.Book();
  if (!book) return visit.Refuse(book.error());
  const std::vector<OpsgenieAlert> found = Search(*book, *query, *page);
  const size_t begin = std::min(page->offset, found.size());
  const size_t end = std::min(begin + page->limit, found.size());
  JsonWriter json;
  json.StartObject().Key("data").StartArray();
  for (size_t i = begin; i < end; ++i) found[i].Write(&json, false);
  json.EndArray();
  WritePaging(*page, found.size(), call, &json);
  return visit.Show(json);
}

net::Response GetOpsgenieCount(const Call& call) {
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal()) return *std::move(refusal);
  const auto query = ReadQuery(call.request);
  if (!query) return visit.Refuse(query.error());
  const Result<InboundBook> book = visit.Book();
  if (!book) return visit.Refuse(book.error());
  const std::vector<OpsgenieAlert> found = Search(*book, *query, {});
  JsonWriter json;
  json.StartObject().Key("data").StartObject();
  json.Field("count", static_cast<int64_t>(found.size())).EndObject();
  return visit.Show(json);
}

net::Response GetOpsgenieRequest(const Call& call) {
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal()) return *std::move(refusal);
  const auto request = OpsgenieRequest::Parse(call.params[0]);
  if (!request || request->at > call.backend.Now()) {
    return visit.Refuse("no_alert", 404, "Request not found. It might not be processed, yet.");
  }
  const Result<InboundBook> book = visit.Book(InboundBook::Need::kAlerts);
  if (!book) return visit.Refuse(book.error());
  OpsgenieAlert alert;
  for (const auto& [alias, alerts] : book->all()) {
    if (request->alert == 0 || inbound::OpsgenieHash(alias) != request->alert) continue;
    const auto newest = std::ranges::max_element(
        alerts, {}, [](const auto& candidate) { return candidate->ends_at; });
    alert = OpsgenieAlert::Of(**newest, book->now());
  }
  const inbound::OpsgenieStatus& status = inbound::kOpsgenieStatuses[request->status];
  JsonWriter json;
  json.StartObject().Key("data").StartObject().Field("success", status.is_success);
  json.Field("isSuccess", status.is_success);
  json.Field("action", inbound::kOpsgenieActions[request->action]);
  json.Field("processedAt", FormatRfc3339(request->at)).Field("integrationId", "");
  json.Field("status", status.text).Field("alertId", alert.id).Field("alias", alert.alias);
  json.EndObject();
  return visit.Show(json);
}

}  // namespace watchfire::api
