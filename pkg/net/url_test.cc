// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::shared_ptr<const Url> Parsed(const std::string& text) { return Url::Parse(text).value(); }

TEST(UrlTest, TellsItsParts) {
  const auto url = Parsed("HTTPS://user:pass@Host.example:8443/a?b=c#d");
  EXPECT_EQ(url->scheme(), "https");
  EXPECT_EQ(url->host(), "Host.example");
  EXPECT_EQ(url->port(), "8443");
  EXPECT_EQ(url->text(), "HTTPS://user:pass@Host.example:8443/a?b=c#d");
  EXPECT_NE(url->parts(), nullptr);
  EXPECT_EQ(Parsed("http://[::1]/")->host(), "[::1]");
  EXPECT_EQ(Parsed("http://[::1]/")->port(), "");
  EXPECT_EQ(url->WithHost("other.test"), "https://user:pass@other.test:8443/a?b=c#d");
}

TEST(UrlTest, SaysWhatIsWrongWithoutTheText) {
  for (const std::string text : {"", "/s3cr3t", "http://host:99999/s3cr3t", "http://"}) {
    const auto url = Url::Parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Code::kInvalidArgument);
    EXPECT_THAT(url.error().message, Not(HasSubstr("s3cr3t")));
  }
}

TEST(UrlTest, FollowsRedirects) {
  const auto url = Parsed("https://host:8443/a/b?q");
  EXPECT_EQ(url->Follow("c")->text(), "https://host:8443/a/c");
  EXPECT_EQ(url->Follow("/c d?e")->text(), "https://host:8443/c%20d?e");
  EXPECT_EQ(url->Follow("//other/")->text(), "https://other/");
  const auto other = url->Follow("ftp://other:21/x");
  EXPECT_EQ(other->scheme(), "ftp");
  EXPECT_EQ(other->host(), "other");
  EXPECT_EQ(other->port(), "21");
  EXPECT_EQ(url->Follow("http://other:99999/"), nullptr);
  EXPECT_EQ(Parsed("http://u:p@host/")->Follow("/x")->text(), "http://u:p@host/x");
}

// libcurl 7.88 forgets the zone of a URL that it copies.
TEST(UrlTest, LeavesTheZoneOfAnAddressToLibcurl) {
  const auto url = Parsed("http://[fe80::1%25lo]:9093/");
  EXPECT_EQ(url->parts(), nullptr);
  EXPECT_EQ(url->host(), "[fe80::1]");
  EXPECT_EQ(url->Follow("/x")->text(), "http://[fe80::1%25lo]:9093/x");
  EXPECT_EQ(url->Follow("/x")->parts(), nullptr);
}

TEST(UrlTest, TheCacheParsesOnce) {
  UrlCache cache;
  const auto first = cache.Get("http://host/").value();
  EXPECT_EQ(cache.Get("http://host/").value(), first);
  EXPECT_NE(cache.Get("http://host/x").value(), first);
  EXPECT_FALSE(cache.Get("host"));
  const std::string longer = "http://host/" + std::string(2000, 'x');
  EXPECT_NE(cache.Get(longer).value(), cache.Get(longer).value());
  for (int i = 0; i < 1000; ++i) {
    const std::string text = "http://host/" + std::to_string(i);
    EXPECT_EQ(cache.Get(text).value()->text(), text);
  }
  EXPECT_EQ(cache.Get("http://host/").value()->text(), "http://host/");
}

}  // namespace
}  // namespace watchfire::net
