// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// OpenSLO's objectives: targets, thresholds, time slices, weights.

#include <cmath>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/scalar.h"
#include "pkg/config/slo_openslo.h"

namespace watchfire::config::openslo {
namespace {

void ReadThreshold(Section& section, bool is_threshold, Objective* read) {
  const std::string op = section.String("op");
  const double value = section.Double("value", 0);
  if (!is_threshold) {
    // Many files have both, as v1alpha asked for them: the share of good events is compared.
    if (section.Has("value")) {
      section.Warn("value", "value has no effect", "it goes with thresholdMetric only");
    }
    if (!section.Has("op")) return;
    section.OneOf("op", op, {"lte", "gte", "lt", "gt"}, "unknown op " + GoQuote(op));
    if (op == "lt" || op == "lte") {
      section.Warn("op", "op: " + op + " has no effect: more good events are better here",
                   "it goes with thresholdMetric only");
    }
    return;
  }
  for (const char* key : {"op", "value"}) {
    if (!section.Has(key)) section.Error(key, std::string(key) + " must be set");
  }
  if (section.Has("op")) {
    section.OneOf("op", op, {"lte", "gte", "lt", "gt"}, "unknown op " + GoQuote(op));
  }
  const char* sign = op == "lte" ? "<=" : op == "gte" ? ">=" : op == "lt" ? "<" : ">";
  read->condition = std::string(sign) + " bool " + FormatGoFloat(value);
}

void ReadSlices(Section& section, BudgetMethod method, Objective* read) {
  const std::optional<double> target = ReadNumber(section, "timeSliceTarget");
  read->slice_target = target.value_or(0);
  const bool has_slices = method != BudgetMethod::kOccurrences;
  const bool has_target = method == BudgetMethod::kTimeslices;
  if (section.Has("timeSliceTarget") && !has_target) {
    section.Error("timeSliceTarget", "timeSliceTarget goes with Timeslices only");
  } else if (has_target &&
             (target ? *target <= 0 || *target > 1 : !section.Has("timeSliceTarget"))) {
    section.Error("timeSliceTarget", "timeSliceTarget must be above 0 and at most 1",
                  "the share of a slice that must be good");
  }
  const YamlNode* window = section.impl().Find("timeSliceWindow");
  if (window != nullptr && !has_slices) {
    section.Error("timeSliceWindow", "timeSliceWindow goes with time slices only");
  } else if (has_slices) {
    const auto minutes =
        window != nullptr && window->plain ? ParseYamlNumber(window->text) : std::nullopt;
    read->slice = minutes ? FromSeconds(*minutes * 60)
                          : openslo::ReadLength(section, "timeSliceWindow").value_or(Duration{});
    const bool is_whole = read->slice % std::chrono::milliseconds(1) == Duration::zero();
    if (minutes && (*minutes <= 0 || *minutes > 60 * 24 * 366 || !is_whole)) {
      section.Error("timeSliceWindow", "timeSliceWindow must be a number of minutes above 0");
    }
  }
}

}  // namespace

double Rounded(double percent) { return std::round(percent * 1e9) / 1e9; }

Objective ReadObjective(Section& section, BudgetMethod method, Resources* composite,
                        bool has_threshold) {
  const bool is_composite = composite != nullptr;
  Objective read;
  read.mark = section.impl().node.mark;
  section.String("displayName");
  const std::optional<double> target = ReadNumber(section, "target");
  const std::optional<double> percent = ReadNumber(section, "targetPercent");
  if (section.Has("target") == section.Has("targetPercent")) {
    section.Error(section.Has("target") ? "targetPercent" : "",
                  "exactly one of target and targetPercent must be set");
  } else {
    const char* key = section.Has("target") ? "target" : "targetPercent";
    read.percent = target ? Rounded(*target * 100) : percent.value_or(0);
    if ((target || percent) && (read.percent <= 0 || read.percent >= 100)) {
      section.Error(key, std::string(key) + " must be above 0 and below all",
                    "target is a share, as in 0.999; targetPercent is 99.9 then");
    }
  }
  if (is_composite) read.sli = composite->ReadSli(section);
  const bool is_threshold = is_composite ? read.sli && !read.sli->threshold.empty() : has_threshold;
  ReadThreshold(section, is_threshold, &read);
  read.weight = section.Double("compositeWeight", 1);
  if (read.weight <= 0) {
    section.Error("compositeWeight", "compositeWeight must be above 0");
  } else if (!is_composite && section.Has("compositeWeight")) {
    section.Error("compositeWeight", "compositeWeight goes with objectives that have indicators");
  } else if (method == BudgetMethod::kTimeslices && read.weight != 1) {
    section.Warn("compositeWeight", "compositeWeight has no effect on time slices",
                 "a slice is bad if it is for any objective");
  }
  ReadSlices(section, method, &read);
  section.Finish();
  return read;
}

}  // namespace watchfire::config::openslo
