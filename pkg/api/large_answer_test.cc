// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Answers that are written while they are sent: nothing of them may differ from those of one piece.

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

std::shared_ptr<const config::Config> TestConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "default";
  config->route.key = config->route.id = "{}";
  config->route.group_by = {"group"};
  config->receivers = {{"default", {}}};
  config->datasources.emplace_back();
  return config;
}

class LargeAnswerTest : public testing::Test {
 protected:
  void PostAlerts(int from, int to) {
    std::string body = "[";
    for (int i = from; i < to; ++i) {
      body += std::string(i == from ? "" : ",") + R"({"labels":{"alertname":"A)" +
              std::to_string(i) + R"(","group":"g)" + std::to_string(i % 37) +
              R"("},"annotations":{"summary":")" + std::string(static_cast<size_t>(i % 700), 's') +
              "\"}}";
    }
    const net::Response posted =
        Handle(MakeRequest("POST", "/api/v2/alerts", body + "]"), backend_);
    EXPECT_EQ(posted.status, 200) << posted.body;
  }
  net::Response Get(const std::string& target) {
    return Handle(MakeRequest("GET", target), backend_);
  }
  // The elements of an array, each as its text.
  static std::vector<std::string> Elements(const std::string& body) {
    std::vector<std::string> elements;
    simdjson::dom::parser parser;
    const simdjson::padded_string text(body);
    for (const simdjson::dom::element element : simdjson::dom::array(parser.parse(text))) {
      elements.push_back(simdjson::minify(element));
    }
    return elements;
  }

  FakeBackend backend_{TestConfig()};
};

TEST_F(LargeAnswerTest, IsMadeOfPiecesThatSayTheSame) {
  constexpr int kAlerts = 3'000;
  for (int from = 0; from < kAlerts; from += 100) PostAlerts(from, from + 100);
  for (const std::string target : {"/api/v2/alerts", "/api/v2/alerts/groups"}) {
    backend_.observed.clear();
    net::Response large = Get(target);
    EXPECT_EQ(large.status, 200);
    EXPECT_EQ(HeaderOf(large, "Content-Type"), "application/json");
    EXPECT_EQ(HeaderOf(large, "Cache-Control"), "no-store");
    ASSERT_TRUE(large.write_body) << target;
    EXPECT_TRUE(backend_.observed.empty()) << "it takes until it is written";
    size_t pieces = 0;
    std::string whole;
    large.write_body([&](std::string_view piece) {
      ++pieces;
      whole += piece;
    });
    EXPECT_GT(pieces, 2U);
    EXPECT_LT(pieces, 20U);
    EXPECT_LE(whole.size(), large.body_bytes);
    EXPECT_LT(large.body_bytes, 3 * whole.size());
    EXPECT_TRUE(backend_.observed.empty()) << "it may be asked for once more";
    large = {};
    EXPECT_THAT(backend_.observed, testing::ElementsAre("GET " + target + " 200"));
    EXPECT_EQ(backend_.observed_bytes, whole.size());
    EXPECT_TRUE(whole.ends_with("]\n"));
    // Each part of it is small enough to be of one piece.
    std::vector<std::string> parts;
    for (int group = 0; group < 37; ++group) {
      const net::Response part = Get(target + "?filter=group=g" + std::to_string(group));
      EXPECT_FALSE(part.write_body);
      for (std::string& element : Elements(part.body)) parts.push_back(std::move(element));
    }
    std::vector<std::string> elements = Elements(whole);
    const std::string key = target.ends_with("groups") ? R"("labels":{"group":")" : "fingerprint";
    EXPECT_TRUE(std::ranges::is_sorted(elements, {}, [&key](const std::string& element) {
      return element.substr(element.rfind(key), 40);
    }));
    EXPECT_EQ(elements.size(), target.ends_with("groups") ? 37U : size_t{kAlerts});
    std::ranges::sort(parts);
    std::ranges::sort(elements);
    EXPECT_TRUE(elements == parts);
  }
}

// It shows the moment at which it was asked for, whatever comes meanwhile.
TEST_F(LargeAnswerTest, IsOfOneMoment) {
  for (int from = 0; from < 1'500; from += 100) PostAlerts(from, from + 100);
  const net::Response large = Get("/api/v2/alerts");
  ASSERT_TRUE(large.write_body);
  PostAlerts(5'000, 5'100);
  EXPECT_EQ(Elements(net::WholeBody(large)).size(), 1'500U);
  EXPECT_EQ(Elements(net::WholeBody(Get("/api/v2/alerts"))).size(), 1'600U);
}

}  // namespace
}  // namespace watchfire::api
