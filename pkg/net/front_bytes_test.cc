// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Large requests, large answers, and readers that take their time.

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/net/front.h"
#include "pkg/net/front_for_test.h"

namespace watchfire::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Front, TakesALargeBody) {
  Served served([](const Request& request) {
    return Response{200, {}, std::to_string(request.body.size())};
  });
  RawClient client = served.Connect();
  client.Send(Post("/", std::string(limits::kBodyBytes, 'x')));
  EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\n16777216"));
}

TEST(Front, RefusesAnOversizeBodyAndTheClientSeesWhy) {
  Served served(Echo);
  const std::string body(17 * 1024 * 1024, 'x');
  RawClient client = served.Connect();
  std::thread sender([&] { client.Send(Post("/", body)); });
  const std::string response = client.ReadToEnd();
  sender.join();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(response, EndsWith("\r\n\r\n{\"status\":\"error\",\"errorType\":\"bad_data\","
                                 "\"error\":\"body larger than 16777216 bytes\"}"));

  RawClient chunked = served.Connect();
  std::thread chunks([&] {
    chunked.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1100000\r\n");
    chunked.Send(body);
  });
  EXPECT_THAT(chunked.ReadToEnd(), StartsWith("HTTP/1.1 413 "));
  chunks.join();
  EXPECT_EQ(served.front->stats().refused_size, 2u);
  EXPECT_EQ(served.front->stats().requests, 0u);
}

TEST(Front, ASlowReaderHoldsNoWorker) {
  Front::Options options;
  options.workers = 1;
  const std::string large(8 * 1024 * 1024, 'x');
  Served served(
      [&](const Request& request) {
        return request.path == "/large" ? Response{200, {}, large} : Echo(request);
      },
      options);
  RawClient slow = served.Connect();
  slow.Send(Get("/large") + Get("/next"));
  RawClient other = served.Connect();
  other.Send(Get("/other"));
  EXPECT_THAT(other.ReadResponse(), EndsWith("GET /other|"));
  EXPECT_THAT(slow.ReadResponse(), EndsWith("\r\n\r\n" + large));
  EXPECT_THAT(slow.ReadResponse(), EndsWith("GET /next|"));
}

// Each as fast as it is sent, and more than is sent at a time.
TEST(Front, LargeAnswersReachAllWhoReadThemAtOnce) {
  std::string large(24 * 1024 * 1024, 'x');
  for (size_t i = 0; i < large.size(); i += 1000) large[i] = static_cast<char>('a' + i / 1000 % 26);
  Served served([&](const Request& request) {
    return request.path == "/large" ? Response{200, {}, large} : Echo(request);
  });
  std::vector<std::thread> readers;
  std::atomic<int> whole{0};
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      RawClient client = served.Connect();
      client.Send(Get("/large") + Get("/next"));
      if (client.ReadResponse().ends_with("\r\n\r\n" + large)) ++whole;
      if (client.ReadResponse().ends_with("GET /next|")) ++whole;
    });
  }
  RawClient other = served.Connect();
  for (int i = 0; i < 20; ++i) {
    other.Send(Post("/p", "x"));
    EXPECT_THAT(other.ReadResponse(), EndsWith("POST /p|x"));
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(whole, 6);
}

TEST(Front, CutsAReaderThatDoesNotTakeItsAnswerInTime) {
  Front::Options options;
  options.request_time = std::chrono::milliseconds(300);
  const std::string large(8 * 1024 * 1024, 'x');
  Served served([&](const Request&) { return Response{200, {}, large}; }, options);
  RawClient stuck = served.Connect();
  stuck.Send(Get("/"));
  const MonoTime deadline = InTenSeconds();
  while (served.front->stats().cut_slow_reader == 0 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(served.front->stats().cut_slow_reader, 1u);
  EXPECT_LT(stuck.ReadToEnd().size(), large.size());
}

// The oldest of what is not taken goes, not a request that comes in meanwhile.
TEST(Front, ReadersThatHoldTooMuchAreCutAndNoRequestIsRefusedForThem) {
  Front::Options options;
  options.workers = 1;
  options.request_bytes_max = size_t{4} * 1024 * 1024;
  options.answer_bytes_max = size_t{40} * 1024 * 1024;
  const std::string large(16 * 1024 * 1024, 'x');
  Served served(
      [&](const Request& request) {
        return request.path == "/large" ? Response{200, {}, large} : Echo(request);
      },
      options);
  RawClient first = served.Connect();
  RawClient second = served.Connect();
  RawClient third = served.Connect();
  RawClient other = served.Connect();
  const auto post = [&] {
    const std::string body(600 * 1024, 'y');
    other.Send(Post("/p", body));
    EXPECT_THAT(other.ReadResponse(), EndsWith("POST /p|" + body));
  };
  for (RawClient* client : {&first, &second}) {
    client->Send(Get("/large"));
    post();
  }
  EXPECT_EQ(served.front->stats().cut_slow_reader, 0u);
  third.Send(Get("/large"));
  post();
  EXPECT_EQ(served.front->stats().cut_slow_reader, 1u);
  EXPECT_LT(first.ReadToEnd().size(), large.size());
  EXPECT_THAT(second.ReadResponse(), EndsWith("\r\n\r\n" + large));
  EXPECT_THAT(third.ReadResponse(), EndsWith("\r\n\r\n" + large));
  EXPECT_EQ(served.front->stats().refused_count, 0u);
}

// All alerts of a large installation: nobody else waits for anything.
TEST(Front, AnAnswerLargerThanAllMayBeReachesItsReader) {
  Front::Options options;
  options.answer_bytes_max = size_t{1} * 1024 * 1024;
  const std::string large(16 * 1024 * 1024, 'x');
  Served served([&](const Request&) { return Response{200, {}, large}; }, options);
  RawClient client = served.Connect();
  for (int i = 0; i < 2; ++i) {
    client.Send(Get("/"));
    EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\n" + large));
  }
  EXPECT_EQ(served.front->stats().cut_slow_reader, 0u);
}

TEST(Front, RequestsThatAreTooLargeTogetherAreRefused) {
  Front::Options options;
  options.request_bytes_max = size_t{512} * 1024;
  Served served(Echo, options);
  RawClient client = served.Connect();
  std::thread sender([&] { client.Send(Post("/", std::string(1024 * 1024, 'x'))); });
  const std::string response = client.ReadToEnd();
  sender.join();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(response, HasSubstr("too many bytes at once"));
  EXPECT_EQ(served.front->stats().refused_count, 1u);
}

}  // namespace
}  // namespace watchfire::net
