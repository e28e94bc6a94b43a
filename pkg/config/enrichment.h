// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What alerts are told to lack: annotations looked up by the value of one of their labels
// (`enrichment`), such as the runbook, the dashboard and the owner of a service.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace watchfire::config {

struct Enrichment {
  using Annotations = std::vector<std::pair<std::string, std::string>>;  // Sorted by name.

  std::string label;
  std::map<std::string, Annotations, std::less<>> entries;  // By its value.
};

}  // namespace watchfire::config
