// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/proxy.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace watchfire::net {
namespace {

TEST(ProxyTest, NoProxyIsReadAsGoReadsIt) {
  struct Case {
    const char* no_proxy;
    const char* host;
    const char* port;
    bool direct;
  };
  const std::vector<Case> cases = {
      {"", "a.example", "80", false},
      {"*", "a.example", "80", true},
      {"x, * ,y", "a.example", "80", true},
      {"a.example", "a.example", "80", true},
      {"A.Example", "a.EXAMPLE", "80", true},
      {" a.example ", "a.example", "80", true},
      {"a.example", "b.a.example", "80", true},
      {"a.example", "ba.example", "80", false},
      {".a.example", "a.example", "80", false},
      {".a.example", "b.a.example", "80", true},
      {"*.a.example", "a.example", "80", false},
      {"*.a.example", "b.a.example", "80", true},
      {"a.example:8080", "a.example", "8080", true},
      {"a.example:8080", "a.example", "80", false},
      {"b.example,a.example", "a.example", "80", true},
      {"10.1.2.3", "10.1.2.3", "80", true},
      {"10.1.2.3:90", "10.1.2.3", "80", false},
      {"10.1.2.3:90", "10.1.2.3", "90", true},
      {"10.1.0.0/16", "10.1.2.3", "80", true},
      {"10.1.0.0/17", "10.1.128.3", "80", false},
      {"10.1.0.0/16", "10.2.2.3", "80", false},
      {"10.1.0.0/33", "10.1.2.3", "80", false},
      {"0.0.0.0/0", "10.1.2.3", "80", true},
      {"0.0.0.0/0", "[2001:db8::1]", "80", false},
      {"2001:db8::/32", "[2001:db8::1]", "80", true},
      {"2001:db8::1", "[2001:db8::1]", "80", true},
      {"[2001:db8::1]:90", "[2001:db8::1]", "80", false},
      {"[2001:db8::1]:90", "2001:db8:0::1", "90", true},
      {"10.1.0.0/16", "a.example", "80", false},
      {"3", "10.1.2.3", "80", false},
      {".3", "10.1.2.3", "80", false},
      {",:80,", "a.example", "80", false},
      {"", "localhost", "80", true},
      {"", "127.9.9.9", "80", true},
      {"", "[::1]", "80", true},
      {"", "[::ffff:127.0.0.1]", "80", true},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(BypassesProxy(test.no_proxy, {"http", test.host, test.port}), test.direct)
        << test.no_proxy << " for " << test.host << ":" << test.port;
  }
}

TEST(ProxyTest, TheEnvironmentCountsOnlyWhenAskedFor) {
  const ProxyEnvironment environment = {"plain:3128", "https://tls:3129", "direct.example"};
  const Target http = {"http", "a.example", "80"};
  const Target https = {"https", "a.example", "443"};
  config::ProxyConfig proxy;
  EXPECT_EQ(ChooseProxy(proxy, environment, http), "");
  proxy.from_environment = true;
  EXPECT_EQ(ChooseProxy(proxy, environment, http), "http://plain:3128");
  EXPECT_EQ(ChooseProxy(proxy, environment, https), "https://tls:3129");
  EXPECT_EQ(ChooseProxy(proxy, environment, {"http", "direct.example", "80"}), "");
  EXPECT_EQ(ChooseProxy(proxy, environment, {"http", "localhost", "80"}), "");
  EXPECT_EQ(ChooseProxy(proxy, {}, http), "");

  proxy = {};
  proxy.url = "socks5://p:1080";
  EXPECT_EQ(ChooseProxy(proxy, environment, https), "socks5h://p:1080");
  EXPECT_NE(ChooseProxy(proxy, environment, {"http", "localhost", "80"}), "")
      << "without no_proxy everything takes it, loopback too";
  proxy.no_proxy = "a.example";
  EXPECT_EQ(ChooseProxy(proxy, environment, https), "");
  EXPECT_EQ(ChooseProxy(proxy, environment, {"http", "localhost", "80"}), "");
  EXPECT_NE(ChooseProxy(proxy, environment, {"http", "direct.example", "80"}), "");
}

TEST(ProxyTest, TheUpperCaseVariableWins) {
  setenv("HTTP_PROXY", "http://upper", 1);
  setenv("http_proxy", "http://lower", 1);
  setenv("https_proxy", "http://lower", 1);
  setenv("NO_PROXY", "", 1);
  setenv("no_proxy", "n", 1);
  const ProxyEnvironment environment = ReadProxyEnvironment();
  for (const char* name : {"HTTP_PROXY", "http_proxy", "https_proxy", "NO_PROXY", "no_proxy"}) {
    unsetenv(name);
  }
  EXPECT_EQ(environment.http, "http://upper");
  EXPECT_EQ(environment.https, "http://lower");
  EXPECT_EQ(environment.no_proxy, "n");
}

}  // namespace
}  // namespace watchfire::net
