// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Many test cases in one Prometheus: each sees its own series only, because their names begin with
// a prefix of its own.

#pragma once

#include <string>

#include "pkg/ruletest/ruletest.h"

namespace watchfire::ruletest {

// Is it the same to everything that `test` asks whether names have a prefix? No if an expression
// uses a metric's name as a text, or cannot be read; such a case needs a Prometheus of its own.
bool MayShare(const Suite& suite, const config::TestCase& test);

class Isolated : public Backend {
 public:
  // `shared` outlives it. No two have the same `number`.
  Isolated(Backend& shared, size_t number)
      : shared_(shared), prefix_("case" + std::to_string(number) + ":") {}

  Status Write(const promql::Vector& samples) override;
  // Errors: also kInvalidArgument for what is not PromQL.
  Result<promql::Vector> Query(const std::string& expr, WallTime at) override;
  Result<promql::Vector> Range(const std::string& expr, WallTime from, WallTime to,
                               Duration step) override;

 private:
  // What `expr` is to the shared one, and its answer to this one.
  Result<std::string> Inward(const std::string& expr) const;
  Result<promql::Vector> Outward(Result<promql::Vector> result) const;

  Backend& shared_;
  const std::string prefix_;
};

}  // namespace watchfire::ruletest
