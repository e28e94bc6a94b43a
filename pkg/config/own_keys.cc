// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Watchfire's own top-level keys.

#include <algorithm>

#include "pkg/config/loader.h"
#include "pkg/labels/labels.h"

namespace watchfire::config {
namespace {

Datasource ReadDatasource(Section& section) {
  Datasource datasource;
  datasource.name = section.String("name", datasource.name);
  datasource.url = section.Url("url", datasource.url);
  while (datasource.url.ends_with('/')) datasource.url.pop_back();
  const std::string type = section.String("type", "prometheus");
  const std::vector<std::string> known = {"prometheus", "thanos", "victoriametrics", "mimir"};
  if (std::ranges::find(known, type) == known.end()) {
    section.Error("type", "unknown datasource type \"" + type + "\"",
                  "one of prometheus, thanos, victoriametrics, mimir");
  }
  datasource.timeout = section.PromDuration("timeout", datasource.timeout);
  datasource.concurrency = section.Int("concurrency", datasource.concurrency);
  if (datasource.concurrency < 1 || datasource.concurrency > 1000) {
    section.Error("concurrency", "concurrency must be from 1 to 1000");
    datasource.concurrency = 1;
  }
  if (datasource.timeout <= Duration::zero()) {
    section.Error("timeout", "timeout must be greater than zero");
  }
  datasource.http = section.Http("http_config", {});
  datasource.headers = section.StringMap("headers");
  section.Finish();
  return datasource;
}

void ReadEvaluation(Section& section, Evaluation* evaluation) {
  evaluation->interval = section.PromDuration("interval", evaluation->interval);
  if (evaluation->interval <= Duration::zero()) {
    section.Error("interval", "interval must be greater than zero");
    evaluation->interval = std::chrono::minutes(1);
  }
  evaluation->resend_delay = section.PromDuration("resend_delay", evaluation->resend_delay);
  labels::LabelSet::Pairs pairs;
  for (const auto& [name, value] : section.StringMap("external_labels")) {
    if (!labels::IsClassicLabelName(name)) {
      section.Error("external_labels", "invalid label name \"" + name + "\"");
    }
    pairs.emplace_back(name, value);
  }
  evaluation->external_labels = labels::LabelSet(std::move(pairs));
  section.Finish();
}

void ReadInbound(Section& section, Inbound* inbound, OwnKeys* own) {
  for (Section& entry : section.Children("victorops")) {
    const Secret key = entry.SecretString("key");
    const std::string key_file = entry.String("key_file");
    if (key.empty() == key_file.empty()) {
      entry.Error("key", "exactly one of key and key_file must be configured");
    } else if (!key.empty() && key.reveal().size() < kInboundKeyBytesMin) {
      entry.Error("key", "key is shorter than 8 characters",
                  "it is the only protection of the webhook: use a long random one");
    }
    if (!key.empty()) inbound->victorops_keys.push_back(key);
    if (!key_file.empty()) own->inbound_key_files.push_back(key_file);
    entry.Finish();
  }
  section.Finish();
}

}  // namespace

OwnKeys ReadOwnKeys(Section& root, Config* config) {
  for (Section& section : root.Children("datasources")) {
    Datasource datasource = ReadDatasource(section);
    const bool taken = std::ranges::any_of(config->datasources, [&](const Datasource& other) {
      return other.name == datasource.name;
    });
    if (taken) section.Error("name", "datasource \"" + datasource.name + "\" is not unique");
    config->datasources.push_back(std::move(datasource));
  }
  if (auto section = root.Child("evaluation")) ReadEvaluation(*section, &config->evaluation);
  OwnKeys own;
  own.rule_globs = root.Strings("rule_files");
  own.slo_globs = root.Strings("slo_files");
  if (auto section = root.Child("inbound")) ReadInbound(*section, &config->inbound, &own);
  return own;
}

}  // namespace watchfire::config
