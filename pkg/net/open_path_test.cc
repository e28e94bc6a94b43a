// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Where a front asks for no password, and that this is nowhere else.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/net/credentials.h"
#include "pkg/net/front.h"
#include "pkg/net/loopback_for_test.h"

namespace watchfire::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// Made by libcrypt of "s3cret".
constexpr const char* kHash = "$2b$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG";

std::shared_ptr<const Access> Guarded(config::RateLimit rate = {}) {
  config::WebConfig config;
  config.users["ada"] = Secret(kHash);
  config.rate_limit = rate;
  return Access::Make(config).value();
}

std::unique_ptr<Front> Serve(const std::string& prefix, std::shared_ptr<const Access> access,
                             const std::string& open_path = "/ack/") {
  Front::Options options;
  options.listen_addresses = {"127.0.0.1:0"};
  options.route_prefix = prefix;
  options.open_path = open_path;
  options.access = [access] { return access; };
  auto front = std::move(*Front::Listen(options, [](const Request& request) {
    return Response{200, {}, request.method + " " + request.path};
  }));
  front->Start();
  return front;
}

std::string Ask(const Front& front, const std::string& line, const std::string& headers = "") {
  RawClient client(front.addresses()[0]);
  client.Send(line + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n" + headers + "\r\n");
  return client.ReadResponse();
}

constexpr const char* kUnauthorized = "HTTP/1.1 401 ";

TEST(OpenPathTest, NeedsNoPassword) {
  for (const char* prefix : {"", "/wf"}) {
    const auto front = Serve(prefix, Guarded());
    for (const char* method : {"GET", "POST"}) {
      const std::string answer = Ask(*front, std::string(method) + " " + prefix + "/ack/token");
      EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
      EXPECT_THAT(answer, EndsWith(std::string(method) + " /ack/token"));
    }
  }
}

TEST(OpenPathTest, NothingElseIsOpen) {
  const auto front = Serve("/wf", Guarded());
  for (const char* path :
       {"/wf", "/wf/", "/wf/ack", "/wf/acks", "/wf/api/v2/alerts", "/ack/token", "/wf//ack/token",
        "/wf/api/v2/alerts?/ack/", "/wf/x/../ack/token", "//wf/ack/token"}) {
    EXPECT_THAT(Ask(*front, std::string("GET ") + path), StartsWith(kUnauthorized)) << path;
  }
  const auto closed = Serve("", Guarded(), "");
  EXPECT_THAT(Ask(*closed, "GET /ack/token"), StartsWith(kUnauthorized));
}

// Its handler knows no "..": what is behind it is still the open path's.
TEST(OpenPathTest, LeadsNowhereElse) {
  const auto front = Serve("", Guarded());
  EXPECT_THAT(Ask(*front, "GET /ack/../api/v2/alerts"), EndsWith("GET /ack/../api/v2/alerts"));
  EXPECT_THAT(Ask(*front, "GET /ack/%2e%2e/api"), EndsWith("GET /ack/../api"));
}

TEST(OpenPathTest, TheRateLimitCountsThereToo) {
  const auto front = Serve("", Guarded({std::chrono::hours(1), 1}));
  EXPECT_THAT(Ask(*front, "GET /ack/token"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Ask(*front, "GET /ack/token"), StartsWith("HTTP/1.1 429 "));
}

}  // namespace
}  // namespace watchfire::net
