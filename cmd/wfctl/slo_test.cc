// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::HasSubstr;

constexpr const char* kGuide = R"(
version: watchfire/v1
service: shop
slos:
  - name: paid
    objective: 99.9
    windows: guide
    sli: {raw: {error_ratio_query: 'e{{.window}}'}}
    alerting: {name: ShopBurns}
)";

TEST(SloTest, FurtherSeveritiesAreListed) {
  FakeServer server;
  server.files["slo.yml"] = kGuide;
  ASSERT_EQ(server.Run({"slo", "list", "slo.yml"}), kOk) << server.err;
  EXPECT_THAT(server.out, HasSubstr("escalate 1h/5m×8"));
  ASSERT_EQ(server.Run({"slo", "list", "slo.yml", "-ojson"}), kOk) << server.err;
  EXPECT_THAT(server.out, HasSubstr("\"further\":\"escalate 1h/5m×8\""));

  server.answers["GET /api/v1/slos"] = {
      {200, R"({"data":{"slos":[{"id":"shop-paid","objective":99.9,"firing":["escalate","page"],)"
            R"("lastError":"","readings":[],"budget":{"remainingMinutes":21.6,"remainingEvents":)"
            R"(1234567.8,"state":"normal"}},{"id":"shop-sold","objective":99,"firing":[],)"
            R"("lastError":"","readings":[]}]}})"}};
  ASSERT_EQ(server.Ask({"slo", "list"}), kOk) << server.err;
  EXPECT_THAT(server.out, HasSubstr("escalate,page"));
  EXPECT_THAT(server.out, HasSubstr(" ok"));
  EXPECT_THAT(server.out, HasSubstr("22            1234568      escalate,page")) << server.out;
}

TEST(SloTest, GeneratedRulesTellOfMissingData) {
  FakeServer server;
  server.files["slo.yml"] = R"(
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: probed, namespace: shop}
spec:
  target: "99"
  window: 4w
  indicator: {bool_gauge: {metric: up}}
)";
  ASSERT_EQ(server.Run({"slo", "generate", "slo.yml", "-ojson"}), kOk) << server.err;
  EXPECT_THAT(server.out,
              HasSubstr("\"sloth-slo-no-data-alerts-shop-probed\",\"rules\":[{\"alert\":"
                        "\"SLOMetricAbsent\",\"expr\":\"absent(up)\""));
}

TEST(SloTest, ImportedFilesAreReadAgain) {
  FakeServer server;
  server.files["slo.yml"] = kGuide;
  ASSERT_EQ(server.Run({"slo", "import", "slo.yml"}), kOk) << server.err;
  EXPECT_EQ(server.err, "");
  const std::string first = server.out;
  EXPECT_THAT(first, HasSubstr("windows: guide"));
  server.files["again.yml"] = first;
  ASSERT_EQ(server.Run({"slo", "import", "again.yml"}), kOk) << server.err;
  EXPECT_EQ(server.out, first);
}

}  // namespace
}  // namespace watchfire::wfctl
