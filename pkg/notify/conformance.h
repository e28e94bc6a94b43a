// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What every receiver promises, as a test. A backend's test file says how to start one delivery and
// which rules are its own:
//
//     INSTANTIATE_TEST_SUITE_P(Webhook, ConformanceTest, testing::Values(Subject{…}));
//
// Payloads are compared with testdata/<name>.json beside the backend; WF_UPDATE_GOLDEN=1 rewrites
// them. Included by tests only.

#pragma once

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/notify/receiver.h"
#include "pkg/notify/samples_for_test.h"

namespace watchfire::notify {

// What a test's exchanges find around them: the default templates, and a clock that stands still.
inline Context TestContext(std::function<Result<std::string>(const std::string& path)> read_file) {
  Context context;
  context.user_agent = "Watchfire/test";
  context.read_file = std::move(read_file);
  context.now = [] { return SampleFiring().at; };
  return context;
}

// The one request of Begin(); fails the test when it is something else.
inline net::OutRequest BeginRequest(Exchange& exchange, const dispatch::Notification& what) {
  Step step = exchange.Begin(what);
  EXPECT_TRUE(std::holds_alternative<Send>(step));
  if (auto* send = std::get_if<Send>(&step)) return std::move(send->request);
  return {};
}

struct Subject {
  std::string directory;  // Of the test file: where testdata/ is.
  std::function<std::unique_ptr<Exchange>()> start;
  std::vector<int> retry_codes;           // Besides 5xx.
  std::vector<std::string> secrets;       // Must appear in no error and no shown URL.
  std::string ok_body;                    // What the vendor answers when it takes a message.
  std::vector<std::string> headers = {};  // Besides Content-Type and User-Agent: "Name: value".
  // Where the secrets are, besides headers: in the URL, in the body, or not in the request at all.
  enum class Place { kUrl, kBody, kNone } place = Place::kUrl;
  std::string golden = {};  // Before the names of the golden payloads.
  std::string why = {};     // What stands before the reason in every error of an answer.
  // Brings a new exchange to the request that carries the message, if others come before it.
  std::function<net::OutRequest(Exchange&, const dispatch::Notification&)> reach = BeginRequest;
  std::string content_type = "application/json";
  // What of a request the golden files hold.
  std::function<std::string(const net::OutRequest&)> show = [](const auto& r) { return r.body; };
  Failure unanswered = Failure::kOther;  // What it is when no answer comes.
};

inline std::ostream& operator<<(std::ostream& out, const Subject& subject) {
  return out << subject.directory;
}

// The text of a Retry or Fail; "" for the others.
inline std::string WhyOf(const Step& step) {
  if (const auto* retry = std::get_if<Retry>(&step)) return retry->why;
  if (const auto* fail = std::get_if<Fail>(&step)) return fail->why;
  return "";
}

class ConformanceTest : public testing::TestWithParam<Subject> {
 protected:
  // Sends the firing sample and answers it.
  static Step Answer(const Result<net::OutResponse>& response) {
    const auto exchange = GetParam().start();
    GetParam().reach(*exchange, SampleFiring());
    return exchange->OnResponse(response);
  }

  static net::OutResponse Status(int status, const std::string& body = "") {
    net::OutResponse response;
    response.status = status;
    response.body = body;
    return response;
  }

  static void ExpectGolden(const std::string& name, const std::string& actual) {
    const std::string path = GetParam().directory + "/testdata/" + name + ".json";
    const bool update = std::getenv("WF_UPDATE_GOLDEN") != nullptr;  // NOLINT: one thread.
    if (update) std::ofstream(path) << actual;
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << path;
    const std::string wanted{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(actual, wanted) << "differs from " << path;
  }
};

TEST_P(ConformanceTest, EveryStatusIsDoneRetriedOrFinal) {
  for (int status = 100; status < 600; ++status) {
    SCOPED_TRACE(status);
    const bool done = status / 100 == 2;
    const Step step = Answer(Status(status, done ? GetParam().ok_body : "sorry"));
    const bool retried =
        status / 100 == 5 || std::ranges::count(GetParam().retry_codes, status) > 0;
    EXPECT_EQ(std::holds_alternative<Done>(step), done);
    EXPECT_EQ(std::holds_alternative<Retry>(step), retried);
    EXPECT_EQ(std::holds_alternative<Fail>(step), !done && !retried);
    if (!done) {
      EXPECT_EQ(WhyOf(step),
                GetParam().why + "unexpected status code " + std::to_string(status) + ": sorry");
    }
  }
}

TEST_P(ConformanceTest, NoAnswerIsRetried) {
  for (const Code code : {Code::kUnavailable, Code::kTimeout, Code::kExhausted}) {
    const Step step = Answer(::watchfire::Fail(code, "no answer"));
    ASSERT_TRUE(std::holds_alternative<Retry>(step)) << CodeName(code);
    EXPECT_EQ(std::get<Retry>(step).failure,
              code == Code::kTimeout ? Failure::kDeadline : GetParam().unanswered);
    EXPECT_THAT(WhyOf(step), testing::HasSubstr("no answer"));
  }
}

TEST_P(ConformanceTest, RetryAfterIsHonouredWithinAnHour) {
  const std::vector<std::pair<std::string, std::chrono::seconds>> headers = {
      {"7", std::chrono::seconds(7)},
      {" 30 ", std::chrono::seconds(30)},
      {"0", {}},
      {"-1", {}},
      {"1.5", {}},
      {"Wed, 21 Oct 2026 07:28:00 GMT", {}},
      {"", {}},
      {"86400", std::chrono::hours(1)},
      {"99999999999999999999", std::chrono::hours(1)}};
  std::vector<int> codes = GetParam().retry_codes;
  codes.push_back(503);
  for (const int code : codes) {
    for (const auto& [text, wanted] : headers) {
      net::OutResponse response = Status(code);
      response.headers = {{"retry-after", text}};
      const Step step = Answer(response);
      ASSERT_TRUE(std::holds_alternative<Retry>(step));
      EXPECT_EQ(std::get<Retry>(step).after, wanted) << code << " \"" << text << "\"";
    }
  }
}

TEST_P(ConformanceTest, SecretsAreInTheirPlaceAndNowhereElse) {
  const auto exchange = GetParam().start();
  const net::OutRequest request = GetParam().reach(*exchange, SampleFiring());
  const std::string url = request.url.reveal();
  const std::string echo = std::string(500, 'x') + " cannot POST " + url;
  std::vector<std::string> bodies = {url, echo, url.substr(url.find('/', 8))};
  for (const std::string& secret : GetParam().secrets) {
    if (GetParam().place != Subject::Place::kUrl) bodies.push_back("unknown key " + secret);
  }
  std::vector<std::string> shown = {request.shown_url};
  if (GetParam().place != Subject::Place::kBody) shown.push_back(request.body);
  for (const int status : {200, 302, 404, 429, 500}) {
    for (const std::string& body : bodies) {
      shown.push_back(WhyOf(exchange->OnResponse(Status(status, body))));
    }
  }
  shown.push_back(
      WhyOf(exchange->OnResponse(::watchfire::Fail(Code::kUnavailable, "cannot reach " + url))));
  for (const std::string& secret : GetParam().secrets) {
    for (const std::string& text : shown) EXPECT_THAT(text, Not(testing::HasSubstr(secret)));
  }
  const bool in_url = GetParam().place == Subject::Place::kUrl;
  EXPECT_EQ(request.shown_url.find(Secret::masked()) != std::string::npos, in_url);
}

TEST_P(ConformanceTest, ErrorsAreOneBoundedLine) {
  std::string body = "first\nsecond\x01\xff";
  for (int i = 0; i < 2000; ++i) body += "\u00fc";
  const std::string why = WhyOf(Answer(Status(500, body)));
  EXPECT_THAT(why,
              testing::StartsWith(GetParam().why + "unexpected status code 500: first second "));
  EXPECT_LE(why.size(), 600U);
  EXPECT_EQ(why.find('\n'), std::string::npos);
  EXPECT_THAT(why, testing::EndsWith("\u00fc\u2026"));
}

TEST_P(ConformanceTest, TheRequestIsAPostFromUs) {
  const net::OutRequest request = GetParam().reach(*GetParam().start(), SampleFiring());
  EXPECT_EQ(request.method, "POST");
  std::vector<std::string> headers;
  for (const net::Header& header : request.headers) {
    headers.push_back(header.name + ": " + header.value);
  }
  std::vector<std::string> wanted = GetParam().headers;
  wanted.insert(wanted.end(),
                {"Content-Type: " + GetParam().content_type, "User-Agent: Watchfire/test"});
  EXPECT_THAT(headers, testing::UnorderedElementsAreArray(wanted));
  EXPECT_GT(request.timeout, Duration::zero());
  EXPECT_NE(request.http, nullptr);
  EXPECT_NE(request.keep_alive, nullptr);
}

TEST_P(ConformanceTest, PayloadsAreTheGoldenOnes) {
  const auto show = [](const dispatch::Notification& what) {
    return GetParam().show(GetParam().reach(*GetParam().start(), what));
  };
  ExpectGolden(GetParam().golden + "firing", show(SampleFiring()));
  ExpectGolden(GetParam().golden + "resolved", show(SampleResolved()));
}

}  // namespace watchfire::notify
