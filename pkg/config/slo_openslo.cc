// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// OpenSLO's SLOs: time windows, budgeting methods, objectives, composites.

#include "pkg/config/slo_openslo.h"

#include <algorithm>
#include <set>
#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::config {
namespace {

using openslo::Objective;
using openslo::Policy;
using openslo::Resources;
using openslo::Sli;

class Reader {
 public:
  Reader(Section& root, Resources* resources, SloBatch* batch)
      : root_(root), resources_(resources), batch_(batch) {}

  void Read() {
    for (const char* key : {"apiVersion", "kind"}) root_.String(key);
    metadata_ = ReadMetadata(root_, true);
    std::optional<Section> spec = root_.Child("spec");
    if (!spec && !root_.Has("spec")) root_.Error("spec", "spec must be set");
    root_.Finish();
    if (!spec) return;
    item_.source = &root_.impl().source;
    item_.id = root_.impl().At("metadata");
    ReadOwnAnnotations(metadata_, &item_);
    slo_.file = item_.source->file;
    slo_.alert_name = kBurnAlert;
    slo_.labels = Prefixed(metadata_.labels, "", PairKind::kLabels, *item_.source);
    ReadAnnotations();
    spec->String("description");
    ReadService(*spec);
    std::vector<Section> windows = spec->Children("timeWindow");
    for (Section& window : windows) ReadTimeWindow(window);
    if (windows.size() != 1) {
      spec->Error("timeWindow", "timeWindow must hold exactly one window",
                  "as in [{duration: 28d, isRolling: true}]");
    }
    ReadMethod(*spec);
    const bool is_composite = IsComposite(*spec);
    std::optional<Sli> sli;
    if (!is_composite) sli = resources_->ReadSli(*spec);
    const bool has_threshold = sli && !sli->threshold.empty();
    for (Section& section : spec->Children("objectives")) {
      objectives_.push_back(openslo::ReadObjective(
          section, slo_.method, is_composite ? resources_ : nullptr, has_threshold));
    }
    if (objectives_.empty()) {
      spec->Error("objectives", "objectives must hold at least one objective");
    } else if (has_threshold && objectives_.size() > 1) {
      spec->Error("objectives", "a thresholdMetric takes exactly one objective");
    }
    ReadPolicies(*spec);
    spec->Finish();
    if (objectives_.empty()) return;  // It was reported.
    if (is_composite) {
      AddComposite(*spec);
    } else if (sli) {
      for (size_t i = 0; i < objectives_.size(); ++i) Add(*sli, i);
    }
  }

 private:
  // Those of the resource but for OpenSLO's and our own. A prefix goes.
  void ReadAnnotations() {
    labels::LabelSet::Pairs pairs;
    for (const Pair& pair : metadata_.annotations) {
      if (pair.name.starts_with("openslo.com/") || pair.name.starts_with("watchfire/")) continue;
      if (pair.text.empty()) continue;
      if (!TakesAnnotation(*item_.source, pair.mark, pair.name, pair.text)) continue;
      const size_t slash = pair.name.rfind('/');
      const size_t start = slash == std::string::npos ? 0 : slash + 1;
      pairs.emplace_back(LabelName(pair.name.substr(start)), pair.text);
    }
    annotations_ = labels::LabelSet(std::move(pairs));
  }

  void ReadService(Section& spec) {
    slo_.service = ReadSloName(spec, "service");
    if (!slo_.service.empty() && resources_->has_services() &&
        !resources_->HasService(slo_.service)) {
      spec.Warn("service", "there is no Service " + GoQuote(slo_.service));
    }
    slo_.name = metadata_.name;
    if (!slo_.name.empty() && !IsSloName(slo_.name)) {
      root_.Error("metadata", "invalid name " + GoQuote(slo_.name),
                  "letters, digits, - _ and . between a letter or digit at each end");
    }
  }

  void ReadCalendar(Section& section, Section& window) {
    CalendarPeriod period;
    if (auto start = ReadCivil(section, "startTime")) period.start = *start;
    if (!section.Has("timeZone")) {
      section.Error("timeZone", "timeZone must be set", "as in Europe/Berlin");
    } else {
      period.location = ReadZone(section, "timeZone");
    }
    section.Finish();
    const auto length = openslo::ReadShorthand(window, "duration");
    if (!length) return;
    const CalendarUnit* unit = FindCalendarUnit(std::string(1, length->unit));
    if (unit == nullptr) {
      window.Error("duration", "a calendar counts in days, weeks, months, quarters or years",
                   "one of d w M Q Y");
      return;
    }
    period.unit = unit->unit;
    period.count = unit->count * length->count;
    item_.period = std::chrono::hours(24LL * unit->days * length->count);
    slo_.calendar = period;
  }

  void ReadTimeWindow(Section& window) {
    std::optional<Section> calendar = window.Child("calendar");
    const bool is_rolling = window.Bool("isRolling", false);
    if (calendar && is_rolling) {
      window.Error("isRolling", "a window with a calendar does not roll");
    } else if (!calendar && !is_rolling) {
      window.Error("isRolling", "a window that does not roll needs a calendar",
                   "set isRolling: true, or calendar with startTime and timeZone");
    }
    if (calendar) {
      ReadCalendar(*calendar, window);
    } else {
      item_.period = openslo::ReadRolling(window, "duration");
    }
    window.Finish();
  }

  void ReadMethod(Section& spec) {
    const std::string method = spec.String("budgetingMethod");
    if (!spec.Has("budgetingMethod")) {
      spec.Error("budgetingMethod", "budgetingMethod must be set",
                 "Occurrences, Timeslices or RatioTimeslices");
      return;
    }
    spec.OneOf("budgetingMethod", method, {"Occurrences", "Timeslices", "RatioTimeslices"},
               "unknown budgetingMethod " + GoQuote(method));
    if (method == "Timeslices") slo_.method = BudgetMethod::kTimeslices;
    if (method == "RatioTimeslices") slo_.method = BudgetMethod::kRatioTimeslices;
  }

  // Its objectives, and not itself, have indicators.
  static bool IsComposite(Section& spec) {
    const YamlNode* objectives = spec.impl().Find("objectives");
    const bool is_list = objectives != nullptr && objectives->kind == YamlNode::Kind::kList;
    if (!is_list || spec.Has("indicator") || spec.Has("indicatorRef")) return false;
    return std::ranges::any_of(objectives->items, [](const YamlNode& objective) {
      return objective.Find("indicator") != nullptr || objective.Find("indicatorRef") != nullptr;
    });
  }

  // A policy, what refers to one, or, as many files have it, its bare name.
  std::optional<Policy> ReadPolicy(const YamlNode& entry) {
    if (entry.kind == YamlNode::Kind::kScalar) {
      return resources_->NamedPolicy(entry.text, entry.mark, *item_.source);
    }
    auto section =
        MakeSection(entry, entry.mark, *item_.source, nullptr, "an entry of alertPolicies");
    return section ? resources_->ReadPolicy(*section) : std::nullopt;
  }

  void ReadPolicies(Section& spec) {
    const YamlNode* entries = spec.impl().FindKind("alertPolicies", YamlNode::Kind::kList);
    if (entries == nullptr || entries->items.empty()) return;
    bool is_breaching = false;
    for (const YamlNode& entry : entries->items) {
      std::optional<Policy> policy = ReadPolicy(entry);
      if (!policy) continue;
      is_breaching |= policy->when_breaching;
      policies_.push_back(*std::move(policy));
    }
    item_.has_own_windows = is_breaching || item_.windows.text.empty();
    if (is_breaching && !item_.windows.text.empty()) {
      item_.source->Error(item_.windows.mark,
                          "watchfire/windows and alertPolicies that alert when breaching exclude "
                          "each other",
                          "their conditions are windows, too: keep one of both");
    }
  }

  // What the alerts of a policy say of it.
  static SloAlert AlertOf(const Policy& policy) {
    labels::LabelSet::Pairs pairs = {{"severity", policy.condition->severity},
                                     {"alert_policy", policy.name}};
    if (!policy.targets.empty()) {
      pairs.emplace_back("notification_target", Join(policy.targets, ","));
    }
    SloAlert alert;
    alert.labels = labels::LabelSet(std::move(pairs));
    alert.hold = policy.condition->hold;
    return alert;
  }

  // Adds an SLO of which all but its alerts is known. `absence` gives data when it has none.
  void Finish(SloBatch::Item item, const std::string& absence) {
    Slo& slo = item.slo;
    slo.id = slo.service + "-" + slo.name;
    for (const Policy& policy : policies_) {
      SloAlert alert = AlertOf(policy);
      if (policy.when_breaching) {
        // Those of one severity that are alike in all else share its alert.
        SlotFor(&slo, policy.condition->severity, alert, {policy.condition->name, policy.name})
            .windows.push_back(policy.condition->window);
      }
      if (policy.when_no_data && !absence.empty()) {
        alert.hold = std::max<Duration>(alert.hold, std::chrono::minutes(10));
        alert.annotations = annotations_;
        item.rules.push_back(AbsentRule(slo, "SLOMetricAbsent", absence, alert));
      }
    }
    slo.page.annotations = slo.ticket.annotations = annotations_;
    for (SloSeverity& severity : slo.severities) severity.alert.annotations = annotations_;
    if (item.has_own_windows) {
      slo.page.disabled = slo.page_windows.empty();
      slo.ticket.disabled = slo.ticket_windows.empty();
    }
    batch_->items.push_back(std::move(item));
  }

  void Add(const Sli& sli, size_t index) {
    const Objective& objective = objectives_[index];
    if (slo_.method != BudgetMethod::kOccurrences && objective.slice <= Duration::zero()) return;
    SloBatch::Item item = item_;
    item.objective = objective.mark;
    item.slo = slo_;
    Slo& slo = item.slo;
    if (objectives_.size() > 1) slo.name += "-" + std::to_string(index);
    slo.objective = objective.percent;
    slo.slice = objective.slice;
    const std::string ratio = sli.ErrorRatio(objective.condition);
    if (slo.method == BudgetMethod::kTimeslices) {
      slo.error_ratio_query = BadSlices(ratio, slo.slice, objective.slice_target);
    } else if (slo.method == BudgetMethod::kRatioTimeslices) {
      slo.error_ratio_query = MeanOfSlices(ratio, slo.slice);
    } else if (sli.total.empty()) {
      slo.error_ratio_query = ratio;
    } else {
      slo.error_query = sli.bad;
      slo.total_query = sli.total;
    }
    Finish(std::move(item), Absence(sli));
  }

  void AddComposite(Section& spec) {
    double weights = 0;
    double budgets = 0;  // In percent, weighted.
    for (const Objective& objective : objectives_) {
      const bool lacks_slice =
          slo_.method != BudgetMethod::kOccurrences && objective.slice <= Duration::zero();
      const bool is_odd =
          objective.weight <= 0 || objective.percent <= 0 || objective.percent >= 100;
      if (!objective.sli || lacks_slice || is_odd) return;  // It was reported.
      weights += objective.weight;
      budgets += objective.weight * (100 - objective.percent);
      if (objective.slice != objectives_[0].slice) {
        spec.Error("objectives",
                   "the objectives of a composite must have the same timeSliceWindow");
        return;
      }
      if (slo_.method == BudgetMethod::kTimeslices && objective.percent != objectives_[0].percent) {
        spec.Error("objectives",
                   "a composite of time slices with different targets is not supported yet",
                   "give all objectives the same target");
        return;
      }
    }
    SloBatch::Item item = item_;
    item.objective = objectives_[0].mark;
    item.slo = slo_;
    Slo& slo = item.slo;
    slo.slice = objectives_[0].slice;
    const double budget = budgets / weights;
    slo.objective = openslo::Rounded(100 - budget);
    // A step at which none has data has no error ratio: else it would count as a good one.
    std::string sum, any;
    std::set<std::string> absences;
    for (const Objective& objective : objectives_) {
      const std::string ratio = "(" + objective.sli->ErrorRatio(objective.condition) + ") >= 0";
      // Burn rates add up; times the common budget they are an error ratio.
      const double share = slo.method == BudgetMethod::kTimeslices
                               ? 1
                               : objective.weight * budget / (100 - objective.percent) / weights;
      const std::string bad =
          slo.method == BudgetMethod::kTimeslices
              ? "1 - (" + ratio + ") < bool " + FormatGoFloat(objective.slice_target)
              : ratio;
      if (!sum.empty()) sum += " + ";
      sum += FormatGoFloat(share) + " * (max(" + bad + ") or vector(0))";
      if (!any.empty()) any += " or ";
      any += "max(" + ratio + ")";
      if (!objective.sli->presence.empty()) absences.insert(Absence(*objective.sli));
    }
    sum = "(" + sum + ") and (" + any + ")";
    if (slo.method == BudgetMethod::kOccurrences) {
      slo.error_ratio_query = sum;
    } else {
      const std::string slices =
          slo.method == BudgetMethod::kTimeslices ? "clamp_max(" + sum + ", 1)" : sum;
      slo.error_ratio_query = MeanOfSlices(slices, slo.slice);
    }
    Finish(std::move(item), Join({absences.begin(), absences.end()}, " or "));
  }

  static std::string Absence(const Sli& sli) {
    return sli.presence.empty() ? "" : "absent(" + sli.presence + ")";
  }

  Section& root_;
  Resources* const resources_;
  SloBatch* const batch_;
  Metadata metadata_;
  labels::LabelSet annotations_;  // Of every alert.
  SloBatch::Item item_;           // But for its SLO.
  Slo slo_;                       // What all objectives share.
  std::vector<Objective> objectives_;
  std::vector<Policy> policies_;
};

}  // namespace

void ReadOpenSlo(SloBatch* batch) {
  Resources resources(batch);
  const auto each = [&](const std::vector<std::string>& kinds, auto use) {
    for (const SloBatch::Resource& resource : batch->resources) {
      if (std::ranges::count(kinds, resource.kind) == 0) continue;
      auto root =
          MakeSection(*resource.node, resource.node->mark, *resource.source, nullptr, "a document");
      if (root) use(resource.kind, *root);
    }
  };
  const auto read = [&](const std::string& kind, Section& root) { resources.Read(kind, root); };
  each({"DataSource", "Service", "AlertNotificationTarget"}, read);
  each({"AlertCondition", "SLI"}, read);
  each({"AlertPolicy"}, read);
  each({"SLO"}, [&](const std::string&, Section& root) { Reader(root, &resources, batch).Read(); });
  for (const SloBatch::Resource& resource : batch->resources) {
    static const auto* known = new std::vector<std::string>{"SLO",
                                                            "SLI",
                                                            "DataSource",
                                                            "Service",
                                                            "AlertPolicy",
                                                            "AlertCondition",
                                                            "AlertNotificationTarget"};
    if (std::ranges::count(*known, resource.kind) > 0) continue;
    const std::string nearest = Nearest(resource.kind, *known);
    resource.source->Error(resource.node->At("kind"),
                           "unknown kind " + GoQuote(resource.kind) + " of openslo/v1",
                           nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?");
  }
}

}  // namespace watchfire::config
