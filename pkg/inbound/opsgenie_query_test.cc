// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/opsgenie_query.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/rng.h"

namespace watchfire::inbound {
namespace {

using testing::HasSubstr;

OpsgenieAlert Made() {
  OpsgenieAlert alert;
  alert.id = "abc-1790000000000";
  alert.tiny_id = "4711";
  alert.alias = "Life is too short for no alias";
  alert.message = "An example alert message";
  alert.description = "Every alert needs a description";
  alert.priority = "P1";
  alert.entity = "An example entity";
  alert.source = "cron";
  alert.owner = "ada";
  alert.tags = {"OverwriteQuietHours", "Critical"};
  alert.actions = {"Restart"};
  alert.responders = {"team:NOC", "user:trinity@opsgenie.com"};
  alert.details = labels::LabelSet({{"region", "eu-west"}, {"service", "billing api"}});
  alert.is_acknowledged = true;
  alert.acked_by = "Ada";
  alert.created_at = alert.updated_at = FromNanos(1'790'000'000'000'000'000);
  return alert;
}

void ExpectFinds(const std::string& query, bool finds) {
  const auto parsed = OpsgenieQuery::Parse(query);
  ASSERT_TRUE(parsed) << query << ": " << parsed.error().message;
  EXPECT_EQ(parsed->Matches(Made()), finds) << query;
}

TEST(OpsgenieQueryTest, ConditionsOnEveryField) {
  for (const char* query : {"",
                            "  ",
                            "status: open",
                            "status:open AND priority: P1",
                            "status = OPEN",
                            "example",
                            "alias: \"Life is too short for no alias\"",
                            "tag: critical",
                            "tags : Over*",
                            "acknowledged: true",
                            "isSeen: true",
                            "createdAt > 1470394841148",
                            "createdAt >= 2026-01-01",
                            "createdAt<01-01-2030",
                            "createdAt > 2026-01-01T10:00:00Z",
                            "lastOccurredAt > 1470394841148",
                            "updatedAt <= 1790000000000",
                            "entity: \"an example*\"",
                            "snoozed: false",
                            "count >= 1",
                            "count: 1",
                            "tinyId: 4711",
                            "alertId: abc-1790000000000",
                            "message: example",
                            "message: *alert*",
                            "message: exam*",
                            "description: \"needs a\"",
                            "message = \"an example alert message\"",
                            "teams: noc",
                            "responders: trinity@*",
                            "owner: ADA",
                            "acknowledgedBy: ada",
                            "actions: restart",
                            "details.key: region",
                            "details.value: billing",
                            "details.service: \"billing api\"",
                            "details.region: eu-*",
                            "source: c*n",
                            "integration.name: Watchfire"}) {
    ExpectFinds(query, true);
  }
  for (const char* query :
       {"status: closed", "priority: P2", "nothing", "alias: Life", "createdAt < 1470394841148",
        "status: open AND tag: x", "count > 1", "tinyId > 4711", "message: ample*",
        "message = example", "teams: trinity@*", "snoozedUntil > 0", "details.region: us",
        "details.key: re", "source: c*x"}) {
    ExpectFinds(query, false);
  }
}

TEST(OpsgenieQueryTest, ADayIsAllOfIt) {
  // It was created on 2026-09-21 at 14:13:20 UTC.
  for (const char* query :
       {"createdAt <= 2026-09-21", "createdAt <= 21-09-2026", "createdAt >= 21-09-2026",
        "createdAt: 21-09-2026", "createdAt = 2026-09-21", "createdAt > 20-09-2026",
        "createdAt < 22-09-2026", "NOT createdAt > 21-09-2026", "createdAt > 21-09-2026T14:13:19Z",
        "createdAt <= \"21-09-2026T14:13:20\"", "createdAt: 21-09-2026T16:13:20+02:00"}) {
    ExpectFinds(query, true);
  }
  for (const char* query :
       {"createdAt > 21-09-2026", "createdAt < 21-09-2026", "createdAt: 20-09-2026",
        "createdAt <= 20-09-2026", "createdAt >= 22-09-2026", "createdAt > 21-09-2026T14:13:20Z",
        "createdAt <= 21-09-2026T14:13:19Z"}) {
    ExpectFinds(query, false);
  }
}

TEST(OpsgenieQueryTest, AreJoinedByAndOrNotAndParentheses) {
  for (const char* query :
       {"status: closed OR priority: P1", "NOT status: closed", "(status: open)",
        "NOT (status: closed OR priority: P2)", "status: open priority: P1",
        "status: closed AND priority: P2 OR tag: critical",  // AND binds stronger.
        "priority: (P1 OR P2)", "tag: (critical AND over*)", "tag: (NOT x)", "NOT NOT example",
        "status: open AND (priority: P3 OR (tag: critical AND NOT owner: bo))",
        "message: (nothing OR \"alert message\")", "\"OR\" OR example",
        "status: open OR nothing AND nothing"}) {
    ExpectFinds(query, true);
  }
  for (const char* query :
       {"NOT status: open", "status: closed AND (priority: P1 OR tag: critical)",
        "priority: (P2 OR P3)", "tag: (critical AND x)", "example NOT alert"}) {
    ExpectFinds(query, false);
  }
}

TEST(OpsgenieQueryTest, WhatCannotBeReadIsNamed) {
  const auto fault = [](const std::string& query) {
    const auto parsed = OpsgenieQuery::Parse(query);
    EXPECT_FALSE(parsed) << query;
    return parsed ? std::string() : parsed.error().message;
  };
  EXPECT_THAT(fault("colour: red"), HasSubstr("no field is called \"colour\""));
  EXPECT_THAT(fault("status:"), HasSubstr("\"status:\" lacks its value"));
  EXPECT_THAT(fault("status: AND"), HasSubstr("lacks its value"));
  EXPECT_THAT(fault("createdAt > soon"), HasSubstr("\"soon\" is no time"));
  EXPECT_THAT(fault("createdAt > 31-02-2026"), HasSubstr("\"31-02-2026\" is no time"));
  EXPECT_THAT(fault("count > many"), HasSubstr("\"many\" is no number"));
  EXPECT_THAT(fault("status > open"), HasSubstr("status knows : and = only"));
  EXPECT_THAT(fault("a OR"), HasSubstr("something is missing at its end"));
  EXPECT_THAT(fault("AND a"), HasSubstr("\"AND\" stands where a condition should"));
  EXPECT_THAT(fault("(a OR b"), HasSubstr("a parenthesis is not closed"));
  EXPECT_THAT(fault("a)"), HasSubstr("\")\" closes nothing"));
  EXPECT_THAT(fault("()"), HasSubstr("\")\" stands where a condition should"));
  EXPECT_THAT(fault("message: \"open"), HasSubstr("a quote is not closed"));
  EXPECT_THAT(fault("tag: (status: open)"), HasSubstr("cannot have fields of their own"));
  EXPECT_THAT(fault("status: \"\""), HasSubstr("an empty value"));
  EXPECT_THAT(fault(std::string(100, '(') + "a" + std::string(100, ')')), HasSubstr("too deep"));
  std::string words;
  for (size_t i = 0; i <= OpsgenieQuery::kTokensMax; ++i) words += "a ";
  EXPECT_THAT(fault(words), HasSubstr("more than 1000 words"));
  EXPECT_THAT(fault("message: " + std::string(1001, '*')), HasSubstr("more than 1000 bytes"));
  for (const char* query : {":", "=", "NOT", "NOT NOT", "a AND OR b", "tag: ()", "> 5", "a: :"}) {
    fault(query);
  }
}

TEST(OpsgenieQueryTest, AnyTextIsReadOrRefused) {
  constexpr auto kPieces = std::to_array<std::string_view>(
      {"AND",       "OR",  "NOT",    "(",    ")", ":",  "=", ">",        "<=", "\"",
       "tag",       " ",   "status", "open", "*", "P1", "a", "count",    "5",  "\t",
       "details.x", "x y", "1e99",   "-",    "é", "\\", "",  "createdAt"});
  Rng rng(11);
  size_t taken = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string query;
    for (uint64_t left = rng.Next() % 12; left > 0; --left) {
      query += kPieces[rng.Next() % kPieces.size()];
      if (rng.Next() % 2 == 0) query += ' ';
    }
    const auto parsed = OpsgenieQuery::Parse(query);
    if (!parsed) {
      EXPECT_FALSE(parsed.error().message.empty()) << query;
      continue;
    }
    ++taken;
    parsed->Matches(Made());
    EXPECT_EQ(OpsgenieQuery::Parse("NOT (" + query + ")")
                  .map([](const OpsgenieQuery& negated) { return negated.Matches(Made()); })
                  .value_or(!parsed->Matches(Made())),
              !parsed->Matches(Made()))
        << query;
  }
  EXPECT_GT(taken, 1000U);
}

}  // namespace
}  // namespace watchfire::inbound
