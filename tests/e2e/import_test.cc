// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The day on which Watchfire takes the place of an Alertmanager: same configuration, same
// --storage.path, and its files in there.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/labels/xxhash.h"
#include "pkg/snapshot/encoder_for_test.h"
#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;
namespace encoder = snapshot::encoder;

constexpr const char* kActive = "11111111-5a63-4c7e-9d5b-0c1d2e3f4a5b";
constexpr const char* kEnded = "22222222-5a63-4c7e-9d5b-0c1d2e3f4a5b";
constexpr const char* kSets = "33333333-5a63-4c7e-9d5b-0c1d2e3f4a5b";
constexpr const char* kGone = "44444444-5a63-4c7e-9d5b-0c1d2e3f4a5b";

// What a test posts: one alert of service `service`, over or not.
std::string Alert(const std::string& name, const std::string& service, bool is_over = false) {
  return R"([{"labels":{"alertname":")" + name + R"(","service":")" + service + "\"}" +
         (is_over ? R"(,"startsAt":"2026-01-01T00:00:00Z","endsAt":"2026-01-01T00:00:01Z"}])"
                  : "}]");
}

class ImportTest : public testing::Test {
 protected:
  ImportTest() : now_(std::chrono::system_clock::now()), data_(dir_.path() + "/data") {
    std::filesystem::create_directory(data_);
    config_ = dir_.Write("alertmanager.yml",
                         "route: {receiver: hook, group_by: [service], group_wait: 0s, "
                         "group_interval: 1s, repeat_interval: 1h}\n"
                         "receivers: [{name: hook, webhook_configs: [{url: '" +
                             sink_.url() + "'}]}]\n");
  }

  void Start() {
    process_ = std::make_unique<Process>(
        Process::Options{"watchfire",
                         {"--config.file=" + config_, "--storage.path=" + data_,
                          "--web.listen-address=127.0.0.1:0", "--config.watch-interval=0s"}});
    address_ = process_->WaitForAddress();
    ASSERT_NE(address_, "") << process_->errors();
  }
  void WriteNflog(const std::vector<std::string>& names) {
    encoder::Entry entry{.group_key = R"({}:{service="api"})",
                         .receiver = "hook",
                         .integration = "webhook",
                         .at = now_ - minutes(10),
                         .expires_at = now_ + hours(2)};
    for (const std::string& name : names) {
      entry.firing.push_back(labels::NotificationHash({{"alertname", name}, {"service", "api"}}));
    }
    dir_.Write("data/nflog", encoder::Write(entry));
  }
  std::string Silences() const {
    const auto silence = [this](const char* id, Duration end) {
      return encoder::Silence{.id = id,
                              .matchers = {{0, "service", "db"}},
                              .starts_at = now_ - hours(200),
                              .ends_at = now_ + end,
                              .updated_at = now_ - hours(200)};
    };
    encoder::Silence sets = silence(kSets, hours(1));
    sets.matchers = {{0, "service", "a"}};
    sets.matcher_sets = {{{0, "service", "a"}}, {{1, "service", "b.*"}, {0, "team", "x"}}};
    sets.annotations = {{"ticket", "OPS-1"}};
    return Write(silence(kActive, hours(3))) + Write(silence(kEnded, -hours(1))) + Write(sets) +
           Write(silence(kGone, -hours(121)));
  }
  Answer Get(const std::string& path) const { return Http(address_, "GET", path); }
  void Post(const std::string& alerts) const {
    EXPECT_EQ(Http(address_, "POST", "/api/v2/alerts", alerts).status, 200);
  }
  double Imported(const std::string& file, const std::string& result) const {
    return Metric(address_, "watchfire_import_records_total{file=\"" + file + "\",result=\"" +
                                result + "\"}");
  }
  // Waits until the group of every firing alert was flushed.
  bool Flushed() const {
    return Eventually([&] {
      return Metric(address_, "alertmanager_alerts{state=\"unprocessed\"}") == 0 &&
             Metric(address_, "alertmanager_alerts{state=\"active\"}") > 0;
    });
  }

  const WallTime now_;
  const TempDir dir_;
  const std::string data_;
  Sink sink_;
  std::string config_;
  std::unique_ptr<Process> process_;
  std::string address_;
};

TEST_F(ImportTest, WhatAlertmanagerToldIsNotToldAgainAndItsEndIs) {
  WriteNflog({"Down", "Slow"});
  Start();
  EXPECT_EQ(Imported("nflog", "imported"), 1);
  Post(Alert("Down", "api"));
  ASSERT_TRUE(Flushed());
  Post(Alert("Slow", "api"));
  ASSERT_TRUE(Flushed());
  Post(Alert("Other", "web"));
  ASSERT_TRUE(Eventually([&] { return sink_.accepted().size() == 1; }));
  EXPECT_EQ(sink_.Count("Other"), 1U) << "nobody was told of that one";

  // What it knows now it still knows after a crash.
  ASSERT_TRUE(Stored(address_));
  process_->Kill();
  Start();
  Post(Alert("Down", "api", /*is_over=*/true));
  ASSERT_TRUE(Eventually([&] { return sink_.Count("Down") == 1; }));
  EXPECT_THAT(sink_.accepted().back(), HasSubstr("Slow"));
  Post(Alert("Slow", "api", /*is_over=*/true));
  ASSERT_TRUE(Eventually([&] { return sink_.accepted().size() == 3; }));
  EXPECT_THAT(sink_.accepted().back(), Not(HasSubstr("\"status\":\"firing\"")));
  EXPECT_EQ(sink_.Count("Other"), 1U);
}

TEST_F(ImportTest, AnEndThatCameWhileNobodyRanIsTold) {
  WriteNflog({"Down"});
  Start();
  Post(Alert("Down", "api", /*is_over=*/true));
  ASSERT_TRUE(Eventually([&] { return sink_.accepted().size() == 1; }));
  EXPECT_THAT(sink_.accepted()[0], HasSubstr("\"status\":\"resolved\""));
  EXPECT_THAT(sink_.accepted()[0], Not(HasSubstr("\"status\":\"firing\"")));
}

TEST_F(ImportTest, EverySilenceIsThereWithItsIdAndOnlyOnce) {
  const std::string file = Silences();
  dir_.Write("data/silences", file);
  Start();
  EXPECT_EQ(Imported("silences", "imported"), 3);
  EXPECT_EQ(Imported("silences", "expired"), 1);
  EXPECT_EQ(Imported("silences", "unreadable"), 0);
  const std::string all = Get("/api/v2/silences").body;
  for (const char* id : {kActive, kEnded, kSets}) EXPECT_THAT(all, HasSubstr(id));
  EXPECT_THAT(all, Not(HasSubstr(kGone)));
  EXPECT_THAT(Get(std::string("/api/v2/silence/") + kEnded).body, HasSubstr("expired"));
  EXPECT_THAT(Get(std::string("/api/v2/silence/") + kSets).body,
              testing::AllOf(HasSubstr("matcherSets"), HasSubstr("OPS-1")));
  Post(Alert("Down", "db"));
  EXPECT_THAT(Get("/api/v2/alerts").body, HasSubstr(std::string("\"silencedBy\":[\"") + kActive));

  EXPECT_EQ(Http(address_, "DELETE", std::string("/api/v2/silence/") + kActive).status, 200);
  process_->Kill();
  Start();
  EXPECT_EQ(Imported("silences", "imported"), 0) << "the file is the same";
  EXPECT_THAT(process_->errors(), Not(HasSubstr("import")));
  EXPECT_THAT(Get(std::string("/api/v2/silence/") + kActive).body, HasSubstr("expired"));
  std::ifstream left(data_ + "/silences", std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(left), {}), file) << "left alone";

  // Alertmanager ran once more, made another silence and changed one.
  process_->Kill();
  encoder::Silence fresh{.id = "55555555-5a63-4c7e-9d5b-0c1d2e3f4a5b",
                         .matchers = {{0, "service", "web"}},
                         .starts_at = now_,
                         .ends_at = now_ + hours(1),
                         .updated_at = now_};
  encoder::Silence changed = fresh;
  changed.id = kSets;
  changed.comment = "for longer";
  dir_.Write("data/silences", file + Write(fresh) + Write(changed));
  Start();
  EXPECT_EQ(Imported("silences", "imported"), 2);
  EXPECT_THAT(Get(std::string("/api/v2/silence/") + kSets).body, HasSubstr("for longer"));
  EXPECT_THAT(Get("/api/v2/silences").body, HasSubstr("55555555-"));
  EXPECT_THAT(Get(std::string("/api/v2/silence/") + kActive).body, HasSubstr("expired"))
      << "ended here later than Alertmanager knew";
}

TEST_F(ImportTest, ADamagedFileIsAnErrorThatStopsNothing) {
  const std::string file = Silences();
  dir_.Write("data/silences", file.substr(0, file.size() - 1));
  dir_.Write("data/nflog", "this is no snapshot");
  Start();
  EXPECT_EQ(Imported("silences", "imported"), 3);
  EXPECT_EQ(Imported("silences", "unreadable"), 1);
  EXPECT_GE(Imported("nflog", "unreadable"), 1);
  EXPECT_TRUE(process_->Says("data/silences: byte "));
  EXPECT_TRUE(process_->Says("data/nflog: byte 0: "));
  EXPECT_THAT(Get("/api/v2/silences").body, HasSubstr(kActive));
}

}  // namespace
}  // namespace watchfire::e2e
