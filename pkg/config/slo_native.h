// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLOs of any format written as watchfire/v1: for who leaves another tool behind.

#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"

namespace watchfire::config {

struct NativeSlos {
  std::vector<std::string> documents;  // JSON, one for each service in the order of its first SLO.
  // What the form cannot say, so that the SLO is left out: "shop-cart: its alerts …".
  std::vector<std::string> left_out;
};

// Each SLO in `documents` reads as it was: that is tried. Policies are named only, and alerts on
// missing data are no part of them. `slos` have no errors.
NativeSlos ToNative(const std::vector<Slo>& slos);

}  // namespace watchfire::config
