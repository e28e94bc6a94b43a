// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/assertion.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/identity_for_test.h"
#include "pkg/base/strings.h"
#include "pkg/net/rsa_for_test.h"
#include "pkg/templates/escape.h"

namespace watchfire::net {
namespace {

using config::Any;

const WallTime kNow = WallTime(std::chrono::seconds(1000) + std::chrono::milliseconds(900));

config::OAuth2 Client() {
  config::OAuth2 oauth2;
  oauth2.client_id = "me";
  oauth2.token_url = "http://t/";
  oauth2.assertion.emplace();
  return oauth2;
}

std::string Decode(std::string_view text) {
  return *templates::DecodeBase64Url(std::string(text) +
                                     std::string((4 - text.size() % 4) % 4, '='));
}

TEST(AssertionTest, ClaimsWhatAlertmanagerClaimsAndSignsIt) {
  const RsaKey key = NewRsaKey();
  config::OAuth2 oauth2 = Client();
  const std::string plain = *SignAssertion(oauth2, key.pem, "one", kNow);
  std::vector<std::string_view> parts = Split(plain, '.');
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(Decode(parts[0]), R"({"alg":"RS256","typ":"JWT"})");
  EXPECT_EQ(Decode(parts[1]),
            R"({"aud":"http://t/","exp":1600,"iat":1000,"iss":"me","jti":"one","sub":"me"})");
  EXPECT_TRUE(key.Signed(plain.substr(0, plain.rfind('.')), Decode(parts[2]), "SHA256"));
  EXPECT_FALSE(key.Signed("other", Decode(parts[2]), "SHA256"));

  oauth2.scopes = {"a", "b"};
  oauth2.assertion->key_id = "k1";
  oauth2.assertion->issuer = "them";
  oauth2.assertion->audience = "all";
  oauth2.assertion->claims = {{"sub", {"boss"}}, {"n", {Any::List{{int64_t{1}}, {true}, {}}}}};
  for (const auto& [algorithm, digest] :
       std::vector<std::pair<std::string, const char*>>{{"RS384", "SHA384"}, {"RS512", "SHA512"}}) {
    oauth2.assertion->algorithm = algorithm;
    const std::string full = *SignAssertion(oauth2, key.pem, "two", kNow);
    parts = Split(full, '.');
    EXPECT_EQ(Decode(parts[0]), R"({"alg":")" + algorithm + R"(","kid":"k1","typ":"JWT"})");
    EXPECT_EQ(Decode(parts[1]),
              R"({"aud":"all","exp":1600,"iat":1000,"iss":"them","jti":"two","n":[1,true,null],)"
              R"("scope":"a b","sub":"boss"})");
    EXPECT_TRUE(key.Signed(full.substr(0, full.rfind('.')), Decode(parts[2]), digest));
  }
}

TEST(AssertionTest, TakesRsaKeysOnly) {
  for (const std::string& key :
       {std::string(), std::string("s3cr3t"), Identity("elliptic").KeyPem()}) {
    const auto assertion = SignAssertion(Client(), key, "one", kNow);
    ASSERT_FALSE(assertion);
    EXPECT_EQ(assertion.error().code, Code::kInvalidArgument);
    EXPECT_EQ(assertion.error().message,
              "client_certificate_key is no RSA key in PEM without a password");
  }
}

TEST(AssertionTest, NoUuidIsThatOfAnother) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = RandomUuid();
    EXPECT_EQ(uuid.size(), 36U);
    EXPECT_EQ(uuid[14], '4') << uuid;
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

}  // namespace
}  // namespace watchfire::net
