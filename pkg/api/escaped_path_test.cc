// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Names that hold slashes, which a path says as %2F, or as they are where nothing follows them.

#include "pkg/api/inbound_for_test.h"
#include "pkg/net/responder.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;

class EscapedPathTest : public InboundTest {
 protected:
  net::Response Ask(const std::string& method, const std::string& target,
                    const std::string& body = "") {
    net::Request request;
    request.method = method;
    request.body = body;
    net::ParseTarget(target, &request);
    request.headers.push_back({"X-VO-Api-Id", "api-id"});
    request.headers.push_back({"X-VO-Api-Key", "api-key"});
    return Send(std::move(request));
  }
};

TEST_F(EscapedPathTest, ARoutingKeyMayHoldASlash) {
  const std::string base = "/integrations/generic/20131114/alert/victorops-key/";
  const std::string body = R"({"message_type":"CRITICAL","entity_id":"disk"})";
  EXPECT_EQ(Ask("POST", base + "team%2Fdb", body).status, 200);
  EXPECT_THAT(Firing(), testing::ElementsAre(HasSubstr("routing_key=\"team/db\"")));
  EXPECT_EQ(Ask("POST", base + "team/db", body).status, 200) << "the rest of the path";
  EXPECT_THAT(Firing(), testing::ElementsAre(HasSubstr("routing_key=\"team/db\"")));
  const std::string other = R"({"message_type":"CRITICAL","entity_id":"cpu"})";
  EXPECT_EQ(Ask("POST", base + "team/db/eu%2Fwest", other).status, 200);
  EXPECT_THAT(Firing(), testing::Contains(HasSubstr("routing_key=\"team/db/eu/west\"")));
  EXPECT_EQ(Ask("POST", "/integrations%2Fgeneric/20131114/alert/victorops-key/a", body).status, 404)
      << "no separator";
}

TEST_F(EscapedPathTest, AnAliasMayHoldWhatLooksLikeAnAct) {
  authorization_ = "GenieKey opsgenie-key";
  EXPECT_EQ(Ask("POST", "/v2/alerts", R"({"message":"m","alias":"host//notes"})").status, 202);
  const std::string alias = "/v2/alerts/host%2f%2Fnotes?identifierType=alias";
  EXPECT_THAT(Ask("GET", alias).body, HasSubstr(R"("alias":"host//notes")"));
  EXPECT_THAT(Ask("GET", "/v2/alerts/host%2F%2Fnotes/logs?identifierType=alias").body,
              HasSubstr(R"("data":[)"));
}

}  // namespace
}  // namespace watchfire::api
