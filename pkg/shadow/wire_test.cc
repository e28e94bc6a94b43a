// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/shadow/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::shadow {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

labels::LabelSet Named(const std::string& name) { return labels::LabelSet({{"alertname", name}}); }

std::string GroupsWith(const std::string& status) {
  return R"([{"labels":{"service":"api"},"receiver":{"name":"pager"},"alerts":[{"annotations":{},)"
         R"("endsAt":"2026-01-01T00:00:00Z","labels":{"alertname":"Down"},"status":)" +
         status + "}]}]";
}

TEST(WireTest, GroupsSayWhoKeepsAnAlertQuiet) {
  struct Case {
    const char* status;
    const char* quiet;
    bool shows_muting;
  };
  for (const auto& [status, quiet, shows_muting] : std::vector<Case>{
           {R"({"inhibitedBy":[],"silencedBy":[],"state":"active"})", "", false},
           {R"({"inhibitedBy":[],"mutedBy":[],"silencedBy":[],"state":"active"})", "", true},
           {R"({"inhibitedBy":[],"silencedBy":["a","b"],"state":"suppressed"})", "silenced by a, b",
            false},
           {R"({"inhibitedBy":["0f"],"silencedBy":[],"state":"suppressed"})", "inhibited by 0f",
            false},
           {R"({"inhibitedBy":[],"mutedBy":["night"],"silencedBy":[],"state":"suppressed"})",
            "muted by night", true}}) {
    const Result<TheirGroups> groups = DecodeGroups(GroupsWith(status));
    ASSERT_TRUE(groups) << groups.error().message;
    ASSERT_THAT(groups->groups, SizeIs(1));
    EXPECT_EQ(groups->groups[0].receiver, "pager");
    EXPECT_EQ(groups->groups[0].labels, labels::LabelSet({{"service", "api"}}));
    ASSERT_THAT(groups->groups[0].alerts, SizeIs(1));
    EXPECT_EQ(groups->groups[0].alerts[0].labels, Named("Down"));
    EXPECT_EQ(groups->groups[0].alerts[0].quiet, quiet);
    EXPECT_EQ(groups->groups[0].alerts[0].by_mutes, std::string(quiet) == "muted by night");
    EXPECT_EQ(groups->shows_muting, shows_muting) << status;
  }
  EXPECT_THAT(DecodeGroups("[]")->groups, IsEmpty());
}

TEST(WireTest, GroupsThatAreNoneAreAnErrorWithItsPlace) {
  EXPECT_FALSE(DecodeGroups(""));
  EXPECT_FALSE(DecodeGroups("<html>not an API</html>"));
  EXPECT_THAT(DecodeGroups("{}").error().message, HasSubstr("groups is not an array"));
  EXPECT_THAT(DecodeGroups("[{}]").error().message, HasSubstr("groups.0.receiver.name"));
  EXPECT_THAT(
      DecodeGroups(R"([{"receiver":{"name":"x"},"labels":{"a":1},"alerts":[]}])").error().message,
      HasSubstr("groups.0.labels.a is not a string"));
}

TEST(WireTest, AWebhookIsAMessage) {
  const Result<Message> message = DecodeWebhook(
      "pager.eu",
      R"({"receiver":"pager\\.eu","status":"firing","alerts":[)"
      R"({"status":"resolved","labels":{"alertname":"Down"},"annotations":{}},)"
      R"({"status":"firing","labels":{"alertname":"Slow"},"fingerprint":"x"}],)"
      R"("groupLabels":{"service":"api"},"version":"4","groupKey":"{}","truncatedAlerts":3})");
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->receiver, "pager.eu") << "the payload's is quoted as a regex";
  EXPECT_EQ(message->truncated, 3U);
  const std::vector<Item> want = Sorted({{Named("Down"), false}, {Named("Slow"), true}});
  ASSERT_THAT(message->items, SizeIs(2));
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(message->items[i].labels, want[i].labels);
    EXPECT_EQ(message->items[i].firing, want[i].firing);
  }
}

TEST(WireTest, AWebhookOfAnotherKindIsRefused) {
  EXPECT_THAT(DecodeWebhook("r", R"({"alerts":[]})").error().message, HasSubstr("version is \"\""));
  EXPECT_THAT(DecodeWebhook("r", R"({"version":"4","groupLabels":{}})").error().message,
              HasSubstr("alerts is not an array"));
  EXPECT_THAT(DecodeWebhook("r", R"({"version":"4","groupLabels":{},"alerts":[{"labels":{},)"
                                 R"("status":"odd"}]})")
                  .error()
                  .message,
              HasSubstr("alerts.0.status"));
}

TEST(WireTest, SilencesComeWithTheirFaults) {
  const std::string good =
      R"({"id":"a","status":{"state":"expired"},"comment":"","createdBy":"ada",)"
      R"("startsAt":"2026-01-01T00:00:00.000Z","endsAt":"2026-01-01T01:00:00.000Z",)"
      R"("updatedAt":"2026-01-01T00:00:00.000Z",)"
      R"("matchers":[{"name":"a","value":"b.*","isRegex":true,"isEqual":false}]})";
  const Result<TheirSilences> silences =
      DecodeSilences("[" + good + R"(,{"id":"b","comment":""}])");
  ASSERT_TRUE(silences) << silences.error().message;
  ASSERT_THAT(silences->silences, SizeIs(1));
  EXPECT_TRUE(silences->silences[0].expired);
  EXPECT_EQ(silences->silences[0].draft.id, "a");
  EXPECT_EQ(silences->silences[0].draft.matchers[0].op, matcher::Op::kNotRegex);
  EXPECT_THAT(silences->faults, testing::ElementsAre(HasSubstr("silence b: ")));
  EXPECT_FALSE(DecodeSilences("{}"));
}

}  // namespace
}  // namespace watchfire::shadow
