// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the readers of SLO files share: one file per format, slo_<format>.cc. Private to pkg/config.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/config/expression.h"
#include "pkg/config/loader.h"

namespace watchfire::config {

// The formats. Each reads one document; those that cannot be read are reported.
void ReadSloth(Section& root, SloBatch* batch);          // prometheus/v1, watchfire/v1
void ReadSlothResource(Section& root, SloBatch* batch);  // PrometheusServiceLevel
// Reads the plugins of a service or an SLO that `key` may hold, and reports those that cannot be
// done without. *waits: whether `for` of an alert counts; as it is without them before.
void ReadSlothPlugins(Section& section, const std::string& key, bool* waits);
// Reports `plugin` of an `sli`.
void ReadSliPlugin(Section& sli);
void ReadAlertWindows(Section& root, SloBatch* batch);
void ReadPyrra(Section& root, SloBatch* batch);
void ReadSloGenerator(Section& root, SloBatch* batch);  // Google's, v2
void ReadSlis(Section& root, SloBatch* batch);          // slis:, and policy: beside it
void ReadBudgetPolicy(Section& root, SloBatch* batch);  // policy: alone
// All of batch->resources.
void ReadOpenSlo(SloBatch* batch);
// An SLO of openslo/v1alpha.
void ReadOpenSloAlpha(Section& root, SloBatch* batch);

// `tables` of watchfire/v1.
void ReadTables(Section& root, SloBatch* batch);

// Letters, digits, - _ and . between a letter or digit at each end; at least two of them in Sloth's
// files, ^[A-Za-z0-9][-A-Za-z0-9_.]*[A-Za-z0-9]$. Elsewhere one is enough.
bool IsSloName(const std::string& text, size_t least = 1);
// Reads a name that must be there.
std::string ReadSloName(Section& section, const std::string& key, size_t least = 1);
// Read a number, or a duration; nullopt if there is none, or after reporting what stands there
// instead.
std::optional<double> ReadNumber(Section& section, const std::string& key);
std::optional<Duration> ReadDuration(Section& section, const std::string& key);
// Reads a percentage that is an objective.
double ReadObjective(Section& section, const std::string& key);
// Reads a share that must be there and between 0 and 1; 0 after reporting that it is not.
double ReadShare(Section& section, const std::string& key, const std::string& hint);
// Reads how long a period is, which must be above 0.
Duration ReadPeriod(Section& section, const std::string& key, const std::string& hint);
void CheckObjective(Section& section, const std::string& key, double percent);

// Labels: no empty values, and no templates, which would reach people as they stand.
labels::LabelSet ReadFixedLabels(Section& section, const std::string& key);
// Annotations: no empty values, and templates that parse; see CheckAnnotation.
labels::LabelSet ReadAnnotations(Section& section, const std::string& key);
// Reports what is wrong with a template of an annotation called `name`. Its functions and variables
// are those of Prometheus' rules; `query`, of which there is a warning, has nobody to ask.
void CheckAnnotation(const Source& source, Mark mark, const std::string& name,
                     const std::string& text);
// The same for what was not written for us: what is no template gives a warning, and false.
bool TakesAnnotation(const Source& source, Mark mark, const std::string& name,
                     const std::string& text);
// The pairs of both; `top` wins.
labels::LabelSet Over(const labels::LabelSet& base, const labels::LabelSet& top);

// `metadata` of a Kubernetes resource. Labels and annotations as they stand.
struct Metadata {
  std::string name;
  std::string space;  // namespace
  std::vector<Pair> labels;
  std::vector<Pair> annotations;
};
// `is_strict`: there is nothing in it but what OpenSLO knows.
Metadata ReadMetadata(Section& root, bool is_strict = false);
// Those of `pairs` whose names begin with `prefix`, which goes, as a set. Values with templates are
// reported, as labels; as annotations only what is wrong with them.
enum class PairKind { kLabels, kAnnotations };
labels::LabelSet Prefixed(const std::vector<Pair>& pairs, std::string_view prefix, PairKind kind,
                          const Source& source);
// What the annotations watchfire/<key> say of the SLO: windows, alert_labels, policy, mode,
// min_total, min_bad, no_data, no_data_for, scrape_interval, exclude.
void ReadOwnAnnotations(const Metadata& metadata, SloBatch::Item* item);

// A unit of the calendar: "month", or "M" as OpenSLO writes it. nullptr if it is none.
struct CalendarUnit {
  const char* name;
  const char* letter;
  CalendarPeriod::Unit unit;
  int count;  // Of `unit`.
  int days;   // Usually.
};
const CalendarUnit* FindCalendarUnit(std::string_view text);
// "2026-01-01 00:00:00"; nullopt after reporting why it is none.
std::optional<cctz::civil_second> ReadCivil(Section& section, const std::string& key);
// A name of the IANA database; UTC if absent.
timeinterval::Location ReadZone(Section& section, const std::string& key);

// A name as Prometheus has them: other characters become _.
std::string LabelName(std::string_view text);

// Returns where the alert of `severity` keeps its windows: page (also "critical"), ticket (also
// "warning") or one of slo->severities, which is made if there is none.
struct AlertSlot {
  SloAlert& alert;
  std::vector<SloWindow>& windows;
};
AlertSlot SlotOf(Slo* slo, const std::string& severity);
// The same for an alert with the labels and the wait of `alert`, which the slot gets. One that is
// taken by an alert with others stays as it is: then the first free one of `names` is its own, or
// `severity` with a number.
AlertSlot SlotFor(Slo* slo, const std::string& severity, const SloAlert& alert,
                  const std::vector<std::string>& names);

// Pyrra's four windows for a period: 14 and 7 times to page, 2 and 1 times for a ticket. Errors
// come with a period too short for them. Source: reference §1.4.
std::vector<SloWindow> PyrraWindows(Duration period);

// Gives each pair of windows an alert of its own that says which it is, as Pyrra does: by the
// labels short, long and exhaustion (how long a whole budget lasts at its factor).
void TellWindows(Slo* slo);

// The alert of SLOs whose format gives it no name.
inline constexpr const char* kBurnAlert = "ErrorBudgetBurn";

// A rule for an SLO without data: fires while `absence`, which is PromQL, gives some, once `terms`
// has waited. It has the labels of the SLO's other alerts, those of `terms` over them, and its
// annotations.
Rule AbsentRule(const Slo& slo, const std::string& alert, const std::string& absence,
                const SloAlert& terms);

}  // namespace watchfire::config
