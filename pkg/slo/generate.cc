// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/generate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/no_data.h"

namespace watchfire::slo {
namespace {

constexpr const char* kVersion = "watchfire";

// Sloth's formats, and what its command line calls reading them.
struct Format {
  const char* spec;
  const char* mode;
};
constexpr std::array<Format, 3> kFormats = {{{"prometheus/v1", "cli-gen-prom"},
                                             {"sloth.slok.dev/v1", "cli-gen-k8s"},
                                             {"openslo/v1alpha", "cli-gen-openslo"}}};

labels::LabelSet With(const labels::LabelSet& base, const labels::LabelSet& top) {
  return base.With(top.pairs());
}

class Writer {
 public:
  Writer(const config::Slo& slo, const Format& format, JsonWriter* json)
      : slo_(slo),
        format_(format),
        json_(*json),
        ids_({{"sloth_id", slo.id}, {"sloth_service", slo.service}, {"sloth_slo", slo.name}}) {}

  // `absent`: its alerts on missing data; may be null.
  void Write(const config::RuleGroup* absent) {
    WriteRecords();
    WriteAlerts();
    const bool tells = slo_.no_data == config::NoData::kAlert;
    if (absent == nullptr && !tells) return;
    StartGroup("no-data-alerts");
    if (absent != nullptr) {
      for (const config::Rule& rule : absent->rules) {
        WriteRule(rule.alert, rule.expr, rule.hold, rule.labels, rule.annotations);
      }
    }
    if (tells) WriteNoData();
    EndGroup();
  }

 private:
  void WriteRecords() {
    StartGroup("sli-recordings");
    for (const Duration window : Windows(slo_)) {
      const std::string text = FormatDuration(window);
      Record("slo:sli_error:ratio_rate" + text, ErrorRatioExpr(slo_, window),
             With(ids_, labels::LabelSet{{"sloth_window", text}}));
    }
    EndGroup();
    StartGroup("meta-recordings");
    WriteMeta();
    EndGroup();
  }

  void WriteAlerts() {
    const std::vector<Severity> severities = Severities(slo_);
    bool has_alerts = false;
    for (const Severity& severity : severities) has_alerts |= !severity.pairs.empty();
    if (!has_alerts) return;
    StartGroup("alerts");
    for (const Severity& severity : severities) {
      if (!severity.pairs.empty()) WriteAlert(severity);
    }
    EndGroup();
  }

  void StartGroup(const std::string& what) {
    json_.StartObject().Field("name", "sloth-slo-" + what + "-" + slo_.id);
    json_.Key("rules").StartArray();
  }
  void EndGroup() { json_.EndArray().EndObject(); }

  void WriteSet(const char* key, const labels::LabelSet& set) {
    json_.Key(key).StartObject();
    for (const labels::Label& label : set) json_.Field(label.name, label.value);
    json_.EndObject();
  }

  void Record(const std::string& name, const std::string& expr, const labels::LabelSet& own) {
    json_.StartObject().Field("record", name).Field("expr", expr);
    WriteSet("labels", With(own, slo_.labels));
    json_.EndObject();
  }

  std::string Selector() const {
    return "{sloth_id=" + GoQuote(slo_.id) + ", sloth_service=" + GoQuote(slo_.service) +
           ", sloth_slo=" + GoQuote(slo_.name) + "}";
  }

  std::string Ratio(Duration window) const {
    return "slo:sli_error:ratio_rate" + FormatDuration(window) + Selector();
  }

  void WriteMeta() {
    const std::string ratio = FormatGoFloat(slo_.objective / 100);
    const std::string joined =
        " / on(sloth_id, sloth_slo, sloth_service) group_left slo:error_budget:ratio" + Selector();
    const auto record = [&](const char* name, const std::string& expr) {
      Record(name, expr, ids_);
    };
    record("slo:objective:ratio", "vector(" + ratio + ")");
    record("slo:error_budget:ratio", "vector(1-" + ratio + ")");
    record("slo:time_period:days", "vector(" + FormatGoFloat(ToSeconds(slo_.period) / 86400) + ")");
    record("slo:current_burn_rate:ratio", Ratio(*Windows(slo_).begin()) + joined);
    record("slo:period_burn_rate:ratio", Ratio(slo_.period) + joined);
    record("slo:period_error_budget_remaining:ratio",
           "1 - slo:period_burn_rate:ratio" + Selector());
    Record("sloth_slo_info", "vector(1)",
           With(ids_, labels::LabelSet{{"sloth_mode", format_.mode},
                                       {"sloth_objective", FormatGoFloat(slo_.objective)},
                                       {"sloth_spec", format_.spec},
                                       {"sloth_version", kVersion}}));
  }

  std::string Beyond(Duration window, const config::SloWindow& pair) const {
    static constexpr const char* kSigns[] = {" > ", " >= ", " < ", " <= "};
    return "max(" + Ratio(window) + kSigns[static_cast<size_t>(pair.compare)] + "(" +
           FormatGoFloat(pair.factor) + " * " + FormatGoFloat(BudgetRatio(slo_)) +
           ")) without (sloth_window)";
  }

  void WriteAlert(const Severity& severity) {
    std::string expr;
    for (const config::SloWindow& pair : severity.pairs) {
      std::string both = Beyond(pair.short_window, pair);
      if (pair.long_window != pair.short_window) both += "\nand\n" + Beyond(pair.long_window, pair);
      expr += (expr.empty() ? "(\n" : "\nor\n(\n") + both + "\n)";
    }
    const labels::LabelSet own = With(ids_, {{"sloth_severity", std::string(severity.name)}});
    const labels::LabelSet labels = With(own, severity.alert.labels);
    const std::string subject =
        "{{$labels.sloth_service}} {{$labels.sloth_slo}} SLO error budget burn rate is ";
    const labels::LabelSet annotations{
        {"title", "(" + std::string(severity.name) + ") " + subject + "too fast."},
        {"summary", subject + "over expected."}};
    WriteRule(slo_.alert_name, expr, severity.alert.hold, labels,
              With(annotations, severity.alert.annotations));
  }

  // A ratio that is NaN is no data either.
  void WriteNoData() {
    const Duration shortest = *Windows(slo_).begin();
    const labels::LabelSet annotations{
        {"summary", slo_.service + " " + slo_.name + ": no events over " +
                        FormatDuration(shortest) + ": none of its alerts can fire"}};
    WriteRule(std::string(kNoDataAlertName), "absent(" + Ratio(shortest) + " >= 0)",
              NoDataFor(slo_), NoDataLabels(slo_).With({{"alertname", ""}}), annotations);
  }

  void WriteRule(const std::string& alert, const std::string& expr, Duration hold,
                 const labels::LabelSet& labels, const labels::LabelSet& annotations) {
    json_.StartObject().Field("alert", alert).Field("expr", expr);
    if (hold > Duration::zero()) json_.Field("for", FormatDuration(hold));
    WriteSet("labels", labels);
    WriteSet("annotations", annotations);
    json_.EndObject();
  }

  const config::Slo& slo_;
  const Format& format_;
  JsonWriter& json_;
  const labels::LabelSet ids_;
};

}  // namespace

Generated GenerateRules(const std::vector<config::Slo>& slos,
                        const std::vector<config::RuleGroup>& groups,
                        const std::map<std::string, std::string>& specs) {
  Generated generated;
  JsonWriter json;
  json.StartObject().Key("groups").StartArray();
  for (const config::Slo& slo : slos) {
    if (slo.calendar) {
      generated.left_out.push_back(slo.id + ": its period follows the calendar, which no rule can");
      continue;
    }
    const auto absent = std::ranges::find(groups, "slo " + slo.id, &config::RuleGroup::name);
    const auto spec = specs.find(slo.id);
    const auto format = std::ranges::find_if(kFormats, [&](const Format& each) {
      return spec != specs.end() && spec->second == each.spec;
    });
    Writer(slo, format == kFormats.end() ? kFormats[0] : *format, &json)
        .Write(absent == groups.end() ? nullptr : &*absent);
  }
  generated.json = json.EndArray().EndObject().Take();
  return generated;
}

std::string SlothSpecAt(std::string_view text, int line) {
  size_t end = 0;
  for (size_t from = 0; line > 0 && end != std::string_view::npos; --line, from = end + 1) {
    end = text.find('\n', from);
  }
  const std::string_view before = text.substr(0, end);
  const Format* last = kFormats.data();
  size_t at = 0;
  for (const Format& format : kFormats) {
    const size_t found = before.rfind(format.spec);
    if (found == std::string_view::npos || found < at) continue;
    at = found;
    last = &format;
  }
  return last->spec;
}

}  // namespace watchfire::slo
