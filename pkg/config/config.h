// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The validated, immutable configuration: Alertmanager's file, our added keys, and the rule and
// SLO files it names. Defaults are filled in and inheritance is resolved, so readers never ask
// "what if unset". Shared between threads as shared_ptr<const Config>.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/limits.h"
#include "pkg/base/result.h"
#include "pkg/base/secret.h"
#include "pkg/base/time.h"
#include "pkg/config/automation.h"
#include "pkg/config/enrichment.h"
#include "pkg/config/global.h"
#include "pkg/config/heartbeats.h"
#include "pkg/config/http_config.h"
#include "pkg/config/inbound.h"
#include "pkg/config/incidents.h"
#include "pkg/config/oncall.h"
#include "pkg/config/reports.h"
#include "pkg/labels/labels.h"
#include "pkg/matcher/matcher.h"
#include "pkg/templates/default_templates.h"
#include "pkg/templates/template.h"
#include "pkg/timeinterval/timeinterval.h"

namespace watchfire::config {

class Section;
struct AckPolling;

// What is promised about notifications: Alertmanager's best effort with its exact timing, or that
// whoever was told of a fire is told of its end, whatever mutes, restarts and slow receivers do.
enum class Delivery { kAlertmanager, kStrict };

// One entry of a receiver's *_configs list. Its backend parsed and owns `options`.
struct Integration {
  std::string kind;  // "webhook", "victorops"
  int index = 0;     // Position in its list: part of its identity in the notification log.
  bool send_resolved = true;
  bool pages = false;  // Opens incidents.
  std::shared_ptr<const void> options;
  // Ours, `tell_acks` and `incidents.tell_vendors`: bits of VendorAct, what it is told of the
  // incidents that it was paged for.
  unsigned takes = 0;
  bool is_signed = false;  // A webhook with a signing_secret.
  // Ours, `poll_acks`: how the vendor is asked for what people did there. Null: it is not.
  std::shared_ptr<const AckPolling> polling = nullptr;
};

// How fast an integration may be spoken to. What is over it waits; nothing is dropped.
struct SendLimits {
  int max_in_flight = static_cast<int>(limits::kInFlightPerIntegration);  // From 1 to that.
  double per_second = 0;  // Attempts in the long run; 0: no limit.
  int burst = 1;          // Attempts at once after a pause; >= 1.

  bool operator==(const SendLimits&) const = default;
};

struct Receiver {
  std::string name;
  std::vector<Integration> integrations;           // May be empty: a black hole is legal.
  std::map<std::string, std::string> labels = {};  // Always holds "name".
  // Ours, `delivery`: wins over what its routes say. Unset: they decide.
  std::optional<Delivery> delivery = {};
  // Ours, `deadline`: how long one delivery may take, whatever the group's interval. Only set when
  // some route of this receiver is strict, or when it is another's fallback.
  std::optional<Duration> deadline = {};
  // Ours, `max_in_flight` and `rate_limit`: of each of its integrations by itself.
  SendLimits limits = {};
  // Ours, `fallback`: the name of the receiver that gets the page when an integration of this one
  // has owed it for `fallback_after`. Empty: none. Never its own name, and one with integrations.
  std::string fallback = {};
  Duration fallback_after = std::chrono::minutes(5);
};

struct Route {
  std::string receiver;
  matcher::Matchers matchers;  // Own ones only; all must match.
  std::vector<std::string> group_by;
  bool group_by_all = false;  // group_by: ['...']
  bool continue_matching = false;
  Duration group_wait = std::chrono::seconds(30);
  Duration group_interval = std::chrono::minutes(5);
  Duration repeat_interval = std::chrono::hours(4);
  // Names of Config.time_intervals; never inherited, empty at the root. The route is muted while
  // any of the first holds, and active while any of the second does, or when there are none.
  std::vector<std::string> mute_time_intervals;
  std::vector<std::string> active_time_intervals;
  // Templates, those of the parents included; of one name the nearest wins.
  std::map<std::string, std::string> labels;
  // Ours. What holds for notifications of this route itself: its receiver's word, else its own,
  // else its parents', else Config.delivery.
  Delivery delivery = Delivery::kAlertmanager;
  // Ours, inherited, and only where strict. A group that has resolved says so at once instead of at
  // its next interval (off unless asked for: what flaps would page at every turn).
  bool prompt_resolved = false;
  // A repetition comes when repeat_interval is over, not at the first interval behind it (on unless
  // switched off).
  bool exact_repeat = false;
  std::vector<Route> routes;
  std::string key;  // "{}/{severity=\"critical\"}"; the group key's first half (reference §3.4).
  std::string id;   // The key with child indices: unique even for equal siblings.
};

struct InhibitRule {
  std::string name;
  matcher::Matchers source;
  matcher::Matchers target;
  std::vector<std::string> equal;
  // If it is not empty, in place of `equal`: all labels are to be equal but these. Only our own
  // rule about SLOs has it.
  std::vector<std::string> equal_but = {};
};

struct Datasource {
  std::string name = "prometheus";
  std::string url = "http://localhost:9090";  // No trailing slash; may have a path.
  std::string external_url;                   // The same, where a browser reaches it; "": by `url`.
  Duration timeout = std::chrono::seconds(30);
  int concurrency = 16;
  HttpConfig http;
  std::map<std::string, std::string> headers;
  bool speaks_metricsql = false;  // More than PromQL: `type: victoriametrics`.
  // How it is asked for the growth of a counter.
  enum class Increase {
    kAuto,      // As its type has it; by anchored ranges if Prometheus turns out to take them.
    kOffset,    // By what differs from an offset, in PromQL that all understand.
    kAnchored,  // By anchored ranges.
    kVictoriaMetrics,  // By increase(), which adds up there.
  };
  Increase increase = Increase::kAuto;
  // How far apart its samples are, for remarks about the windows of SLOs that do not say it
  // themselves; zero: as `evaluation` has it.
  Duration scrape_interval{};
};

// Where the results of recording rules, and the state of alerts, are written to.
struct RemoteWrite {
  std::string name;  // The URL's host when not given.
  std::string url;
  Duration timeout = std::chrono::seconds(5);
  HttpConfig http;
  std::map<std::string, std::string> headers;
};

struct Rule {
  std::string alert;  // Exactly one of alert and record is set.
  std::string record;
  std::string expr;
  Duration hold{};  // `for`
  Duration keep_firing_for{};
  labels::LabelSet labels;  // Group labels merged in; values as written, for /api/v1/rules.
  labels::LabelSet annotations;
  std::vector<std::pair<std::string, templates::Template>> label_templates;
  std::vector<std::pair<std::string, templates::Template>> annotation_templates;
  std::string printed;  // `expr` as Prometheus prints it; "": as it is written.

  // What /api/v1/rules and links show.
  const std::string& query() const { return printed.empty() ? expr : printed; }
};

struct RuleGroup {
  std::string file;
  std::string name;
  Duration interval = std::chrono::minutes(1);
  Duration query_offset{};
  int limit = 0;  // 0: none.
  std::vector<Rule> rules;
};

// One long/short pair of a multi-window multi-burn-rate alert. Of a single window both are the
// same.
struct SloWindow {
  // How both burn rates must be to the factor; OpenSLO's conditions know all four.
  enum class Compare { kAbove, kAtLeast, kBelow, kAtMost };

  Duration long_window{};
  Duration short_window{};
  double factor = 0;  // A burn rate.
  Compare compare = Compare::kAbove;
};

struct SloAlert {
  bool disabled = false;
  labels::LabelSet labels;
  labels::LabelSet annotations;
  Duration hold{};  // `for`: how long the windows must burn before it fires.
};

// An alert of a severity besides page and ticket: "escalate", or what an OpenSLO file calls it.
struct SloSeverity {
  std::string name;  // The label sloth_severity; unique among those of the SLO.
  SloAlert alert;
  std::vector<SloWindow> windows;
};

// A period that follows the calendar: one begins at `start`, as clocks at `location` show it, and
// the next `count` units later.
struct CalendarPeriod {
  enum class Unit { kDay, kMonth };
  Unit unit = Unit::kMonth;
  int count = 1;             // >= 1: a week is 7 days, a quarter 3 months, a year 12.
  cctz::civil_second start;  // Past the end of a shorter month: its last day.
  timeinterval::Location location;

  bool operator==(const CalendarPeriod&) const = default;
};

// One line of an error budget policy: what is to be done while so much of the budget is left.
struct BudgetLevel {
  std::string condition;  // As written: "budget_remaining < 0.2".
  double low = 0;         // Shares of the budget, both ends included unless said otherwise;
  double high = 0;        // infinite where the condition has no end.
  bool excludes_low = false;
  bool excludes_high = false;
  bool is_exhausted = false;  // Comes before all others.
  std::vector<std::string> actions;
};

// How the numbers of SLOs come about: windows follow from the events of each minute, counted once,
// where they can; or Prometheus is asked for each window.
enum class SloMode { kIncremental, kExact };

// A time interval of the configuration in which the events of an SLO do not count.
struct ExcludedTimes {
  std::string name;                                   // One of Config.time_intervals,
  std::vector<timeinterval::TimeInterval> calendars;  // and what it holds.
};

// How events become a share of the budget (reference §1.5). The queries say it already.
enum class BudgetMethod { kOccurrences, kTimeslices, kRatioTimeslices };

// What becomes of an SLO without data: what fires ends, as in Prometheus; is held for a while; or
// ends, and an alert tells that there is no data.
enum class NoData { kOk, kHold, kAlert };

struct Slo {
  std::string id;    // "<service>-<name>"
  std::string file;  // Where it stands.
  int line = 0;      // There its objective does.
  int column = 0;
  std::string service;
  std::string name;
  double objective = 0;                           // Percent, 0 < x < 100.
  Duration period = std::chrono::hours(24 * 30);  // Of a calendar period the usual length.
  // The budget's period then begins anew with the calendar instead of moving along.
  std::optional<CalendarPeriod> calendar = {};
  // Either error_ratio_query, or error_query and total_query; each holds {{.window}}.
  std::string error_query;
  std::string total_query;
  std::string error_ratio_query;
  labels::LabelSet labels;
  std::string alert_name;
  SloAlert page;
  SloAlert ticket;
  std::vector<SloWindow> page_windows;  // quick, slow
  std::vector<SloWindow> ticket_windows;
  std::vector<SloSeverity> severities = {};  // Further ones.
  // Of little traffic: no pair of windows holds unless its long one has so many events, and so many
  // bad ones. Zero: any number.
  double min_total = 0;
  double min_bad = 0;
  std::optional<SloMode> mode = {};  // Unset: evaluation.slo_mode.
  NoData no_data = NoData::kOk;
  Duration no_data_for{};      // How long to hold, or to wait; zero: see slo::NoDataFor.
  Duration scrape_interval{};  // Of its metrics, if its file says it; else zero.
  BudgetMethod method = BudgetMethod::kOccurrences;
  Duration slice{};                      // Of the two methods that have slices.
  std::string policy = {};               // The name of its error budget policy; "" if it has none.
  std::vector<BudgetLevel> levels = {};  // Of the policy, in the order written.
  std::vector<ExcludedTimes> excluded = {};
};

struct Evaluation {
  Duration interval = std::chrono::minutes(1);  // Of SLOs, and of rule groups that name none.
  Duration resend_delay = std::chrono::minutes(1);
  labels::LabelSet external_labels;
  // What the budgets of SLO files last, which do not say it themselves. Unset: what the only
  // AlertWindows table of the load is for, else 30 days.
  std::optional<Duration> slo_period;
  // The burn-rate windows of SLOs that name none: "workbook", "guide", "pyrra" or a table of
  // theirs.
  std::string slo_windows = {};
  SloMode slo_mode = SloMode::kIncremental;
  // So long after nothing was answered that is an alert of ours; zero: never.
  Duration datasource_down_after = std::chrono::minutes(5);
  Duration
      scrape_interval{};  // Of what SLOs count, for remarks about their windows; zero: unknown.
};

struct Config {
  Global global;
  matcher::Mode matcher_mode = matcher::Mode::kFallback;  // For filters and silences as well.
  Delivery delivery = Delivery::kAlertmanager;            // Ours; routes have it worked in.
  Route route;
  std::vector<InhibitRule> inhibit_rules;
  // By name; any of an entry's calendars may hold. Those of mute_time_intervals are among them.
  std::map<std::string, std::vector<timeinterval::TimeInterval>> time_intervals;
  std::vector<Receiver> receivers;
  // Alertmanager's default templates, and over them those of the files that `templates` names.
  templates::TemplateSet templates = templates::DefaultTemplates();
  std::vector<Datasource> datasources;  // At least one; the first is the default.
  std::vector<RemoteWrite> remote_writes;
  Evaluation evaluation;
  std::vector<RuleGroup> rule_groups;
  std::vector<Slo> slos;
  // Errors of each rule and SLO file; those with some are left out.
  std::map<std::string, size_t> file_errors;
  Inbound inbound;
  Incidents incidents;
  std::vector<Heartbeat> heartbeats;
  std::vector<Report> reports;
  Oncall oncall;
  Automation automation;
  std::vector<Enrichment> enrichments;
  // What /api/v2/status shows: Alertmanager's own keys, defaults filled in, secrets replaced by
  // <secret>. Alertmanager and amtool from 0.25 on load it, unless the file used a newer key.
  std::string original;
  std::vector<Secret> secrets;  // Every one that the files hold, for who must mask them.
  uint64_t hash = 0;            // 48 bits: alertmanager_config_hash.
};

// One thing wrong in a file. Prints as `file:line:column: message (hint)`.
struct Problem {
  enum class Level { kError, kWarning } level = Level::kError;
  std::string file;
  int line = 0;  // From 1; 0 when the file as a whole is meant.
  int column = 0;
  std::string message;
  std::string hint;

  std::string ToString() const;
};

// The outside world, given by the caller: this folder opens no files.
struct Files {
  // Errors: kNotFound, kPermission, kExhausted (larger than limits::kConfigBytes).
  std::function<Result<std::string>(const std::string& path)> read;
  // Sorted matches of a shell pattern; a pattern without wildcard gives itself.
  std::function<std::vector<std::string>(const std::string& pattern)> glob;
};

// The files that `oncall_files` name, as pkg/oncall reads them (oncall::ConfigReader()).
struct OncallRead {
  struct Policy {
    std::string name;
    // Of each step everybody whom it may ever tell, in the order of the document.
    std::vector<std::vector<std::string>> steps;
    bool resets_acks = false;  // A further round takes acks back.
  };
  std::shared_ptr<const oncall::Roster> roster;  // Null iff an error is among the problems.
  std::vector<Problem> problems;
  std::vector<std::string> policies = {};  // Their names.
  // Unset without a roster. Errors: kNotFound; others say why nobody can follow the policy.
  std::function<Result<Policy>(const std::string& name)> find_policy = {};
  std::function<std::string(const std::string& name)> user_name = {};  // Of a name or an alias.
  std::vector<std::string> schedules = {};
  // The name of a schedule that is called so, in whatever way it may be; "": there is none.
  std::function<std::string(const std::string& name)> schedule_name = {};
  std::vector<std::string> teams = {};
  std::vector<std::string> users = {};
  // What pages for a `policy`, `team`, `schedule` or `user` of that name: a policy, or a call of
  // one step. Unset without a roster. Errors: as of find_policy; kConflict: several.
  std::function<Result<Policy>(const std::string& kind, const std::string& name)> find_called = {};
  // The notification rules of somebody called so: how long after the turn, and by what, as the
  // document calls it. Unset without a roster.
  std::function<std::vector<std::pair<Duration, std::string>>(const std::string& name)> rules_of =
      {};
};
using OncallReader =
    std::function<OncallRead(const std::vector<std::pair<std::string, std::string>>& documents)>;

// How a backend takes part in loading: one row per *_configs key (notify/builtin holds the table).
struct IntegrationKind {
  std::string kind;  // The key is kind + "_configs".
  bool send_resolved_default = true;
  bool pages = false;
  // Reads its fields from `section` and reports what is wrong there; the result is ignored if any
  // problem was reported.
  std::function<std::shared_ptr<const void>(Section& section, const Global& global)> parse;
  bool is_own = false;  // Alertmanager does not know it: kept out of Config.original.
  // Bits of VendorAct: what can be told to an integration with these options (never null), besides
  // pages and ends. `is_asked`: by its own `tell_acks`, not by `incidents.tell_vendors` alone.
  // Null: nothing can.
  std::function<unsigned(const void* options, bool is_asked)> takes = {};
};

struct LoadOptions {
  std::string path;                      // The Alertmanager-style main file.
  std::vector<std::string> extra_paths;  // --config.extra: files holding our own top-level keys.
  std::vector<std::string> rule_globs;   // --rules.files; joined with rule_files.
  std::vector<std::string> slo_globs;    // --slo.files; joined with slo_files.
  std::string prometheus_url;            // --prometheus.url: used when no datasources are given.
  matcher::Mode matcher_mode = matcher::Mode::kFallback;
  // Whether rule and SLO files with errors are left out, so that they do not keep the good ones
  // from being used. What `previous` (may be null) has of such a file goes on.
  bool leaves_out_bad_files = false;
  std::shared_ptr<const Config> previous = nullptr;
  Duration retention{};  // --data.retention: longer repeat_intervals are warned of; 0: unknown.
  // Gets the paths and texts of the `oncall_files`. Without it these are an error.
  OncallReader read_oncall = {};
  // The main file stands in for one that is not there: SLOs may name time intervals that it lacks.
  bool is_stand_in = false;
};

struct Loaded {
  // Null iff there is an error among the problems that is not of a file left out.
  std::shared_ptr<const Config> config;
  // In file order; at most limits::kConfigProblems, and when there are more errors come before
  // warnings and the last one says how many were left out. Never holds a secret.
  std::vector<Problem> problems;
};

// Reads and validates everything at once: all errors of all files are reported together. Unknown
// and duplicate keys are errors naming the nearest known key. Relative globs resolve against the
// file that holds them, those of `options` against the working directory. `kinds`: the backends
// there are.
Loaded Load(const LoadOptions& options, const Files& files,
            const std::vector<IntegrationKind>& kinds);

// One rule file or one SLO file on its own (wfctl check). Results are appended to `config`, whose
// `evaluation` gives the defaults. Formats: Prometheus rule files (reference slo-and-rules §2.5);
// those of docs/slo.md, any number of YAML documents, which may name each other.
std::vector<Problem> LoadRuleFile(const std::string& path, const std::string& text, Config* config);
std::vector<Problem> LoadSloFile(const std::string& path, const std::string& text, Config* config);

}  // namespace watchfire::config
