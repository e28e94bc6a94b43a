// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Bodies that are made while they are sent.

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/net/front.h"
#include "pkg/net/front_for_test.h"
#include "pkg/net/loopback_for_test.h"

namespace watchfire::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Pieces of different lengths, some of them empty: "0.", "1..", ...
constexpr size_t kPieces = 2'000;
std::string Piece(size_t number) {
  if (number % 100 == 50) return "";
  return std::to_string(number) + std::string(number * 37 % 9'000 + 1, '.');
}
std::string AllPieces() {
  std::string all;
  for (size_t i = 0; i < kPieces; ++i) all += Piece(i);
  return all;
}
Response InPieces(const Request& request) {
  if (request.method == "POST") return Echo(request);
  Response response{200, {{"Content-Type", "text/plain"}}, "", {}};
  response.write_body = [](const BodySink& sink) {
    for (size_t i = 0; i < kPieces; ++i) sink(Piece(i));
  };
  return response;
}

// What the chunks of a body say, "" if they are not well-formed, and what stands behind them.
struct Unchunked {
  std::string body;
  std::string rest;
};
Unchunked Unchunk(std::string_view bytes) {
  std::string body;
  for (;;) {
    const size_t end = bytes.find("\r\n");
    if (end == bytes.npos) return {};
    const size_t size = std::strtoul(std::string(bytes.substr(0, end)).c_str(), nullptr, 16);
    bytes.remove_prefix(end + 2);
    if (bytes.size() < size + 2 || bytes.substr(size, 2) != "\r\n") return {};
    body += bytes.substr(0, size);
    bytes.remove_prefix(size + 2);
    if (size == 0) return {body, std::string(bytes)};
  }
}
std::string_view BehindHead(std::string_view answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

TEST(FrontChunks, WhatIsWrittenPieceByPieceArrivesWhole) {
  const Served served(InPieces);
  RawClient client = served.Connect();
  // The second of a connection, behind which a third one waits already.
  client.Send(Post("/a", "x"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST /a|x"));
  client.Send(Get("/") +
              "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
              "Connection: close\r\n\r\n");
  const std::string answer = client.ReadToEnd();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  const std::string head = answer.substr(0, answer.find("\r\n\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nTransfer-Encoding: chunked"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  const Unchunked got = Unchunk(BehindHead(answer));
  EXPECT_TRUE(got.body == AllPieces());
  EXPECT_THAT(got.rest, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(got.rest, EndsWith("POST /b|"));
}

TEST(FrontChunks, WhoReadsLateGetsAllAsWell) {
  const Served served(InPieces);
  RawClient client = served.Connect();
  client.Send(Get("/", "Connection: close\r\n"));
  // It is made, as far as it will be, and others are served, before a byte is read.
  for (int i = 0; i < 50; ++i) {
    RawClient other = served.Connect();
    other.Send(Post("/p", "x"));
    EXPECT_THAT(other.ReadResponse(), EndsWith("POST /p|x"));
  }
  EXPECT_TRUE(Unchunk(BehindHead(client.ReadToEnd())).body == AllPieces());
}

TEST(FrontChunks, OlderClientsAndHeadsAreToldALength) {
  const Served served(InPieces);
  const std::string length = "\r\nContent-Length: " + std::to_string(AllPieces().size()) + "\r\n";
  RawClient old = served.Connect();
  old.Send("GET / HTTP/1.0\r\nHost: h\r\n\r\n");
  const std::string answer = old.ReadToEnd();
  EXPECT_THAT(answer.substr(0, 1'000), HasSubstr(length));
  EXPECT_TRUE(BehindHead(answer) == AllPieces());
  RawClient head = served.Connect();
  head.Send("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string empty = head.ReadToEnd();
  EXPECT_THAT(empty, HasSubstr(length));
  EXPECT_THAT(empty, EndsWith("\r\n\r\n"));
}

// Else it would be taken for the whole.
TEST(FrontChunks, OneThatBreaksOffHasNoEnd) {
  const Served served([](const Request&) {
    Response response;
    response.write_body = [](const BodySink& sink) {
      sink("half of it");
      throw std::runtime_error("no more");
    };
    return response;
  });
  RawClient client = served.Connect();
  client.Send(Get("/"));
  const std::string answer = client.ReadToEnd();
  EXPECT_THAT(answer, HasSubstr("half of it"));
  EXPECT_THAT(answer, Not(EndsWith("0\r\n\r\n")));
  EXPECT_TRUE(client.is_hung_up()) << "what comes next would be taken for the rest";
}

TEST(FrontChunks, WhoLeavesInTheMiddleDisturbsNobody) {
  std::atomic<int> made{0};
  const Served served([&made](const Request& request) {
    Response response = InPieces(request);
    if (!response.write_body) return response;
    response.write_body = [&made, write = response.write_body](const BodySink& sink) {
      write(sink);
      ++made;
    };
    return response;
  });
  for (int i = 0; i < 8; ++i) {
    RawClient leaver = served.Connect();
    leaver.Send(Get("/"));
  }
  for (const MonoTime end = InTenSeconds(); made < 8 && std::chrono::steady_clock::now() < end;) {
    std::this_thread::yield();
  }
  EXPECT_EQ(made, 8);
  RawClient client = served.Connect();
  client.Send(Get("/", "Connection: close\r\n"));
  EXPECT_TRUE(Unchunk(BehindHead(client.ReadToEnd())).body == AllPieces());
}

// The deadline is that of the handler: what is being sent is sent to its end.
TEST(FrontChunks, AHandlerThatIsLateMakesNoBody) {
  Front::Options options;
  options.handler_timeout = std::chrono::seconds(1);
  std::promise<void> over;  // The deadline of either.
  const std::shared_future<void> is_over = over.get_future().share();
  std::atomic<bool> was_made{false};
  Served served(
      [&was_made, is_over](const Request& request) {
        const bool is_late = request.path == "/late";
        if (is_late) is_over.wait();
        Response response;
        response.write_body = [&was_made, is_over, is_late](const BodySink& sink) {
          was_made = was_made || is_late;
          sink("begun");
          is_over.wait();
          sink(" and ended");
        };
        return response;
      },
      options);
  RawClient client = served.Connect();
  client.Send(Get("/", "Connection: close\r\n"));
  RawClient late = served.Connect();
  late.Send(Get("/late", "Connection: close\r\n"));
  EXPECT_THAT(late.ReadToEnd(), HasSubstr("503"));
  over.set_value();
  EXPECT_EQ(Unchunk(BehindHead(client.ReadToEnd())).body, "begun and ended");
  served.front->Stop();  // Once both workers are done.
  EXPECT_FALSE(was_made);
}

}  // namespace
}  // namespace watchfire::net
