// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Our own top-level keys, in the main file or in those of --config.extra.

#include <algorithm>
#include <array>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

std::map<std::string, std::string> ReadHeaders(Section& section) {
  std::map<std::string, std::string> headers;
  for (const Pair& pair : section.impl().Pairs("headers")) {
    headers.emplace(pair.name, pair.text);
    const auto is_token = [](char c) {
      return (c | 32) >= 'a' && (c | 32) <= 'z' ? true
             : c >= '0' && c <= '9'             ? true
                                                : c == '-' || c == '_';
    };
    const bool is_clean =
        std::ranges::none_of(pair.text, [](char c) { return c == '\r' || c == '\n'; });
    if (pair.name.empty() || !std::ranges::all_of(pair.name, is_token) || !is_clean) {
      section.impl().source.Error(pair.mark, "invalid header " + GoQuote(pair.name));
    }
  }
  return headers;
}

Datasource ReadDatasource(Section& section) {
  static constexpr std::array kTypes = {"prometheus", "thanos", "victoriametrics", "mimir"};
  Datasource datasource;
  datasource.name = section.String("name", datasource.name);
  const std::string type = section.String("type", kTypes.front());
  if (std::ranges::count(kTypes, type) == 0) {
    section.Error("type", "unknown datasource type " + GoQuote(type),
                  "one of prometheus, thanos, victoriametrics, mimir");
  }
  datasource.speaks_metricsql = type == "victoriametrics";
  using Increase = Datasource::Increase;
  const std::map<std::string, Increase> ways = {{"auto", Increase::kAuto},
                                                {"offset", Increase::kOffset},
                                                {"anchored", Increase::kAnchored},
                                                {"victoriametrics", Increase::kVictoriaMetrics}};
  const std::string increase = section.String("increase", "auto");
  const auto way = ways.find(increase);
  if (way != ways.end()) {
    datasource.increase = way->second;
  } else {
    section.Error("increase", "unknown way to ask for an increase " + GoQuote(increase),
                  "one of auto, offset, anchored, victoriametrics");
  }
  datasource.url = section.Url("url", datasource.url);
  datasource.external_url = section.Url("external_url");
  for (std::string* url : {&datasource.url, &datasource.external_url}) {
    while (url->ends_with('/')) url->pop_back();
  }
  datasource.timeout = section.PromDuration("timeout", datasource.timeout);
  if (datasource.timeout == Duration::zero()) section.Error("timeout", "timeout cannot be zero");
  datasource.concurrency = section.Int("concurrency", datasource.concurrency);
  constexpr int kConcurrencyMax = static_cast<int>(limits::kInFlightQueries);
  if (datasource.concurrency < 1 || datasource.concurrency > kConcurrencyMax) {
    section.Error("concurrency",
                  "concurrency must be from 1 to " + std::to_string(kConcurrencyMax));
  }
  datasource.scrape_interval = section.PromDuration("scrape_interval", {});
  datasource.http = section.Http("http_config", datasource.http);
  datasource.headers = ReadHeaders(section);
  section.Finish();
  return datasource;
}

// `remote_write`, with Prometheus' names for what it has in common with it.
RemoteWrite ReadRemoteWrite(Section& section) {
  RemoteWrite write;
  write.url = section.Url("url", "");
  if (!section.Has("url")) section.Error("url", "url for remote_write is empty");
  const size_t host = std::min(write.url.find("://"), write.url.size() - 3) + 3;
  const std::string_view rest =
      std::string_view(write.url).substr(std::min(host, write.url.size()));
  // Not what comes before an @: it may hold a password.
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  authority.remove_prefix(authority.rfind('@') + 1);
  write.name = section.String("name", std::string(authority));
  write.timeout = section.PromDuration("remote_timeout", write.timeout);
  if (write.timeout == Duration::zero()) {
    section.Error("remote_timeout", "remote_timeout cannot be zero");
  }
  write.http = section.Http("http_config", write.http);
  write.headers = ReadHeaders(section);
  section.Finish();
  return write;
}

// A key that one file of the load may set. Returns nullopt when it is absent or set before.
std::optional<Section> ChildOnce(Section& root, const std::string& key, Loader* loader) {
  std::optional<Section> child = root.Child(key);
  if (!child) return std::nullopt;
  const auto [first, is_new] = loader->set_in.emplace(key, root.impl().source.file);
  if (is_new) return child;
  root.Error(key, key + " is already set in " + first->second);
  return std::nullopt;
}

Evaluation ReadEvaluation(Section& section) {
  Evaluation evaluation;
  evaluation.interval = section.PromDuration("interval", evaluation.interval);
  evaluation.resend_delay = section.PromDuration("resend_delay", evaluation.resend_delay);
  if (section.Has("slo_period")) {
    evaluation.slo_period = section.PromDuration("slo_period", Duration::zero());
    if (evaluation.slo_period == Duration::zero()) {
      section.Error("slo_period", "slo_period cannot be zero");
    }
  }
  evaluation.slo_windows = section.String("slo_windows");
  evaluation.scrape_interval = section.PromDuration("scrape_interval", {});
  const std::string mode = section.String("slo_mode", "incremental");
  section.OneOf("slo_mode", mode, {"exact", "incremental"}, "unknown slo_mode " + GoQuote(mode));
  if (mode == "exact") evaluation.slo_mode = SloMode::kExact;
  evaluation.datasource_down_after =
      section.PromDuration("datasource_down_after", evaluation.datasource_down_after);
  if (evaluation.datasource_down_after > kHeartbeatSpanMax) {
    section.Error("datasource_down_after", "datasource_down_after cannot be longer than " +
                                               FormatDuration(kHeartbeatSpanMax));
  }
  if (evaluation.interval == Duration::zero()) {
    section.Error("interval", "interval cannot be zero");
  }
  evaluation.external_labels = ReadLabels(section, "external_labels");
  section.Finish();
  return evaluation;
}

void ReadPatterns(Section& root, const std::string& key, std::vector<Pattern>* out) {
  const Source& source = root.impl().source;
  for (const Text& text : root.impl().Texts(key)) {
    if (text.text.empty()) {
      source.Error(text.mark, "an entry of " + key + " must not be empty");
    } else {
      out->push_back({source.Resolve(text.text), &source, text.mark});
    }
  }
}

// `delivery` and what goes with it, which one file of the load may set.
void ReadDeliveryKeys(Section& root, Loader* loader) {
  for (const char* key : {"delivery", "prompt_resolved", "exact_repeat"}) {
    if (!root.Has(key)) continue;
    const auto [first, is_new] = loader->set_in.emplace(key, root.impl().source.file);
    if (!is_new) root.Error(key, std::string(key) + " is already set in " + first->second);
  }
  ReadTerms(root, &loader->terms);
  CheckTerms(root, loader->terms.delivery);
  loader->config.delivery = loader->terms.delivery;
}

// Of `severity` labels. Their levels are the four of every incident handbook.
void ReadSeverities(Section& section, Incidents* incidents) {
  for (const auto& [value, level] : section.StringMap("severities")) {
    static constexpr std::array<std::string_view, 4> kLevels = {"SEV1", "SEV2", "SEV3", "SEV4"};
    if (std::ranges::find(kLevels, level) == kLevels.end()) {
      section.Error("severities", "severity " + GoQuote(value) + " cannot be " + GoQuote(level),
                    "one of SEV1, SEV2, SEV3, SEV4");
    }
    incidents->severities[value] = level;
  }
}

void ReadClassification(Section& section, Incidents* incidents) {
  incidents->noise_within = section.PromDuration("noise_within", incidents->noise_within);
  incidents->flapping_count = section.Int("flapping_count", incidents->flapping_count);
  if (incidents->flapping_count < 0 || incidents->flapping_count > kFlappingCountMax) {
    section.Error("flapping_count", "flapping_count must be from 0, which is never, to " +
                                        std::to_string(kFlappingCountMax));
  }
  incidents->flapping_within = section.PromDuration("flapping_within", incidents->flapping_within);
  section.Finish();
}

// `paging_receivers`: those of which every integration opens incidents, unless it says `page`.
void ReadIncidents(Section& section, Loader* loader) {
  Incidents& incidents = loader->config.incidents;
  for (Text& text : section.impl().Texts("paging_receivers")) {
    loader->paging_receivers.emplace_back(std::move(text), &section.impl().source);
  }
  incidents.retention = section.PromDuration("retention", incidents.retention);
  incidents.reopen_within = section.PromDuration("reopen_within", incidents.reopen_within);
  if (auto ack = section.Child("ack")) {
    incidents.ack_expires_after = ack->PromDuration("expires_after", incidents.ack_expires_after);
    if (incidents.ack_expires_after > limits::kIncidentHold) {
      ack->Error("expires_after",
                 "an ack cannot last longer than " + FormatDuration(limits::kIncidentHold));
    }
    incidents.remind_before = ack->PromDuration("remind_before", incidents.remind_before);
    ack->Finish();
  }
  if (auto rules = section.Child("classification")) ReadClassification(*rules, &incidents);
  if (auto links = section.Child("ack_links")) ReadAckLinks(*links, loader);
  ReadPromises(section, &incidents);
  ReadRunbooks(section, loader);
  incidents.correlate_by = section.String("correlate_by");
  ReadSeverities(section, &incidents);
  incidents.tell_vendors = section.Bool("tell_vendors", incidents.tell_vendors);
  section.Refuse("re_page");
  section.Finish();
}

}  // namespace

void LoadOwnKeys(Section& root, Loader* loader) {
  const Unshown unshown(root);
  ReadDeliveryKeys(root, loader);
  for (Section& datasource : root.Children("datasources")) {
    Datasource read = ReadDatasource(datasource);
    const auto& known = loader->config.datasources;
    if (std::ranges::find(known, read.name, &Datasource::name) != known.end()) {
      datasource.Error("name", "datasource name " + GoQuote(read.name) + " is not unique");
    }
    loader->config.datasources.push_back(std::move(read));
  }
  for (Section& write : root.Children("remote_write")) {
    RemoteWrite read = ReadRemoteWrite(write);
    auto& known = loader->config.remote_writes;
    if (std::ranges::find(known, read.url, &RemoteWrite::url) != known.end()) {
      write.Error("url", "remote_write writes to this URL twice");
    }
    if (known.size() == limits::kRemoteWrites) {
      write.Error("", "more than " + std::to_string(limits::kRemoteWrites) + " remote_write");
      break;
    }
    known.push_back(std::move(read));
  }
  if (auto evaluation = ChildOnce(root, "evaluation", loader)) {
    loader->slo_alert_labels = evaluation->String("slo_alert_labels", "watchfire");
    evaluation->OneOf("slo_alert_labels", loader->slo_alert_labels, {"pyrra", "watchfire"},
                      "unknown slo_alert_labels " + GoQuote(loader->slo_alert_labels));
    loader->config.evaluation = ReadEvaluation(*evaluation);
    loader->slo_windows_source = &evaluation->impl().source;
    loader->slo_windows_mark = evaluation->impl().At("slo_windows");
  }
  ReadPatterns(root, "rule_files", &loader->rule_patterns);
  ReadPatterns(root, "slo_files", &loader->slo_patterns);
  if (auto inbound = root.Child("inbound")) ReadInbound(*inbound, loader);
  if (auto incidents = ChildOnce(root, "incidents", loader)) ReadIncidents(*incidents, loader);
  LoadHeartbeats(root, loader);
  LoadReports(root, loader);
  LoadEnrichment(root, loader);
  ReadPatterns(root, "oncall_files", &loader->oncall_patterns);
  if (auto oncall = ChildOnce(root, "oncall", loader)) ReadOncall(*oncall, loader);
  if (auto automation = ChildOnce(root, "automation", loader)) ReadAutomation(*automation, loader);
  root.Refuse("error_budget_policies");
}

void FinishOwnKeys(Loader* loader) {
  if (loader->config.datasources.empty()) {
    YamlNode& node = loader->documents.emplace_back();
    node.kind = YamlNode::Kind::kMap;
    const Source& flags = loader->sources.emplace_back("--prometheus.url", &loader->problems);
    if (!loader->options.prometheus_url.empty()) {
      YamlNode& url = node.items.emplace_back();
      url.kind = YamlNode::Kind::kScalar;
      url.text = loader->options.prometheus_url;
      node.keys.push_back({"url", {}});
    }
    Section section = *MakeSection(node, {}, flags, nullptr, "datasource");
    loader->config.datasources.push_back(ReadDatasource(section));
  }
  std::vector<std::string> known;
  for (const Receiver& receiver : loader->config.receivers) known.push_back(receiver.name);
  for (const auto& [name, source] : loader->paging_receivers) {
    if (std::ranges::count(known, name.text) > 0) continue;
    const std::string nearest = Nearest(name.text, known);
    source->Error(name.mark, "undefined receiver " + GoQuote(name.text) + " in paging_receivers",
                  nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?");
  }
  CheckAutomation(loader);
  CheckReports(*loader);
}

}  // namespace watchfire::config
