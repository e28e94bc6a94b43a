// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For the tests of incidents over HTTP: a process with one paging receiver.

#pragma once

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"
#include "pkg/base/json.h"

namespace watchfire::api {

inline std::shared_ptr<const config::Config> IncidentsConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "on-call";
  config->route.group_by = {"service"};
  config->route.key = config->route.id = "{}";
  config->route.group_wait = std::chrono::seconds(1);
  config->route.group_interval = std::chrono::seconds(10);
  config->receivers = {{"on-call", {{"victorops", 0, true, true, nullptr}}}};
  config->datasources.emplace_back();
  for (const char* key : {"first-key", "second-key"}) {
    config->inbound.keys["victorops"].emplace_back().key = Secret(key);
  }
  return config;
}

class IncidentsTest : public testing::Test {
 protected:
  explicit IncidentsTest(std::shared_ptr<const config::Config> config = IncidentsConfig())
      : backend_(std::move(config)) {}

  net::Response Get(const std::string& target) {
    return Handle(MakeRequest("GET", target), backend_);
  }
  net::Response Post(const std::string& target, const std::string& body) {
    return Handle(MakeRequest("POST", target, body), backend_);
  }
  net::Response VictorOps(const std::string& body, const std::string& key = "second-key") {
    return Post("/inbound/victorops/" + key, body);
  }
  // Opens one incident: an alert of that service is paged.
  void Page(const std::string& service, const std::string& team = "core") {
    const std::string labels = R"({"alertname":"Down","severity":"critical","service":")" +
                               service + R"(","team":")" + team + R"("})";
    ASSERT_EQ(Post("/api/v2/alerts", "[{\"labels\":" + labels + "}]").status, 200);
    backend_.Pass(std::chrono::seconds(2));
  }
  std::shared_ptr<const incident::Incident> Find(uint64_t id) {
    return (*backend_.Read(core::kViewIncidents))->incidents.at(id);
  }
  std::string Entity(uint64_t id = 1) { return Find(id)->entity_id; }
  // The vendor's default payload, cut to what matters.
  std::string Flat(const std::string& phase, const std::string& user = "ada") {
    JsonWriter json;
    json.StartObject().Field("INCIDENT.INCIDENT_ID", "14");
    json.Field("INCIDENT.INCIDENT_TIMESTAMP", int64_t{1'790'000'000'000});
    json.Field("STATE.CURRENT_ALERT_PHASE", phase).Field("STATE.ENTITY_ID", Entity());
    json.Field("STATE.ACK_USER", user).Field("STATE.ACK_MSG", "on it");
    json.Key("STATE.RESOLVED_BY");
    phase == "RESOLVED" ? json.String(user) : json.Null();
    return json.EndObject().Take();
  }

  FakeBackend backend_;
};

}  // namespace watchfire::api
