// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For the tests of inbound endpoints: a process with a key for every kind, that pages.

#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"
#include "pkg/oncall/reader.h"

namespace watchfire::api {

inline std::shared_ptr<const config::Config> InboundConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "rest";
  config->route.group_by = {"entity_id", "alertname"};
  config->route.key = config->route.id = "{}";
  config->route.group_wait = std::chrono::seconds(1);
  config->route.group_interval = std::chrono::seconds(10);
  config::Route pages = config->route;
  pages.receiver = "on-call";
  pages.matchers = {*matcher::Matcher::Create(matcher::Op::kEqual, "severity", "critical")};
  pages.key = "{}/{severity=\"critical\"}";
  pages.id = pages.key + "/0";
  config->route.routes.push_back(pages);
  config->receivers = {{"rest", {}}, {"on-call", {{"victorops", 0, true, true, nullptr}}}};
  config->datasources.emplace_back();
  for (const std::string_view kind : config::kInboundKinds) {
    config::InboundKey& key = config->inbound.keys[std::string(kind)].emplace_back();
    key.key = Secret(std::string(kind) + "-key");  // None opens the door of another.
    key.labels = labels::LabelSet{{"team", "core"}};
  }
  config::InboundKey& second = config->inbound.keys["victorops"].emplace_back();
  second.key = Secret("second-key");
  second.labels = labels::LabelSet{{"team", "web"}};
  config->inbound.keys["victorops"][0].api_id = Secret("api-id");
  config->inbound.keys["victorops"][0].api_key = Secret("api-key");
  for (const char* kind : {"opsgenie", "pagerduty"}) {
    config::InboundKey& key = config->inbound.keys[kind][0];
    key.api_key = key.key;
  }
  return config;
}

// The same with the people, schedules and policies of that document. Each of `people` has an app.
inline std::shared_ptr<const config::Config> InboundConfigOf(
    const char* roster, std::initializer_list<const char*> people = {}) {
  auto config = std::make_shared<config::Config>(*InboundConfig());
  auto loaded = oncall::Load({{"o.yml", roster}});
  EXPECT_TRUE(loaded.roster.has_value());
  if (loaded.roster) config->oncall.roster = std::make_shared<const oncall::Roster>(*loaded.roster);
  for (const char* name : people) {
    const std::string receiver = std::string(name) + "-app";
    config->receivers.push_back({receiver, {{"webhook", 0, true, false, nullptr}}});
    config->oncall.contacts[name] = {{receiver, {}}};
  }
  return config;
}

class InboundTest : public testing::Test {
 protected:
  net::Response Get(const std::string& target) { return Send(MakeRequest("GET", target)); }
  net::Response Post(const std::string& target, const std::string& body) {
    return Send(MakeRequest("POST", target, body));
  }
  net::Response Send(net::Request request) {
    request.headers.push_back({"Authorization", authorization_});
    return Handle(request, backend_);
  }
  std::shared_ptr<const core::View> Read() {
    return *backend_.Read(core::kViewAlerts | core::kViewIncidents);
  }
  // The labels of those that fire, in the order of their fingerprints.
  std::vector<std::string> Firing() {
    const auto view = Read();
    std::vector<std::string> labels;
    for (const auto& shard : view->alerts) {
      for (const core::AlertRow& row : *shard) {
        if (!row.alert->Resolved(view->at)) labels.push_back(row.alert->labels.ToString());
      }
    }
    return labels;
  }
  // The only alert that fires.
  std::shared_ptr<const alert::Alert> Only() {
    const auto view = Read();
    std::shared_ptr<const alert::Alert> only;
    for (const auto& shard : view->alerts) {
      for (const core::AlertRow& row : *shard) {
        if (row.alert->Resolved(view->at)) continue;
        EXPECT_EQ(only, nullptr) << "another: " << row.alert->labels.ToString();
        only = row.alert;
      }
    }
    EXPECT_NE(only, nullptr);
    return only != nullptr ? only : std::make_shared<const alert::Alert>();
  }
  const incident::Incident& Incident(uint64_t id = 1) {
    incidents_ = Read();
    return *incidents_->incidents.at(id);
  }
  bool HasIncidents() { return !Read()->incidents.empty(); }

  FakeBackend backend_{InboundConfig()};
  std::string authorization_ = "GenieKey opsgenie-key";

 private:
  std::shared_ptr<const core::View> incidents_;
};

}  // namespace watchfire::api
