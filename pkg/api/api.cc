// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The route table, and what is the same for every request: matching, unknown paths and methods in
// the shape of each family, CORS, and the measurement.

#include "pkg/api/api.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "pkg/api/cors.h"
#include "pkg/api/handlers.h"
#include "pkg/api/respond.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

using Handler = net::Response (*)(const Call&);
using Segments = std::vector<std::string_view>;

struct Row {
  std::string_view method;
  std::string_view pattern;
  Handler handler;
  bool own = false;
};

constexpr bool kOwn = true;

constexpr std::array kRows = {
    Row{"GET", "/", GetPage},
    Row{"GET", "/-/healthy", GetAlive},
    Row{"GET", "/-/ready", GetAlive},
    Row{"POST", "/-/reload", PostReload},
    Row{"GET", "/metrics", GetMetrics},
    Row{"GET", "/graph", GetGraph},
    Row{"GET", "/api/openapi.yaml", GetOpenApi},

    Row{"GET", "/api/v2/status", GetStatus},
    Row{"GET", "/api/v2/receivers", GetReceivers},
    Row{"GET", "/api/v2/alerts", GetAlerts},
    Row{"POST", "/api/v2/alerts", PostAlerts},
    Row{"GET", "/api/v2/alerts/groups", GetAlertGroups},
    Row{"GET", "/api/v2/silences", GetSilences},
    Row{"POST", "/api/v2/silences", PostSilence},
    Row{"GET", "/api/v2/silence/{silenceID}", GetSilence},
    Row{"DELETE", "/api/v2/silence/{silenceID}", DeleteSilence},

    Row{"GET", "/api/v1/rules", GetRules, kOwn},
    Row{"GET", "/api/v1/alerts", GetRuleAlerts, kOwn},
    Row{"GET", "/api/v1/status/buildinfo", GetBuildInfo, kOwn},
    Row{"GET", "/api/v1/incidents", GetIncidents, kOwn},
    Row{"GET", "/api/v1/incidents/{id}", GetIncident, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/ack", AckIncident, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/mitigate", MitigateIncident, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/resolve", ResolveIncident, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/note", NoteIncident, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/reassign", ReassignIncident, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/severity", SetIncidentSeverity, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/role", SetIncidentRole, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/snooze", SnoozeIncident, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/escalate", EscalateIncident, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/classify", ClassifyIncident, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/merge", MergeIncident, kOwn},
    Row{"GET", "/api/v1/incidents/{id}/postmortem", GetPostmortem, kOwn},
    Row{"POST", "/api/v1/incidents/{id}/postmortem", SetPostmortem, kOwn},
    Row{"GET", "/api/v1/incidents/{id}/runbook", GetRunbook, kOwn},
    Row{"GET", "/api/v1/oncall", GetOncall, kOwn},
    Row{"GET", "/api/v1/oncall/schedules/{name}", GetOncallSchedule, kOwn},
    Row{"GET", "/api/v1/oncall/handoff", GetOncallHandoff, kOwn},
    Row{"GET", "/api/v1/oncall/overrides", GetOverrides, kOwn},
    Row{"POST", "/api/v1/oncall/overrides", PostOverride, kOwn},
    Row{"POST", "/api/v1/oncall/overrides/{id}/end", EndOverride, kOwn},
    Row{"GET", "/api/v1/explain", GetExplain, kOwn},
    Row{"GET", "/api/v1/analytics", GetAnalytics, kOwn},
    Row{"GET", "/api/v1/heartbeats", GetHeartbeats, kOwn},
    Row{"POST", "/api/v1/heartbeats/{name}/ping", PingHeartbeat, kOwn},
    Row{"GET", "/api/v1/automation", GetAutomation, kOwn},
    Row{"POST", "/api/v1/automation/{run}/approve", ApproveRun, kOwn},
    Row{"POST", "/api/v1/automation/{run}/refuse", RefuseRun, kOwn},
    Row{"GET", "/api/v1/slos", GetSlos, kOwn},
    Row{"GET", "/api/v1/slos/exclusions", GetExclusions, kOwn},
    Row{"POST", "/api/v1/slos/exclusions", PostExclusion, kOwn},
    Row{"POST", "/api/v1/slos/exclusions/{id}/end", EndExclusion, kOwn},
    Row{"GET", "/api/v1/slos/{id}/gate", GetSloGate, kOwn},
    Row{"GET", "/api/v1/slos/{id}/history", GetSloHistory, kOwn},
    Row{"GET", "/api/v1/gate", GetGate, kOwn},
    Row{"GET", "/api/v1/shadow", GetShadow, kOwn},
    Row{"GET", "/api/v1/info", GetInfo, kOwn},
    Row{"GET", "/ack/{token}", GetAckLink, kOwn},
    Row{"POST", "/ack/{token}", PostAckLink, kOwn},
    Row{"POST", "/inbound/victorops/{key}", PostVictorOps, kOwn},
    Row{"POST", "/inbound/twilio/{key}", PostTwilio, kOwn},
    Row{"POST", "/inbound/slack/{key}", PostSlack, kOwn},
    Row{"POST", "/inbound/pagerduty/{key}", PostPagerDutyWebhook, kOwn},
    Row{"POST", "/inbound/opsgenie/{key}", PostOpsgenieWebhook, kOwn},
    Row{"POST", "/inbound/alertmanager/{receiver}", PostAlertmanager, kOwn},
    Row{"POST", "/inbound/{kind}/{key}", PostInbound, kOwn},
    Row{"POST", "/integrations/generic/20131114/alert/{key}", PostVictorOpsAlert, kOwn},
    Row{"POST", "/integrations/generic/20131114/alert/{key}/{routing_key}", PostVictorOpsAlert,
        kOwn},
    Row{"POST", "/v2/enqueue", PostPagerDutyEvent, kOwn},
    Row{"POST", "/v2/change/enqueue", PostPagerDutyChange, kOwn},
    Row{"POST", "/generic/2010-04-15/create_event.json", PostPagerDutyEventV1, kOwn},
    Row{"POST", "/v1/incidents/create", PostOpsgenieAlert, kOwn},
    Row{"GET", "/v2/alerts", GetOpsgenieAlerts, kOwn},
    Row{"POST", "/v2/alerts", PostOpsgenieAlert, kOwn},
    Row{"GET", "/v2/alerts/count", GetOpsgenieCount, kOwn},
    Row{"GET", "/v2/alerts/requests/{requestId}", GetOpsgenieRequest, kOwn},
    Row{"GET", "/v2/alerts/{identifier}/{action}", GetOpsgeniePart, kOwn},
    Row{"POST", "/v2/alerts/{identifier}/{action}", PostOpsgenieAct, kOwn},
    Row{"PUT", "/v2/alerts/{identifier}/{action}", PostOpsgenieAct, kOwn},
    Row{"DELETE", "/v2/alerts/{identifier}/{action}", DeleteOpsgeniePart, kOwn},
    Row{"GET", "/v2/alerts/{identifier}", GetOpsgenieAlert, kOwn},
    Row{"DELETE", "/v2/alerts/{identifier}", DeleteOpsgenieAlert, kOwn},
    Row{"GET", "/v2/schedules", GetOpsgenieSchedules, kOwn},
    Row{"GET", "/v2/schedules/on-calls", GetOpsgenieAllOnCalls, kOwn},
    Row{"GET", "/v2/schedules/{id}", GetOpsgenieSchedule, kOwn},
    Row{"GET", "/v2/schedules/{id}/rotations", GetOpsgenieRotations, kOwn},
    Row{"GET", "/v2/schedules/{id}/timeline", GetOpsgenieTimeline, kOwn},
    Row{"GET", "/v2/schedules/{id}/on-calls", GetOpsgenieOnCalls, kOwn},
    Row{"GET", "/v2/schedules/{id}/next-on-calls", GetOpsgenieNextOnCalls, kOwn},
    Row{"GET", "/v2/schedules/{id}/overrides", GetOpsgenieOverrides, kOwn},
    Row{"POST", "/v2/schedules/{id}/overrides", PostOpsgenieOverride, kOwn},
    Row{"GET", "/v2/schedules/{id}/overrides/{alias}", GetOpsgenieOverride, kOwn},
    Row{"PUT", "/v2/schedules/{id}/overrides/{alias}", PutOpsgenieOverride, kOwn},
    Row{"DELETE", "/v2/schedules/{id}/overrides/{alias}", DeleteOpsgenieOverride, kOwn},
    Row{"GET", "/v2/teams", GetOpsgenieTeams, kOwn},
    Row{"GET", "/v2/teams/{id}", GetOpsgenieTeam, kOwn},
    Row{"GET", "/v2/users", GetOpsgenieUsers, kOwn},
    Row{"GET", "/v2/users/{id}", GetOpsgenieUser, kOwn},
    Row{"GET", "/v2/escalations", GetOpsgenieEscalations, kOwn},
    Row{"GET", "/v2/escalations/{id}", GetOpsgenieEscalation, kOwn},
    Row{"GET", "/v2/heartbeats", GetOpsgenieHeartbeats, kOwn},
    Row{"GET", "/v2/heartbeats/{name}", GetOpsgenieHeartbeat, kOwn},
    Row{"GET", "/v2/heartbeats/{name}/ping", PingOpsgenieHeartbeat, kOwn},
    Row{"POST", "/v2/heartbeats/{name}/ping", PingOpsgenieHeartbeat, kOwn},
    Row{"PUT", "/v2/heartbeats/{name}/ping", PingOpsgenieHeartbeat, kOwn},
    Row{"PATCH", "/v2/heartbeats/{name}/ping", PingOpsgenieHeartbeat, kOwn},
    Row{"GET", "/oncalls", GetRestOncalls, kOwn},
    Row{"GET", "/schedules", GetRestSchedules, kOwn},
    Row{"GET", "/schedules/{id}", GetRestSchedule, kOwn},
    Row{"GET", "/schedules/{id}/users", GetRestScheduleUsers, kOwn},
    Row{"GET", "/users", GetRestUsers, kOwn},
    Row{"GET", "/users/{id}", GetRestUser, kOwn},
    Row{"GET", "/escalation_policies", GetRestPolicies, kOwn},
    Row{"GET", "/escalation_policies/{id}", GetRestPolicy, kOwn},
    Row{"GET", "/api-public/v1/incidents", GetPublicIncidents, kOwn},
    Row{"POST", "/api-public/v1/incidents", PostPublicIncident, kOwn},
    Row{"POST", "/api-public/v1/incidents/reroute", PostPublicReroute, kOwn},
    Row{"PATCH", "/api-public/v1/incidents/ack", PatchPublicAck, kOwn},
    Row{"PATCH", "/api-public/v1/incidents/resolve", PatchPublicResolve, kOwn},
    Row{"PATCH", "/api-public/v1/incidents/byUser/ack", PatchPublicAckByUser, kOwn},
    Row{"PATCH", "/api-public/v1/incidents/byUser/resolve", PatchPublicResolveByUser, kOwn},
    Row{"GET", "/api-public/v1/incidents/{number}", GetPublicIncident, kOwn},
    Row{"GET", "/api-public/v1/incidents/{number}/notes", GetPublicNotes, kOwn},
    Row{"POST", "/api-public/v1/incidents/{number}/notes", PostPublicNote, kOwn},
    Row{"PUT", "/api-public/v1/incidents/{number}/notes/{name}", PutPublicNote, kOwn},
    Row{"DELETE", "/api-public/v1/incidents/{number}/notes/{name}", DeletePublicNote, kOwn},
    Row{"GET", "/api-reporting/v2/incidents", GetReportedIncidents, kOwn},
    Row{"GET", "/api-reporting/v1/team/{team}/oncall/log", GetReportedOncallLog, kOwn},
    Row{"GET", "/api-public/v1/incidents/{number}/log", GetPublicLog, kOwn},
    Row{"POST", "/api-public/v1/incidents/{number}/postmortem", PostPublicPostmortem, kOwn},
    Row{"GET", "/api-public/v1/maintenancemode", GetPublicMaintenance, kOwn},
    Row{"POST", "/api-public/v1/maintenancemode", PostPublicMaintenance, kOwn},
    Row{"POST", "/api-public/v1/maintenancemode/start", PostPublicMaintenance, kOwn},
    Row{"PUT", "/api-public/v1/maintenancemode/{id}/end", PutPublicMaintenanceEnd, kOwn},
    Row{"GET", "/api-public/v1/oncall/current", GetPublicOncall, kOwn},
    Row{"GET", "/api-public/v1/team", GetPublicTeams, kOwn},
    Row{"GET", "/api-public/v1/team/{team}", GetPublicTeam, kOwn},
    Row{"GET", "/api-public/v1/team/{team}/members", GetPublicMembers, kOwn},
    Row{"GET", "/api-public/v1/team/{team}/admins", GetPublicAdmins, kOwn},
    Row{"GET", "/api-public/v1/team/{team}/oncall/schedule", GetPublicTeamScheduleV1, kOwn},
    Row{"PATCH", "/api-public/v1/team/{team}/oncall/user", PatchPublicTeamOncall, kOwn},
    Row{"PATCH", "/api-public/v1/policies/{policy}/oncall/user", PatchPublicPolicyOncall, kOwn},
    Row{"GET", "/api-public/v2/team/{team}/oncall/schedule", GetPublicTeamSchedule, kOwn},
    Row{"GET", "/api-public/v1/user", GetPublicUsers, kOwn},
    Row{"GET", "/api-public/v2/user", GetPublicUsers, kOwn},
    Row{"GET", "/api-public/v1/user/{user}", GetPublicUser, kOwn},
    Row{"GET", "/api-public/v1/user/{user}/oncall/schedule", GetPublicUserSchedule, kOwn},
    Row{"GET", "/api-public/v2/user/{user}/oncall/schedule", GetPublicUserSchedule, kOwn},
    Row{"GET", "/api-public/v1/policies", GetPublicPolicies, kOwn},
    Row{"GET", "/api-public/v1/policies/{policy}", GetPublicPolicy, kOwn},
    Row{"GET", "/api-public/v1/user/{user}/teams", GetPublicUserTeams, kOwn},
    Row{"GET", "/api-public/v1/overrides", GetPublicOverrides, kOwn},
    Row{"POST", "/api-public/v1/overrides", PostPublicOverride, kOwn},
    Row{"GET", "/api-public/v1/overrides/{publicId}", GetPublicOverride, kOwn},
    Row{"DELETE", "/api-public/v1/overrides/{publicId}", DeletePublicOverride, kOwn},
    Row{"GET", "/api-public/v1/overrides/{publicId}/assignments", GetPublicAssignments, kOwn},
    Row{"GET", "/api-public/v1/overrides/{publicId}/assignments/{policy}", GetPublicAssignment,
        kOwn},
    Row{"PUT", "/api-public/v1/overrides/{publicId}/assignments/{policy}", PutPublicAssignment,
        kOwn},
    Row{"DELETE", "/api-public/v1/overrides/{publicId}/assignments/{policy}",
        DeletePublicAssignment, kOwn},
    Row{"POST", "/api-public/v1/chat", PostPublicChat, kOwn},
    Row{"GET", "/api-public/v1/user/{user}/contact-methods", GetPublicContacts, kOwn},
    Row{"GET", "/api-public/v1/user/{user}/contact-methods/{kind}", GetPublicContactsOfKind, kOwn},
    Row{"GET", "/api-public/v1/user/{user}/policies", GetPublicUserPolicies, kOwn},
    Row{"GET", "/api-public/v1/profile/{username}/policies", GetPublicProfilePolicies, kOwn},
    Row{"GET", "/api-public/v1/teams/{team}/rotations", GetPublicRotationsV1, kOwn},
    Row{"GET", "/api-public/v2/team/{team}/rotations", GetPublicRotations, kOwn},
    Row{"GET", "/api-public/v1/org/routing-keys", GetPublicRoutingKeys, kOwn},
    Row{"POST", "/api-public/v1/org/routing-keys", RefusePublicRoutingKey, kOwn},

    // Removed from Alertmanager; old clients learn why (reference §1.2).
    Row{"POST", "/api/v1/alerts", RefuseRemoved},
    Row{"GET", "/api/v1/status", RefuseRemoved},
    Row{"GET", "/api/v1/receivers", RefuseRemoved},
    Row{"GET", "/api/v1/silences", RefuseRemoved},
    Row{"POST", "/api/v1/silences", RefuseRemoved},
    Row{"GET", "/api/v1/silence/{sid}", RefuseRemoved},
    Row{"DELETE", "/api/v1/silence/{sid}", RefuseRemoved},
};

constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                      "PATCH", "DELETE", "OPTIONS"};

// Empty segments go: slashes at the end and double ones do not matter.
Segments SegmentsOf(std::string_view path) {
  Segments segments = Split(path, '/');
  std::erase(segments, std::string_view());
  return segments;
}

// The segments of a request's path. A %2F is part of its segment: routing keys, names and aliases
// may hold slashes.
class Path {
 public:
  explicit Path(const net::Request& request) {
    if (request.escaped_path.empty()) {
      segments_ = SegmentsOf(request.path);
      return;
    }
    for (const std::string_view segment : SegmentsOf(request.escaped_path)) {
      decoded_.push_back(UrlDecode(segment, /*plus_is_space=*/false));
    }
    segments_.assign(decoded_.begin(), decoded_.end());
  }
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

  const Segments& segments() const { return segments_; }
  // `count` segments from `at` on, with the slashes that the client wrote between them.
  std::string Text(size_t at, size_t count) const {
    if (decoded_.empty()) {
      // They lie in the same text.
      const std::string_view last = segments_[at + count - 1];
      const char* const begin = segments_[at].data();
      return {begin, static_cast<size_t>(last.data() - begin) + last.size()};
    }
    const auto first = decoded_.begin() + static_cast<std::ptrdiff_t>(at);
    return Join({first, first + static_cast<std::ptrdiff_t>(count)}, "/");
  }

 private:
  std::vector<std::string> decoded_;
  Segments segments_;
};

// Stand for as many segments as there are: aliases and routing keys may hold slashes.
bool IsGreedy(std::string_view segment) {
  return segment == "{identifier}" || segment == "{routing_key}";
}

// Returns what stands for the {…} of `pattern`, or nullopt when the path is another one.
std::optional<std::vector<std::string>> Match(std::string_view pattern, const Path& whole) {
  const Segments& path = whole.segments();
  const Segments wanted = SegmentsOf(pattern);
  const bool is_greedy = std::ranges::any_of(wanted, IsGreedy);
  if (path.size() < wanted.size() || (path.size() > wanted.size() && !is_greedy)) {
    return std::nullopt;
  }
  std::vector<std::string> params;
  size_t at = 0;
  for (const std::string_view segment : wanted) {
    const size_t count = IsGreedy(segment) ? path.size() - wanted.size() + 1 : 1;
    if (segment.front() == '{') {
      params.push_back(whole.Text(at, count));
    } else if (segment != path[at]) {
      return std::nullopt;
    }
    at += count;
  }
  return params;
}

// Whose clients read JSON, errors too: ours, VictorOps', Opsgenie's and PagerDuty's.
bool IsApi(const Segments& path) {
  static constexpr std::array<std::string_view, 6> kOurs = {
      "api", "inbound", "api-public", "api-reporting", "v1", "v2"};
  if (path.empty()) return false;
  return std::ranges::find(kOurs, path[0]) != kOurs.end() || IsRestConfiguration(path[0]);
}

bool IsBelow(const Segments& path, std::string_view first, std::string_view second) {
  return path.size() >= 2 && path[0] == first && path[1] == second;
}

struct Answer {
  net::Response response;
  std::string_view pattern = "unmatched";
};

// ---- API v2: the framework around Alertmanager's handlers (reference §1.6, §2.1) ----

// Go's (*url.URL).EscapedPath.
std::string EscapePath(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const bool kept = std::string_view("$&+,/:;=@").find(c) != std::string_view::npos;
    out += kept ? std::string(1, c) : UrlEncode(std::string_view(&c, 1));
  }
  return out;
}

// Returns whether the client takes JSON. Source: go-openapi/runtime NegotiateContentType.
bool AcceptsJson(std::string_view accept) {
  if (Trim(accept).empty()) return true;
  for (const std::string_view spec : Split(accept, ',')) {
    const std::vector<std::string_view> parts = Split(spec, ';');
    const std::string type = ToLower(Trim(parts[0]));
    const bool refused = std::any_of(parts.begin() + 1, parts.end(), [](std::string_view part) {
      const std::string_view quality = Trim(part);
      return quality.starts_with("q=0") && quality.find_first_not_of("0.", 2) == quality.npos;
    });
    if (refused) continue;
    if (type == "*/*" || type == "application/*" || type == "application/json") return true;
  }
  return false;
}

std::optional<net::Response> V2Refusal(const net::Request& request) {
  if (request.body.empty()) {
    if (AcceptsJson(request.header("Accept"))) return std::nullopt;
    return V2Framework(406, 406,
                       "unsupported media type requested, only [application/json] are available");
  }
  // Of any body, asked for or not.
  const auto fault = MediaTypeFault(request);
  return fault ? std::optional(V2Framework(415, 415, *fault)) : std::nullopt;
}

// ---- Dispatch ----

net::Response NotFound(const net::Request& request, const Segments& path) {
  // Go's router leads there whoever leaves the slash out, and to what is there no more than this.
  if (request.path == "/api/v2") return {307, {{"Location", "v2/"}}, ""};
  if (IsBelow(path, "api", "v2")) {
    return V2Framework(404, 404, "path " + EscapePath(request.path) + " was not found");
  }
  if (IsApi(path)) {
    // A path below /inbound may hold a key, and senders log what they are answered.
    if (path[0] == "inbound") {
      return Failure(404, "not_found", "there is nothing at this path");
    }
    return Failure(404, "not_found", "there is nothing at " + request.path);
  }
  return Text(404, "404 page not found\n");
}

// What Go's httprouter, under all but API v2, adds to the methods of a path.
std::string WithOptions(const std::string& methods) {
  const bool has_get = methods.find("GET") != std::string::npos;
  return methods + (has_get ? ",HEAD,OPTIONS" : ",OPTIONS");
}

net::Response WrongMethod(const net::Request& request, const Segments& path, std::string allowed) {
  const std::string message =
      "method " + request.method + " is not allowed, but [" + allowed + "] are";
  net::Response response;
  if (IsBelow(path, "api", "v2")) {
    response = V2Framework(405, 405, message);
    response.headers.push_back({"Allow", std::move(allowed)});
    return response;
  }
  if (request.method == "OPTIONS") {
    response = {200, {}, ""};
  } else if (IsApi(path)) {
    response = Failure(405, "method_not_allowed", message);
  } else {
    response = Text(405, "Method Not Allowed\n");
  }
  response.headers.push_back({"Allow", WithOptions(allowed)});
  return response;
}

Answer Dispatch(const net::Request& request, Backend& backend) {
  const Path whole(request);
  const Segments& path = whole.segments();
  const bool v2 = IsBelow(path, "api", "v2");
  // Alertmanager answers HEAD below /-/ only; it does no harm elsewhere.
  const std::string method = request.method == "HEAD" && !v2 ? "GET" : request.method;
  std::string allowed;
  Answer answer;
  for (const Row& row : kRows) {
    auto params = Match(row.pattern, whole);
    if (!params) continue;
    answer.pattern = row.pattern;
    if (row.method == method) {
      if (v2) {
        if (auto refusal = V2Refusal(request)) {
          answer.response = *std::move(refusal);
          return answer;
        }
      }
      answer.response = row.handler({request, backend, *std::move(params)});
      return answer;
    }
    if (allowed.find(row.method) != std::string::npos) continue;
    if (!allowed.empty()) allowed += ",";
    allowed += row.method;
  }
  const bool is_change = method != "GET" && method != "OPTIONS";
  if (is_change && path.size() >= 2 && path[0] == "v2" && IsOpsgenieConfiguration(path[1])) {
    answer.response = RefuseOpsgenieChange({request, backend, {std::string(path[1])}});
    return answer;
  }
  if (is_change && !path.empty() && IsRestConfiguration(path[0])) {
    answer.response = RefuseRestChange({request, backend, {std::string(path[0])}});
    return answer;
  }
  answer.response = allowed.empty() ? NotFound(request, path) : WrongMethod(request, path, allowed);
  return answer;
}

Answer Serve(const net::Request& request, Backend& backend) {
  if (!IsBelow(SegmentsOf(request.path), "api", "v2")) return Dispatch(request, backend);
  const std::optional<matcher::Matcher>& origins = backend.info().cors_origins;
  if (auto preflight = AnswerPreflight(request, origins)) {
    return {*std::move(preflight), "/api/v2/"};
  }
  Answer answer = Dispatch(request, backend);
  answer.response.headers.push_back({"Cache-Control", "no-store"});
  AddCorsHeaders(request, origins, &answer.response);
  return answer;
}

}  // namespace

net::Response Handle(const net::Request& request, Backend& backend) {
  const MonoTime start = backend.Mono();
  Answer answer = Serve(request, backend);
  const bool known = std::ranges::find(kMethods, request.method) != kMethods.end();
  const std::string method = known ? request.method : "OTHER";
  net::Response& response = answer.response;
  const auto observe = [&backend, start, method, pattern = answer.pattern,
                        status = response.status](size_t bytes) {
    backend.Observe(pattern, method, status, backend.Mono() - start, bytes);
  };
  if (!response.write_body) {
    observe(response.body.size());
    return std::move(response);
  }
  // When it is written, or nobody is going to write it any more.
  struct Written {
    ~Written() { observe(bytes); }
    std::function<void(size_t)> observe;
    size_t bytes = 0;
  };
  auto written = std::make_shared<Written>();
  written->observe = observe;
  response.write_body = [write = std::move(response.write_body),
                         written](const net::BodySink& sink) {
    write([&](std::string_view piece) {
      written->bytes += piece.size();
      sink(piece);
    });
  };
  return std::move(response);
}

std::vector<Route> Routes() {
  std::vector<Route> routes;
  for (const Row& row : kRows) {
    routes.push_back({std::string(row.method), std::string(row.pattern), row.own});
  }
  return routes;
}

}  // namespace watchfire::api
