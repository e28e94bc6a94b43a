// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the parts of Load share. Private to pkg/config.

#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/config/original.h"
#include "pkg/config/problems.h"
#include "pkg/config/section.h"
#include "pkg/config/section_impl.h"
#include "pkg/config/yaml.h"

namespace watchfire::config {

// A glob of rule or SLO files, and where it was given.
struct Pattern {
  std::string glob;  // As seen from the working directory.
  const Source* source = nullptr;
  Mark mark;
};

// What a place in the file says about delivery, or what is around it.
struct DeliveryTerms {
  Delivery delivery = Delivery::kAlertmanager;
  std::optional<bool> prompt_resolved;
  std::optional<bool> exact_repeat;
};

// An entry of a receiver's `escalation_configs`, to be checked when everything is read.
struct EscalationPlace {
  std::shared_ptr<Escalates> escalates;
  const Source* source = nullptr;
  Mark policy;
};

// A receiver that `oncall` names.
struct OncallPlace {
  std::string receiver;
  const Source* source = nullptr;
  Mark mark;
  std::string person = {};  // Of a contact: as the file calls him.
};

// An entry of `oncall.handoffs`.
struct HandoffPlace {
  const Source* source = nullptr;
  Mark schedule;
  Mark receiver;
};

// The receiver of an entry of `reports`.
struct ReportPlace {
  const Source* source = nullptr;
  Mark receiver;
};

// What a rule of `automation` names, to be checked when everything is read.
struct AutomationPlace {
  size_t rule = 0;  // Of Config.automation.
  const Source* source = nullptr;
  Mark receiver;
  Mark datasource;
  Mark called = {};       // Of escalate: whom it names,
  std::string kind = {};  // "policy", "team", "schedule" or "user"; "": nobody,
  std::string name = {};  // as the file calls it.
};

struct Loader {
  const LoadOptions& options;
  const Files& files;
  const std::vector<IntegrationKind>& kinds;

  Problems problems;
  Config config;
  Echo original;
  std::deque<std::string> texts;  // Not vectors: sections keep references to all of these.
  std::deque<Source> sources;
  std::deque<YamlNode> documents;
  std::vector<Pattern> rule_patterns;
  std::vector<Pattern> slo_patterns;
  std::map<std::string, std::string> set_in;  // Own key that may be given once -> file.
  std::vector<std::pair<Text, const Source*>> paging_receivers;
  DeliveryTerms terms;                  // Those of the top level.
  std::set<std::string> left_out = {};  // Rule and SLO files not to be read.
  // Where evaluation.slo_windows stands; null: nowhere.
  const Source* slo_windows_source = nullptr;
  Mark slo_windows_mark = {};
  std::string slo_alert_labels = {};  // evaluation.slo_alert_labels
  std::vector<Pattern> oncall_patterns = {};
  // Where `oncall` itself says who there is: that file is then read as those of oncall_files are.
  std::optional<Pattern> oncall_here = {};
  std::map<std::string, std::string> own_texts = {};  // The main file and those beside it, by path.
  std::vector<EscalationPlace> escalations = {};
  std::vector<OncallPlace> contact_receivers = {};
  std::optional<OncallPlace> oncall_fallback = {};
  std::vector<HandoffPlace> handoff_places = {};  // Beside Config.oncall.handoffs.
  std::vector<ReportPlace> report_places = {};    // Beside Config.reports.
  std::vector<AutomationPlace> automation_places = {};
};

// Alertmanager's top-level keys but `route`. Call after LoadOwnKeys, which says who pages. Source:
// reference alertmanager-compat §3.
void LoadAlertmanagerKeys(Section& root, Loader* loader);
// Parts of it.
Global ReadGlobal(Section& section);
void LoadReceivers(Section& root, Loader* loader);
void LoadObservability(Section& root);
// Their names in the order in which Alertmanager prints them, `route` among them.
const std::vector<std::string>& AlertmanagerKeys();
// `mute_time_intervals` and `time_intervals`, which share their names. Source: reference §3.8.
void LoadTimeIntervals(Section& root, Loader* loader);
// `templates`: files of templates. Source: reference §6.
void LoadTemplates(Section& root, Loader* loader);
// The routing tree with inheritance resolved. Call after the receivers and intervals are known.
void LoadRoutes(Section& root, Loader* loader);

// Whether `mode` allows a label of this name.
bool IsLabelName(const std::string& name, matcher::Mode mode);

// Reads `delivery`. ReadTerms() reads prompt_resolved and exact_repeat as well and lays over
// `terms` what is there. CheckTerms() reports those that are on where `delivery`, as it turned out,
// is not strict.
std::optional<Delivery> ReadDelivery(Section& section);
void ReadTerms(Section& section, DeliveryTerms* terms);
void CheckTerms(Section& section, Delivery delivery);

// Reads `deadline`, `max_in_flight`, `rate_limit`, `fallback` and `fallback_after` of a receiver.
void ReadSending(Section& section, Receiver* receiver);
// Reports fallbacks that are no receiver, tell nobody or are the receiver itself. Call when all
// receivers are read.
void CheckFallbacks(Section& root, const Config& config);

// Reads one entry of `escalation_configs`.
Integration ReadEscalation(Section& entry, int index, Loader* loader);
// Reads `oncall`: contacts and the fallback.
void ReadOncall(Section& section, Loader* loader);
// Reads the files of `oncall_files` and checks what receivers and `oncall` say against them. Call
// when the receivers are known.
void LoadOncall(Loader* loader);

// Our own top-level keys of one file; lists of several files are joined.
void LoadOwnKeys(Section& root, Loader* loader);
// `heartbeats`, heartbeats.cc.
void LoadHeartbeats(Section& root, Loader* loader);
// `enrichment`, enrichment.cc.
void LoadEnrichment(Section& root, Loader* loader);
// reports.cc: `reports`, and that their receivers are there and can be told.
void LoadReports(Section& root, Loader* loader);
void CheckReports(const Loader& loader);
// automation.cc: the section `automation`, and what its rules name.
void ReadAutomation(Section& section, Loader* loader);
void CheckAutomation(Loader* loader);
// inbound.cc: the section `inbound`.
void ReadRunbooks(Section& section, Loader* loader);
void ReadInbound(Section& section, Loader* loader);
// ack_links.cc: the section `incidents.ack_links`.
void ReadAckLinks(Section& section, Loader* loader);
// `incidents.response_targets`, `.postmortem` and `.alert_flapping` (incident_promises.cc).
void ReadPromises(Section& section, Incidents* incidents);
// ack_polling.cc: `poll_acks` of an integration of that kind. Null: it has none, or cannot.
std::shared_ptr<const AckPolling> ReadAckPolling(Section& entry, const std::string& kind,
                                                 Loader* loader);
// Reads the secret `name`, or the file that `name`_file names. Reports both, and none if
// `required`; the secret is then empty.
Secret ReadSecret(Section& section, const std::string& name, bool required, Loader* loader);
// What follows from the own keys of all files: the default datasource, unknown paging receivers.
void FinishOwnKeys(Loader* loader);

// Reads `matchers`, `match` and `match_re`, each after `prefix`, joined.
matcher::Matchers ReadMatchers(Section& section, const std::string& prefix, matcher::Mode mode);

// Reads a mapping of label names to values, or of annotations. Reports names that no label may
// have.
labels::LabelSet ReadLabels(Section& section, const std::string& key);

// Reads one rule file into `config`.
void ReadRuleFile(const std::string& text, const Source& source, Config* config);

// The SLOs and window tables of one or many files, before they are joined.
struct SloBatch {
  // Windows of one severity: "page", "ticket" or another.
  struct Tier {
    std::string severity;
    std::vector<SloWindow> windows;
  };
  struct Table {
    std::string name;   // By which an SLO may choose it, or "": then its period does.
    Duration period{};  // Zero: of any.
    std::vector<Tier> tiers;
    // Shares of the budget in percent stand for the factors, which follow from the period.
    bool is_share = false;
    const Source* source = nullptr;
    Mark mark;
  };
  struct Item {
    Slo slo;
    const Source* source = nullptr;
    Mark id;         // Of its name.
    Mark objective;  // Where a remark about its alerts points.
    // What it says of itself; unset: the same for all.
    std::optional<Duration> period = {};
    Text windows = {};       // The name of a table.
    Text alert_labels = {};  // "watchfire" or "pyrra"; unset: SloBatch.alert_labels.
    Text policy = {};
    Text mode = {};
    Text min_total = {};
    Text min_bad = {};
    Text no_data = {};
    Text no_data_for = {};
    Text scrape_interval = {};        // Of its metrics.
    std::vector<Text> excluded = {};  // Names of time intervals.
    bool has_own_windows = false;     // Its file gives every alert its windows.
    std::vector<Rule> rules = {};     // That belong to it: alerts on missing data.
  };
  struct Policy {
    std::string name;
    double objective = 0;  // Percent. Which SLOs it is for,
    Duration period{};     // if they name none.
    std::vector<BudgetLevel> levels;
    const Source* source = nullptr;
    Mark mark;
  };
  // A document of OpenSLO: these name each other.
  struct Resource {
    std::string kind;
    const YamlNode* node = nullptr;
    const Source* source = nullptr;
  };
  std::vector<Item> items;
  std::vector<Table> tables;
  std::vector<Policy> policies;
  std::vector<Resource> resources;
  std::deque<std::vector<YamlNode>> documents;  // What `resources` point into.
  bool speaks_metricsql = false;                // As in Datasource.
  std::string alert_labels = {};                // "watchfire" or "pyrra".
  // The SLOs are read by themselves: time intervals are elsewhere, and their names not looked up.
  bool is_alone = false;
  // Where evaluation.slo_windows stands. Null: where it is needed is said instead, because a file
  // that was left out may hold the table it names.
  const Source* default_source = nullptr;
  Mark default_mark = {};
};
void ReadSloFile(const std::string& text, const Source& source, SloBatch* batch);
// Gives every SLO its period, windows and policy, and appends them to `config`.
void SettleSlos(SloBatch batch, Config* config);

}  // namespace watchfire::config
