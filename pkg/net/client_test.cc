// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/client.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <map>
#include <thread>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/net/front.h"
#include "pkg/net/loopback_for_test.h"

namespace watchfire::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What the server saw last, by path.
struct Seen {
  void Put(const Request& request) {
    MutexLock lock(mutex);
    requests[request.path] = request;
  }
  Request At(const std::string& path) {
    MutexLock lock(mutex);
    return requests[path];
  }
  Mutex mutex;
  std::map<std::string, Request> requests WF_GUARDED_BY(mutex);
};

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    Serve([](const Request&) { return Response{200, {}, "ok"}; });
  }

  void Serve(Front::Handler handler) {
    front_.reset();
    Front::Options options;
    options.listen_addresses = {"127.0.0.1:0"};
    front_ = std::move(*Front::Listen(options, [this, handler](const Request& request) {
      seen_.Put(request);
      return handler(request);
    }));
    front_->Start();
  }

  std::string Base(const std::string& host = "127.0.0.1") const {
    const std::string address = front_->addresses()[0];
    return "http://" + host + address.substr(address.rfind(':'));
  }

  OutRequest To(const std::string& url) const {
    OutRequest request;
    request.url = Secret(url);
    request.shown_url = "http://shown/";
    request.timeout = std::chrono::seconds(5);
    request.http = &http_;
    return request;
  }
  OutRequest ToPath(const std::string& path) const { return To(Base() + path); }

  Seen seen_;
  config::HttpConfig http_;
  std::unique_ptr<Front> front_;
  Client client_{{.user_agent = "watchfire/test"}};
};

TEST_F(ClientTest, RequestsMadeTogetherAreAnsweredEach) {
  Serve([](const Request& request) { return Response{200, {}, request.body + "!"}; });
  Promise<std::string> one;
  Promise<std::string> two;
  std::vector<Client::Outgoing> all;
  for (Promise<std::string>* end : {&one, &two}) {
    OutRequest request = ToPath("/p");
    request.body = end == &one ? "1" : "2";
    all.push_back({std::move(request), [end](Result<OutResponse> answer) {
                     end->Set(answer ? answer->body : answer.error().message);
                   }});
  }
  client_.SendAll(std::move(all));
  EXPECT_EQ(one.Wait(InTenSeconds()), "1!");
  EXPECT_EQ(two.Wait(InTenSeconds()), "2!");
}

TEST_F(ClientTest, SendsWhatIsMadeOnItsOwnThread) {
  Serve([](const Request& request) { return Response{200, {}, request.body + "!"}; });
  Promise<std::string> end;
  std::thread::id made_on;
  client_.SendMade([&] {
    made_on = std::this_thread::get_id();
    OutRequest request = ToPath("/");
    request.body = "1";
    std::vector<Client::Outgoing> one;
    one.push_back({std::move(request), [&end](Result<OutResponse> answer) {
                     end.Set(answer ? answer->body : answer.error().message);
                   }});
    return one;
  });
  EXPECT_EQ(end.Wait(InTenSeconds()), "1!");
  EXPECT_NE(made_on, std::this_thread::get_id());
}

TEST_F(ClientTest, ALaterRequestHasNothingOfAnEarlierOne) {
  OutRequest first = ToPath("/first");
  first.method = "PUT";
  first.body = "secret";
  first.headers = {{"X-First", "1"}, {"Authorization", "Bearer secret"}};
  ASSERT_TRUE(Fetch(client_, std::move(first)));
  OutRequest second = ToPath("/second");
  second.method = "GET";
  ASSERT_TRUE(Fetch(client_, std::move(second)));
  const Request seen = seen_.At("/second");
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.body, "");
  for (const Header& header : seen.headers) {
    EXPECT_THAT(header.value, Not(HasSubstr("secret"))) << header.name;
    EXPECT_FALSE(SameHeaderName(header.name, "X-First"));
  }
}

TEST_F(ClientTest, PostsABodyAndBringsTheAnswerBack) {
  Serve([](const Request& request) {
    return Response{202, {{"X-Answer", "yes"}}, request.body + "!"};
  });
  OutRequest request = ToPath("/p?a=b");
  request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
  request.body = std::string("{\0}", 3);
  const auto response = Fetch(client_, request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 202);
  EXPECT_EQ(response->body, std::string("{\0}!", 4));
  EXPECT_EQ(response->header("x-answer"), "yes");
  EXPECT_GT(response->took.count(), 0);
  const Request seen = seen_.At("/p");
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.header("Content-Type"), "application/json");
  EXPECT_EQ(seen.header("User-Agent"), "watchfire/test");
  EXPECT_EQ(seen.header("Accept-Encoding"), "gzip");
  EXPECT_EQ(seen.header("Expect"), "");
  EXPECT_EQ(seen.header("Accept"), "");
  request.headers = {{"Accept", "application/json"}};
  ASSERT_TRUE(Fetch(client_, request));
  EXPECT_EQ(seen_.At("/p").header("Accept"), "application/json");
}

TEST_F(ClientTest, SpeaksEveryMethod) {
  for (const std::string method : {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"}) {
    for (const std::string body : {"", "body"}) {
      if (method == "HEAD" && !body.empty()) continue;
      OutRequest request = ToPath("/m");
      request.method = method;
      request.body = body;
      const auto response = Fetch(client_, request);
      ASSERT_TRUE(response) << method << ": " << response.error().message;
      EXPECT_EQ(seen_.At("/m").method, method);
      EXPECT_EQ(seen_.At("/m").body, body);
      EXPECT_EQ(seen_.At("/m").header("Content-Type"), "");
      EXPECT_EQ(response->body, method == "HEAD" ? "" : "ok");
    }
  }
}

TEST_F(ClientTest, TakesTwoHundredRequestsAtOnceOverFewConnections) {
  std::vector<std::shared_ptr<Promise<Result<OutResponse>>>> promises;
  for (int i = 0; i < 200; ++i) {
    auto promise = promises.emplace_back(std::make_shared<Promise<Result<OutResponse>>>());
    OutRequest request = ToPath("/n");
    request.body = std::string(10'000, 'x');
    client_.Send(std::move(request),
                 [promise](Result<OutResponse> result) { promise->Set(std::move(result)); });
  }
  for (const auto& promise : promises) {
    const auto result = promise->Wait(InTenSeconds());
    ASSERT_TRUE(result && *result) << (result ? result->error().message : "no callback");
    EXPECT_EQ((*result)->body, "ok");
  }
  EXPECT_EQ(front_->stats().requests, 200u);
  EXPECT_LE(front_->stats().connections, 64u);
}

TEST_F(ClientTest, KeepsConnectionsAlive) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Fetch(client_, ToPath("/")));
  EXPECT_EQ(front_->stats().connections, 1u);
}

TEST_F(ClientTest, GivesUpOnAServerThatHangsCutsOrTalksNonsense) {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
  struct Case {
    ScriptedServer::Script script;
    Code code;
  };
  const std::vector<Case> cases = {
      {[](int fd, const std::string&) { AwaitHangUp(fd); }, Code::kTimeout},
      {[&](int fd, const std::string&) {
         SendAll(fd, ok + "123");
         AwaitHangUp(fd);
       },
       Code::kTimeout},
      {[&](int, const std::string&) {}, Code::kUnavailable},
      {[&](int fd, const std::string&) { SendAll(fd, ok + "123"); }, Code::kUnavailable},
      {[&](int fd, const std::string&) { SendAll(fd, "HTTP/1.1 2"); }, Code::kUnavailable},
      {[&](int fd, const std::string&) { SendAll(fd, "SSH-2.0-x\r\n\r\n"); }, Code::kUnavailable},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    ScriptedServer server(cases[i].script);
    OutRequest request = To(server.url("/s3cr3t"));
    request.timeout = std::chrono::milliseconds(200);
    const auto response = Fetch(client_, request);
    ASSERT_FALSE(response) << i;
    EXPECT_EQ(response.error().code, cases[i].code) << i << ": " << response.error().message;
    EXPECT_THAT(response.error().message, HasSubstr("POST http://shown/: "));
    EXPECT_THAT(response.error().message, Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(response.error().message, Not(HasSubstr("127.0.0.1")));
  }
}

TEST_F(ClientTest, NamesWhatIsWrongWithoutTheSecret) {
  const std::string closed = "http://127.0.0.1:1/s3cr3t";
  for (const auto& [url, code] : std::vector<std::pair<std::string, Code>>{
           {closed, Code::kUnavailable},
           {"ftp://127.0.0.1/s3cr3t", Code::kInvalidArgument},
           {"file:///etc/s3cr3t", Code::kInvalidArgument},
           {"/s3cr3t", Code::kInvalidArgument},
           {"http://127.0.0.1:99999/s3cr3t", Code::kInvalidArgument},
           {"", Code::kInvalidArgument}}) {
    const auto response = Fetch(client_, To(url));
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().code, code) << url << ": " << response.error().message;
    EXPECT_THAT(response.error().message, Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(response.error().message, Not(HasSubstr("127.0.0.1")));
  }
  OutRequest unnamed = To(closed);
  unnamed.shown_url.clear();
  EXPECT_THAT(Fetch(client_, unnamed).error().message, HasSubstr("POST <secret>: "));
}

TEST_F(ClientTest, BoundsTheResponse) {
  Serve([](const Request&) { return Response{200, {}, std::string(100'000, 'x')}; });
  OutRequest request = ToPath("/");
  request.response_bytes_max = 100'000;
  EXPECT_TRUE(Fetch(client_, request));
  request.response_bytes_max = 99'999;
  EXPECT_EQ(Fetch(client_, request).error().code, Code::kExhausted);

  ScriptedServer endless([](int fd, const std::string&) {
    SendAll(fd, "HTTP/1.1 200 OK\r\n\r\n");
    while (SendAll(fd, std::string(65536, 'x'))) {
    }
  });
  EXPECT_EQ(Fetch(client_, To(endless.url())).error().code, Code::kExhausted);

  ScriptedServer headers([](int fd, const std::string&) {
    SendAll(fd, "HTTP/1.1 200 OK\r\n");
    while (SendAll(fd, "X-Header: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  EXPECT_EQ(Fetch(client_, To(headers.url())).error().code, Code::kExhausted);
}

TEST_F(ClientTest, UnpacksGzipWithinTheBound) {
  // 1,000 times 'a'.
  const std::string packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00\x03"
      "\xda\x38\x9a\xe8\x03\x00\x00",
      29);
  Serve([&](const Request&) { return Response{200, {{"Content-Encoding", "gzip"}}, packed}; });
  OutRequest request = ToPath("/");
  const auto response = Fetch(client_, request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, std::string(1000, 'a'));
  request.response_bytes_max = 999;
  EXPECT_EQ(Fetch(client_, request).error().code, Code::kExhausted);
}

TEST_F(ClientTest, FollowsRedirectsAsGoDoes) {
  Serve([](const Request& request) {
    if (request.path == "/end") return Response{200, {}, "end"};
    return Response{std::stoi(request.path.substr(1)), {{"Location", "/end"}}, "moved"};
  });
  for (const auto& [status, sent, arrives, body] :
       std::vector<std::tuple<int, std::string, std::string, std::string>>{
           {301, "POST", "GET", ""},
           {302, "POST", "GET", ""},
           {303, "POST", "GET", ""},
           {307, "POST", "POST", "body"},
           {308, "POST", "POST", "body"},
           {302, "PUT", "GET", ""},
           {308, "PUT", "PUT", "body"},
           {301, "GET", "GET", ""},
           {301, "HEAD", "HEAD", ""}}) {
    OutRequest request = ToPath("/" + std::to_string(status));
    request.method = sent;
    request.headers = {{"Content-Type", "text/plain"}, {"X-Kept", "k"}};
    if (sent != "GET" && sent != "HEAD") request.body = "body";
    const auto response = Fetch(client_, request);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    const Request seen = seen_.At("/end");
    EXPECT_EQ(seen.method, arrives) << status << " " << sent;
    EXPECT_EQ(seen.body, body) << status << " " << sent;
    EXPECT_EQ(seen.header("X-Kept"), "k");
    EXPECT_EQ(response->header("Location"), "");
  }
  for (const int status : {300, 304}) {
    EXPECT_EQ(Fetch(client_, ToPath("/" + std::to_string(status)))->status, status);
  }
}

TEST_F(ClientTest, DoesNotFollowWhenToldSoOrForEverOrOutOfHttp) {
  std::atomic<int> hops{0};
  Serve([&](const Request& request) {
    ++hops;
    if (request.path == "/none") return Response{302, {}, ""};
    const std::string to = request.path == "/ftp" ? "ftp://127.0.0.1/s3cr3t" : "/loop";
    return Response{302, {{"Location", to}}, ""};
  });
  EXPECT_EQ(Fetch(client_, ToPath("/none"))->status, 302);
  EXPECT_EQ(Fetch(client_, ToPath("/ftp")).error().code, Code::kInvalidArgument);
  hops = 0;
  const auto looped = Fetch(client_, ToPath("/loop"));
  EXPECT_THAT(looped.error().message, HasSubstr("stopped after 10 redirects"));
  EXPECT_EQ(hops, 11);
  http_.follow_redirects = false;
  const auto response = Fetch(client_, ToPath("/loop"));
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->header("location"), "/loop");
}

TEST_F(ClientTest, SendsCredentialsAndNotToOtherHosts) {
  Serve([this](const Request& request) {
    if (request.path == "/same") return Response{307, {{"Location", Base() + "/end"}}, ""};
    if (request.path == "/other") {
      return Response{307, {{"Location", Base("localhost") + "/end"}}, ""};
    }
    return Response{200, {}, ""};
  });
  http_.basic_auth = config::BasicAuth{"user", "", Secret("pass"), ""};
  ASSERT_TRUE(Fetch(client_, ToPath("/same")));
  EXPECT_EQ(seen_.At("/same").header("Authorization"), "Basic dXNlcjpwYXNz");
  EXPECT_EQ(seen_.At("/end").header("Authorization"), "Basic dXNlcjpwYXNz");
  OutRequest request = ToPath("/other");
  request.headers = {{"Cookie", "c=d"}, {"X-Kept", "k"}};
  const auto other = Fetch(client_, request);
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(seen_.At("/end").header("Authorization"), "");
  EXPECT_EQ(seen_.At("/end").header("Cookie"), "");
  EXPECT_EQ(seen_.At("/end").header("X-Kept"), "k");

  request = ToPath("/own");
  request.headers = {{"authorization", "GenieKey own"}};
  ASSERT_TRUE(Fetch(client_, request));
  EXPECT_EQ(seen_.At("/own").header("Authorization"), "GenieKey own");
}

TEST_F(ClientTest, ReadsCredentialFilesAnewForEachRequest) {
  const std::string path = testing::TempDir() + "/watchfire_net_credential";
  const auto write = [&](const std::string& text) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    std::fputs(text.c_str(), file);
    std::fclose(file);
  };
  http_.authorization = config::Authorization{"Token", Secret(), path};
  for (const std::string token : {"one", "two"}) {
    write(" " + token + "\n");
    ASSERT_TRUE(Fetch(client_, ToPath("/")));
    EXPECT_EQ(seen_.At("/").header("Authorization"), "Token " + token);
  }
  write("tw\no");
  const auto torn = Fetch(client_, ToPath("/"));
  EXPECT_EQ(torn.error().code, Code::kInvalidArgument);
  EXPECT_THAT(torn.error().message, Not(HasSubstr("tw\n")));
  std::remove(path.c_str());
  const auto missing = Fetch(client_, ToPath("/"));
  EXPECT_EQ(missing.error().code, Code::kInvalidArgument);
  EXPECT_THAT(missing.error().message, HasSubstr(path));

  http_ = {};
  http_.basic_auth = config::BasicAuth{"user", "", Secret(), path};
  EXPECT_EQ(Fetch(client_, ToPath("/")).error().code, Code::kInvalidArgument);
  write("pass\n");
  ASSERT_TRUE(Fetch(client_, ToPath("/")));
  EXPECT_EQ(seen_.At("/").header("Authorization"), "Basic dXNlcjpwYXNz");
  std::remove(path.c_str());
}

TEST_F(ClientTest, DoesNotLetAValueBreakTheHeaders) {
  OutRequest request = ToPath("/");
  request.headers = {{"X-Bad", "a\r\nX-Injected: 1"}};
  EXPECT_EQ(Fetch(client_, request).error().code, Code::kInvalidArgument);
  EXPECT_EQ(front_->stats().requests, 0u);
}

TEST_F(ClientTest, GoesThroughAProxyOnlyWhenConfigured) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_TRUE(Fetch(client_, ToPath("/direct")));
  unsetenv("http_proxy");
  http_.proxy.url = Base();
  ASSERT_TRUE(Fetch(client_, To("http://elsewhere.invalid/proxied?x=1")));
  EXPECT_EQ(seen_.At("/proxied").header("Host"), "elsewhere.invalid");
  EXPECT_EQ(*seen_.At("/proxied").param("x"), "1");
}

TEST_F(ClientTest, ADelayedRequestLetsOthersPassAndEndsInTime) {
  Mutex mutex;
  std::vector<std::string> order;
  Serve([&](const Request& request) {
    MutexLock lock(mutex);
    order.push_back(request.path);
    return Response{200, {}, "ok"};
  });
  const auto send = [&](const std::string& path, Duration delay, Duration timeout) {
    auto promise = std::make_shared<Promise<Result<OutResponse>>>();
    OutRequest request = ToPath(path);
    request.delay = delay;
    request.timeout = timeout;
    client_.Send(std::move(request),
                 [promise](Result<OutResponse> result) { promise->Set(std::move(result)); });
    return promise;
  };
  using std::chrono::milliseconds;
  const auto late = send("/late", milliseconds(400), std::chrono::seconds(10));
  const auto never = send("/never", std::chrono::hours(1), milliseconds(100));
  const auto soon = send("/soon", Duration::zero(), std::chrono::seconds(10));
  EXPECT_TRUE(*soon->Wait(InTenSeconds()));
  EXPECT_EQ((*never->Wait(InTenSeconds())).error().code, Code::kTimeout);
  EXPECT_TRUE(*late->Wait(InTenSeconds()));
  MutexLock lock(mutex);
  EXPECT_THAT(order, testing::ElementsAre("/soon", "/late"));
}

TEST_F(ClientTest, RunsEveryCallbackWhenItGoes) {
  ScriptedServer hanging([](int fd, const std::string&) { AwaitHangUp(fd); });
  std::atomic<int> refused{0};
  {
    Client client({});
    for (int i = 0; i < 20; ++i) {
      OutRequest request = To(hanging.url());
      if (i >= 10) request.delay = std::chrono::seconds(1);
      client.Send(std::move(request), [&](Result<OutResponse> result) {
        if (!result && result.error().code == Code::kUnavailable) ++refused;
      });
    }
  }
  EXPECT_EQ(refused, 20);
}

TEST_F(ClientTest, SleepsWhenIdle) {
  ASSERT_TRUE(Fetch(client_, ToPath("/")));
  const std::clock_t before = std::clock();
  Promise<bool> never;
  never.Wait(std::chrono::steady_clock::now() + std::chrono::milliseconds(300));
  EXPECT_LT(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, 0.03);
}

}  // namespace
}  // namespace watchfire::net
