// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The alerts of the comparison: number i is always the same one, so that every server gets the
// same. 11 labels, 3 annotations, about 1 kB of JSON each, as kube-state-metrics and a rule with a
// runbook make them.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace watchfire::load {

constexpr size_t kGroupSize = 10;  // Neighbours that share alertname, cluster and service.

enum class Kind {
  kTarget,  // severity warning
  kSource,  // severity critical: inhibits the targets of its cluster, of which every 200th has any
};

std::string AlertJson(Kind kind, size_t number, const std::string& starts_at);

// JSON arrays of `batch` alerts each: those from `first` on. They start now: older ones would not
// wait for their group.
std::vector<std::string> Bodies(Kind kind, size_t first, size_t count, size_t batch);

// The body of a silence with two regular expressions, which mutes deployment `number`. Every tenth
// begins with anything.
std::string SilenceJson(size_t number);

}  // namespace watchfire::load
