// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Core with a hand on its clock, for tests: the store answers when told, receivers too.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/core.h"

namespace watchfire::core {

using std::chrono::minutes;
using std::chrono::seconds;

inline matcher::Matcher Equal(const std::string& name, const std::string& value) {
  return matcher::Matcher::Create(matcher::Op::kEqual, name, value).value();
}

inline std::shared_ptr<config::Config> TestConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "on-call";
  config->route.group_by = {"service"};
  config->route.key = config->route.id = "{}";
  config->route.group_wait = seconds(30);
  config->route.group_interval = minutes(5);
  config->receivers = {{"on-call", {{"victorops", 0, true, true, nullptr}}}};
  config->inhibit_rules = {
      {"", {Equal("severity", "critical")}, {Equal("severity", "warning")}, {"service"}}};
  config->datasources.emplace_back();
  config->evaluation.slo_mode = config::SloMode::kExact;
  return config;
}

// For tests that hold under either contract.
inline auto BothDeliveries() {
  return testing::Values(config::Delivery::kAlertmanager, config::Delivery::kStrict);
}
inline std::string DeliveryName(const testing::TestParamInfo<config::Delivery>& delivery) {
  return delivery.param == config::Delivery::kStrict ? "Strict" : "Alertmanager";
}

class CoreTest : public testing::Test {
 protected:
  CoreTest() { Boot({}); }
  explicit CoreTest(std::shared_ptr<config::Config> config) : config_(std::move(config)) {
    Boot({});
  }

  void Boot(const std::vector<Record>& records) {
    core_ = std::make_unique<Core>(Options{"http://wf", std::chrono::hours(120), minutes(30), 1},
                                   config_);
    EXPECT_THAT(core_->Restore(records, false, now_), testing::IsEmpty());
  }
  Effects Step(std::vector<Event> events = {}) {
    Effects effects = core_->Step(now_, std::move(events));
    for (Effect& effect : effects) {
      if (auto* batch = std::get_if<Persist>(&effect)) {
        batches_.push_back(batch->id);
        for (const Record& record : *batch->records) {
          if (record.value) {
            disk_[{record.table, record.key}] = *record.value;
          } else {
            disk_.erase({record.table, record.key});
          }
        }
      } else if (auto* attempt = std::get_if<Attempt>(&effect)) {
        attempts_.push_back(*attempt);
      } else if (auto* reply = std::get_if<Reply>(&effect)) {
        replies_.push_back(*reply);
      }
    }
    return effects;
  }
  // Lets time pass second by second, the store answering at once.
  void Pass(Duration span) {
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      now_.mono += seconds(1);
      now_.wall += seconds(1);
      Step();
      Commit();
    }
  }
  void Commit(Status status = {}) {
    while (!batches_.empty()) {
      const BatchId id = batches_.back();
      batches_.clear();
      Step({Committed{id, status, Duration::zero()}});
      if (!status) return;
    }
  }
  void Fire(const std::string& name, const std::string& severity, Duration lasts = minutes(60)) {
    alert::Alert alert;
    alert.labels = labels::LabelSet{
        {"alertname", name}, {"service", "api"}, {"severity", severity}, {"team", "core"}};
    alert.starts_at = alert.updated_at = now_.wall;
    alert.ends_at = now_.wall + lasts;
    AlertsArrived arrived;
    arrived.alerts.push_back(std::move(alert));
    arrived.firing = 1;
    Step({std::move(arrived)});
    Commit();
  }
  void Answer(Attempted::Kind kind, const std::string& why = "") {
    ASSERT_FALSE(attempts_.empty());
    AnswerTo(attempts_.back().id, kind, why);
  }
  void AnswerTo(DeliveryId id, Attempted::Kind kind, const std::string& why = "") {
    Attempted outcome;
    outcome.kind = kind;
    outcome.id = id;
    outcome.why = why;
    outcome.failure = "serverError";
    Step({outcome});
    Commit();
  }
  std::vector<Record> Disk() const {
    std::vector<Record> records;
    for (const auto& [key, value] : disk_) records.push_back({key.first, key.second, value});
    return records;
  }
  std::shared_ptr<const View> Read(unsigned parts) {
    Step({ViewRequest{RequestId{99}, parts}});
    return replies_.back().view;
  }
  std::vector<GroupRow> ReadGroups() {
    std::vector<GroupRow> groups;
    for (const auto& shard : Read(kViewGroups)->groups) {
      groups.insert(groups.end(), shard->begin(), shard->end());
    }
    return groups;
  }

  Now now_{MonoTime(std::chrono::hours(1)), FromNanos(1'790'000'000'000'000'000)};
  std::shared_ptr<config::Config> config_ = TestConfig();  // For Boot().
  std::unique_ptr<Core> core_;
  std::map<std::pair<Table, std::string>, std::string> disk_;
  std::vector<BatchId> batches_;
  std::vector<Attempt> attempts_;
  std::vector<Reply> replies_;
};

}  // namespace watchfire::core
