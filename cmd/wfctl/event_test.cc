// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kPath = "/integrations/generic/20131114/alert/k%2F1/platform";

FakeServer Server() {
  FakeServer server;
  server.files["key"] = "k/1\n";
  server.answers[std::string("POST ") + kPath] = {
      {200, R"({"result":"success","entity_id":"disk-db7"})"}};
  return server;
}

std::vector<std::string> Words(std::vector<std::string> words) {
  words.insert(words.begin(), "event");
  words.insert(words.end(), {"--key-file=key", "--routing-key=platform"});
  return words;
}

TEST(EventTest, ATriggerSaysWhatItIsAbout) {
  FakeServer server = Server();
  EXPECT_EQ(server.Ask(Words({"trigger", "disk-db7", "Disk", "full", "--severity=warning",
                              "--text=91 %", "--field=service=db"})),
            kOk)
      << server.err;
  EXPECT_EQ(server.out, "disk-db7: warning taken\n");
  EXPECT_EQ(server.requests.at(0).path, kPath);
  EXPECT_EQ(server.requests.at(0).body,
            R"({"message_type":"WARNING","entity_id":"disk-db7","entity_display_name":"Disk full",)"
            R"("state_message":"91 %","monitoring_tool":"wfctl","service":"db"})");
}

TEST(EventTest, AcksAndEndsAreOfTheSameEntity) {
  FakeServer server = Server();
  EXPECT_EQ(server.Ask(Words({"ack", "disk-db7", "--note=on it"})), kOk);
  EXPECT_EQ(server.requests.at(0).body,
            R"({"message_type":"ACKNOWLEDGEMENT","entity_id":"disk-db7","ack_author":"ada",)"
            R"("ack_message":"on it"})");
  EXPECT_EQ(server.Ask(Words({"resolve", "disk-db7"})), kOk);
  EXPECT_EQ(server.requests.at(0).body, R"({"message_type":"RECOVERY","entity_id":"disk-db7"})");
}

TEST(EventTest, TheKeyIsNeededAndNeverShown) {
  FakeServer server = Server();
  EXPECT_EQ(server.Ask({"event", "trigger", "x"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("$WATCHFIRE_EVENT_KEY"));
  EXPECT_EQ(server.Ask({"event", "trigger", "x", "--key-file=none"}), kUsage);
  EXPECT_EQ(server.Ask(Words({"trigger", "x", "--key=y"})), kUsage);
  EXPECT_THAT(server.requests, IsEmpty());
  EXPECT_EQ(server.Ask(Words({"trigger", "x", "--verbose"})), kOk);
  EXPECT_THAT(server.err,
              AllOf(HasSubstr("/alert/<secret>/platform: 200"), Not(HasSubstr("k%2F1"))));
  server.answers[std::string("POST ") + kPath] = {
      {403, R"({"result":"failure","message":"Unknown REST endpoint key"})"}};
  EXPECT_EQ(server.Ask(Words({"trigger", "x"})), kNo);
  EXPECT_THAT(server.err, AllOf(HasSubstr("Unknown REST endpoint key"), Not(HasSubstr("k%2F1"))));
}

TEST(EventTest, WhatCannotBeMeantIsRefused) {
  FakeServer server = Server();
  EXPECT_EQ(server.Ask(Words({"trigger", "x", "--severity=loud"})), kUsage);
  EXPECT_EQ(server.Ask(Words({"trigger", "x", "--field=entity_id=y"})), kUsage);
  EXPECT_THAT(server.err, HasSubstr("--field cannot be entity_id"));
  EXPECT_EQ(server.Ask(Words({"trigger"})), kUsage);
  EXPECT_EQ(server.Ask(Words({"ack"})), kUsage);
  EXPECT_EQ(server.Ask(Words({"resolve", "x", "y"})), kUsage);
  EXPECT_THAT(server.requests, IsEmpty());
}

}  // namespace
}  // namespace watchfire::wfctl
