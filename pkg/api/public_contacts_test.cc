// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Contact methods and paging policies of users, as scripts for VictorOps' public API ask for them.

#include <chrono>
#include <memory>
#include <string>

#include "pkg/api/inbound_for_test.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kRoster = R"(
oncall:
  users:
    - name: ada
      email: ada@example.com
      contacts:
        - {method: sms, to: "+15550101"}
        - {method: phone, to: "+15550101"}
        - {method: app, to: secret-device}
        - {method: webhook, to: "https://hook.example/secret"}
      rules:
        - {method: app}
        - {after: 1m, method: sms}
        - {after: 1m, method: email}
        - {after: 3m, method: phone}
    - bo
    - cem
  rules:
    - {after: 2m, method: sms}
    - {after: 5m, method: phone}
)";

std::shared_ptr<const config::Config> ConfigWithContacts() {
  auto config = std::make_shared<config::Config>(*InboundConfigOf(kRoster));
  for (const char* name : {"cem-app", "cem-sms", "cem-desk"}) {
    config->receivers.push_back({name, {{"webhook", 0, true, false, nullptr}}});
  }
  config->oncall.contacts["cem"] = {{"cem-app", {}, "push"},
                                    {"cem-sms", std::chrono::minutes(2), "sms"},
                                    {"cem-desk", std::chrono::minutes(10), ""}};
  return config;
}

class PublicContactsTest : public testing::Test {
 protected:
  net::Response Ask(const std::string& path, const std::string& key = "api-key") {
    net::Request request = MakeRequest("GET", "/api-public/v1/" + path);
    request.headers.push_back({"X-VO-Api-Id", "api-id"});
    request.headers.push_back({"X-VO-Api-Key", key});
    return Handle(request, backend_);
  }
  // "push 0, sms 60": the rules of `name` when the answer is read as a file.
  std::string ReadAgain(const std::string& path, const std::string& name) {
    const oncall::Loaded loaded = oncall::Load({{"p.json", Ask(path).body}});
    const oncall::User* user = loaded.roster ? loaded.roster->FindUser(name) : nullptr;
    if (user == nullptr) return "nobody";
    std::string text;
    for (const oncall::PersonalRule& rule : user->rules) {
      text += (text.empty() ? "" : ", ") + rule.method + " " +
              std::to_string(static_cast<int64_t>(ToSeconds(rule.after)));
    }
    return text;
  }

  FakeBackend backend_{ConfigWithContacts()};
};

TEST_F(PublicContactsTest, AreThoseOfTheFilesWithoutSecrets) {
  const std::string body = Ask("user/ada/contact-methods").body;
  EXPECT_EQ(
      body,
      R"({"phones":{"contactMethods":[{"id":2,"extId":"phone-2","label":"sms","rank":2,)"
      R"("value":"+15550101"}]},"emails":{"contactMethods":[{"id":1,"extId":"email-1",)"
      R"("label":"Default","rank":1,"value":"ada@example.com"}]},"devices":{"contactMethods":)"
      R"([{"id":3,"extId":"device-3","label":"push","rank":3}]}})");
  EXPECT_EQ(Ask("user/ada/contact-methods/emails").body,
            R"({"contactMethods":[{"id":1,"extId":"email-1","label":"Default","rank":1,)"
            R"("value":"ada@example.com"}]})");
  EXPECT_EQ(Ask("user/bo/contact-methods").body,
            R"({"phones":{"contactMethods":[]},"emails":{"contactMethods":[]},)"
            R"("devices":{"contactMethods":[]}})");
}

TEST_F(PublicContactsTest, AreReceiversByNameWhereTheFilesHaveNone) {
  EXPECT_EQ(Ask("user/cem/contact-methods").body,
            R"({"phones":{"contactMethods":[{"id":2,"extId":"phone-2","label":"cem-sms",)"
            R"("rank":2}]},"emails":{"contactMethods":[]},"devices":{"contactMethods":[)"
            R"({"id":1,"extId":"device-1","label":"cem-app","rank":1},)"
            R"({"id":3,"extId":"device-3","label":"cem-desk","rank":3}]}})");
}

TEST_F(PublicContactsTest, APagingPolicyIsTheUsersRules) {
  EXPECT_EQ(Ask("profile/ada/policies").body,
            R"({"steps":[{"index":0,"timeout":1,"rules":[{"index":0,"type":"push","contact":)"
            R"({"id":0}}]},{"index":1,"timeout":2,"rules":[{"index":0,"type":"sms","contact":)"
            R"({"id":2,"type":"phone"}},{"index":1,"type":"email","contact":{"id":1,)"
            R"("type":"email"}}]},{"index":2,"timeout":0,"rules":[{"index":0,"type":"phone",)"
            R"("contact":{"id":2,"type":"phone"}}]}],)"
            R"("_selfUrl":"/api-public/v1/profile/ada/policies"})");
  EXPECT_EQ(Ask("user/ada/policies").body,
            R"({"username":"ada","policies":[)"
            R"({"order":0,"timeout":1,"contactType":"push","extId":"ada-0"},)"
            R"({"order":1,"timeout":0,"contactType":"sms","extId":"ada-1"},)"
            R"({"order":2,"timeout":2,"contactType":"email","extId":"ada-2"},)"
            R"({"order":3,"timeout":0,"contactType":"phone","extId":"ada-3"}]})");
}

TEST_F(PublicContactsTest, APagingPolicyIsWhatTheServerDoesWhereItIsSaid) {
  EXPECT_THAT(Ask("user/cem/policies").body,
              HasSubstr(R"("policies":[{"order":0,"timeout":2,"contactType":"push",)"
                        R"("extId":"cem-0"},{"order":1,"timeout":8,"contactType":"sms",)"
                        R"("extId":"cem-1"},{"order":2,"timeout":0,"contactType":"push",)"
                        R"("extId":"cem-2"}])"));
}

TEST_F(PublicContactsTest, APagingPolicyReadsAsItself) {
  EXPECT_EQ(ReadAgain("profile/ada/policies", "ada"), "push 0, sms 60, email 60, voice 180");
  EXPECT_EQ(ReadAgain("user/ada/policies", "ada"), "push 0, sms 60, email 60, voice 180");
  EXPECT_EQ(ReadAgain("profile/bo/policies", "bo"), "sms 120, voice 300") << "those of everybody";
  EXPECT_THAT(Ask("profile/bo/policies").body,
              HasSubstr(R"({"steps":[{"index":0,"timeout":2,"rules":[]},)"));
}

TEST_F(PublicContactsTest, StrangersAreNotFound) {
  for (const char* path :
       {"user/x/contact-methods", "user/x/contact-methods/emails", "user/ada/contact-methods/faxes",
        "user/x/policies", "profile/x/policies"}) {
    EXPECT_EQ(Ask(path).status, 404) << path;
    EXPECT_EQ(Ask(path, "wrong").status, 403) << path;
  }
  EXPECT_THAT(Ask("user/ada/contact-methods/faxes").body, HasSubstr("phones, emails or devices"));
  EXPECT_THAT(Ask("user/ada/contact-methods").body, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace watchfire::api
