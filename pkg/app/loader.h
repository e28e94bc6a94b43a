// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Loading the configuration from disk, and knowing whether it changed.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pkg/app/flags.h"
#include "pkg/config/config.h"

namespace watchfire::app {

class Loader {
 public:
  Loader(const Flags& flags, std::vector<config::IntegrationKind> kinds);

  // Reads everything. Remembers what was read for Changed().
  config::Loaded Load();
  // True when any file read by the last Load() reads differently now, or a glob matches other
  // files. Content decides, so a ConfigMap swap counts once and a touch not at all.
  bool Changed();

 private:
  std::string Digest();

  config::LoadOptions options_;
  std::vector<config::IntegrationKind> kinds_;
  std::vector<std::string> patterns_;  // Globs asked for by the last Load().
  std::vector<std::string> paths_;     // Files read by it.
  std::string digest_;
};

// The problems of a load, one a line, errors first.
std::string Describe(const std::vector<config::Problem>& problems);

}  // namespace watchfire::app
