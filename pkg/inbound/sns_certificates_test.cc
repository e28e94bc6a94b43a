// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/sns_certificates.h"

#include <gtest/gtest.h>

namespace watchfire::inbound {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const std::string kPem = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";
const MonoTime kNow = MonoTime(hours(1));

TEST(SnsCertificatesTest, OneIsFetchedOnceADay) {
  SnsCertificates certificates;
  EXPECT_FALSE(certificates.Find("a", kNow).has_value());
  EXPECT_EQ(*certificates.Fetched("a", kPem, kNow), kPem);
  for (const MonoTime at : {kNow, kNow + hours(23)}) {
    const auto known = certificates.Find("a", at);
    ASSERT_TRUE(known.has_value());
    EXPECT_EQ(known->value(), kPem);
  }
  EXPECT_FALSE(certificates.Find("a", kNow + hours(24)).has_value());
}

TEST(SnsCertificatesTest, OneFetchIsUnderWayAndOthersComeAgain) {
  SnsCertificates certificates;
  EXPECT_FALSE(certificates.Find("a", kNow).has_value());
  for (const char* url : {"a", "b"}) {
    const auto busy = certificates.Find(url, kNow);
    ASSERT_TRUE(busy.has_value()) << url;
    EXPECT_EQ(busy->error().code, Code::kUnavailable);
  }
  (void)certificates.Fetched("a", kPem, kNow);
  EXPECT_FALSE(certificates.Find("b", kNow).has_value());
  EXPECT_TRUE(certificates.Find("a", kNow)->has_value()) << "known, whatever is under way";
}

TEST(SnsCertificatesTest, AFailureIsRememberedForTenSeconds) {
  for (const Result<std::string>& failure :
       {Result<std::string>(Fail(Code::kTimeout, "no answer")), Result<std::string>("<html>")}) {
    SnsCertificates certificates;
    EXPECT_FALSE(certificates.Find("a", kNow).has_value());
    EXPECT_FALSE(certificates.Fetched("a", failure, kNow));
    const auto known = certificates.Find("a", kNow + seconds(9));
    ASSERT_TRUE(known.has_value());
    EXPECT_FALSE(known->has_value());
    EXPECT_FALSE(certificates.Find("a", kNow + seconds(10)).has_value());
  }
}

TEST(SnsCertificatesTest, FewAreKept) {
  SnsCertificates certificates;
  for (int i = 0; i < 17; ++i) {
    const std::string url = std::to_string(i);
    EXPECT_FALSE(certificates.Find(url, kNow + seconds(i)).has_value());
    EXPECT_TRUE(certificates.Fetched(url, kPem, kNow + seconds(i)));
  }
  EXPECT_TRUE(certificates.Find("16", kNow + seconds(17)).has_value());
  EXPECT_TRUE(certificates.Find("1", kNow + seconds(17)).has_value());
  EXPECT_FALSE(certificates.Find("0", kNow + seconds(17)).has_value()) << "the oldest went";
}

}  // namespace
}  // namespace watchfire::inbound
