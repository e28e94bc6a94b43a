// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Every bound of the product, in one place (design: bounds). Hitting one is an error to the caller
// plus watchfire_limit_exceeded_total, never silent truncation.

#pragma once

#include <chrono>
#include <cstddef>

namespace watchfire::limits {

inline constexpr size_t kActiveAlerts = 1'000'000;
inline constexpr size_t kClosedAlerts = 20'000;  // Of Opsgenie's clients, that are over and shown.
inline constexpr size_t kLabelsPerAlert = 64;
inline constexpr size_t kLabelBytesPerAlert = 16 * 1024;       // Names and values together.
inline constexpr size_t kAnnotationBytesPerAlert = 64 * 1024;  // Names and values together.
inline constexpr size_t kAlertsPerRequest = 100'000;
inline constexpr size_t kBodyBytes = 16 * 1024 * 1024;   // One request body, one response body.
inline constexpr size_t kHeaderBytes = 64 * 1024;        // Request line and headers.
inline constexpr size_t kConnections = 4096;             // Open inbound connections.
inline constexpr std::chrono::seconds kRequestTime{30};  // From first byte to a whole request.
inline constexpr std::chrono::seconds kIdleTime{300};    // Between requests on one connection.
inline constexpr std::chrono::seconds kReplyTime{5};     // A handler waiting for core.
inline constexpr size_t kQueuedAlerts = 2'048;           // In events waiting for core.
inline constexpr size_t kEventQueue = 4096;              // Events waiting for core.
inline constexpr size_t kStoreQueue = 65'536;            // Records waiting for the store.
inline constexpr size_t kInFlightPerIntegration = 64;    // Deliveries under way at once.
inline constexpr size_t kInFlightQueries = 16;           // Queries under way at once.
inline constexpr size_t kQueryResultBytes = 64 * 1024 * 1024;
inline constexpr size_t kQuerySeries = 100'000;
inline constexpr size_t kQuerySamples = 1'000'000;  // In the answer to a range query.
inline constexpr size_t kSloSeries = 10'000;        // Label sets that SLOs are counted by.
inline constexpr size_t kBudgetDays = 400;          // Of one error budget, that are kept.
inline constexpr size_t kTemplateOutputBytes = 1024 * 1024;
// How deep actions, templates within templates and lists within lists may nest.
inline constexpr size_t kTemplateDepth = 500;
inline constexpr size_t kTemplateValueDepth = 100;
// Work of one execution, see templates::Budget; a step is meant to take 0.1 µs, or less.
inline constexpr size_t kTemplateSteps = 500'000;
inline constexpr size_t kConfigBytes = 4 * 1024 * 1024;  // One YAML file.
inline constexpr size_t kConfigProblems = 2000;          // Problems reported per load.
// A configured duration beyond this counts as this: sums of a few of them, and with any time that
// we know, stay within what nanoseconds can say.
inline constexpr std::chrono::hours kConfiguredDuration{24 * 365 * 50};
inline constexpr size_t kYamlDepth = 64;
inline constexpr size_t kYamlNodes = 500'000;  // Values in one YAML file, aliases expanded.
inline constexpr size_t kRegexBytes = 4096;
inline constexpr size_t kExpressionBytes = 1024 * 1024;  // One PromQL expression.
// How deep one may nest, and how high its tree may get, where `a or b or c` has three levels.
inline constexpr size_t kExpressionDepth = 1000;
inline constexpr size_t kExpressionHeight = 2000;
inline constexpr size_t kAlertsPerRule = 10'000;
inline constexpr size_t kQueriesPerEvaluation = 64;  // Of one rule's templates, by `query`.
inline constexpr size_t kEvaluationsKept = 20;       // Of one rule, to be looked at.
// Lines in the log, in ten minutes, of rules and SLOs that begin to fail or work again.
inline constexpr size_t kHealthLines = 2000;
inline constexpr size_t kNotatedValues = 1'000'000;  // Of one series of a rule test.
inline constexpr size_t kRemoteWrites = 4;           // Places that evaluation writes to.
inline constexpr size_t kInFlightWrites = 4;         // Writes under way at once.
inline constexpr size_t kQueuedWrites = 1000;        // Writes waiting for them.
inline constexpr size_t kQueuedSamples = 200'000;    // In those.
inline constexpr size_t kSlotsOwed = 60;             // Of one recording rule, to be made up for.
inline constexpr size_t kIncidents = 100'000;        // Open plus retained.
inline constexpr size_t kIncidentEvents = 1000;      // Timeline length of one incident.
inline constexpr size_t kIncidentAlerts = 1000;      // Names of alerts in one incident.
inline constexpr size_t kIncidentGroups = 1000;      // Groups, and incidents merged into one.
inline constexpr size_t kIncidentRoles = 16;         // Of one incident.
// Of one incident as JSON: the names of its alerts, its groups, and the events of its timeline but
// for the reserved ones, which have as much again. So no record is larger than 2 MiB, save for what
// the configuration itself says.
inline constexpr size_t kIncidentPartBytes = 256 * 1024;
inline constexpr size_t kIncidentNameBytes = 512;            // Of a person, an alert, a team.
inline constexpr size_t kIncidentLinkBytes = 2048;           // Of a runbook, a dashboard.
inline constexpr std::chrono::hours kIncidentHold{24 * 30};  // How long an ack or snooze may last.
inline constexpr size_t kEscalationContacts = 1000;  // People and their receivers, of one incident.
inline constexpr size_t kVendorLines = 20'000;       // Incidents that vendors are told about.
inline constexpr size_t kVendorUpdates = 32;  // Waiting for one integration, of one incident.
inline constexpr size_t kAutomationRules = 100;
inline constexpr std::chrono::minutes kEscalateAgain{1};  // Of one incident, by people.
inline constexpr size_t kStormIncidents = 1000;           // `oncall.storm.incidents`.
inline constexpr std::chrono::minutes kStormEvery{15};    // `every` and `within` there, at most.
inline constexpr size_t kEnrichments = 100;               // Look-ups for each alert.
inline constexpr size_t kEnrichmentEntries = 100'000;     // Of all of them.
inline constexpr size_t kHandoffs = 100;                  // `oncall.handoffs`.
inline constexpr size_t kHandoffTargets = 100;        // Integrations that one hand-off is told by.
inline constexpr size_t kOncallPeople = 1000;         // That metrics name; others are "(others)".
inline constexpr size_t kBudgetBreaches = 100;        // Of an SLO, whose times are kept.
inline constexpr size_t kAutomationRuns = 100'000;    // That are remembered.
inline constexpr size_t kAutomationRunsShown = 1000;  // Besides those that go on.
inline constexpr size_t kAutomationRunsPerHour = 1000;    // Of one rule, that can be allowed.
inline constexpr size_t kAutomationTextBytes = 4096;      // A pattern, a message.
inline constexpr std::chrono::hours kContactDelay{24};    // Of one of a person's contact rules.
inline constexpr size_t kAckLinkBytes = 1024;             // The token of a link in a message.
inline constexpr size_t kAckLinkSecretBytesMin = 32;      // What signs it.
inline constexpr size_t kAckFormBytes = 4096;             // What its page sends.
inline constexpr size_t kAckNameRunes = 100;              // How somebody calls himself there.
inline constexpr size_t kNoteBytes = 4096;                // What people say to an act.
inline constexpr size_t kInboundBytes = 1024 * 1024;      // Body of a message of another tool.
inline constexpr size_t kInboundAlerts = 1000;            // In it.
inline constexpr size_t kFrontBytes = 512 * 1024 * 1024;  // Half-read requests, unsent answers.
inline constexpr size_t kSilences = 100'000;              // Expired ones within retention included.
inline constexpr size_t kSilenceBytes = 256 * 1024;       // One, as Alertmanager would store it.
inline constexpr size_t kRouterWays = 65'536;             // Ways through the routes kept.
inline constexpr size_t kSnapshotBytes = 512 * 1024 * 1024;        // One file of Alertmanager's.
inline constexpr size_t kSnapshotMessageBytes = 64 * 1024 * 1024;  // One message in it.
inline constexpr size_t kSilenceMemoValues = 131'072;  // Values of one label, for regexes.
// What explanations of the past are made of (pkg/journal); the oldest goes first.
inline constexpr size_t kJournalEntries = 1'000'000;
inline constexpr size_t kJournalEntriesPerAlert = 1000;
inline constexpr size_t kJournalTextBytes = 64 * 1024 * 1024;  // Labels of past alerts, names.
inline constexpr size_t kExplainedAlerts = 100;                // In one answer.
inline constexpr size_t kExplainedPastAlerts = 10;             // The same, of a past instant.
inline constexpr size_t kShadowMessages = 100'000;  // Of both sides, waiting for a verdict.
inline constexpr size_t kShadowDifferences = 1000;  // Kept for the report.
inline constexpr size_t kShadowAlertsShown = 50;    // Of one difference; all are counted.
// What one key of `inbound` may send: messages, and alerts beyond the first of each.
inline constexpr size_t kInboundPerSecond = 200;
inline constexpr size_t kInboundBurst = 2000;
inline constexpr size_t kFlappingAlerts = 10'000;  // Alerts that came back, whose changes are kept.
inline constexpr size_t kJudgedPages = 1000;       // That wait to be compared with error budgets.
// Of a vendor's API that is asked for what people did there (`poll_acks`).
inline constexpr size_t kPollBytes = 32 * 1024 * 1024;  // Of one answer.
inline constexpr size_t kPollPages = 50;                // Of one look through what changed.
inline constexpr size_t kPollFollowed = 1000;  // Alerts or incidents whose notes are still to come.

}  // namespace watchfire::limits
