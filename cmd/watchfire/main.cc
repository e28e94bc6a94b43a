// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <string>
#include <vector>

#include "pkg/app/server.h"
#include "pkg/notify/builtin/builtin.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return watchfire::app::Run(arguments, watchfire::notify::builtin::Backends());
}
