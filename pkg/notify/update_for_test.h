// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What people did to an incident, for the tests of receivers that are told of it. Included by tests
// only.

#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "pkg/notify/samples_for_test.h"

namespace watchfire::notify {

inline dispatch::Notification SampleUpdate(config::VendorAct act) {
  dispatch::Notification notification = SampleFiring();
  notification.reason = dispatch::Reason::kRepeat;
  notification.update = {act, 7, "ada", "rolling back <v2> & waiting",
                         FromNanos(1'787'407'600'000'000'000)};
  return notification;
}

// Compares with <directory>/testdata/update-<act>.json; WF_UPDATE_GOLDEN=1 rewrites it.
inline void ExpectUpdateGolden(const std::string& directory, config::VendorAct act,
                               const std::string& actual) {
  const std::string path = directory + "/testdata/update-" + config::VendorActName(act) + ".json";
  if (std::getenv("WF_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << actual;  // NOLINT
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  const std::string wanted{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(actual, wanted) << "differs from " << path;
}

}  // namespace watchfire::notify
