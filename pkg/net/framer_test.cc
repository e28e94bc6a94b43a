// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/framer.h"

#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/net/responder.h"

namespace watchfire::net {
namespace {

const std::string kChunkedRequest =
    "\r\nPOST /a?x=1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;name=value\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nTrailer: t\r\n\r\n";

int StatusOf(const std::string& bytes) {
  Framer framer;
  framer.Feed(bytes);
  if (framer.refusal()) return framer.refusal()->status;
  return framer.complete() ? 200 : 0;
}

std::string WithHeader(const std::string& lines, const std::string& body = "") {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n" + body;
}

TEST(Framer, CutsTheSameRequestWhereverThePacketsEnd) {
  for (const std::string& request :
       {kChunkedRequest, WithHeader("Content-Length: 11\r\n", "hello world")}) {
    for (size_t cut = 0; cut <= request.size(); ++cut) {
      Framer framer;
      size_t used = framer.Feed(request.substr(0, cut));
      used += framer.Feed(request.substr(cut) + "GET");
      ASSERT_TRUE(framer.complete()) << "cut at " << cut;
      EXPECT_EQ(used, request.size());
      EXPECT_EQ(framer.Take().body, "hello world");
      EXPECT_FALSE(framer.started());
    }
  }
}

TEST(Framer, TakesOneByteAtATime) {
  Framer framer;
  for (const char c : kChunkedRequest) ASSERT_EQ(framer.Feed({&c, 1}), 1u);
  ASSERT_TRUE(framer.complete());
  const Framed framed = framer.Take();
  EXPECT_EQ(framed.request_line, "POST /a?x=1 HTTP/1.1");
  EXPECT_EQ(framed.body, "hello world");
  EXPECT_EQ(FindHeader(framed.headers, "transfer-encoding"), "chunked");
}

TEST(Framer, RefusesWhatCannotBecomeARequest) {
  EXPECT_EQ(StatusOf("\x16\x03\x01"), 400) << "a TLS hello is told so at its first byte";
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\nHost: h\n\n"), 400);
  EXPECT_EQ(StatusOf("GET /\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/2.0\r\n"), 505);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
  EXPECT_EQ(StatusOf(WithHeader("Host: again\r\n")), 400);
  EXPECT_EQ(StatusOf(WithHeader("No colon\r\n")), 400);
  EXPECT_EQ(StatusOf(WithHeader("Space : x\r\n")), 400);
  EXPECT_EQ(StatusOf(WithHeader(" folded\r\n")), 400);
  EXPECT_EQ(StatusOf(WithHeader(std::string("A: b\0c\r\n", 9))), 400);
  EXPECT_EQ(StatusOf(WithHeader("A: b\rc\r\n")), 400);
  EXPECT_EQ(StatusOf(WithHeader("Expect: magic\r\n")), 417);
}

TEST(Framer, HasNoSecondOpinionOnTheLength) {
  for (const char* value : {"", "-1", "+1", "1, 1", "0x1", "1 1", "99999999999999999999999"}) {
    EXPECT_EQ(StatusOf(WithHeader("Content-Length: " + std::string(value) + "\r\n")), 400) << value;
  }
  EXPECT_EQ(StatusOf(WithHeader("Content-Length: 1\r\nContent-Length: 2\r\n")), 400);
  EXPECT_EQ(StatusOf(WithHeader("Content-Length: 1\r\nContent-Length: 1\r\n", "x")), 200);
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(StatusOf(WithHeader("Content-Length: 1\r\n" + chunked)), 400);
  EXPECT_EQ(StatusOf(WithHeader("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(StatusOf(WithHeader("Transfer-Encoding: identity\r\n")), 501);
  for (const char* size : {"", "x", "-1", "0x1", "1 1", "11111111111111111"}) {
    EXPECT_EQ(StatusOf(WithHeader(chunked, std::string(size) + "\r\n")), 400) << size;
  }
  EXPECT_EQ(StatusOf(WithHeader(chunked, "1\r\nab\r\n")), 400);
}

TEST(Framer, BoundsLineHeadersAndBody) {
  EXPECT_EQ(StatusOf("GET /" + std::string(9000, 'a')), 414);
  EXPECT_EQ(StatusOf(WithHeader("A: " + std::string(limits::kHeaderBytes, 'a'))), 431);
  const std::string many = "A: b\r\n";
  std::string headers;
  while (headers.size() < limits::kHeaderBytes) headers += many;
  EXPECT_EQ(StatusOf(WithHeader(headers)), 431);
  EXPECT_EQ(StatusOf(WithHeader("Content-Length: 16777217\r\n")), 413);
  EXPECT_EQ(StatusOf(WithHeader("Content-Length: 16777216\r\n")), 0);
}

TEST(Framer, BoundsAChunkedBodyWhileItComes) {
  Framer framer;
  framer.Feed(WithHeader("Transfer-Encoding: chunked\r\n"));
  const std::string chunk = "100000\r\n" + std::string(1024 * 1024, 'x') + "\r\n";
  for (int i = 0; i < 17; ++i) framer.Feed(chunk);
  ASSERT_TRUE(framer.refusal());
  EXPECT_EQ(framer.refusal()->status, 413);
}

TEST(Framer, APromiseOfBytesCostsLittle) {
  Framer framer;
  framer.Feed(WithHeader("Content-Length: 16777216\r\n"));
  EXPECT_LT(framer.bytes(), 128u * 1024);
}

TEST(Framer, WhoReadsABodyMayLookPastItsEnd) {
  Framer framer;
  framer.Feed(WithHeader("Content-Length: 5\r\n", "[1,2]"));
  ASSERT_TRUE(framer.complete());
  const std::string body = framer.Take().body;
  EXPECT_GE(body.capacity() - body.size(), 64u);
}

TEST(Framer, KnowsWhenTheConnectionEnds) {
  const auto closes = [](const std::string& version, const std::string& connection) {
    Framer framer;
    framer.Feed("GET / HTTP/" + version + "\r\nHost: h\r\nConnection: " + connection + "\r\n\r\n");
    return framer.Take().close;
  };
  EXPECT_FALSE(closes("1.1", "keep-alive"));
  EXPECT_FALSE(closes("1.1", "x"));
  EXPECT_TRUE(closes("1.1", "TE, Close"));
  EXPECT_TRUE(closes("1.0", "x"));
  EXPECT_FALSE(closes("1.0", "Keep-Alive"));
}

TEST(ParseTarget, DecodesPathAndRepeatedParametersInOrder) {
  Request request;
  ParseTarget("/api/v2/silence/a%2Fb+c?filter=a%3D%22b%22&x&filter=c+d&=&y=%zz", &request);
  EXPECT_EQ(request.path, "/api/v2/silence/a/b+c");
  EXPECT_EQ(request.escaped_path, "/api/v2/silence/a%2Fb+c") << "to tell the two slashes apart";
  const std::vector<std::pair<std::string, std::string>> want = {
      {"filter", "a=\"b\""}, {"x", ""}, {"filter", "c d"}, {"", ""}, {"y", "%zz"}};
  EXPECT_EQ(request.query, want);
  EXPECT_EQ(*request.param("filter"), "c d");
  EXPECT_EQ(request.param("none"), nullptr);
}

TEST(ParseTarget, UnderstandsTheAbsoluteForm) {
  for (const auto& [target, path] :
       std::vector<std::pair<std::string, std::string>>{{"http://h:1/a?b=c", "/a"},
                                                        {"http://h", "/"},
                                                        {"http://h?b=c", "/"},
                                                        {"/http://h", "/http://h"}}) {
    Request request;
    ParseTarget(target, &request);
    EXPECT_EQ(request.path, path) << target;
    EXPECT_EQ(request.escaped_path, "") << target;
  }
}

}  // namespace
}  // namespace watchfire::net
