// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The resources of OpenSLO v1 that its SLOs name, or hold. Private to pkg/config.
// Source: OpenSLO v1, README.md (reference slo-and-rules §2.3).

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pkg/config/slo_query.h"
#include "pkg/config/slo_reader.h"

namespace watchfire::config::openslo {

// A duration-shorthand: one number and one of m h d w M Q Y.
struct Shorthand {
  int count = 0;
  char unit = 'm';
};
// nullopt after reporting why there is none.
std::optional<Shorthand> ReadShorthand(Section& section, const std::string& key);
// Of m h d w only: others have no fixed length.
std::optional<Duration> ReadLength(Section& section, const std::string& key);
// The same of a window that rolls: a month is 30 days, a quarter 90, a year 365, with a warning.
std::optional<Duration> ReadRolling(Section& section, const std::string& key);

// What tells good events from bad ones, before it is known by which method.
struct Sli {
  // Either total with bad or good, or ratio, or a threshold's query; each with {{.window}} but the
  // last.
  std::string total;
  std::string bad;
  std::string ratio;
  std::string threshold;
  std::string presence;  // Gives data exactly if there is something to tell.

  // The error ratio over {{.window}}. `condition` is what a threshold's samples must be: "< 0.5".
  std::string ErrorRatio(const std::string& condition) const;
};

struct Objective {
  double percent = 0;
  std::string condition;  // Of a threshold: "< bool 0.5".
  double slice_target = 0;
  Duration slice{};
  double weight = 1;
  std::optional<Sli> sli;  // Of a composite's.
  Mark mark;
};

// Brings back the decimals that a percentage loses when it is multiplied.
double Rounded(double percent);

struct Condition {
  std::string name;
  std::string severity;
  SloWindow window;
  Duration hold{};
};

struct Policy {
  std::string name;
  bool when_breaching = false;
  bool when_no_data = false;
  std::optional<Condition> condition;
  std::vector<std::string> targets;
};

// All resources but SLOs, by name. A reference to nothing is reported where it stands.
class Resources {
 public:
  explicit Resources(SloBatch* batch) : batch_(batch) {}

  // Reads a resource of any kind but SLO. Call for all DataSources first, then conditions, targets
  // and SLIs, then policies: each needs those before it.
  void Read(const std::string& kind, Section& root);

  // Each reads what stands inline, or looks up what is named. nullopt after reporting why not.
  std::optional<Sli> ReadSli(Section& parent);  // indicator, indicatorRef
  std::optional<Policy> ReadPolicy(Section& entry);
  // The same of a bare name at `mark`.
  std::optional<Policy> NamedPolicy(const std::string& name, Mark mark, const Source& source);

  bool has_services() const { return !services_.empty(); }
  bool HasService(const std::string& name) const { return services_.contains(name); }

 private:
  std::optional<Sli> ReadSliSpec(Section& spec);
  std::optional<Sli> ReadRatio(Section& ratio);
  std::optional<WindowQuery> ReadMetric(Section& parent, const std::string& key);
  std::string Counted(Section& ratio, const std::string& key, bool is_counter);
  static bool IsKnownType(const std::string& type);
  std::string ForeignType(const YamlNode& spec) const;
  bool IsForeign(Section& root, const std::string& name);
  void CheckType(Section& source, const std::string& key, const std::string& type);
  std::optional<Condition> ReadConditionSpec(Section& spec, const std::string& name);
  std::optional<Condition> ReadCondition(Section& entry);
  std::optional<Policy> ReadPolicySpec(Section& spec, const std::string& name);

  SloBatch* const batch_;
  std::map<std::string, std::string> sources_;  // Name -> type.
  std::map<std::string, std::string> foreign_;  // SLIs of others' sources -> type.
  std::map<std::string, std::string> services_;
  std::map<std::string, std::string> targets_;  // Name -> target.
  // Null: there is one, but it is wrong, which was reported.
  std::map<std::string, std::optional<Condition>> conditions_;
  std::map<std::string, std::optional<Sli>> slis_;
  std::map<std::string, std::optional<Policy>> policies_;
};

// `composite`: where its indicator is looked up if it has one of its own, else null.
Objective ReadObjective(Section& section, BudgetMethod method, Resources* composite,
                        bool has_threshold);

}  // namespace watchfire::config::openslo
