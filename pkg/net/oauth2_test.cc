// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/oauth2.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/net/rsa_for_test.h"

namespace watchfire::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const MonoTime kNow = MonoTime(std::chrono::hours(1));

config::OAuth2 Client() {
  config::OAuth2 oauth2;
  oauth2.client_id = "me & you";
  oauth2.client_secret = Secret("s:3");
  oauth2.token_url = "http://t/";
  oauth2.scopes = {"a", "b"};
  oauth2.endpoint_params = {{"audience", "x y"}};
  return oauth2;
}

OutResponse Answer(int status, const std::string& body,
                   const std::string& type = "application/json; charset=utf-8") {
  return {status, {{"Content-Type", type}}, body, {}};
}

TEST(OAuth2Test, AsksForATokenInHeaderOrBody) {
  const auto grant = *Grant::For(Client());
  const OutRequest header = *grant->Request(/*secret_in_body=*/false, std::chrono::seconds(3), {});
  EXPECT_EQ(header.method, "POST");
  EXPECT_EQ(header.url.reveal(), "http://t/");
  EXPECT_EQ(header.timeout, std::chrono::seconds(3));
  EXPECT_EQ(header.body, "grant_type=client_credentials&scope=a%20b&audience=x%20y");
  EXPECT_EQ(FindHeader(header.headers, "Content-Type"), "application/x-www-form-urlencoded");
  // me%20%26%20you:s%3A3
  EXPECT_EQ(FindHeader(header.headers, "Authorization"), "Basic bWUlMjAlMjYlMjB5b3U6cyUzQTM=");
  const OutRequest body = *grant->Request(/*secret_in_body=*/true, std::chrono::seconds(3), {});
  EXPECT_EQ(body.body,
            "grant_type=client_credentials&scope=a%20b&audience=x%20y&client_id=me%20%26%20you&"
            "client_secret=s%3A3");
  EXPECT_EQ(FindHeader(body.headers, "Authorization"), "");
}

TEST(OAuth2Test, AServerMayNameTheGrantAsItLikes) {
  config::OAuth2 oauth2 = Client();
  oauth2.endpoint_params = {{"grant_type", "odd"}};
  const auto request = *(*Grant::For(oauth2))->Request(false, std::chrono::seconds(3), {});
  EXPECT_EQ(request.body, "grant_type=odd&scope=a%20b");
}

TEST(OAuth2Test, AnAssertionStandsInTheBodyInPlaceOfASecret) {
  config::OAuth2 oauth2 = Client();
  oauth2.assertion = config::Assertion();
  oauth2.assertion->key = Secret("s3cr3t");
  const auto bad = (*Grant::For(oauth2))->Request(false, std::chrono::seconds(3), {});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "client_certificate_key is no RSA key in PEM without a password");
  oauth2.assertion->key = Secret(NewRsaKey().pem);
  const auto request = *(*Grant::For(oauth2))->Request(false, std::chrono::seconds(3), {});
  EXPECT_THAT(request.body,
              StartsWith("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&"
                         "scope=a%20b&audience=x%20y&assertion=ey"));
  EXPECT_EQ(FindHeader(request.headers, "Authorization"), "");
}

TEST(OAuth2Test, TheKeyTellsGrantsApart) {
  const std::string key = (*Grant::For(Client()))->key;
  EXPECT_EQ((*Grant::For(Client()))->key, key);
  using Change = void (*)(config::OAuth2&);
  const std::vector<Change> changes = {[](config::OAuth2& c) { c.client_id += "x"; },
                                       [](config::OAuth2& c) { c.client_secret = Secret("other"); },
                                       [](config::OAuth2& c) { c.token_url += "x"; },
                                       [](config::OAuth2& c) { c.scopes.pop_back(); },
                                       [](config::OAuth2& c) { c.endpoint_params["more"] = ""; },
                                       [](config::OAuth2& c) { c.tls.cert_file = "c"; },
                                       [](config::OAuth2& c) { c.assertion.emplace(); },
                                       [](config::OAuth2& c) { c.tls.insecure_skip_verify = true; },
                                       [](config::OAuth2& c) { c.proxy.url = "http://p"; }};
  for (size_t i = 0; i < changes.size(); ++i) {
    config::OAuth2 changed = Client();
    changes[i](changed);
    EXPECT_NE((*Grant::For(changed))->key, key) << i;
  }
  config::OAuth2 one = Client();
  one.assertion.emplace().claims = {{"a", {int64_t{1}}}};
  config::OAuth2 other = one;
  other.assertion->claims["a"] = {int64_t{2}};
  EXPECT_NE((*Grant::For(one))->key, (*Grant::For(other))->key);
  config::OAuth2 missing = Client();
  missing.client_secret_file = "/no/such/file";
  EXPECT_EQ(Grant::For(missing).error().code, Code::kInvalidArgument);
}

TEST(OAuth2Test, ReadsWhatTokenServersAnswer) {
  struct Case {
    std::string body;
    std::string type;
    std::string authorization;
    int seconds;  // Until it expires; 0: never.
  };
  const std::string json = "application/json";
  const std::string form = "application/x-www-form-urlencoded";
  for (const auto& [body, type, authorization, seconds] : std::vector<Case>{
           {R"({"access_token":"t","token_type":"bearer","expires_in":3600})", json, "Bearer t",
            3590},
           {R"({"access_token":"t","expires_in":"60"})", json, "Bearer t", 50},
           {R"({"access_token":"t","token_type":"MAC"})", json, "MAC t", 0},
           {R"({"access_token":"t","token_type":"Custom","expires_in":0})", json, "Custom t", 0},
           {R"({"access_token":"t","expires_in":null})", json, "Bearer t", 0},
           {R"({"access_token":"t","expires_in":1e300})", json, "Bearer t", 0},
           {"access_token=a%20t&token_type=Bearer&expires_in=20", form, "Bearer a t", 10},
           {"expires_in=20&access_token=t", "text/plain; charset=utf-8", "Bearer t", 10}}) {
    const Result<Token> token = DecodeToken(Answer(200, body, type), kNow);
    ASSERT_TRUE(token) << body;
    EXPECT_EQ(token->authorization, authorization);
    EXPECT_EQ(token->expires, seconds == 0 ? MonoTime::max() : kNow + std::chrono::seconds(seconds))
        << body;
  }
}

TEST(OAuth2Test, SaysWhatWentWrongButNotWhatWasAnswered) {
  for (const auto& [response, text] : std::vector<std::pair<OutResponse, std::string>>{
           {Answer(401, R"({"error":"invalid_client","error_description":"s3cr3t"})"),
            "cannot fetch token: HTTP 401 \"invalid_client\""},
           {Answer(200, R"({"error":"slow_down"})"), "cannot fetch token: HTTP 200 \"slow_down\""},
           {Answer(500, "s3cr3t"), "cannot fetch token: HTTP 500"},
           {Answer(302, ""), "cannot fetch token: HTTP 302"},
           {Answer(200, "s3cr3t"), "cannot fetch token: the answer is not JSON"},
           {Answer(200, "[]"), "cannot fetch token: the answer is not JSON"},
           {Answer(200, R"({"token":"s3cr3t"})"),
            "cannot fetch token: the answer has no access_token"}}) {
    const Result<Token> token = DecodeToken(response, kNow);
    ASSERT_FALSE(token) << response.body;
    EXPECT_EQ(token.error().code, Code::kUnavailable);
    EXPECT_EQ(token.error().message, text);
    EXPECT_THAT(token.error().message, Not(HasSubstr("s3cr3t")));
  }
}

TEST(OAuth2Test, KeepsTokensUntilTheyAreRefused) {
  Tokens tokens;
  tokens.At("a").token = Token{"Bearer 1", MonoTime::max()};
  tokens.Drop("a", "Bearer 0");
  EXPECT_TRUE(tokens.At("a").token) << "a newer one stays";
  tokens.Drop("a", "Bearer 1");
  EXPECT_FALSE(tokens.At("a").token);
  tokens.At("a").fetching = true;
  for (int i = 0; i < 5000; ++i) {
    tokens.At(std::to_string(i)).token = Token{"Bearer 1", MonoTime::max()};
  }
  EXPECT_TRUE(tokens.At("a").fetching) << "what somebody waits for is not forgotten";
  EXPECT_FALSE(tokens.At("0").token) << "but old ones are";
}

}  // namespace
}  // namespace watchfire::net
