// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Google's slo-generator, v2 (reference slo-and-rules §2.7). Its queries are of one window, which
// they write [window, or leave to be added at their end.

#include <algorithm>
#include <cmath>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/expression.h"
#include "pkg/config/slo_query.h"
#include "pkg/config/slo_reader.h"
#include "pkg/promql/parse.h"
#include "pkg/promql/walk.h"

namespace watchfire::config {
namespace {

constexpr std::string_view kOpenWindow = "[window";

struct Reader {
  Section& section;  // service_level_indicator
  Slo* slo;

  // The query of `key` over the window, inside of `functions`; nullopt after reporting why not.
  std::optional<promql::ExprPtr> Query(const std::string& key,
                                       const std::vector<std::string>& functions) {
    const std::string written(section.String(key));
    if (!section.Has(key)) {
      section.Error(key, key + " must be set");
      return std::nullopt;
    }
    Expression expression;
    for (const std::string& function : functions) expression.text.insert(0, function + "(");
    std::string_view rest = Trim(written);
    size_t at = written.find(rest);
    bool has_window = false;
    while (true) {
      expression.parts.push_back({expression.text.size(), at});
      const size_t open = rest.find(kOpenWindow);
      expression.text += rest.substr(0, open);
      if (open == std::string_view::npos) break;
      has_window = true;
      expression.text += "[" + FormatDuration(kWindowRange);
      rest.remove_prefix(open + kOpenWindow.size());
      at += open + kOpenWindow.size();
    }
    expression.parts.push_back({expression.text.size(), written.size()});
    if (!has_window) expression.text += "[" + FormatDuration(kWindowRange) + "]";
    expression.text.append(functions.size(), ')');
    const auto type = CheckExpression(section, key, expression, false);
    if (!type) return std::nullopt;
    if (!HasSamples(*type)) {
      section.Error(key, key + ": gives a " + std::string(promql::TypeName(*type)),
                    "a query of an SLO gives an instant vector or a scalar");
      return std::nullopt;
    }
    auto parsed = promql::TryParse(expression.text);
    if (!parsed) return std::nullopt;
    return *std::move(parsed);
  }

  std::vector<std::string> Functions() {
    std::vector<std::string> functions = section.Strings("operators");
    if (functions.empty()) functions = {"increase", "sum"};
    return functions;
  }

  void GoodBadRatio() {
    const std::vector<std::string> functions = Functions();
    const bool has_bad = section.Has("filter_bad");
    const auto good = Query("filter_good", functions);
    if (has_bad == section.Has("filter_valid")) {
      section.Error(has_bad ? "filter_valid" : "",
                    "exactly one of filter_bad and filter_valid must be set");
      return;
    }
    const auto other = Query(has_bad ? "filter_bad" : "filter_valid", functions);
    if (!good || !other) return;
    const std::string good_text = PrintQuery(**good);
    const std::string other_text = PrintQuery(**other);
    if (has_bad) {
      slo->error_query = OrNone(other_text, good_text);
      slo->total_query = "(" + OrNone(good_text, other_text) + ") + (" + slo->error_query + ")";
    } else {
      slo->total_query = other_text;
      slo->error_query = Remainder(other_text, good_text);
    }
  }

  void DistributionCut() {
    const double bound = section.Double("threshold_bucket", 0);
    if (!section.Has("threshold_bucket")) {
      section.Error("threshold_bucket", "threshold_bucket must be set", "a bound of a bucket");
    }
    const auto buckets = Query("expression", Functions());
    if (!buckets) return;
    const auto up_to = [&](const std::string& text) {
      const bool is_whole = text.find_first_not_of("0123456789") == std::string::npos;
      promql::ExprPtr expr = *buckets;
      promql::LabelMatcher matcher;
      matcher.name = "le";
      matcher.op = is_whole ? promql::MatchOp::kRegex : promql::MatchOp::kEqual;
      matcher.value = is_whole ? text + "(\\.0)?" : text;
      promql::AddMatcher(&*expr, matcher);
      return PrintQuery(*expr);
    };
    slo->total_query = up_to("+Inf");
    slo->error_query = "(" + slo->total_query + ") - (" + up_to(FormatGoFloat(bound)) + ")";
  }

  void Read(Section& spec, const std::string& method) {
    if (method == "good_bad_ratio") {
      GoodBadRatio();
    } else if (method == "distribution_cut") {
      DistributionCut();
    } else if (method == "query_sli") {
      if (const auto query = Query("expression", {})) {
        slo->error_ratio_query = "1 - (" + PrintQuery(**query) + ")";
      }
    } else {
      spec.OneOf("method", method, {"good_bad_ratio", "distribution_cut", "query_sli"},
                 "unknown method " + GoQuote(method));
      return;
    }
    section.Finish();
  }
};

// labels of the metadata, but for the service and the name, which alerts have in any case.
void ReadGoogleMetadata(Section& root, SloBatch::Item* item) {
  const Metadata metadata = ReadMetadata(root);
  Slo& slo = item->slo;
  slo.name = metadata.name;
  if (!slo.name.empty() && !IsSloName(slo.name)) {
    root.Error("metadata", "invalid name " + GoQuote(slo.name),
               "letters, digits, - _ and . between a letter or digit at each end");
  }
  ReadOwnAnnotations(metadata, item);
  const labels::LabelSet all = Prefixed(metadata.labels, "", PairKind::kLabels, *item->source);
  slo.service = all.Get("service_name");
  if (!IsSloName(slo.service)) {
    root.Error("metadata", "metadata.labels.service_name must be a name");
  }
  slo.labels = all.With({{"service_name", ""}, {"slo_name", ""}});
}

}  // namespace

void ReadSloGenerator(Section& root, SloBatch* batch) {
  root.String("kind");
  root.String("apiVersion");
  SloBatch::Item item;
  item.source = &root.impl().source;
  item.id = root.impl().At("metadata");
  Slo& slo = item.slo;
  slo.file = item.source->file;
  slo.alert_name = kBurnAlert;
  ReadGoogleMetadata(root, &item);
  slo.id = slo.service + "-" + slo.name;
  std::optional<Section> spec = root.Child("spec");
  if (!spec) {
    if (!root.Has("spec")) root.Error("spec", "spec must be set");
    return root.Finish();
  }
  item.objective = spec->impl().At("goal");
  const double goal = ReadShare(*spec, "goal", "a share of good events, as in 0.999");
  slo.objective = std::round(goal * 1e11) / 1e9;
  const std::string description = spec->String("description");
  if (!description.empty()) {
    CheckAnnotation(*item.source, spec->impl().At("description"), "description", description);
    slo.page.annotations = slo.ticket.annotations = {{"description", description}};
  }
  const std::string backend = spec->String("backend");
  const std::string kind = backend.substr(0, backend.find('/'));
  if (kind != "prometheus") {
    spec->Error("backend", "backend " + GoQuote(backend) + " is not supported", "prometheus is");
  }
  spec->Value("exporters");  // Results are served at /metrics.
  if (!spec->String("error_budget_policy", "default").empty() && spec->Has("error_budget_policy")) {
    spec->Warn("error_budget_policy", "error_budget_policy has no effect: it stands elsewhere",
               "see windows and policies of docs/slo.md");
  }
  const std::string method = spec->String("method");
  if (auto indicator = spec->Child("service_level_indicator")) {
    Reader{*indicator, &slo}.Read(*spec, method);
  } else if (!spec->Has("service_level_indicator")) {
    spec->Error("service_level_indicator", "service_level_indicator must be set");
  }
  spec->Finish();
  root.Finish();
  batch->items.push_back(std::move(item));
}

}  // namespace watchfire::config
