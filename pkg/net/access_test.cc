// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/net/credentials.h"

namespace watchfire::net {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::Field;
using testing::Not;

// Made by libcrypt: of "s3cret", of "other" and of 72 digits.
constexpr const char* kSecret = "$2b$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG";
constexpr const char* kOther = "$2a$05$ABCDEFGHIJKLMNOPQRSTUuy7.SRQp6zzmDqpwAozFshLprLplpb1m";
constexpr const char* kDigits = "$2b$04$zzzzzzzzzzzzzzzzzzzzzuNWV74j5JdULTItXbfeAp8ait1JY.MMG";

std::string Basic(const std::string& user, const std::string& password) {
  return BasicCredentials(user, password);
}

TEST(Bcrypt, AcceptsTheRightPasswordUnderEveryPrefix) {
  const std::string rest = std::string(kSecret).substr(4);
  for (const char* prefix : {"$2b$", "$2y$", "$2a$", "$2x$", "$2$"}) {
    EXPECT_TRUE(IsPasswordOf(prefix + rest, "s3cret")) << prefix;
    EXPECT_FALSE(IsPasswordOf(prefix + rest, "s3creT")) << prefix;
    EXPECT_FALSE(IsPasswordOf(prefix + rest, "")) << prefix;
  }
  EXPECT_TRUE(IsPasswordOf(kOther, "other"));
}

TEST(Bcrypt, CountsTheFirst72BytesAndNoNul) {
  std::string digits;
  for (int i = 0; i < 7; ++i) digits += "0123456789";
  EXPECT_TRUE(IsPasswordOf(kDigits, digits + "01"));
  EXPECT_TRUE(IsPasswordOf(kDigits, digits + "01" + std::string(1000, 'x')));
  EXPECT_FALSE(IsPasswordOf(kDigits, digits + "0"));
  EXPECT_FALSE(IsPasswordOf(kSecret, std::string("s3cret\0more", 11)));
}

TEST(Bcrypt, WhatIsNoHashMatchesNothing) {
  EXPECT_FALSE(IsPasswordOf("", "s3cret"));
  EXPECT_FALSE(IsPasswordOf(std::string(60, '*'), "s3cret"));
  EXPECT_FALSE(IsPasswordOf(std::string(kSecret) + "x", "s3cret"));
  std::string bad_salt = kSecret;
  bad_salt[10] = '!';
  EXPECT_FALSE(IsPasswordOf(bad_salt, "s3cret"));
}

TEST(PasswordsTest, AreComputedOnceWhetherRightOrWrong) {
  const Passwords passwords({{"ada", Secret(kSecret)}});
  EXPECT_TRUE(passwords.IsSlow(Basic("ada", "s3cret")));
  EXPECT_TRUE(passwords.Check(Basic("ada", "s3cret")));
  EXPECT_FALSE(passwords.IsSlow(Basic("ada", "s3cret")));
  EXPECT_TRUE(passwords.Check(Basic("ada", "s3cret")));
  EXPECT_EQ(passwords.computed(), 1);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(passwords.Check(Basic("ada", "wrong")));
  EXPECT_EQ(passwords.computed(), 2);
}

TEST(PasswordsTest, AnUnknownUserCostsTheSameAndNeverPasses) {
  const Passwords passwords({{"ada", Secret(kSecret)}});
  EXPECT_TRUE(passwords.IsSlow(Basic("eve", "s3cret")));
  EXPECT_FALSE(passwords.Check(Basic("eve", "s3cret"))) << "the right password of somebody else";
  EXPECT_EQ(passwords.computed(), 1);
}

TEST(PasswordsTest, WhatIsNoPairCostsNothing) {
  const Passwords passwords({{"ada", Secret(kSecret)}});
  for (const char* header : {"", "Basic", "Basic ", "Bearer s3cret", "Basic YWRh", "Basic !!!!",
                             "Basic YWRhOnMzY3JldA", "YWRhOnMzY3JldA=="}) {
    EXPECT_FALSE(passwords.IsSlow(header)) << header;
    EXPECT_FALSE(passwords.Check(header)) << header;
  }
  EXPECT_EQ(passwords.computed(), 0);
  EXPECT_TRUE(passwords.Check("bASIC YWRhOnMzY3JldA==")) << "the scheme in any case";
}

TEST(PasswordsTest, ManyGuessesPushOutNoRightOne) {
  const Passwords passwords({{"ada", Secret(kSecret)}});
  ASSERT_TRUE(passwords.Check(Basic("ada", "s3cret")));
  for (size_t i = 0; i <= Passwords::kRemembered; ++i) {
    ASSERT_FALSE(passwords.Check(Basic("ada", std::to_string(i))));
  }
  EXPECT_FALSE(passwords.IsSlow(Basic("ada", "s3cret")));
  EXPECT_TRUE(passwords.IsSlow(Basic("ada", "0"))) << "the oldest guess is forgotten";
  EXPECT_FALSE(passwords.IsSlow(Basic("ada", "1")));
}

TEST(RateLimiterTest, HoldsABurstAndRefillsOneEachInterval) {
  RateLimiter limiter({milliseconds(100), 3});
  const MonoTime start{std::chrono::hours(1)};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.Allow(start)) << i;
  EXPECT_FALSE(limiter.Allow(start));
  EXPECT_FALSE(limiter.Allow(start + milliseconds(99)));
  EXPECT_TRUE(limiter.Allow(start + milliseconds(100)));
  EXPECT_FALSE(limiter.Allow(start + milliseconds(100)));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.Allow(start + std::chrono::hours(1))) << i;
  EXPECT_FALSE(limiter.Allow(start + std::chrono::hours(1))) << "it holds no more than the burst";
}

TEST(RateLimiterTest, WithoutIntervalAllowsAllAndWithoutBurstNothing) {
  RateLimiter none({});
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(none.Allow(MonoTime{}));
  RateLimiter empty({milliseconds(1), 0});
  EXPECT_FALSE(empty.Allow(MonoTime{std::chrono::hours(1)}));
  RateLimiter extreme({std::chrono::hours(24 * 365 * 50), 1'000'000});
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += extreme.Allow(MonoTime{}) ? 1 : 0;
  EXPECT_EQ(taken, 4) << "what can be reckoned with";
}

Response Hello(const Request& /*request*/) {
  return {200, {{"X-Frame-Options", "sameorigin"}, {"Content-Security-Policy", "a"}}, "hello"};
}

auto Has(const std::string& name, const std::string& value) {
  return Contains(testing::AllOf(Field(&Header::name, name), Field(&Header::value, value)));
}

std::shared_ptr<const Access> Make(const config::WebConfig& config) {
  return Access::Make(config).value();
}

TEST(AccessTest, WithoutAnythingSetChangesNothing) {
  const auto access = Make({});
  EXPECT_FALSE(access->tls());
  EXPECT_FALSE(access->IsSlow({{"Authorization", Basic("a", "b")}}));
  const Response response = access->Answer({}, Hello);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.size(), 2u);
}

TEST(AccessTest, HeadersAreOnEveryAnswer) {
  config::WebConfig config;
  config.headers = {{"X-Frame-Options", "deny"}, {"Content-Security-Policy", "b"}};
  config.users = {{"ada", Secret(kSecret)}};
  const auto access = Make(config);
  Request request;
  const Response refused = access->Answer(request, Hello);
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.body, "Unauthorized\n");
  EXPECT_THAT(refused.headers, Has("WWW-Authenticate", "Basic"));
  EXPECT_THAT(refused.headers, Has("Content-Type", "text/plain; charset=utf-8"));
  EXPECT_THAT(refused.headers, Has("X-Frame-Options", "deny"));
  request.headers = {{"authorization", Basic("ada", "s3cret")}};
  EXPECT_TRUE(access->IsSlow(request.headers));
  const Response passed = access->Answer(request, Hello);
  EXPECT_EQ(passed.status, 200);
  EXPECT_THAT(passed.headers, Has("X-Frame-Options", "deny"));
  EXPECT_THAT(passed.headers, Not(Has("X-Frame-Options", "sameorigin")));
  EXPECT_THAT(passed.headers, Has("Content-Security-Policy", "a")) << "the page's own";
  EXPECT_THAT(passed.headers, Has("Content-Security-Policy", "b"));
}

TEST(AccessTest, TheRateCountsBeforeThePassword) {
  config::WebConfig config;
  config.users = {{"ada", Secret(kSecret)}};
  config.rate_limit = {std::chrono::hours(1), 1};
  const auto access = Make(config);
  EXPECT_EQ(access->Answer({}, Hello).status, 401);
  const Response limited = access->Answer({}, Hello);
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.body, "Too Many Requests\n");
}

}  // namespace
}  // namespace watchfire::net
