// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What was found by giving Debian's amtool check-config and us the same files: each is accepted, or
// rejected, by both.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Webhook(const std::string& fields) {
  return "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{" + fields + "}]}]\n";
}

std::string WebhookUrl(const std::string& url) { return Webhook("url: \"" + url + "\""); }

std::string Proxy(const std::string& url) {
  return Minimal("global: {http_config: {proxy_url: \"" + url + "\"}}\n");
}

std::string TokenUrl(const std::string& url) {
  return Minimal("global: {http_config: {oauth2: {client_id: i, token_url: \"" + url + "\"}}}\n");
}

std::string Routes(const std::string& routes) {
  return "route: {receiver: a, routes: [" + routes + "]}\nreceivers: [{name: a}]\n";
}

void ExpectAccepted(const std::string& text) {
  const Loaded loaded = World(text).Load();
  EXPECT_NE(loaded.config, nullptr) << text << testing::PrintToString(World(text).Problems());
}

void ExpectRejected(const std::string& text, const std::string& why) {
  EXPECT_EQ(World(text).Load().config, nullptr) << text;
  EXPECT_THAT(World(text).Problems(), Contains(HasSubstr(why))) << text;
}

TEST(SideBySideTest, AProxyMustBeReadableNotUsable) {
  for (const char* url : {"foo", "localhost:3128", "ftp://h", "//h", "http:h", "http://",
                          "http://u@", "a:b:c", "?x"}) {
    ExpectAccepted(Proxy(url));
    EXPECT_THAT(World(Proxy(url)).Problems(), Contains(HasSubstr(", so nothing will be sent")));
  }
  ExpectRejected(Proxy("://h"), "proxy_url: missing protocol scheme in URL");
  ExpectRejected(Proxy("1http://h"), "proxy_url: first path segment of URL cannot contain colon");
  ExpectRejected(Proxy("http://h:x"), "proxy_url: invalid port in URL");
  ExpectRejected(Proxy("http://u{@h"), "proxy_url: invalid userinfo in URL");
  ExpectRejected(Proxy("/%zz"), "proxy_url: invalid URL escape \"%zz\"");
  EXPECT_THAT(World(Proxy("http://proxy:3128")).Problems(), IsEmpty());
}

TEST(SideBySideTest, WhereTokensComeFromMayBeAnyText) {
  for (const char* url : {"foo", "ftp://h", "://h", "http://h:x", "http://h/%4"}) {
    ExpectAccepted(TokenUrl(url));
    EXPECT_THAT(World(TokenUrl(url)).Problems(), Contains(HasSubstr("token_url: ")));
  }
  ExpectRejected(TokenUrl(""), "oauth2 token_url must be configured");
  EXPECT_THAT(World(TokenUrl("https://h/token")).Problems(), IsEmpty());
}

TEST(SideBySideTest, HostsAreReadAsGoDoes) {
  for (const char* url :
       {"http://h%25x/", "http://[::1]:80/", "http://[fe80::1%25eth0]/", "http://[::1%25]/",
        "http://[h]", "http://h:", "http://é%C3%A9/", "http://::1:80"}) {
    ExpectAccepted(WebhookUrl(url));
  }
  ExpectRejected(WebhookUrl("http://h%41/"), "invalid URL escape");
  ExpectRejected(WebhookUrl("http://a%00/"), "invalid URL escape");
  ExpectRejected(WebhookUrl("http://[::1"), "missing ']' in host of URL");
  ExpectRejected(WebhookUrl("http://[::1]x"), "invalid port in URL");
}

TEST(SideBySideTest, APortAloneIsOneOfThisMachine) {
  const World world(Minimal("global: {pagerduty_url: 'http://u:p@:9999/x'}\n"));
  const Loaded loaded = world.Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->global.pagerduty_url, "http://u:p@localhost:9999/x");
  EXPECT_THAT(loaded.config->original, HasSubstr("@:9999/x"));
  ExpectAccepted(WebhookUrl("http://:9999"));
}

TEST(SideBySideTest, OnlySecretsMayBeMasked) {
  ExpectAccepted(Minimal("global: {slack_api_url: <secret>}\n"));
  for (const char* key : {"pagerduty_url", "opsgenie_api_url", "victorops_api_url"}) {
    ExpectRejected(Minimal(std::string("global: {") + key + ": <secret>}\n"), "unsupported scheme");
  }
}

TEST(SideBySideTest, MatchersAreAListAndTheRootHasNone) {
  ExpectRejected(Routes("{matchers: a=b}"), "matchers must be a list, found a text");
  ExpectRejected(Routes("{matchers: ''}"), "matchers must be a list, found a text");
  ExpectRejected(Minimal("inhibit_rules: [{source_matchers: a=b}]\n"), "must be a list");
  const auto root = [](const std::string& more) {
    return "route: {receiver: a, " + more + "}\nreceivers: [{name: a}]\n";
  };
  for (const char* none : {"matchers: ['']", "matchers: ['{}']", "matchers: [~]", "match: {}"}) {
    ExpectAccepted(root(none));
  }
  ExpectRejected(root("matchers: {}"), "matchers must be a list, found a mapping");
  ExpectRejected(root("match: []"), "match must be a mapping, found a list");
  ExpectRejected(root("match_re: {b: c}"), "root route must not have any matchers");
  ExpectRejected(root("mute_time_intervals: x"), "mute_time_intervals must be a list");
  ExpectRejected(root("active_time_intervals: {}"), "active_time_intervals must be a list");
}

TEST(SideBySideTest, RegexesOfMatchReKeepTheirAnchors) {
  const Loaded loaded = World(Routes("{match_re: {team: 'x|y'}}")).Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->route.routes[0].key, "{}/{team=~\"^(?:x|y)$\"}");
  ExpectRejected(Routes("{match_re: {team: '(x'}}"), "missing closing ): `^(?:(x)$`");
}

TEST(SideBySideTest, RegexesThatGoDoesNotKnow) {
  for (const char* regex : {"\\C", "(?P<é>a)", "a{100000000}", "a{1,999999999}"}) {
    ExpectRejected(Routes(std::string("{match_re: {x: '") + regex + "'}}"), "error parsing regexp");
  }
  for (const char* regex :
       {"[\\\\]C", "\\QC{999999999}\\E", "\\\\C", "a{x}", "a{,5}", "(?P<n>a)", "[]{999999999}]"}) {
    ExpectAccepted(Routes(std::string("{match_re: {x: '") + regex + "'}}"));
  }
}

TEST(SideBySideTest, PatternsOfTemplatesMustBeReadable) {
  for (const char* pattern : {"[", "a[", "[]", "[]a]", "[a", "[a-]", "[^]", "\\", "a/[-]"}) {
    ExpectRejected(Minimal(std::string("templates: ['") + pattern + "']\n"),
                   "failed to parse templates: syntax error in pattern");
  }
  for (const char* pattern : {"", "*", "[a]", "[^a-z]*", "[\\]]", "\\[", "a]", "{a}", "[!a]"}) {
    ExpectAccepted(Minimal(std::string("templates: ['") + pattern + "']\n"));
  }
}

TEST(SideBySideTest, TagsSayWhatAScalarIs) {
  for (const char* fields :
       {"send_resolved: !!bool yes", "send_resolved: !!bool 'true'", "max_alerts: !!int '5'",
        "max_alerts: !!float 5", "max_alerts: !!null ~", "token: !!str 5"}) {
    ExpectAccepted(Webhook("url: 'http://h', " + std::string(fields)));
  }
  ExpectRejected(Webhook("url: !!null x"), "what has the tag !!null must be one");
  ExpectRejected(Webhook("url: 'http://h', max_alerts: !!int five"), "the tag !!int");
  ExpectRejected(Webhook("url: 'http://h', max_alerts: !!str 5"), "must be a whole number");
  ExpectRejected(Webhook("url: 'http://h', max_alerts: _5"), "must be a whole number");
  ExpectRejected(Webhook("url: !!binary '?'"), "invalid base64 data");
  const Loaded loaded = World(Minimal("global: {smtp_from: !!binary \"YT9+\"}\n")).Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->global.smtp_from, "a?~");
}

TEST(SideBySideTest, MergeKeysMayRepeatAndArePlain) {
  ExpectAccepted(Routes("{<<: {receiver: a}, <<: {continue: true}}"));
  const Loaded loaded =
      World(Routes("{<<: {group_wait: 1s}, <<: {group_wait: 2s, group_interval: 3s}}")).Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->route.routes[0].group_wait, std::chrono::seconds(1));
  EXPECT_EQ(loaded.config->route.routes[0].group_interval, std::chrono::seconds(3));
  ExpectRejected(Routes("{'<<': {receiver: a}}"), "unknown key \"<<\"");
}

}  // namespace
}  // namespace watchfire::config
