// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The places where the outside world's texts enter the product, each as one function that hands a
// text in the way its real caller does and looks at what comes back. Used by the mutants of
// fuzz_test and by libFuzzer.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace watchfire::fuzz {

struct Outcome {
  bool accepted = false;
  // What is wrong with the product's answer, "" when nothing: a refusal that is not the sender's
  // fault (5xx), or that does not say what is wrong and where; something accepted that cannot be
  // used afterwards.
  std::string complaint;
};

// API bodies and requests (api_targets.cc). Mutants go through the real handlers with a real core
// behind them; "requests" are the bytes of a connection and go through framing as well.
Outcome TryAlerts(std::string_view body);
Outcome TrySilence(std::string_view body);
Outcome TryQuery(std::string_view target);  // "/api/v2/alerts?filter=…", escaped.
Outcome TryRequests(std::string_view bytes);
Outcome TryVictorOps(std::string_view body);
Outcome TryAck(std::string_view body);
// What other tools send: the body is handed to the endpoint of every kind.
Outcome TryInbound(std::string_view body);

// Files (config_targets.cc).
Outcome TryConfig(std::string_view text);
Outcome TryRuleFile(std::string_view text);
Outcome TrySloFile(std::string_view text);
Outcome TryClientFile(std::string_view text);
// Schedules and policies of any vendor (oncall_targets.cc).
Outcome TryOncall(std::string_view text);

// Small languages, and answers to our own questions (text_targets.cc).
Outcome TryTemplates(std::string_view text);
Outcome TryMatchers(std::string_view text);
Outcome TryQueryAnswer(std::string_view body);
Outcome TryPromql(std::string_view text);

struct Target {
  const char* name;  // Its seeds are the files of tests/fuzz/corpus/<name>.
  Outcome (*run)(std::string_view text);
  size_t mutants;  // Its part of the 10,000 of a test run.
};
const std::vector<Target>& Targets();

}  // namespace watchfire::fuzz
