// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Proxies on the wire: plain, CONNECT, the environment's, and those that refuse.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/net/client.h"
#include "pkg/net/loopback_for_test.h"
#include "pkg/net/tls_for_test.h"

namespace watchfire::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

int ConnectTo(const std::string& port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<uint16_t>(std::atoi(port.c_str())));
  WF_CHECK(connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0);
  return fd;
}

// Carries bytes both ways until one side hangs up.
void Pump(int a, int b) {
  char bytes[16 * 1024];
  while (true) {
    pollfd ready[] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
    if (poll(ready, 2, 10'000) <= 0) return;
    for (const int i : {0, 1}) {
      if (ready[i].revents == 0) continue;
      const ssize_t count = recv(ready[i].fd, bytes, sizeof(bytes), 0);
      if (count <= 0) return;
      SendAll(i == 0 ? b : a, {bytes, static_cast<size_t>(count)});
    }
  }
}

// A proxy that leads every host to the same local port, and answers plain requests by itself.
class ClientProxyTest : public testing::Test {
 protected:
  void OnRequest(int fd, const std::string& head) {
    {
      MutexLock lock(mutex_);
      heads_.push_back(head);
    }
    if (!head.starts_with("CONNECT ")) {
      SendAll(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nproxy");
      return;
    }
    if (refuses_) {
      SendAll(fd, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const Fd server(ConnectTo(server_.port()));
    SendAll(fd, "HTTP/1.1 200 Connection established\r\n\r\n");
    Pump(fd, server.get());
  }
  std::vector<std::string> heads() {
    MutexLock lock(mutex_);
    return heads_;
  }
  Result<OutResponse> Get(const std::string& url, Client* client = nullptr) {
    OutRequest request;
    request.method = "GET";
    request.url = Secret(url);
    request.shown_url = "shown";
    request.timeout = std::chrono::seconds(5);
    request.http = &http_;
    return Fetch(client != nullptr ? *client : client_, request);
  }
  void Trust() { http_.tls.ca = ca_.CertificatePem(); }

  const Identity ca_{"ca.test"};
  const Identity identity_{"server.test", &ca_};
  TlsServer server_{identity_, {}};
  Mutex mutex_;
  std::vector<std::string> heads_ WF_GUARDED_BY(mutex_);
  std::atomic<bool> refuses_{false};
  ScriptedServer proxy_{[this](int fd, const std::string& head) { OnRequest(fd, head); }};
  config::HttpConfig http_;
  Client client_{{}};
};

TEST_F(ClientProxyTest, TunnelsTlsWithTheConnectHeaders) {
  http_.proxy.url = "http://user:pass@" + proxy_.address();
  http_.proxy.connect_header = {{"X-Proxy", {Secret("one"), Secret("two")}}};
  http_.authorization = config::Authorization{"Bearer", Secret("s3cr3t"), ""};
  Trust();
  const auto response = Get("https://server.test/path");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "ok");
  ASSERT_THAT(heads(), SizeIs(1));
  const std::string connect = heads()[0];
  EXPECT_THAT(connect, StartsWith("CONNECT server.test:443 HTTP/1.1\r\n"));
  EXPECT_THAT(connect, HasSubstr("X-Proxy: one\r\n"));
  EXPECT_THAT(connect, HasSubstr("X-Proxy: two\r\n"));
  EXPECT_THAT(connect, HasSubstr("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"));
  EXPECT_THAT(connect, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(connect, Not(HasSubstr("/path")));
  EXPECT_THAT(server_.seen().head, HasSubstr("Authorization: Bearer s3cr3t\r\n"));
  EXPECT_THAT(server_.seen().head, Not(HasSubstr("X-Proxy")));
  EXPECT_THAT(server_.seen().head, Not(HasSubstr("Proxy-Authorization")));
}

TEST_F(ClientProxyTest, TheProxyIsToldTheClientsNameAndTheServerTheRequests) {
  http_.proxy.url = "http://" + proxy_.address();
  Trust();
  Client client({.user_agent = "watchfire/test"});
  OutRequest request;
  request.url = Secret("https://server.test/");
  request.headers = {{"User-Agent", "own/1"}};
  request.http = &http_;
  request.timeout = std::chrono::seconds(5);
  const auto response = Fetch(client, std::move(request));
  ASSERT_TRUE(response) << response.error().message;
  ASSERT_THAT(heads(), SizeIs(1));
  EXPECT_THAT(heads()[0], HasSubstr("User-Agent: watchfire/test\r\n"));
  EXPECT_THAT(server_.seen().head, HasSubstr("User-Agent: own/1\r\n"));
}

TEST_F(ClientProxyTest, SendsNoConnectHeadersWithoutConnect) {
  http_.proxy.url = "http://" + proxy_.address();
  http_.proxy.connect_header = {{"X-Proxy", {Secret("one")}}};
  const auto response = Get("http://plain.test/path");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "proxy");
  EXPECT_THAT(heads(), ElementsAre(StartsWith("GET http://plain.test/path HTTP/1.1\r\n")));
  EXPECT_THAT(heads()[0], Not(HasSubstr("X-Proxy")));
}

TEST_F(ClientProxyTest, ARefusedTunnelMeansNothingWasSent) {
  refuses_ = true;
  http_.proxy.url = "http://" + proxy_.address();
  Trust();
  auto response = Get("https://server.test/");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kUnavailable);
  EXPECT_TRUE(response.error().never_sent) << response.error().message;
  http_.proxy.url = "http://127.0.0.1:1";
  response = Get("https://server.test/");
  ASSERT_FALSE(response);
  EXPECT_TRUE(response.error().never_sent);
}

TEST_F(ClientProxyTest, NoProxyGoesStraight) {
  http_.proxy.url = "http://" + proxy_.address();
  http_.proxy.no_proxy = "other.test";
  http_.tls.insecure_skip_verify = true;
  ASSERT_TRUE(Get("https://127.0.0.1:" + server_.port() + "/"));
  EXPECT_THAT(heads(), IsEmpty()) << "loopback";
  ASSERT_TRUE(Get("https://server.test/"));
  EXPECT_THAT(heads(), SizeIs(1));
  http_.proxy.no_proxy = ".test";
  EXPECT_FALSE(Get("https://server.test/")) << "nobody of that name but behind the proxy";
  EXPECT_THAT(heads(), SizeIs(1));
}

TEST_F(ClientProxyTest, TheEnvironmentCountsOnlyWhenAskedFor) {
  const std::string address = "http://" + proxy_.address();
  setenv("HTTPS_PROXY", address.c_str(), 1);
  setenv("http_proxy", address.c_str(), 1);
  setenv("NO_PROXY", "direct.test", 1);
  Client client({});
  for (const char* name : {"HTTPS_PROXY", "http_proxy", "NO_PROXY"}) unsetenv(name);
  Trust();
  EXPECT_FALSE(Get("https://server.test/", &client));
  EXPECT_THAT(heads(), IsEmpty());
  http_.proxy.from_environment = true;
  const auto tunnelled = Get("https://server.test/", &client);
  ASSERT_TRUE(tunnelled) << tunnelled.error().message;
  EXPECT_EQ(Get("http://plain.test/", &client)->body, "proxy");
  EXPECT_THAT(heads(), SizeIs(2));
  EXPECT_FALSE(Get("http://direct.test/", &client));
  EXPECT_THAT(heads(), SizeIs(2));
}

TEST_F(ClientProxyTest, SpeaksSocks5AndLeavesTheNameToIt) {
  std::string asked;
  Mutex mutex;
  // RFC 1928: greeting, then CONNECT with a name, then the request.
  std::thread socks;
  const Fd listener = std::move(*ListenOn("127.0.0.1:0"));
  socks = std::thread([&] {
    pollfd ready{listener.get(), POLLIN, 0};
    poll(&ready, 1, 10'000);
    const Fd client(accept(listener.get(), nullptr, nullptr));
    if (!client) return;
    char bytes[512];
    if (recv(client.get(), bytes, sizeof(bytes), 0) <= 0) return;
    SendAll(client.get(), std::string("\x05\x00", 2));
    const ssize_t count = recv(client.get(), bytes, sizeof(bytes), 0);
    if (count <= 7) return;
    {
      MutexLock lock(mutex);
      asked.assign(bytes + 5, static_cast<size_t>(count) - 7);
    }
    SendAll(client.get(), std::string("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10));
    if (recv(client.get(), bytes, sizeof(bytes), 0) <= 0) return;
    SendAll(client.get(), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsocks");
  });
  http_.proxy.url = "socks5://" + BoundAddress(listener.get());
  const auto response = Get("http://far.test/");
  socks.join();
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "socks");
  MutexLock lock(mutex);
  EXPECT_EQ(asked, "far.test");
}

}  // namespace
}  // namespace watchfire::net
