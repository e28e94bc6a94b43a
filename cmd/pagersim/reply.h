// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a fake vendor answers.

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace watchfire::pagersim {

struct Reply {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string type = "application/json";
};

}  // namespace watchfire::pagersim
