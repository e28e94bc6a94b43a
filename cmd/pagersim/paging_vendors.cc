// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/paging_vendors.h"

#include <chrono>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr std::string_view kServiceManagement = "/jsm/ops/integration";
constexpr std::string_view kTwilio = "/2010-04-01/Accounts/";
constexpr std::string_view kServiceNow = "/api/now/table/incident";
constexpr std::string_view kIncidentio = "/v2/alert_events/alertmanager/";

Reply NoSuchPath() { return {404, JsonError("not_found", "no such path")}; }

Reply WrongMethod() { return {405, JsonError("method_not_allowed", "wrong method")}; }

}  // namespace

void PagingVendors::Configure(const Behaviour& behaviour) {
  opsgenie_.Configure({.processing = options_.opsgenie_processing,
                       .paused = behaviour.paused,
                       .failing = behaviour.result_failure});
  twilio_.Configure(behaviour.paused, behaviour.result_failure);
}

std::optional<Reply> PagingVendors::Answer(const Call& call, WallTime now) {
  std::string_view path = call.path;
  if (path == "/v2/enqueue" || path == "/generic/2010-04-15/create_event.json") {
    if (call.method != "POST") return WrongMethod();
    return path == "/v2/enqueue" ? pagerduty_.Enqueue(call.body, now)
                                 : pagerduty_.CreateEvent(call.body, now);
  }
  if (path == "/log_entries") {
    return call.method == "GET" ? pagerduty_.LogEntries(call.authorization, call.parameter)
                                : WrongMethod();
  }
  if (path.starts_with(kIncidentio)) {
    if (call.method != "POST") return WrongMethod();
    return incidentio_.Take(call.authorization, call.body);
  }
  if (path.starts_with(kTwilio)) {
    return twilio_.Answer(call.method, path.substr(kTwilio.size()), call.authorization, call.body);
  }
  if (path.starts_with(kServiceNow)) {
    return servicenow_.Answer(call.method, path.substr(kServiceNow.size()), call.query,
                              call.authorization, call.body);
  }
  for (const std::string_view base : {"/rest/api/2/", "/rest/api/3/"}) {
    if (path.starts_with(base)) {
      return AnswerJira(call, base == "/rest/api/3/", path.substr(base.size()), now);
    }
  }
  if (path.starts_with(kServiceManagement)) path.remove_prefix(kServiceManagement.size());
  if (path != "/v2/alerts" && !path.starts_with("/v2/alerts/")) return std::nullopt;
  return AnswerOpsgenie(call, path.substr(std::string_view("/v2/alerts").size()), now);
}

Reply PagingVendors::AnswerOpsgenie(const Call& call, std::string_view tail, WallTime now) {
  Reply refusal = opsgenie_.CheckKey(call.authorization);
  if (refusal.status != 200) return refusal;
  const std::vector<std::string_view> parts = Split(tail, '/');  // "", id, verb.
  if (tail.empty() && call.method == "GET") return opsgenie_.List(call.parameter, now);
  if (tail.empty()) return call.method == "POST" ? opsgenie_.Create(call.body, now) : WrongMethod();
  if (parts.size() == 3 && parts[1] == "requests" && call.method == "GET") {
    return opsgenie_.RequestStatus(parts[2], now);
  }
  if (parts.size() == 2 && call.method == "GET") {
    return opsgenie_.Get(parts[1], call.identifier_type, now);
  }
  if (parts.size() != 3) return NoSuchPath();
  if (parts[2] == "notes" && call.method == "GET") {
    return opsgenie_.Notes(parts[1], call.identifier_type, now);
  }
  const bool posted = parts[2] == "close" || parts[2] == "acknowledge" ||
                      parts[2] == "unacknowledge" || parts[2] == "notes";
  if (!posted && parts[2] != "message" && parts[2] != "description") return NoSuchPath();
  if (call.method != (posted ? "POST" : "PUT")) return WrongMethod();
  return opsgenie_.Change(parts[1], call.identifier_type, parts[2], call.body, now);
}

Reply PagingVendors::AnswerJira(const Call& call, bool v3, std::string_view tail, WallTime now) {
  const std::string& wanted = options_.jira_authorization.reveal();
  if (!wanted.empty() && !EqualsConstantTime(call.authorization, wanted)) {
    return {401, R"({"errorMessages":["Client must be authenticated to access this resource."]})"};
  }
  const bool post = call.method == "POST";
  if (tail == "search" && v3) {
    return {410, R"({"errorMessages":["The requested API has been removed. Please migrate to the )"
                 R"(/rest/api/3/search/jql API."],"errors":{}})"};
  }
  if (tail == (v3 ? "search/jql" : "search")) {
    return post ? jira_.Search(call.body, now) : WrongMethod();
  }
  if (tail == "issue") return post ? jira_.Create(v3, call.body) : WrongMethod();
  const std::vector<std::string_view> parts = Split(tail, '/');
  if (parts.size() == 2 && parts[0] == "issue") {
    return call.method == "PUT" ? jira_.Update(v3, parts[1], call.body) : WrongMethod();
  }
  if (parts.size() == 3 && parts[0] == "issue" && parts[2] == "comment") {
    return post ? jira_.Comment(v3, parts[1], call.body) : WrongMethod();
  }
  if (parts.size() != 3 || parts[0] != "issue" || parts[2] != "transitions") return NoSuchPath();
  if (post) return jira_.Transit(parts[1], call.body, now);
  return call.method == "GET" ? jira_.Transitions(parts[1]) : WrongMethod();
}

Reply PagingVendors::Do(std::string_view vendor, const PersonAct& act, WallTime now) {
  if (vendor == "pagerduty") return pagerduty_.Do(act, now);
  return vendor == "opsgenie" ? opsgenie_.Do(act, now) : NoSuchPath();
}

std::string PagingVendors::Json() const {
  JsonWriter json;
  json.StartObject().Key("pagerduty");
  pagerduty_.Write(&json);
  json.Key("opsgenie");
  opsgenie_.Write(&json);
  json.Key("jira");
  jira_.Write(&json);
  json.Key("incidentio");
  incidentio_.Write(&json);
  json.Key("twilio");
  twilio_.Write(&json);
  json.Key("servicenow");
  servicenow_.Write(&json);
  return json.EndObject().Take();
}

}  // namespace watchfire::pagersim
