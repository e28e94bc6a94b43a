// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Requests one after the other: what they share, and what none may have of another.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/net/client.h"
#include "pkg/net/front.h"
#include "pkg/net/loopback_for_test.h"

namespace watchfire::net {
namespace {

using ::testing::ElementsAre;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class ClientReuseTest : public testing::Test {
 protected:
  ClientReuseTest() {
    Front::Options options;
    options.listen_addresses = {"127.0.0.1:0"};
    front_ = std::move(*Front::Listen(options, [this](const Request& request) {
      {
        MutexLock lock(mutex_);
        last_ = request;
      }
      if (request.path == "/moved") return Response{307, {{"Location", "/end"}}, ""};
      return Response{200, {}, request.body};
    }));
    front_->Start();
  }

  std::string address() const {
    const std::string all = front_->addresses()[0];
    return "127.0.0.1" + all.substr(all.rfind(':'));
  }
  Request last() {
    MutexLock lock(mutex_);
    return last_;
  }
  Result<OutResponse> Post(const std::string& url, std::vector<Header> headers = {}) {
    OutRequest request;
    request.url = Secret(url);
    request.shown_url = "shown";
    request.headers = std::move(headers);
    request.body = url;
    request.timeout = std::chrono::seconds(5);
    request.http = &http_;
    return Fetch(client_, std::move(request));
  }

  Mutex mutex_;
  Request last_ WF_GUARDED_BY(mutex_);
  std::unique_ptr<Front> front_;
  config::HttpConfig http_;
  Client client_{{.user_agent = "watchfire/test"}};
};

TEST_F(ClientReuseTest, ManyRequestsShareOneConnection) {
  for (int i = 0; i < 300; ++i) {
    const std::string url = "http://" + address() + "/" + std::to_string(i % 7);
    const auto response = Post(url);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, url);
    EXPECT_EQ(last().path, "/" + std::to_string(i % 7));
  }
  EXPECT_EQ(front_->stats().connections, 1u);
}

TEST_F(ClientReuseTest, CredentialsOfAUrlGoWithThatUrlOnly) {
  const std::string with = "http://user:pass@" + address() + "/a";
  const std::string without = "http://" + address() + "/a";
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Post(with));
    EXPECT_EQ(last().header("Authorization"), "Basic dXNlcjpwYXNz");
    ASSERT_TRUE(Post(without));
    EXPECT_EQ(last().header("Authorization"), "");
    ASSERT_TRUE(Post("http://other:word@" + address() + "/a"));
    EXPECT_EQ(last().header("Authorization"), "Basic b3RoZXI6d29yZA==");
  }
}

TEST_F(ClientReuseTest, CredentialsOfOneConfigurationStayThere) {
  const std::string url = "http://" + address() + "/";
  http_.basic_auth = config::BasicAuth{"user", "", Secret("pass"), ""};
  http_.headers["X-Secret"].secrets = {Secret("s3cr3t")};
  ASSERT_TRUE(Post(url, {{"X-Own", "1"}}));
  EXPECT_EQ(last().header("Authorization"), "Basic dXNlcjpwYXNz");
  EXPECT_EQ(last().header("X-Secret"), "s3cr3t");
  http_ = {};
  ASSERT_TRUE(Post(url));
  for (const char* name : {"Authorization", "X-Secret", "X-Own"}) {
    EXPECT_EQ(last().header(name), "") << name;
  }
}

TEST_F(ClientReuseTest, ARedirectIsNotRememberedForTheNextRequest) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Post("http://" + address() + "/moved"));
    EXPECT_EQ(last().path, "/end");
    ASSERT_TRUE(Post("http://" + address() + "/there?x"));
    EXPECT_EQ(last().path, "/there");
  }
}

TEST_F(ClientReuseTest, EachRequestNamesItselfOrTheClient) {
  const std::string url = "http://" + address() + "/";
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(Post(url, {{"user-agent", "own/1"}}));
    EXPECT_EQ(last().header("User-Agent"), "own/1");
    ASSERT_TRUE(Post(url));
    EXPECT_EQ(last().header("User-Agent"), "watchfire/test");
    ASSERT_TRUE(Post(url, {{"User-Agent", ""}}));
    EXPECT_EQ(last().header("User-Agent"), "");
  }
}

TEST_F(ClientReuseTest, AServerMayCloseIdleConnections) {
  ScriptedServer server([](int fd, const std::string&) {
    // A connection closed with something unread is reset, which takes the answer with it.
    char body[4096];
    (void)recv(fd, body, sizeof(body), 0);
    SendAll(fd, kOk);
  });
  for (int i = 0; i < 20; ++i) {
    // Its end may be seen before the next request, or by it, which then goes out again.
    const auto response = Post(server.url("/" + std::to_string(i)));
    ASSERT_TRUE(response) << i << ": " << response.error().message;
    EXPECT_EQ(response->body, "ok");
  }
  EXPECT_EQ(server.connections(), 20);
  ASSERT_TRUE(Post("http://" + address() + "/"));
}

// libcurl sends a request again when a kept connection turns out to be closed.
TEST_F(ClientReuseTest, WhatIsSentAgainGoesToTheSamePlace) {
  std::vector<std::string> heads;
  Mutex mutex;
  ScriptedServer server([&](int fd, const std::string& head) {
    size_t count = 0;
    {
      MutexLock lock(mutex);
      heads.push_back(head.substr(0, head.find('\r')));
      count = heads.size();
    }
    char bytes[4096];
    (void)recv(fd, bytes, sizeof(bytes), 0);
    SendAll(fd, kOk);
    if (count == 1) (void)recv(fd, bytes, sizeof(bytes), 0);  // The next request: no answer.
  });
  ASSERT_TRUE(Post(server.url("/first")));
  const auto second = Post(server.url("/second"));
  ASSERT_TRUE(second) << second.error().message;
  MutexLock lock(mutex);
  EXPECT_THAT(heads, ElementsAre("POST /first HTTP/1.1", "POST /second HTTP/1.1"));
}

TEST_F(ClientReuseTest, ServersThatCloseEveryConnectionMayTakeTurns) {
  const ScriptedServer::Script closes = [](int fd, const std::string& head) {
    char body[4096];
    (void)recv(fd, body, sizeof(body), 0);
    SendAll(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + head.substr(0, head.find('\r')));
  };
  ScriptedServer one(closes);
  ScriptedServer other(closes);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Post(one.url("/one"))->body, "POST /one HTTP/1.1");
    EXPECT_EQ(Post(other.url("/other"))->body, "POST /other HTTP/1.1");
    ASSERT_TRUE(Post("http://" + address() + "/"));
  }
  EXPECT_EQ(front_->stats().connections, 1u);
}

}  // namespace
}  // namespace watchfire::net
