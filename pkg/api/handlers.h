// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The handlers behind the route table of api.cc. Private to pkg/api.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/api/api.h"
#include "pkg/net/http.h"

namespace watchfire::api {

// One request on its way through a handler.
struct Call {
  const net::Request& request;
  Backend& backend;
  std::vector<std::string> params;  // What the {…} of the pattern stand for, in order.
};

// Alertmanager's API v2 (reference §2): alerts.cc, status.cc, silences.cc.
net::Response GetAlerts(const Call& call);
net::Response PostAlerts(const Call& call);
net::Response GetAlertGroups(const Call& call);
net::Response GetStatus(const Call& call);
net::Response GetReceivers(const Call& call);
net::Response GetSilences(const Call& call);
net::Response PostSilence(const Call& call);
net::Response GetSilence(const Call& call);
net::Response DeleteSilence(const Call& call);

// Prometheus' API (slo-and-rules §4.8): rules.cc.
net::Response GetRules(const Call& call);
net::Response GetRuleAlerts(const Call& call);
net::Response GetBuildInfo(const Call& call);

// Our own: analytics.cc, automation.cc, explain.cc, heartbeats.cc, incidents.cc, incident_acts.cc,
// oncall.cc, slos.cc, shadow.cc, ops.cc.
net::Response GetExplain(const Call& call);
net::Response GetIncidents(const Call& call);
net::Response GetIncident(const Call& call);
net::Response GetPostmortem(const Call& call);
net::Response GetRunbook(const Call& call);
net::Response AckIncident(const Call& call);
net::Response ResolveIncident(const Call& call);
net::Response NoteIncident(const Call& call);
net::Response ReassignIncident(const Call& call);
net::Response SetIncidentSeverity(const Call& call);
net::Response SetIncidentRole(const Call& call);
net::Response SnoozeIncident(const Call& call);
net::Response EscalateIncident(const Call& call);
net::Response MitigateIncident(const Call& call);
net::Response SetPostmortem(const Call& call);
net::Response ClassifyIncident(const Call& call);
net::Response MergeIncident(const Call& call);
net::Response GetAnalytics(const Call& call);
net::Response GetHeartbeats(const Call& call);
net::Response PingHeartbeat(const Call& call);
net::Response GetAutomation(const Call& call);
net::Response ApproveRun(const Call& call);
net::Response RefuseRun(const Call& call);
net::Response GetOncall(const Call& call);
net::Response GetOncallSchedule(const Call& call);
net::Response GetOncallHandoff(const Call& call);
net::Response GetExclusions(const Call& call);
net::Response PostExclusion(const Call& call);
net::Response EndExclusion(const Call& call);
net::Response GetOverrides(const Call& call);
net::Response PostOverride(const Call& call);
net::Response EndOverride(const Call& call);
net::Response GetSlos(const Call& call);
net::Response GetSloGate(const Call& call);     // budgets.cc
net::Response GetGate(const Call& call);        // budgets.cc
net::Response GetSloHistory(const Call& call);  // budget_history.cc
net::Response GetShadow(const Call& call);
net::Response GetInfo(const Call& call);
net::Response GetOpenApi(const Call& call);

// Vendors' webhooks: inbound.cc.
net::Response PostVictorOps(const Call& call);
net::Response PostTwilio(const Call& call);   // inbound_twilio.cc
net::Response PostSlack(const Call& call);    // inbound_slack.cc
net::Response PostInbound(const Call& call);  // inbound_webhooks.cc

// What responders do at a vendor: inbound_responders.cc.
net::Response PostPagerDutyWebhook(const Call& call);
net::Response PostOpsgenieWebhook(const Call& call);

// As if we were the vendor: inbound_<vendor>.cc.
net::Response PostVictorOpsAlert(const Call& call);
net::Response PostPagerDutyEvent(const Call& call);
net::Response PostPagerDutyChange(const Call& call);
net::Response PostPagerDutyEventV1(const Call& call);
net::Response PostOpsgenieAlert(const Call& call);
net::Response PostOpsgenieAct(const Call& call);
net::Response DeleteOpsgenieAlert(const Call& call);
net::Response DeleteOpsgeniePart(const Call& call);
net::Response PingOpsgenieHeartbeat(const Call& call);
net::Response GetOpsgenieHeartbeat(const Call& call);
net::Response GetOpsgenieHeartbeats(const Call& call);
net::Response GetOpsgenieAlert(const Call& call);
net::Response GetOpsgenieAlerts(const Call& call);
net::Response GetOpsgeniePart(const Call& call);  // opsgenie_lists.cc
net::Response GetOpsgenieCount(const Call& call);
net::Response GetOpsgenieRequest(const Call& call);
// opsgenie_schedules.cc, opsgenie_timeline.cc
net::Response GetOpsgenieSchedules(const Call& call);
net::Response GetOpsgenieSchedule(const Call& call);
net::Response GetOpsgenieRotations(const Call& call);
net::Response GetOpsgenieTimeline(const Call& call);
net::Response GetOpsgenieOnCalls(const Call& call);
net::Response GetOpsgenieAllOnCalls(const Call& call);
net::Response GetOpsgenieNextOnCalls(const Call& call);
// opsgenie_overrides.cc
net::Response GetOpsgenieOverrides(const Call& call);
net::Response GetOpsgenieOverride(const Call& call);
net::Response PostOpsgenieOverride(const Call& call);
net::Response PutOpsgenieOverride(const Call& call);
net::Response DeleteOpsgenieOverride(const Call& call);
// opsgenie_people.cc
net::Response GetOpsgenieTeams(const Call& call);
net::Response GetOpsgenieTeam(const Call& call);
net::Response GetOpsgenieUsers(const Call& call);
net::Response GetOpsgenieUser(const Call& call);
net::Response GetOpsgenieEscalations(const Call& call);
net::Response GetOpsgenieEscalation(const Call& call);
// pagerduty_rest.cc, pagerduty_oncalls.cc
net::Response GetRestOncalls(const Call& call);
net::Response GetRestSchedules(const Call& call);
net::Response GetRestSchedule(const Call& call);
net::Response GetRestScheduleUsers(const Call& call);
net::Response GetRestUsers(const Call& call);
net::Response GetRestUser(const Call& call);
net::Response GetRestPolicies(const Call& call);
net::Response GetRestPolicy(const Call& call);
// The same as below, of PagerDuty's REST API and /`collection`.
bool IsRestConfiguration(std::string_view collection);
net::Response RefuseRestChange(const Call& call);
// Whether /v2/`collection` is Opsgenie's API for what files say here, and the answer to requests
// that want to change it; params[0] is the collection.
bool IsOpsgenieConfiguration(std::string_view collection);
net::Response RefuseOpsgenieChange(const Call& call);

// VictorOps' public API: public_victorops.cc, public_maintenance.cc.
net::Response GetPublicIncidents(const Call& call);
net::Response GetPublicIncident(const Call& call);
net::Response PostPublicIncident(const Call& call);  // public_reroute.cc
net::Response PostPublicReroute(const Call& call);   // public_reroute.cc
net::Response PatchPublicAck(const Call& call);
net::Response PatchPublicResolve(const Call& call);
net::Response PatchPublicAckByUser(const Call& call);      // public_by_user.cc
net::Response PatchPublicResolveByUser(const Call& call);  // public_by_user.cc
net::Response GetPublicNotes(const Call& call);            // public_notes.cc
net::Response PostPublicNote(const Call& call);            // public_notes.cc
net::Response PutPublicNote(const Call& call);             // public_notes.cc
net::Response DeletePublicNote(const Call& call);          // public_notes.cc
net::Response GetReportedIncidents(const Call& call);      // public_reporting.cc
net::Response GetPublicLog(const Call& call);
net::Response PostPublicPostmortem(const Call& call);  // public_notes.cc
net::Response GetPublicMaintenance(const Call& call);
net::Response PostPublicMaintenance(const Call& call);
net::Response PutPublicMaintenanceEnd(const Call& call);
net::Response GetPublicOncall(const Call& call);
net::Response GetPublicTeams(const Call& call);
net::Response GetPublicTeam(const Call& call);
net::Response GetPublicMembers(const Call& call);
net::Response GetPublicAdmins(const Call& call);
net::Response PatchPublicTeamOncall(const Call& call);
net::Response PatchPublicPolicyOncall(const Call& call);
net::Response GetPublicTeamScheduleV1(const Call& call);
net::Response GetPublicTeamSchedule(const Call& call);
net::Response GetPublicUsers(const Call& call);
net::Response GetPublicUser(const Call& call);
net::Response GetPublicUserSchedule(const Call& call);
net::Response GetPublicPolicies(const Call& call);
net::Response GetPublicPolicy(const Call& call);       // public_policies.cc
net::Response GetPublicUserTeams(const Call& call);    // public_policies.cc
net::Response PostPublicChat(const Call& call);        // public_notes.cc
net::Response GetReportedOncallLog(const Call& call);  // public_oncall_log.cc
// public_contacts.cc
net::Response GetPublicContacts(const Call& call);
net::Response GetPublicContactsOfKind(const Call& call);
net::Response GetPublicUserPolicies(const Call& call);
net::Response GetPublicProfilePolicies(const Call& call);
net::Response GetPublicRotations(const Call& call);      // public_rotations.cc
net::Response GetPublicRotationsV1(const Call& call);    // public_rotations.cc
net::Response GetPublicRoutingKeys(const Call& call);    // public_routing_keys.cc
net::Response RefusePublicRoutingKey(const Call& call);  // public_routing_keys.cc
// public_overrides.cc
net::Response GetPublicOverrides(const Call& call);
net::Response GetPublicOverride(const Call& call);
net::Response PostPublicOverride(const Call& call);
net::Response DeletePublicOverride(const Call& call);
net::Response GetPublicAssignments(const Call& call);
net::Response GetPublicAssignment(const Call& call);
net::Response PutPublicAssignment(const Call& call);
net::Response DeletePublicAssignment(const Call& call);

// The live Alertmanager's webhooks in shadow mode: shadow.cc.
net::Response PostAlertmanager(const Call& call);

// Links in messages: ack_links.cc.
net::Response GetAckLink(const Call& call);
net::Response PostAckLink(const Call& call);

// Operation: ops.cc.
net::Response GetPage(const Call& call);
net::Response GetAlive(const Call& call);
net::Response PostReload(const Call& call);
net::Response GetMetrics(const Call& call);
net::Response GetGraph(const Call& call);
net::Response RefuseRemoved(const Call& call);  // Alertmanager's removed API v1.

// The text of openapi.yaml.
std::string_view OpenApiText();

}  // namespace watchfire::api
