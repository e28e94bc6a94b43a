// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLO files: which format a document is of.

#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/slo_reader.h"

namespace watchfire::config {
namespace {

constexpr const char* kSupported =
    "supported: version: prometheus/v1 or watchfire/v1, slis:, policy:, Sloth's "
    "PrometheusServiceLevel and AlertWindows, openslo/v1, SLOs of openslo/v1alpha, and the "
    "ServiceLevelObjective of Pyrra and of slo-generator";

void ReadDocument(const YamlNode& document, const Source& source, SloBatch* batch);

// What kubectl get prints of several.
void ReadList(Section& root, const Source& source, SloBatch* batch) {
  root.String("apiVersion");
  root.String("kind");
  root.Value("metadata");
  const YamlNode* items = root.impl().FindKind("items", YamlNode::Kind::kList);
  if (!root.Has("items")) root.Error("kind", "items must be set", "a list of resources");
  for (size_t i = 0; items != nullptr && i < items->items.size(); ++i) {
    ReadDocument(items->items[i], source, batch);
  }
  root.Finish();
}

void ReadDocument(const YamlNode& document, const Source& source, SloBatch* batch) {
  std::optional<Section> root = MakeSection(document, document.mark, source, nullptr, "a document");
  if (!root) return;
  const auto text = [&](const char* key) {
    const YamlNode* node = document.Find(key);
    return node != nullptr && node->kind == YamlNode::Kind::kScalar ? node->text : std::string();
  };
  const std::string kind = text("kind");
  const std::string api = text("apiVersion");
  if (kind.empty() && api.empty()) {
    if (root->Has("slis")) return ReadSlis(*root, batch);
    if (root->Has("policy")) return ReadBudgetPolicy(*root, batch);
    return ReadSloth(*root, batch);
  }
  if ((kind == "List" && api == "v1") || kind == "PrometheusServiceLevelList" ||
      kind == "ServiceLevelObjectiveList") {
    return ReadList(*root, source, batch);
  }
  if (api == "openslo/v1alpha" && kind == "Service") return;  // It says nothing but its name.
  if (api == "openslo/v1alpha" && kind == "SLO") return ReadOpenSloAlpha(*root, batch);
  if (api == "openslo/v1") return batch->resources.push_back({kind, &document, &source});
  if (kind == "AlertWindows") return ReadAlertWindows(*root, batch);
  if (kind == "PrometheusServiceLevel" && api == "sloth.slok.dev/v1") {
    return ReadSlothResource(*root, batch);
  }
  if (kind == "ServiceLevelObjective" && api == "pyrra.dev/v1alpha1") {
    return ReadPyrra(*root, batch);
  }
  if (kind == "ServiceLevelObjective" && api == "sre.google.com/v2") {
    return ReadSloGenerator(*root, batch);
  }
  root->Error(api.empty() ? "kind" : "apiVersion",
              "kind " + GoQuote(kind) + " of " + GoQuote(api) + " is not supported", kSupported);
}

}  // namespace

void ReadSloFile(const std::string& text, const Source& source, SloBatch* batch) {
  std::optional<std::vector<YamlNode>> documents = ParseYaml(text, source);
  if (!documents) return;
  const std::vector<YamlNode>& kept = batch->documents.emplace_back(*std::move(documents));
  for (const YamlNode& document : kept) {
    if (document.kind == YamlNode::Kind::kNull) continue;
    if (document.kind != YamlNode::Kind::kList || document.items.empty()) {
      ReadDocument(document, source, batch);
      continue;
    }
    // Some keep a list of resources in one document.
    for (const YamlNode& item : document.items) ReadDocument(item, source, batch);
  }
}

}  // namespace watchfire::config
