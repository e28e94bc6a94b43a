// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/front.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "pkg/base/limits.h"
#include "pkg/net/front_for_test.h"

namespace watchfire::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Front, HandsDecodedRequestsToTheHandler) {
  Served served([](const Request& request) {
    EXPECT_EQ(request.header("x-raw"), "a%20b+c");
    EXPECT_THAT(request.remote, StartsWith("127.0.0.1:"));
    return Echo(request);
  });
  RawClient client = served.Connect();
  client.Send(Get("/a%20b+c?m=1&m=2+3", "X-Raw: a%20b+c\r\n"));
  const std::string response = client.ReadResponse();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(response, HasSubstr("Content-Type: text/plain\r\n"));
  EXPECT_THAT(response, EndsWith("\r\n\r\nGET /a b+c|m=1|m=2 3|"));
}

TEST(Front, AnswersPipelinedRequestsInOrder) {
  Served served(Echo);
  RawClient client = served.Connect();
  std::string all;
  for (int i = 0; i < 100; ++i) all += Post("/" + std::to_string(i), std::string(1000, 'x'));
  std::thread sender([&] { client.Send(all); });
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(client.ReadResponse(), HasSubstr("\r\n\r\nPOST /" + std::to_string(i) + "|x"));
  }
  sender.join();
  EXPECT_EQ(served.front->stats().requests, 100u);
}

TEST(Front, ServesOnASocketThatSomebodyElseOpened) {
  Front::Options options;
  const int opened = dup(ListenOn("127.0.0.1:0").value().get());
  const std::string address = BoundAddress(opened);
  options.inherited_sockets = {opened};
  auto front = Front::Listen(options, Echo).value();
  EXPECT_THAT(front->addresses(), testing::ElementsAre(address));
  front->Start();
  RawClient client(address);
  client.Send(Get("/here"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("GET /here|"));

  options.inherited_sockets = {0};
  const auto refused = Front::Listen(options, Echo);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "file descriptor 0 is not a TCP socket that listens");
}

TEST(Front, TakesARequestByteByByte) {
  Served served(Echo);
  RawClient client = served.Connect();
  const std::string request =
      "PUT /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (const char c : request) ASSERT_TRUE(client.Send({&c, 1}));
  EXPECT_THAT(client.ReadResponse(), EndsWith("PUT /p|abc"));
}

TEST(Front, SaysContinueOnlyWhenItWantsTheBody) {
  Served served(Echo);
  const std::string head =
      "POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: ";
  RawClient client = served.Connect();
  client.Send(head + "5\r\n\r\n");
  EXPECT_EQ(client.ReadResponse(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("hello");
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST /e|hello"));

  RawClient greedy = served.Connect();
  greedy.Send(head + "99999999\r\n\r\n");
  EXPECT_THAT(greedy.ReadResponse(), StartsWith("HTTP/1.1 413 "));
}

TEST(Front, HonoursHttp10AndConnectionClose) {
  Served served(Echo);
  RawClient old = served.Connect();
  old.Send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.ReadToEnd(), EndsWith("GET /old|"));

  RawClient last = served.Connect();
  last.Send(Get("/last", "Connection: close\r\n") + Get("/never"));
  const std::string response = last.ReadToEnd();
  EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(response, EndsWith("GET /last|"));

  RawClient kept = served.Connect();
  for (int i = 0; i < 2; ++i) {
    kept.Send("GET /kept HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(kept.ReadResponse(), EndsWith("GET /kept|"));
  }
}

TEST(Front, AnswersAClientThatClosedItsHalf) {
  Served served(Echo);
  RawClient client = served.Connect();
  client.Send(Get("/half"));
  client.HalfClose();
  EXPECT_THAT(client.ReadToEnd(), EndsWith("GET /half|"));
}

TEST(Front, SendsNoBodyForHead) {
  Served served(Echo);
  RawClient client = served.Connect();
  client.Send("HEAD /h HTTP/1.1\r\nHost: h\r\n\r\n" + Get("/next"));
  const std::string response = client.ReadResponse(/*head=*/true);
  EXPECT_THAT(response, HasSubstr("Content-Length: 8\r\n"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("GET /next|"));
}

TEST(Front, DoesNotLetAHandlerBreakTheHeaders) {
  Served served([](const Request&) {
    return Response{
        404,
        {{"X-Bad", "a\r\nX-Injected: 1"}, {"X\nY", "z"}, {"Content-Length", "1"}, {"X-Good", "g"}},
        "body"};
  });
  RawClient client = served.Connect();
  client.Send(Get("/"));
  const std::string response = client.ReadResponse();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(response, Not(HasSubstr("Injected")));
  EXPECT_THAT(response, Not(HasSubstr("X\n")));
  EXPECT_THAT(response, HasSubstr("X-Good: g\r\n"));
  EXPECT_THAT(response, EndsWith("\r\n\r\nbody"));
}

TEST(Front, TurnsABadMethodInto400AndAnExceptionInto500) {
  Served served([](const Request&) -> Response { throw std::runtime_error("secret detail"); });
  RawClient client = served.Connect();
  client.Send("BREW / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string bad = client.ReadResponse();
  EXPECT_THAT(bad, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(bad, HasSubstr("malformed request line"));
  client.Send(Get("/"));
  const std::string broken = client.ReadResponse();
  EXPECT_THAT(broken, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(broken, Not(HasSubstr("secret")));
}

TEST(Front, IgnoresRangesAndCompression) {
  Served served([](const Request&) {
    return Response{200, {{"Content-Type", "text/plain"}}, std::string(5000, 'a')};
  });
  RawClient client = served.Connect();
  client.Send(Get("/", "Range: bytes=0-1\r\nAccept-Encoding: gzip, br\r\n"));
  const std::string response = client.ReadResponse();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(response, EndsWith(std::string(5000, 'a')));
}

TEST(Front, SurvivesGarbage) {
  Served served(Echo);
  std::mt19937 random(20260101);
  for (int i = 0; i < 50; ++i) {
    std::string garbage = i % 2 == 0 ? "" : "POST / HTTP/1.1\r\nHost: h\r\n";
    for (int n = 0; n < 2000; ++n) garbage += static_cast<char>(random() & 0xff);
    RawClient client = served.Connect();
    client.Send(garbage);
    client.HalfClose();
    EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 4")) << i;
  }
  EXPECT_EQ(served.front->stats().refused_syntax, 50u);
  RawClient client = served.Connect();
  client.Send(Get("/alive"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("GET /alive|"));
}

TEST(Front, ServesBelowItsRoutePrefixOnly) {
  Front::Options options;
  options.route_prefix = "/wf/";
  Served served(Echo, options);
  RawClient client = served.Connect();
  for (const auto& [target, want] :
       std::vector<std::pair<std::string, std::string>>{{"/wf/a", "GET /a|"},
                                                        {"/wf", "GET /|"},
                                                        {"/wf/", "GET /|"},
                                                        {"/wf/a%2Fb", "GET /a/b|"}}) {
    client.Send(Get(target));
    EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\n" + want)) << target;
  }
  for (const char* target : {"/wfx", "/a", "//"}) {
    client.Send(Get(target));
    const std::string answer = client.ReadResponse();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 404 ")) << target;
    EXPECT_THAT(answer, EndsWith("\r\n\r\n404 page not found\n")) << target;
  }
  client.Send(Get("/"));
  const std::string redirect = client.ReadResponse();
  EXPECT_THAT(redirect, StartsWith("HTTP/1.1 302 "));
  EXPECT_THAT(redirect, HasSubstr("\r\nLocation: /wf\r\n"));
}

TEST(Front, AnswersBusyClientsWhileAThousandStall) {
  Served served(Echo);
  std::vector<RawClient> stalled;
  for (int i = 0; i < 1000; ++i) {
    stalled.push_back(served.Connect());
    stalled.back().Send(i % 2 == 0 ? "POST / HT"
                                   : "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n");
  }
  std::atomic<int> answered{0};
  std::vector<std::thread> busy;
  for (int i = 0; i < 8; ++i) {
    busy.emplace_back([&] {
      RawClient client = served.Connect();
      for (int n = 0; n < 200; ++n) {
        client.Send(Post("/busy", std::string(38'000, 'x')));
        if (client.ReadResponse().find("POST /busy|x") != std::string::npos) ++answered;
      }
    });
  }
  for (std::thread& thread : busy) thread.join();
  EXPECT_EQ(answered, 1600);
  EXPECT_GE(served.front->stats().connections, 1000u);
  stalled[1].Send("123456789");
  EXPECT_THAT(stalled[1].ReadResponse(), EndsWith("POST /|123456789"));
}

TEST(Front, TellsTheHalfReadTheyAreLateAndHangsUpOnTheIdle) {
  Front::Options options;
  options.request_time = std::chrono::milliseconds(50);
  options.idle_time = std::chrono::milliseconds(50);
  Served served(Echo, options);
  RawClient half = served.Connect();
  half.Send("GET / HT");
  EXPECT_THAT(half.ReadToEnd(), StartsWith("HTTP/1.1 408 "));
  RawClient idle = served.Connect();
  idle.Send(Get("/"));
  EXPECT_THAT(idle.ReadResponse(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(idle.ReadToEnd(), "");
  RawClient silent = served.Connect();
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_EQ(served.front->stats().refused_time, 1u);
}

TEST(Front, TurnsAwayOneConnectionTooMany) {
  Front::Options options;
  options.connections_max = 2;
  Served served(Echo, options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(served.Connect());
    clients.back().Send(Get("/"));
    EXPECT_THAT(clients.back().ReadResponse(), StartsWith("HTTP/1.1 200 "));
  }
  EXPECT_THAT(served.Connect().ReadToEnd(), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(served.front->stats().refused_count, 1u);
}

TEST(Front, SaysNoWhenNoWorkerIsFreeInTime) {
  Front::Options options;
  options.workers = 1;
  options.request_time = std::chrono::milliseconds(50);
  Promise<bool> release;
  Served served(
      [&](const Request& request) {
        release.Wait(InTenSeconds());
        return Echo(request);
      },
      options);
  RawClient first = served.Connect();
  first.Send(Get("/first"));
  while (served.front->stats().requests == 0) std::this_thread::yield();
  RawClient second = served.Connect();
  second.Send(Get("/second"));
  EXPECT_THAT(second.ReadToEnd(), StartsWith("HTTP/1.1 503 "));
  release.Set(true);
  EXPECT_THAT(first.ReadResponse(), EndsWith("GET /first|"));
}

// Handlers of paths below /slow wait here.
struct Gate {
  Response Handle(const Request& request) {
    if (request.path.starts_with("/slow")) {
      ++entered;
      open.wait(false);
    }
    return {200, {}, request.path};
  }
  void AwaitEntered(int count) const {
    while (entered < count) std::this_thread::yield();
  }
  void Open() {
    open = true;
    open.notify_all();
  }
  std::atomic<int> entered{0};
  std::atomic<bool> open{false};
};

TEST(Front, AFloodOfSlowGetsLeavesAWorkerForPosts) {
  Gate gate;
  Front::Options options;
  options.workers = 3;
  Served served([&](const Request& request) { return gate.Handle(request); }, options);
  std::vector<RawClient> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(served.Connect());
    slow.back().Send(i % 2 == 0 ? Get("/slow") : "HEAD /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  gate.AwaitEntered(2);
  RawClient client = served.Connect();
  for (int i = 0; i < 20; ++i) {
    client.Send(Post("/p", "x"));
    EXPECT_THAT(client.ReadResponse(), HasSubstr("200 OK"));
  }
  EXPECT_EQ(gate.entered, 2) << "the third worker takes no read";
  EXPECT_EQ(served.front->stats().gets, 25u) << "HEADs do not count";
  gate.Open();
  for (size_t i = 0; i < slow.size(); ++i) {
    EXPECT_THAT(slow[i].ReadResponse(/*head=*/i % 2 == 1), HasSubstr("200 OK"));
  }
  while (served.front->stats().gets != 0) std::this_thread::yield();
}

TEST(Front, WhoReadsGoesBehindWhoPosts) {
  Served served([](const Request&) {
    return Response{200, {}, std::to_string(getpriority(PRIO_PROCESS, 0))};
  });
  const int here = getpriority(PRIO_PROCESS, 0);
  RawClient client = served.Connect();
  client.Send(Post("/p", "x") + Get("/"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\n" + std::to_string(here)));
  EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\n" + std::to_string(std::min(here + 5, 19))));
}

TEST(Front, RefusesOneGetTooManyAsAlertmanagerDoes) {
  Gate gate;
  Front::Options options;
  options.workers = 2;
  options.gets_max = 3;
  Served served([&](const Request& request) { return gate.Handle(request); }, options);
  std::vector<RawClient> slow;
  for (int i = 0; i < 3; ++i) {
    slow.push_back(served.Connect());
    slow.back().Send(Get("/slow"));
  }
  while (served.front->stats().gets != 3) std::this_thread::yield();
  RawClient client = served.Connect();
  client.Send(Get("/fast") + Post("/p", "x") + Get("/fast"));
  const std::string refused = client.ReadResponse();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(refused, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(refused, EndsWith("\r\n\r\nLimit of concurrent GET requests reached (3), try again "
                                "later.\n\n"));
  EXPECT_THAT(client.ReadResponse(), HasSubstr("200 OK")) << "other methods are not limited";
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 503")) << "the connection goes on";
  EXPECT_EQ(served.front->stats().refused_gets, 2u);
  gate.Open();
  for (RawClient& waiting : slow) EXPECT_THAT(waiting.ReadResponse(), HasSubstr("200 OK"));
  while (served.front->stats().gets != 0) std::this_thread::yield();
  client.Send(Get("/fast", "Connection: close\r\n"));
  EXPECT_THAT(client.ReadToEnd(), HasSubstr("200 OK"));
}

TEST(Front, AnswersForAHandlerThatTakesTooLong) {
  Gate gate;
  Front::Options options;
  options.workers = 2;
  options.handler_timeout = std::chrono::milliseconds(100);
  Served served([&](const Request& request) { return gate.Handle(request); }, options);
  RawClient working = served.Connect();
  RawClient queued = served.Connect();
  RawClient head = served.Connect();
  working.Send(Get("/slow"));
  gate.AwaitEntered(1);
  queued.Send(Get("/slow") + Post("/p", "x"));
  head.Send("HEAD /slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string late = "\r\n\r\nExceeded configured timeout of 100ms.\n";
  const std::string answer = working.ReadResponse();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(answer, EndsWith(late));
  EXPECT_THAT(queued.ReadResponse(), EndsWith(late)) << "no worker was free for it";
  EXPECT_THAT(queued.ReadResponse(), HasSubstr("200 OK")) << "and its connection goes on";
  EXPECT_THAT(head.ReadToEnd(), EndsWith("\r\n\r\n")) << "HEAD has no body";
  EXPECT_EQ(served.front->stats().timeouts, 3u);
  EXPECT_EQ(served.front->stats().gets, 1u) << "its handler still runs";
  working.Send(Post("/p", "x"));
  EXPECT_THAT(working.ReadResponse(), HasSubstr("200 OK"));
  gate.Open();
  while (served.front->stats().gets != 0) std::this_thread::yield();
  working.Send(Get("/after"));
  EXPECT_THAT(working.ReadResponse(), EndsWith("\r\n\r\n/after")) << "not the late answer";
}

TEST(Front, ALateHandlerDoesNotMissItsClientsHangingUp) {
  Gate gate;
  Front::Options options;
  options.handler_timeout = std::chrono::milliseconds(20);
  Served served([&](const Request& request) { return gate.Handle(request); }, options);
  for (int i = 0; i < 3; ++i) {
    RawClient client = served.Connect();
    client.Send(Post("/slow", ""));
    EXPECT_THAT(client.ReadResponse(), HasSubstr("Exceeded"));
  }
  gate.AwaitEntered(3);
  while (served.front->stats().connections != 0) std::this_thread::yield();
  gate.Open();
  RawClient client = served.Connect();
  client.Send(Get("/after"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("/after"));
}

TEST(Front, StopLetsRequestsInWorkFinish) {
  Promise<bool> release;
  std::atomic<int> entered{0};
  Front::Options options;
  options.workers = 1;
  const std::string large(4 * 1024 * 1024, 'x');
  Served served(
      [&](const Request&) {
        if (++entered == 1) release.Wait(InTenSeconds());
        return Response{200, {}, large};
      },
      options);
  RawClient working = served.Connect();
  working.Send(Get("/"));
  RawClient half = served.Connect();
  half.Send("GET / HT");
  while (entered == 0) std::this_thread::yield();
  RawClient queued = served.Connect();
  queued.Send(Get("/"));
  std::thread stopper([&] { served.front->Stop(); });
  EXPECT_EQ(half.ReadToEnd(), "");  // Stopping has begun.
  release.Set(true);
  EXPECT_THAT(working.ReadToEnd(), EndsWith("\r\n\r\n" + large));
  queued.ReadToEnd();  // Answered if it was read before the stop.
  stopper.join();
  EXPECT_EQ(served.front->stats().connections, 0u);
  served.front->Stop();
}

TEST(Front, MayBeDestroyedUnstarted) {
  Front::Options options;
  options.listen_addresses = {"127.0.0.1:0", "[::1]:0", ":0"};
  Result<std::unique_ptr<Front>> front = Front::Listen(options, Echo);
  if (!front) GTEST_SKIP() << front.error().message;  // A machine without IPv6.
  EXPECT_THAT((*front)->addresses()[0], StartsWith("127.0.0.1:"));
  EXPECT_THAT((*front)->addresses()[1], StartsWith("[::1]:"));
}

TEST(Front, NamesTheAddressItCannotListenOn) {
  Served served(Echo);
  for (const auto& [address, code] :
       std::vector<std::pair<std::string, Code>>{{served.address(), Code::kUnavailable},
                                                 {"127.0.0.1", Code::kInvalidArgument},
                                                 {"127.0.0.1:65536", Code::kInvalidArgument},
                                                 {"127.0.0.1:99999999999", Code::kInvalidArgument},
                                                 {"::1:80", Code::kInvalidArgument}}) {
    Front::Options options;
    options.listen_addresses = {address};
    const auto front = Front::Listen(options, Echo);
    ASSERT_FALSE(front);
    EXPECT_EQ(front.error().code, code);
    EXPECT_THAT(front.error().message, HasSubstr(address));
  }
}

}  // namespace
}  // namespace watchfire::net
