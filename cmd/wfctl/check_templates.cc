// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/check_templates.h"

#include <algorithm>
#include <utility>

#include "cmd/wfctl/masking.h"
#include "cmd/wfctl/outgoing.h"
#include "pkg/base/strings.h"
#include "pkg/config/oncall.h"

namespace watchfire::wfctl {
namespace {

// Where `node` (".GroupKey") first stands in `text` behind the name of the receiver.
std::pair<int, int> PlaceOf(const std::string& text, const std::string& receiver,
                            const std::string& node) {
  const size_t name = text.find(receiver);
  const size_t at = name == std::string::npos ? name : text.find(node, name);
  if (at == std::string::npos) return {0, 0};
  const std::string_view before = std::string_view(text).substr(0, at);
  const size_t line_start = before.rfind('\n') + 1;  // 0 in the first line.
  return {static_cast<int>(std::ranges::count(before, '\n')) + 1,
          static_cast<int>(at - line_start) + 1};
}

// What a template asks of data that never has it, and a call that no function takes, fail at every
// message, whatever fires. Errors of other kinds may be those of the sample.
bool IsNeverRight(const std::string& fault) {
  return fault.find(": can't evaluate field ") != std::string::npos ||
         fault.find(">: wrong number of args for ") != std::string::npos ||
         fault.find(">: expected string; found ") != std::string::npos;
}

}  // namespace

std::vector<config::Problem> TemplateProblems(const std::string& path, const std::string& text,
                                              const std::shared_ptr<const config::Config>& config,
                                              World& world) {
  Masking masking(*config);
  const notify::Context context = MakeContext(config, world, &masking);
  std::vector<config::Problem> problems;
  for (const config::Receiver& receiver : config->receivers) {
    dispatch::Notification sample;
    sample.receiver = receiver.name;
    sample.group_key = "{}:{alertname=\"Sample\"}";
    sample.group_labels = labels::LabelSet{{"alertname", "Sample"}};
    sample.at = world.now;
    alert::Alert& alert = sample.alerts.emplace_back();
    alert.labels = labels::LabelSet{{"alertname", "Sample"}, {"severity", "critical"}};
    alert.starts_at = world.now;
    for (const config::Integration& integration : receiver.integrations) {
      if (integration.kind == config::kEscalation) continue;
      const Outgoing outgoing = RehearseOne(sample, integration, context);
      const std::string fault =
          outgoing.fault().empty() ? outgoing.rehearsal.flaw : outgoing.fault();
      if (!IsNeverRight(fault)) continue;
      const size_t open = fault.find(" at <");
      const std::string node = open == std::string::npos
                                   ? ""
                                   : fault.substr(open + 5, fault.find(">:", open) - open - 5);
      const auto [line, column] = PlaceOf(text, receiver.name, node);
      problems.push_back({config::Problem::Level::kWarning, path, line, column,
                          "receiver " + GoQuote(receiver.name) + ", " +
                              IntegrationName(integration) +
                              ": a template never renders: " + masking.Mask(fault),
                          "wfctl template render shows what messages look like"});
    }
  }
  return problems;
}

}  // namespace watchfire::wfctl
