// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/curl_poll.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/net/loopback_for_test.h"

namespace watchfire::net {
namespace {

constexpr std::chrono::milliseconds kMoment{50};

size_t Forget(char*, size_t size, size_t count, void*) { return size * count; }

class CurlPollTest : public testing::Test {
 protected:
  ~CurlPollTest() override {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }

  void Get(const std::string& url) {
    curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Forget);
    curl_multi_add_handle(multi_, easy_);
    const MonoTime end = InTenSeconds();
    const CURLMsg* message = nullptr;
    while (message == nullptr && std::chrono::steady_clock::now() < end) {
      poll_->Run(end);
      int left = 0;
      message = curl_multi_info_read(multi_, &left);
    }
    ASSERT_NE(message, nullptr);
    EXPECT_EQ(message->data.result, CURLE_OK);
    curl_multi_remove_handle(multi_, easy_);
  }

  // Whether Run() waits until its deadline.
  bool IsQuiet() {
    const MonoTime deadline = std::chrono::steady_clock::now() + kMoment;
    poll_->Run(deadline);
    return std::chrono::steady_clock::now() >= deadline;
  }

  CURLM* const multi_ = curl_multi_init();
  CURL* const easy_ = curl_easy_init();
  const std::unique_ptr<CurlPoll> poll_ = std::make_unique<CurlPoll>(multi_);
};

TEST_F(CurlPollTest, WhatHappensToAnIdleConnectionIsToldOfOnce) {
  for (const std::string last : {"", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"}) {
    Promise<bool> hang_up;
    std::atomic<int> count{0};
    ScriptedServer server([&](int fd, const std::string&) {
      SendAll(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      if (++count > 1) return;
      hang_up.Wait(InTenSeconds());
      SendAll(fd, last);
    });
    Get(server.url());
    EXPECT_TRUE(IsQuiet());
    hang_up.Set(true);
    poll_->Run(InTenSeconds());
    EXPECT_TRUE(IsQuiet());
    if (!last.empty()) curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
    Get(server.url());
    EXPECT_EQ(server.connections(), 2);
  }
}

// Libcurl would wait for half of its minutes.
TEST_F(CurlPollTest, BehindAnAddressThatRefusesTheNextOneIsTriedAtOnce) {
  ScriptedServer server([](int fd, const std::string&) {
    SendAll(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const std::string address = server.address();
  const std::string port = address.substr(address.rfind(':') + 1);
  const std::string where = "several.test:" + port + ":127.0.0.2,127.0.0.3,127.0.0.4,127.0.0.1";
  curl_slist* const resolve = curl_slist_append(nullptr, where.c_str());
  curl_easy_setopt(easy_, CURLOPT_RESOLVE, resolve);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, 600'000L);
  Get("http://several.test:" + port);
  EXPECT_EQ(server.connections(), 1);
  curl_slist_free_all(resolve);
}

// The number of a socket is given to the next one.
TEST_F(CurlPollTest, AClosedConnectionIsNotTakenForTheNextOne) {
  const ScriptedServer::Script closes = [](int fd, const std::string&) {
    SendAll(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  };
  ScriptedServer one(closes);
  ScriptedServer other(closes);
  for (int i = 0; i < 10; ++i) {
    Get(one.url());
    Get(other.url());
  }
  EXPECT_EQ(one.connections(), 10);
  EXPECT_EQ(other.connections(), 10);
}

}  // namespace
}  // namespace watchfire::net
