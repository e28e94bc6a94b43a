// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/page_log.h"

#include <string>

#include <gtest/gtest.h>

namespace watchfire::pagersim {
namespace {

Page With(std::string body) {
  return {.received_at = FromNanos(0), .method = "POST", .path = "/p", .body = std::move(body)};
}

TEST(PageLogTest, GivesBodiesParsedAndInOrder) {
  PageLog log;
  log.Add(With(R"({ "a": 1 })"));
  log.SetStatus(log.Add(With("a=\"1\"")), 200);
  EXPECT_EQ(log.Json(0),
            R"([{"seq":1,"received_at":"1970-01-01T00:00:00.000Z","method":"POST","path":"/p",)"
            R"("status":0,"body":{"a":1}},)"
            R"({"seq":2,"received_at":"1970-01-01T00:00:00.000Z","method":"POST","path":"/p",)"
            R"("status":200,"body":"a=\"1\""}])");
  EXPECT_EQ(log.Json(2), "[]");
  EXPECT_EQ(log.Json(99), "[]");
}

TEST(PageLogTest, TheOldestPagesMakeRoom) {
  PageLog log;
  for (size_t i = 0; i < PageLog::kMaxPages + 5; ++i) log.Add(With("{}"));
  EXPECT_EQ(log.pages().size(), PageLog::kMaxPages);
  EXPECT_EQ(log.pages().front().seq, 6u);
  log.SetStatus(1, 200);  // Long gone.
  log.SetStatus(6, 200);
  EXPECT_EQ(log.pages().front().status, 200);
}

TEST(PageLogTest, BytesAreBoundedToo) {
  PageLog log;
  for (int i = 0; i < 5; ++i) log.Add(With(std::string(PageLog::kMaxBytes / 4, 'x')));
  EXPECT_EQ(log.pages().size(), 4u);
}

}  // namespace
}  // namespace watchfire::pagersim
