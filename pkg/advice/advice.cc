// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/advice/advice.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "pkg/advice/remarks.h"
#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/problems.h"

namespace watchfire::advice {
namespace {

using config::YamlNode;

// Nullopt where the file cannot be read; the load has said what is wrong with it, then.
std::optional<YamlNode> Reread(const std::string& path, const config::Files& files) {
  const Result<std::string> text = files.read(path);
  if (!text) return std::nullopt;
  config::Problems unheard;
  return config::ParseYamlDocument(*text, config::Source(path, &unheard, *text));
}

// `incidents`, which may stand in any file of ours.
void AdviseIncidents(const YamlNode& root, Remarks* remarks) {
  const YamlNode* incidents = root.Find("incidents");
  const YamlNode* label = incidents == nullptr ? nullptr : incidents->Find("correlate_by");
  if (label == nullptr || !IsUnbounded(label->text)) return;
  remarks->Add("unbounded-label", label->mark,
               "incidents are correlated by " + GoQuote(label->text) +
                   ", which has another value for each request");
}

}  // namespace

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kinds = {
      {"inhibit-without-equal",
       "an inhibition rule without `equal`: one source mutes its targets of every cluster",
       "name in `equal` the labels that tell victims apart"},
      {"short-group-interval",
       "a `group_interval` below 30s: every change of a group is a message of its own",
       "5m is the default; `group_wait` is what makes the first message fast"},
      {"uneven-repeat-interval",
       "a `repeat_interval` that is no multiple of `group_interval`: repetitions come later than "
       "it says",
       "make it a multiple, or set `delivery: strict`"},
      {"unreachable-route",
       "a route that can never match, because of an earlier sibling or of its parents",
       "put it before its sibling, give that `continue: true`, or delete it"},
      {"idle-continue",
       "`continue: true` with no sibling behind it that could match: the parent's receiver is not "
       "asked any more",
       "add a sibling for the second receiver, or take `continue` away"},
      {"group-by-everything",
       "`group_by: ['...']` on a route that pages: each alert is a page of its own",
       "group by what one person would repair at once: [alertname, cluster, service]"},
      {"unbounded-label",
       "groups, incidents or alerts by a label that has another value for each request",
       "leave it out: what identifies an alert must stay the same while the trouble lasts"},
      {"page-without-fallback", "a receiver that pages through one vendor only, with no `fallback`",
       "name in `fallback` who is told when that vendor does not take the page"},
      {"critical-to-nobody", "critical alerts that end at a receiver without integrations",
       "route severity=\"critical\" to a receiver that pages"},
      {"own-api-webhook",
       "a webhook to an Alertmanager's own API: it refuses the body, and v1 is gone since 0.27",
       "send to a tool, or delete the receiver"},
      {"hasty-policy",
       "an escalation policy that goes on, repeats or resolves before anybody can have answered",
       "leave at least 2m between steps: a phone has to ring and somebody to sit up"},
      {"page-without-annotation",
       "an alerting rule that pages and lacks an annotation that a responder needs",
       "add it; --require-annotation says which are wanted"},
      {"page-without-dashboard", "an alerting rule that pages and links no dashboard",
       "add the annotation dashboard_url"},
      {"page-without-for",
       "an alerting rule that pages at the first sample: no `for`, and no window of 5m or more in "
       "its expression",
       "add `for`, or let the expression look back"},
      {"label-never-there",
       "a text of an alerting rule that names a label its expression cannot have, or how a "
       "compared metric is called (`$labels.spec_replicas`): it is always empty",
       "keep the label in `by (...)` or `on (...)`, or take it out of the text"},
      {"slo-exclusion-counts",
       "an SLO excludes time, and its events cannot be counted: its budget has that time all the "
       "same",
       "ask for its bad events and all of them, in sums of rate() or increase()"},
      {"slo-window-too-short",
       "with --prometheus: the shortest window of an SLO holds fewer than four samples of what it "
       "counts",
       "scrape more often or choose longer windows: a rate needs two samples, and a scrape may "
       "miss"},
      {"slo-impossible-ratio",
       "with --prometheus: an SLO counts more good events than events, or more bad ones",
       "its two queries do not count the same: compare their labels"},
      {"slo-objective-unreached",
       "with --prometheus: what an SLO promises was not reached in its last period, or the last 30 "
       "days",
       "promise what can be kept, or expect its alerts from the first day on"},
      {"slo-without-data", "with --prometheus: Prometheus has no data of an SLO",
       "compare the names and labels of its queries with what is scraped"},
  };
  return kinds;
}

Advice About(const char* id, const std::string& file, int line, int column, std::string message) {
  const auto kind = std::ranges::find(Kinds(), std::string_view(id),
                                      [](const Kind& one) { return std::string_view(one.id); });
  WF_CHECK(kind != Kinds().end());
  return {id,
          {config::Problem::Level::kWarning, file, line, column, std::move(message), kind->mend}};
}

void Remarks::Add(const char* id, config::Mark at, std::string message) {
  if (std::ranges::find(options_.ignored, id) != options_.ignored.end()) return;
  if (out_->size() == limits::kConfigProblems) return;
  out_->push_back(About(id, file_, at.line, at.column, std::move(message)));
}

bool IsPagingSeverity(std::string_view severity) {
  const std::string low = ToLower(severity);
  return low == "critical" || low == "page";
}

bool IsUnbounded(std::string_view label) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "requestid", "traceid",       "spanid",        "uuid",     "guid",
      "sessionid", "correlationid", "transactionid", "timestamp"};
  std::string plain;
  for (const char c : ToLower(label)) {
    if (c != '_' && c != '-' && c != '.') plain += c;
  }
  // As headers call it: X-Request-ID.
  std::string_view name = plain;
  if (name.size() > 1 && name.front() == 'x' && label.size() > 1 && !std::isalnum(label[1])) {
    name.remove_prefix(1);
  }
  return std::ranges::find(kNames, name) != kNames.end();
}

const config::Receiver* FindReceiver(const config::Config& config, const std::string& name) {
  const auto found = std::ranges::find(config.receivers, name, &config::Receiver::name);
  return found == config.receivers.end() ? nullptr : &*found;
}

bool Pages(const config::Receiver& receiver) {
  return std::ranges::any_of(receiver.integrations, &config::Integration::pages);
}

const YamlNode* Entry(const YamlNode& node, const std::string& key, size_t index) {
  const YamlNode* list = node.Find(key);
  if (list == nullptr || list->kind != YamlNode::Kind::kList) return nullptr;
  return index < list->items.size() ? &list->items[index] : nullptr;
}

std::vector<Advice> Advise(const config::Config& config, const config::LoadOptions& from,
                           const config::Files& files, const Options& options) {
  std::vector<Advice> all;
  if (const std::optional<YamlNode> root = Reread(from.path, files)) {
    Remarks remarks(from.path, options, &all);
    AdviseRoutes(config, *root, &remarks);
    AdviseReceivers(config, *root, &remarks);
    AdviseIncidents(*root, &remarks);
  }
  std::ranges::stable_sort(
      all, {}, [](const Advice& one) { return std::tuple(one.place.line, one.place.column); });
  for (const std::string& path : from.extra_paths) {
    const std::optional<YamlNode> root = Reread(path, files);
    Remarks remarks(path, options, &all);
    if (root) AdviseIncidents(*root, &remarks);
  }
  for (const auto& [path, errors] : config.file_errors) {
    const std::optional<YamlNode> root = Reread(path, files);
    Remarks remarks(path, options, &all);
    if (root) AdviseRules(config, path, *root, &remarks);
  }
  return all;
}

}  // namespace watchfire::advice
