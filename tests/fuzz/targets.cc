// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/fuzz/targets.h"

namespace watchfire::fuzz {

const std::vector<Target>& Targets() {
  static const auto* targets =
      new std::vector<Target>{{"alerts", TryAlerts, 1000},      {"silences", TrySilence, 1200},
                              {"queries", TryQuery, 800},       {"requests", TryRequests, 600},
                              {"victorops", TryVictorOps, 500}, {"acks", TryAck, 300},
                              {"config", TryConfig, 1200},      {"rules", TryRuleFile, 600},
                              {"slos", TrySloFile, 900},        {"clients", TryClientFile, 300},
                              {"templates", TryTemplates, 700}, {"matchers", TryMatchers, 500},
                              {"answers", TryQueryAnswer, 200}, {"oncall", TryOncall, 400},
                              {"promql", TryPromql, 400},       {"inbound", TryInbound, 400}};
  return *targets;
}

}  // namespace watchfire::fuzz
