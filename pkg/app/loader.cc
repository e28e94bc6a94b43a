// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/loader.h"

#include <utility>

#include "pkg/app/files.h"
#include "pkg/base/digest.h"
#include "pkg/base/limits.h"
#include "pkg/oncall/for_config.h"

namespace watchfire::app {

Loader::Loader(const Flags& flags, std::vector<config::IntegrationKind> kinds)
    : kinds_(std::move(kinds)) {
  options_.path = flags.config_file;
  options_.extra_paths = flags.config_extra;
  options_.rule_globs = flags.rules_files;
  options_.slo_globs = flags.slo_files;
  options_.prometheus_url = flags.prometheus_url;
  options_.matcher_mode = flags.matcher_mode;
  options_.leaves_out_bad_files = true;
  options_.retention = flags.retention;
  options_.read_oncall = oncall::ConfigReader();
}

config::Loaded Loader::Load() {
  patterns_.clear();
  paths_.clear();
  config::Files files = RealFiles();
  files.read = [this, read = files.read](const std::string& path) {
    paths_.push_back(path);
    return read(path);
  };
  files.glob = [this, glob = files.glob](const std::string& pattern) {
    patterns_.push_back(pattern);
    return glob(pattern);
  };
  config::Loaded loaded = config::Load(options_, files, kinds_);
  digest_ = Digest();
  if (loaded.config) options_.previous = loaded.config;
  return loaded;
}

bool Loader::Changed() { return Digest() != digest_; }

std::string Loader::Digest() {
  const config::Files files = RealFiles();
  std::string all;
  for (const std::string& pattern : patterns_) {
    for (const std::string& path : files.glob(pattern)) all += path + "\n";
  }
  for (const std::string& path : paths_) {
    all += path + "\n" + ReadFile(path, limits::kConfigBytes).value_or("(unreadable)") + "\n";
  }
  return Sha256Hex(all);
}

std::string Describe(const std::vector<config::Problem>& problems) {
  std::string text;
  for (const auto level : {config::Problem::Level::kError, config::Problem::Level::kWarning}) {
    for (const config::Problem& problem : problems) {
      if (problem.level != level) continue;
      if (!text.empty()) text += "\n";
      text += problem.ToString();
    }
  }
  return text;
}

}  // namespace watchfire::app
