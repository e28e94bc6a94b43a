// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string Exclusion(const std::string& of, const std::string& budget) {
  return R"({"data":{"id":"3",)" + of +
         R"(,"start":"2026-01-31T12:00:00Z","end":"2026-01-31T14:00:00Z",)"
         R"("budgets":[{"slo":"shop-paid","budget":")" +
         budget + R"("}]}})";
}

TEST(SloExcludeTest, TimeIsExcluded) {
  FakeServer server;
  server.answers["POST /api/v1/slos/exclusions"] = {
      {200, Exclusion(R"("slo":["shop-fast","shop-paid"],"service":"")", "not counted")}};
  ASSERT_EQ(server.Ask({"slo", "exclude", "shop-paid", "shop-fast", "--for=2h", "--reason=disks"}),
            kOk)
      << server.err;
  EXPECT_EQ(server.requests.back().body,
            R"({"slo":["shop-paid","shop-fast"],"for":"2h","reason":"disks","author":"ada"})");
  EXPECT_EQ(server.out,
            "exclusion 3: shop-fast, shop-paid from 2026-01-31T12:00:00Z to "
            "2026-01-31T14:00:00Z\n");
  EXPECT_THAT(server.err, IsEmpty());
}

TEST(SloExcludeTest, WhatIsCountedAllTheSameIsSaid) {
  FakeServer server;
  server.answers["POST /api/v1/slos/exclusions"] = {
      {200, Exclusion(R"("slo":[],"service":"shop")", "counted")}};
  ASSERT_EQ(server.Ask({"slo", "exclude", "--service=shop", "--from=2026-01-31T01:00:00Z",
                        "--to=2026-01-31T02:30:00Z", "--reason=move", "--actor=cy"}),
            kOk)
      << server.err;
  EXPECT_EQ(server.requests.back().body,
            R"({"service":"shop","start":"2026-01-31T01:00:00Z","end":"2026-01-31T02:30:00Z",)"
            R"("reason":"move","author":"cy"})");
  EXPECT_THAT(server.out, HasSubstr("exclusion 3: all of shop from "));
  EXPECT_EQ(server.err,
            "wfctl: shop-paid: its budget counts this time all the same, only its alerts are "
            "muted\n");
}

TEST(SloExcludeTest, WhatIsNotCountedYetIsNotSaidToStayCounted) {
  FakeServer server;
  server.answers["POST /api/v1/slos/exclusions"] = {
      {200, Exclusion(R"("slo":[],"service":"shop")", "counted for now")}};
  ASSERT_EQ(server.Ask({"slo", "exclude", "--service=shop", "--for=2h", "--reason=move"}), kOk)
      << server.err;
  EXPECT_EQ(server.err,
            "wfctl: shop-paid: its budget leaves this time out once enough of its period has been "
            "counted\n");
}

TEST(SloExcludeTest, WhatIsIncompleteIsNotAsked) {
  FakeServer server;
  EXPECT_EQ(server.Ask({"slo", "exclude", "--for=2h", "--reason=x"}), kUsage);
  EXPECT_EQ(server.Ask({"slo", "exclude", "a", "--service=b", "--for=2h", "--reason=x"}), kUsage);
  EXPECT_EQ(server.Ask({"slo", "exclude", "a", "--for=2h"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("--reason is missing"));
  EXPECT_EQ(server.Ask({"slo", "exclude", "a", "--reason=x"}), kUsage);
  EXPECT_EQ(server.Ask({"slo", "exclude", "a", "--to=noon", "--reason=x"}), kUsage);
  EXPECT_EQ(server.Ask({"slo", "exclusions", "end"}), kUsage);
  EXPECT_THAT(server.requests, IsEmpty());
}

TEST(SloExcludeTest, ExclusionsAreListedAndTakenBack) {
  FakeServer server;
  server.answers["GET /api/v1/slos/exclusions"] = {
      {200, R"({"data":{"exclusions":[{"id":"3","state":"active","slo":["shop-paid"],)"
            R"("service":"","start":"2026-01-31T12:00:00Z","end":"2026-01-31T14:00:00Z",)"
            R"("author":"ada","reason":"disks"}]}})"}};
  ASSERT_EQ(server.Ask({"slo", "exclusions", "--slo=shop-paid", "--all"}), kOk) << server.err;
  EXPECT_EQ(server.requests.back().path, "/api/v1/slos/exclusions?slo=shop-paid&all=true");
  EXPECT_THAT(server.out, HasSubstr("shop-paid"));
  EXPECT_THAT(server.out, HasSubstr("disks"));
  server.answers["POST /api/v1/slos/exclusions/3/end"] = {
      {200, Exclusion(R"("slo":["shop-paid"],"service":"")", "counted")}};
  ASSERT_EQ(server.Ask({"slo", "exclusions", "end", "3"}), kOk) << server.err;
  EXPECT_EQ(server.requests.back().body, R"({"author":"ada"})");
  EXPECT_THAT(server.out, HasSubstr("exclusion 3 taken back: shop-paid"));
  EXPECT_THAT(server.err, IsEmpty());
  ASSERT_EQ(server.Ask({"slo", "exclusions", "end", "3", "--keep-past"}), kOk) << server.err;
  EXPECT_EQ(server.requests.back().body, R"({"author":"ada","keepPast":true})");
  EXPECT_THAT(server.out, HasSubstr("exclusion 3 over early: shop-paid"));
  EXPECT_EQ(server.Ask({"slo", "exclusions", "end", "4"}), kNo) << "there is none";
}

TEST(SloExcludeTest, TheListOfSlosSaysWhichAreExcluded) {
  FakeServer server;
  server.answers["GET /api/v1/slos"] = {
      {200, R"({"data":{"slos":[{"id":"shop-paid","objective":99,"firing":[],"readings":[],)"
            R"("budget":{"state":"normal"},"lastError":"","exclusion":{"id":"3"}},)"
            R"({"id":"shop-fast","objective":99,"firing":["page"],"readings":[],)"
            R"("budget":{"state":"normal"},"lastError":"","exclusion":null}]}})"}};
  ASSERT_EQ(server.Ask({"slo", "list"}), kOk) << server.err;
  EXPECT_THAT(server.out, HasSubstr(" excluded "));
  EXPECT_THAT(server.out, HasSubstr(" page "));
}

}  // namespace
}  // namespace watchfire::wfctl
