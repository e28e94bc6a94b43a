// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For the tests of pkg/incident: a page, a person, and shorthand for what goes well.

#pragma once

#include <vector>

#include <gtest/gtest.h>

#include "pkg/incident/registry.h"

namespace watchfire::incident {

inline const WallTime kStart = FromNanos(1'700'000'000'000'000'000);

inline Page ApiDown() {
  Page page = {
      "on-call", "{}:{service=\"api\"}",           "victorops", "ApiDown", "critical", "core",
      kStart,    kStart + std::chrono::seconds(1), {"ApiDown"}};
  page.is_start_known = true;
  return page;
}
inline const Ack kAda{"ada", ActorType::kHuman, "api", "looking"};
inline const Ack kBob{"bob", ActorType::kHuman, "api", ""};

// Terms without reopening.
inline config::Incidents Never() {
  config::Incidents terms;
  terms.reopen_within = Duration::zero();
  return terms;
}

// A page that goes out and is accepted.
inline void Open(Registry* registry, const Page& page, WallTime now) {
  registry->OnAttempt(page, now);
  registry->OnPaged(page, now);
}

// An act that must be done; the records that it gives.
inline std::vector<Record> Did(Result<std::vector<Record>> records) {
  EXPECT_TRUE(records) << records.error().message;
  return records ? *std::move(records) : std::vector<Record>();
}

}  // namespace watchfire::incident
