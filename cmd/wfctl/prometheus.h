// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A Prometheus for the length of one command: started on an empty temporary directory and a free
// port of this machine, filled by remote write, ended and removed.

#pragma once

#include <memory>
#include <string>

#include <sys/types.h>

#include "pkg/base/result.h"
#include "pkg/net/client.h"
#include "pkg/ruletest/ruletest.h"

namespace watchfire::wfctl {

class Prometheus : public ruletest::Backend {
 public:
  // Starts `program`, a path or a name to be found in $PATH, and waits until it answers.
  // Errors: kNotFound (no such program; the text says how to get one), kUnavailable.
  static Result<std::unique_ptr<Prometheus>> Start(const std::string& program, net::Client& client);
  ~Prometheus() override;
  Prometheus(const Prometheus&) = delete;
  Prometheus& operator=(const Prometheus&) = delete;

  Status Write(const promql::Vector& samples) override;
  Result<promql::Vector> Query(const std::string& expr, WallTime at) override;

 private:
  Prometheus(net::Client& client, std::string directory)
      : client_(client), directory_(std::move(directory)) {}

  Status Launch(const std::string& path);
  Status AwaitReady();
  Result<net::OutResponse> Send(net::OutRequest request);
  std::string LastLog() const;

  net::Client& client_;
  const std::string directory_;
  std::string url_;
  pid_t pid_ = -1;
};

}  // namespace watchfire::wfctl
