// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `tracing` and `event_recorder`, which Alertmanager has and we do not: checked as it would, and
// then without effect (reference alertmanager-compat §3.10).

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

void ReadHeaders(Section& section) {
  std::optional<Section> headers = section.Child("headers");
  if (!headers) return;
  for (const Key& key : headers->impl().node.keys) {
    std::optional<Section> entry = headers->Child(key.text);
    if (!entry) continue;
    entry->Strings("values");
    entry->Secrets("secrets");
    entry->Strings("files");
    entry->Finish();
  }
}

void ReadTracing(Section& section) {
  const std::string type = section.String("client_type", "grpc");
  if (!type.empty()) {
    section.OneOf(
        "client_type", type, {"grpc", "http"},
        "expected tracing client type to be http or grpc, but got " + TruncateRunes(type, 60));
  }
  if (section.String("endpoint").empty()) {
    section.Error("endpoint", "tracing endpoint must be set");
  }
  section.Double("sampling_fraction", 0);
  section.Bool("insecure", false);
  section.Tls("tls_config", {}, FilePaths::kAsWritten);
  ReadHeaders(section);
  const std::string compression = section.String("compression");
  section.OneOf("compression", compression, {"", "gzip"},
                "invalid compression type " + TruncateRunes(compression, 60) +
                    " provided, valid options: gzip");
  section.PromDuration("timeout", Duration::zero());
  section.Finish();
}

void ReadFileOutput(Section& section) {
  if (section.String("path").empty()) {
    section.Error("path", "event_recorder file output requires a path");
  }
  section.Finish();
}

void ReadWebhookOutput(Section& section) {
  if (section.SecretUrl("url").empty()) {
    section.Error("url", "event_recorder webhook output requires a url");
  }
  if (section.Has("http_config")) section.Http("http_config", {});
  for (const char* key : {"workers", "max_retries"}) section.Int(key, 0);
  for (const char* key : {"timeout", "retry_backoff"}) {
    section.PromDuration(key, Duration::zero());
  }
  const bool is_batch = section.Bool("batch", false);
  const int events = section.Int("batch_max_events", 0);
  const int bytes = section.Int("batch_max_bytes", 0);
  const Duration interval = section.PromDuration("batch_flush_interval", Duration::zero());
  if (events < 0 || bytes < 0) {
    section.Error(events < 0 ? "batch_max_events" : "batch_max_bytes",
                  "event_recorder webhook batch settings cannot be negative");
  } else if (!is_batch && (events != 0 || bytes != 0 || interval != Duration::zero())) {
    section.Error("batch", "event_recorder webhook batch settings require batch: true");
  }
  section.Finish();
}

void ReadKafkaOutput(Section& section) {
  const std::string what = "event_recorder kafka output";
  const std::vector<std::string> brokers = section.Strings("brokers");
  if (brokers.empty()) section.Error("brokers", what + " requires at least one broker");
  if (std::ranges::count(brokers, "") > 0) {
    section.Error("brokers", what + " broker entries must be non-empty");
  }
  if (section.String("topic").empty()) section.Error("topic", what + " requires a topic");
  section.String("client_id");
  const auto choice = [&](const std::string& key, const std::vector<std::string>& known) {
    const std::string value = section.String(key);
    section.OneOf(key, value, known,
                  what + ": unknown " + key + " " + GoQuote(TruncateRunes(value, 60)));
  };
  choice("format", {"", "json", "protobuf"});
  choice("acks", {"", "none", "leader", "all"});
  choice("compression", {"", "none", "gzip", "snappy", "lz4", "zstd"});
  section.Int("buffer_size", 0);
  section.Tls("tls_config", {}, FilePaths::kFromConfig);
  section.Finish();
}

// Outputs have a name since 0.35, which needs it, and none before.
std::vector<Section> Outputs(Section& section, const std::string& key) {
  std::vector<Section> outputs = section.Children(key);
  for (Section& output : outputs) output.String("name");
  return outputs;
}

void ReadEventRecorder(Section& section) {
  for (Section& output : Outputs(section, "file_outputs")) ReadFileOutput(output);
  for (Section& output : Outputs(section, "webhook_outputs")) ReadWebhookOutput(output);
  for (Section& output : Outputs(section, "kafka_outputs")) ReadKafkaOutput(output);
  for (Section& output : Outputs(section, "stdout_outputs")) output.Finish();
  section.Finish();
}

}  // namespace

void LoadObservability(Section& root) {
  if (auto tracing = root.Child("tracing")) {
    ReadTracing(*tracing);
    root.Warn("tracing", "tracing has no effect: Watchfire exports no traces");
  }
  if (auto recorder = root.Child("event_recorder")) {
    ReadEventRecorder(*recorder);
    root.Warn("event_recorder", "event_recorder has no effect: Watchfire records no events");
  }
}

}  // namespace watchfire::config
