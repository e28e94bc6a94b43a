// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/behaviour.h"

#include <chrono>

#include <gtest/gtest.h>

namespace watchfire::pagersim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string ErrorOf(std::string_view body) {
  const Result<Behaviour> behaviour = ParseBehaviour(body);
  return behaviour ? "" : behaviour.error().message;
}

TEST(BehaviourTest, ReadsWhatItPrints) {
  const char* text =
      R"({"latency_ms":250,"status":429,"retry_after_s":7,"hang":true,"cut":true,)"
      R"("result_failure":true,"paused":true,"maintenance":true,"callback":"duplicate",)"
      R"("callback_delay_ms":1500})";
  const Result<Behaviour> behaviour = ParseBehaviour(text);
  ASSERT_TRUE(behaviour) << behaviour.error().message;
  EXPECT_EQ(behaviour->latency, milliseconds(250));
  EXPECT_EQ(behaviour->retry_after, seconds(7));
  EXPECT_EQ(behaviour->callback, CallbackMode::kDuplicate);
  EXPECT_EQ(BehaviourJson(*behaviour), text);
}

TEST(BehaviourTest, WhatIsNotMentionedIsNormal) {
  EXPECT_EQ(BehaviourJson(*ParseBehaviour("{}")), BehaviourJson(Behaviour{}));
}

TEST(BehaviourTest, ErrorsNameTheKey) {
  EXPECT_EQ(ErrorOf(R"({"latency":5})"), R"(unknown key "latency": did you mean "latency_ms"?)");
  EXPECT_EQ(ErrorOf(R"({"latency_ms":-1})"), "latency_ms: want a whole number from 0 to 60000");
  EXPECT_EQ(ErrorOf(R"({"latency_ms":"5"})"), "latency_ms: want a whole number from 0 to 60000");
  EXPECT_EQ(ErrorOf(R"({"status":99})"), "status: want 0 or an HTTP status from 200");
  EXPECT_EQ(ErrorOf(R"({"hang":1})"), "hang: want true or false");
  EXPECT_EQ(ErrorOf(R"({"callback":"no"})"), "callback: want normal, drop or duplicate");
  EXPECT_NE(ErrorOf("[]"), "");
  EXPECT_NE(ErrorOf("{"), "");
}

}  // namespace
}  // namespace watchfire::pagersim
