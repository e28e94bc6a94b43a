// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What http_config adds to a request, on the wire: credentials, headers, OAuth2 tokens; and what an
// error says about whether the request got there.

#include <cstring>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "pkg/net/client.h"
#include "pkg/net/front.h"
#include "pkg/net/loopback_for_test.h"
#include "pkg/net/rsa_for_test.h"
#include "pkg/net/tls_for_test.h"
#include "pkg/templates/escape.h"

namespace watchfire::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A server that is both the token endpoint, at /token, and whom the requests are for.
class ClientAuthTest : public testing::Test {
 protected:
  ClientAuthTest() {
    Front::Options options;
    options.listen_addresses = {"127.0.0.1:0"};
    front_ = std::move(*Front::Listen(options, [this](const Request& request) {
      MutexLock lock(mutex_);
      requests_.push_back(request);
      if (request.path == "/token") return token_(request);
      return answer_(request);
    }));
    front_->Start();
  }
  ~ClientAuthTest() override { front_.reset(); }

  std::string Url(const std::string& path, const std::string& host = "127.0.0.1") const {
    const std::string address = front_->addresses()[0];
    return "http://" + host + address.substr(address.rfind(':')) + path;
  }
  OutRequest To(const std::string& url) const {
    OutRequest request;
    request.url = Secret(url);
    request.shown_url = "http://shown/";
    request.timeout = std::chrono::seconds(5);
    request.body = "page";
    request.http = &http_;
    return request;
  }
  Result<OutResponse> Post(const std::string& path = "/") { return Fetch(client_, To(Url(path))); }

  // The Authorization of every request to `path` so far.
  std::vector<std::string> Shown(const std::string& path,
                                 const std::string& header = "Authorization") {
    MutexLock lock(mutex_);
    std::vector<std::string> values;
    for (const Request& request : requests_) {
      if (request.path == path) values.emplace_back(request.header(header));
    }
    return values;
  }
  void UseOAuth2() {
    http_.oauth2 = config::OAuth2();
    http_.oauth2->client_id = "id";
    http_.oauth2->client_secret = Secret("s3cr3t");
    http_.oauth2->token_url = Url("/token");
  }
  void Answer(Front::Handler answer) {
    MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }
  void Tokens(Front::Handler token) {
    MutexLock lock(mutex_);
    token_ = std::move(token);
  }

  Mutex mutex_;
  std::vector<Request> requests_ WF_GUARDED_BY(mutex_);
  Front::Handler answer_ WF_GUARDED_BY(mutex_) = [](const Request&) { return Response{}; };
  int issued_ = 0;  // Guarded by mutex_: the token handler runs with it.
  Front::Handler token_ WF_GUARDED_BY(mutex_) = [this](const Request&) {
    return Response{
        200, {}, R"({"access_token":"t)" + std::to_string(++issued_) + R"(","expires_in":3600})"};
  };
  std::unique_ptr<Front> front_;
  config::HttpConfig http_;
  Client client_{{}};
};

TEST_F(ClientAuthTest, ReadsUserAndPasswordFromFiles) {
  const TestFile user("user", " user\n");
  const TestFile password("password", "pass\n");
  http_.basic_auth = config::BasicAuth{"", user.path(), Secret(), password.path()};
  ASSERT_TRUE(Post());
  user.Write("other");
  ASSERT_TRUE(Post());
  EXPECT_THAT(Shown("/"), ElementsAre("Basic dXNlcjpwYXNz", "Basic b3RoZXI6cGFzcw=="));
}

TEST_F(ClientAuthTest, DoesNotHangOnAFileThatIsNone) {
  const std::string fifo = testing::TempDir() + "/watchfire_net_fifo" + std::to_string(getpid());
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& path : {fifo, testing::TempDir(), std::string("/dev/zero")}) {
    http_.authorization = config::Authorization{"Bearer", Secret(), path};
    const auto response = Post();
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kInvalidArgument) << path;
    EXPECT_TRUE(response.error().never_sent);
  }
  std::remove(fifo.c_str());
}

TEST_F(ClientAuthTest, AddsHeadersAndKeepsSecretOnesFromOtherHosts) {
  const TestFile file("header", " from file\n");
  http_.headers["X-Mixed"] = {{"value"}, {Secret("s3cr3t")}, {file.path()}};
  http_.headers["X-Plain"] = {{"one", "two"}, {}, {}};
  Answer([this](const Request& request) {
    if (request.path == "/same") return Response{307, {{"Location", Url("/end")}}, ""};
    return Response{
        request.path == "/other" ? 307 : 200, {{"Location", Url("/end", "localhost")}}, ""};
  });
  const auto all = [&] {
    MutexLock lock(mutex_);
    std::string text;
    for (const Header& header : requests_.back().headers) {
      if (header.name.starts_with("X-")) text += header.name + "=" + header.value + ";";
    }
    return text + requests_.back().path;
  };
  ASSERT_TRUE(Post("/same"));
  EXPECT_EQ(all(), "X-Mixed=value;X-Mixed=s3cr3t;X-Mixed=from file;X-Plain=one;X-Plain=two;/end");
  ASSERT_TRUE(Post("/other"));
  EXPECT_EQ(all(), "X-Mixed=value;X-Plain=one;X-Plain=two;/end");
  http_.headers["X-Bad"] = {{"a\r\nX-Injected: b"}, {}, {}};
  EXPECT_EQ(Post().error().code, Code::kInvalidArgument);
}

TEST_F(ClientAuthTest, FetchesOneTokenForManyAndKeepsIt) {
  UseOAuth2();
  http_.oauth2->scopes = {"a", "b"};
  std::vector<std::shared_ptr<Promise<Result<OutResponse>>>> promises;
  for (int i = 0; i < 20; ++i) {
    auto promise = promises.emplace_back(std::make_shared<Promise<Result<OutResponse>>>());
    client_.Send(To(Url("/")),
                 [promise](Result<OutResponse> result) { promise->Set(std::move(result)); });
  }
  for (const auto& promise : promises) {
    const auto result = promise->Wait(InTenSeconds());
    ASSERT_TRUE(result && *result) << (result ? result->error().message : "no callback");
  }
  EXPECT_THAT(Shown("/token"), ElementsAre("Basic aWQ6czNjcjN0")) << "one flight for all";
  EXPECT_THAT(Shown("/"), testing::AllOf(testing::SizeIs(20), testing::Each("Bearer t1")));
  {
    MutexLock lock(mutex_);
    EXPECT_EQ(requests_.front().body, "grant_type=client_credentials&scope=a%20b");
  }
  // Another configuration has a token of its own.
  config::HttpConfig other = http_;
  other.oauth2->client_id = "other";
  OutRequest request = To(Url("/other"));
  request.http = &other;
  ASSERT_TRUE(Fetch(client_, request));
  EXPECT_THAT(Shown("/other"), ElementsAre("Bearer t2"));
}

TEST_F(ClientAuthTest, FetchesAnewWhenTheTokenOrTheSecretIsOld) {
  const TestFile secret("secret", "one\n");
  UseOAuth2();
  http_.oauth2->client_secret = Secret();
  http_.oauth2->client_secret_file = secret.path();
  Tokens([this](const Request&) {
    // Ten seconds early is at once.
    return Response{
        200, {}, R"({"access_token":"t)" + std::to_string(++issued_) + R"(","expires_in":10})"};
  });
  ASSERT_TRUE(Post());
  ASSERT_TRUE(Post());
  Tokens([](const Request& request) {
    const std::string shown(request.header("Authorization"));
    return Response{200, {}, R"({"access_token":")" + shown.substr(6) + R"("})"};
  });
  ASSERT_TRUE(Post());
  ASSERT_TRUE(Post());
  secret.Write("two");
  ASSERT_TRUE(Post());
  EXPECT_THAT(Shown("/"), ElementsAre("Bearer t1", "Bearer t2", "Bearer aWQ6b25l",
                                      "Bearer aWQ6b25l", "Bearer aWQ6dHdv"));
}

TEST_F(ClientAuthTest, ReplacesARefusedTokenOnce) {
  UseOAuth2();
  Answer([](const Request& request) {
    const bool good = request.header("Authorization") == "Bearer t2";
    return Response{good ? 200 : 401, {}, std::string(request.body)};
  });
  const auto response = Post();
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "page");
  EXPECT_THAT(Shown("/"), ElementsAre("Bearer t1", "Bearer t2"));

  Answer([](const Request&) { return Response{401, {}, ""}; });
  EXPECT_EQ(Post("/never")->status, 401);
  EXPECT_THAT(Shown("/never"), ElementsAre("Bearer t2", "Bearer t3")) << "not for ever";
  EXPECT_EQ(Shown("/token").size(), 3U);
}

TEST_F(ClientAuthTest, FindsOutWhereTheTokenServerWantsTheSecret) {
  UseOAuth2();
  Tokens([](const Request& request) {
    const bool in_body = request.body.find("client_secret=s3cr3t") != std::string::npos;
    if (!in_body) return Response{401, {}, R"({"error":"invalid_client"})"};
    return Response{200, {}, R"({"access_token":"t","expires_in":5})"};
  });
  ASSERT_TRUE(Post());
  ASSERT_TRUE(Post());
  EXPECT_THAT(Shown("/token"), ElementsAre("Basic aWQ6czNjcjN0", "", "")) << "and remembers it";
  EXPECT_THAT(Shown("/"), ElementsAre("Bearer t", "Bearer t"));
}

TEST_F(ClientAuthTest, ASignedAssertionGetsATokenToo) {
  const RsaKey key = NewRsaKey();
  const TestFile file("rsa_key", key.pem);
  UseOAuth2();
  http_.oauth2->assertion.emplace().key_file = file.path();
  Tokens([&](const Request& request) {
    const size_t at = request.body.find("&assertion=");
    const std::string text(request.body.substr(at + strlen("&assertion=")));
    const size_t dot = text.rfind('.');
    std::string signature = text.substr(dot + 1);
    signature += std::string((4 - signature.size() % 4) % 4, '=');
    const bool is_good =
        key.Signed(text.substr(0, dot), templates::DecodeBase64Url(signature).value(), "SHA256");
    if (!is_good) return Response{401, {}, R"({"error":"invalid_grant"})"};
    return Response{200, {}, R"({"access_token":"signed","expires_in":3600})"};
  });
  ASSERT_TRUE(Post());
  ASSERT_TRUE(Post());
  EXPECT_THAT(Shown("/"), ElementsAre("Bearer signed", "Bearer signed"));
  EXPECT_THAT(Shown("/token"), ElementsAre("")) << "one token, and no secret beside it";

  file.Write(NewRsaKey().pem);
  EXPECT_THAT(Post().error().message, HasSubstr("HTTP 401 \"invalid_grant\""));
  EXPECT_EQ(Shown("/token").size(), 2U) << "a refused assertion is not tried in another place";
  file.Write("no key");
  const auto response = Post();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message,
            "POST http://shown/: oauth2: client_certificate_key is no RSA key in PEM without a "
            "password");
  EXPECT_TRUE(response.error().never_sent);
}

TEST_F(ClientAuthTest, WithoutATokenNothingIsSent) {
  UseOAuth2();
  Tokens([](const Request&) { return Response{400, {}, R"({"error":"nope"})"}; });
  auto response = Post();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kUnavailable);
  EXPECT_TRUE(response.error().never_sent);
  EXPECT_EQ(response.error().message,
            "POST http://shown/: oauth2: cannot fetch token: HTTP 400 \"nope\"");
  EXPECT_THAT(Shown("/"), IsEmpty());

  http_.oauth2->token_url = "http://127.0.0.1:1/token";
  response = Post();
  ASSERT_FALSE(response);
  EXPECT_TRUE(response.error().never_sent);
  EXPECT_THAT(response.error().message, HasSubstr("oauth2: POST oauth2 token_url: "));

  ScriptedServer hanging([](int fd, const std::string&) { AwaitHangUp(fd); });
  http_.oauth2->token_url = hanging.url();
  OutRequest request = To(Url("/"));
  request.timeout = std::chrono::milliseconds(200);
  {
    Client client({});  // Goes before the server it may still wait for.
    response = Fetch(client, request);
  }
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kTimeout);
  EXPECT_TRUE(response.error().never_sent);

  http_.oauth2->client_secret_file = "/no/such/file";
  EXPECT_EQ(Post().error().code, Code::kInvalidArgument);
}

TEST_F(ClientAuthTest, AnOwnAuthorizationNeedsNoTokenAndOtherHostsGetNone) {
  UseOAuth2();
  OutRequest request = To(Url("/own"));
  request.headers = {{"Authorization", "GenieKey k"}};
  ASSERT_TRUE(Fetch(client_, request));
  EXPECT_THAT(Shown("/own"), ElementsAre("GenieKey k"));
  EXPECT_THAT(Shown("/token"), IsEmpty());
  Answer([this](const Request& seen) {
    const bool moved = seen.path == "/moved";
    return Response{moved ? 307 : 401, {{"Location", Url("/end", "localhost")}}, ""};
  });
  EXPECT_EQ(Post("/moved")->status, 401);
  EXPECT_THAT(Shown("/moved"), ElementsAre("Bearer t1"));
  EXPECT_THAT(Shown("/end"), ElementsAre("")) << "and its 401 says nothing about the token";
}

TEST_F(ClientAuthTest, TheTokenServerHasItsOwnTls) {
  const Identity ca("ca.test");
  const Identity identity("token.test", &ca);
  TlsServer server(identity, {});
  UseOAuth2();
  http_.oauth2->token_url = "https://127.0.0.1:" + server.port() + "/t";
  EXPECT_THAT(Post().error().message, HasSubstr("certificate"));
  http_.oauth2->tls.ca = ca.CertificatePem();
  http_.oauth2->tls.server_name = "token.test";
  EXPECT_THAT(Post().error().message, HasSubstr("the answer is not JSON"));
  EXPECT_THAT(server.seen().head, HasSubstr("POST /t HTTP/1.1\r\n"));
}

TEST_F(ClientAuthTest, TellsWhatNeverLeftFromWhatMayHaveArrived) {
  ScriptedServer hanging([](int fd, const std::string&) { AwaitHangUp(fd); });
  ScriptedServer cutting([](int, const std::string&) {});
  ScriptedServer moving([](int fd, const std::string&) {
    SendAll(fd, "HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\n\r\n");
  });
  // Takes connections but never greets: the TLS handshake hangs.
  ScriptedServer mute([](int fd, const std::string&) { AwaitHangUp(fd); });
  struct Case {
    std::string url;
    bool never_sent;
  };
  for (const auto& [url, never_sent] : std::vector<Case>{{"http://127.0.0.1:1/", true},
                                                         {"http://no-such-host.invalid/", true},
                                                         {"ftp://127.0.0.1/", true},
                                                         {"https://" + mute.address() + "/", true},
                                                         {hanging.url(), false},
                                                         {cutting.url(), false},
                                                         {moving.url(), false}}) {
    OutRequest request = To(url);
    request.timeout = std::chrono::milliseconds(300);
    const auto response = Fetch(client_, request);
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().never_sent, never_sent) << url << ": " << response.error().message;
  }
  // A connection that was good a moment ago may have carried the request to a dying server.
  Answer([](const Request&) { return Response{200, {}, "ok"}; });
  ASSERT_TRUE(Post());
}

TEST_F(ClientAuthTest, CutsAConnectionThatFallsSilent) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
  ScriptedServer silent([&](int fd, const std::string&) {
    SendAll(fd, head + "123");
    AwaitHangUp(fd);
  });
  // Slower in all than the idle limit, but never silent for as long.
  ScriptedServer steady([&](int fd, const std::string&) {
    SendAll(fd, head);
    for (int i = 0; i < 10; ++i) {
      pollfd hang_up{fd, POLLIN, 0};
      poll(&hang_up, 1, 50);
      SendAll(fd, "x");
    }
    // A connection closed with something unread is reset, which takes the answer with it.
    char body[4096];
    (void)recv(fd, body, sizeof(body), MSG_DONTWAIT);
  });
  OutRequest request = To(silent.url());
  request.timeout = std::chrono::seconds(9);
  request.idle_timeout = std::chrono::milliseconds(300);
  const auto response = Fetch(client_, request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kTimeout);
  EXPECT_THAT(response.error().message, HasSubstr("nothing came for 300ms"));
  EXPECT_FALSE(response.error().never_sent);
  request.url = Secret(steady.url());
  const auto whole = Fetch(client_, request);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->body, "xxxxxxxxxx");
}

}  // namespace
}  // namespace watchfire::net
