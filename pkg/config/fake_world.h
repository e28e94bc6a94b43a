// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A world of a few files and two small backends, for the tests of this folder.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/config/section.h"

namespace watchfire::config {

// What the fake backends read.
struct FakeOptions {
  std::string url;
  Secret token;
  int max = 0;
  HttpConfig http;
};

inline std::vector<IntegrationKind> FakeKinds() {
  const auto parse = [](Section& section, const Global& global) {
    auto options = std::make_shared<FakeOptions>();
    options->token = section.SecretString("token");
    options->url = section.Url("url");
    options->max = section.Int("max_alerts", 0);
    options->http = section.Http("http_config", global.http);
    if (options->url.empty()) section.Error("url", "one of url or url_file must be configured");
    return options;
  };
  // As of a vendor that cannot be told that an ack is over.
  const auto takes = [](const void*, bool) -> unsigned {
    return kVendorAcknowledge | kVendorResolve;
  };
  return {{"webhook", true, false, parse}, {"pager", false, true, parse, false, takes}};
}

// The main file is w.yml unless told otherwise.
struct World {
  std::map<std::string, std::string> files;
  std::map<std::string, Error> failures;  // Files that cannot be read, and why.
  LoadOptions options;

  World() { options.path = "w.yml"; }
  explicit World(const std::string& main) : World() { files["w.yml"] = main; }

  Loaded Load() const {
    Files access;
    access.read = [this](const std::string& path) -> Result<std::string> {
      if (const auto why = failures.find(path); why != failures.end()) return Fail(why->second);
      const auto found = files.find(path);
      if (found == files.end()) return Fail(Code::kNotFound, path + ": No such file or directory");
      return found->second;
    };
    // As a shell does, for patterns of the form DIRECTORY/*.yml.
    access.glob = [this](const std::string& pattern) {
      const size_t star = pattern.find('*');
      if (star == std::string::npos) return std::vector<std::string>{pattern};
      std::vector<std::string> paths;
      for (const auto& [path, text] : files) {
        if (path.starts_with(pattern.substr(0, star)) && path.ends_with(pattern.substr(star + 1))) {
          paths.push_back(path);
        }
      }
      return paths;
    };
    return config::Load(options, access, FakeKinds());
  }

  // Every problem as it prints, warnings marked with "warning ".
  std::vector<std::string> Problems() const { return Print(Load().problems); }

  static std::vector<std::string> Print(const std::vector<Problem>& problems) {
    std::vector<std::string> lines;
    for (const Problem& problem : problems) {
      const bool is_warning = problem.level == Problem::Level::kWarning;
      lines.push_back((is_warning ? "warning " : "") + problem.ToString());
    }
    return lines;
  }
};

// A main file of one receiver and `more`, which starts on line 3.
inline std::string Minimal(const std::string& more = "") {
  return "route: {receiver: a}\nreceivers: [{name: a}]\n" + more;
}

}  // namespace watchfire::config
