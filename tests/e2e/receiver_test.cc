// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Configurations as people write them after the vendors' guides, tried with wfctl against pagersim
// over real sockets: VictorOps with templates in every field, Opsgenie with a list of actions, and
// one with what is left in by mistake.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kVictorOps = R"(global:
  victorops_api_url: 'http://PAGER/integrations/generic/20131114/alert/'

route:
  receiver: fallback
  routes:
  - match: {severity: critical}
    receiver: page

receivers:
- name: fallback
  webhook_configs:
  - url: 'http://localhost:9/nobody'
- name: page
  victorops_configs:
  - api_key: 'k3y-of-the-pager'
    routing_key: 'platform'
    message_type: 'CRITICAL'
    entity_display_name: '{{ range .Alerts }}{{ .Labels.alertname }}{{ end }}'
    state_message: '{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}'
    custom_fields:
      severity: '{{ range .Alerts }}{{ .Labels.severity }}{{ end }}'
      runbook_url: '{{ range .Alerts }}{{ .Annotations.runbook_url }}{{ end }}'
      grafana_url: 'https://grafana.example.com/d/alerts'
)";

constexpr const char* kOpsgenie = R"(global:
  opsgenie_api_url: 'http://PAGER/'
route:
  receiver: page
receivers:
- name: page
  opsgenie_configs:
  - api_key: 'og-k3y'
    message: '{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}'
    priority: 'P1'
    tags: 'critical,{{ range .Alerts }}{{ .Labels.team }}{{ end }}'
    details:
      Severity: '{{ range .Alerts }}{{ .Labels.severity }}{{ end }}'
    actions:
      - 'Open Graph'
      - 'Restart'
)";

constexpr const char* kMistakes = R"(route:
  receiver: chat
  routes:
  - match:
      severity: critical
    receiver: page
    continue: true
  - match:
      team: storage
    receiver: storage-team

receivers:
- name: page
  pagerduty_configs:
  - service_key: 'PUT_THE_KEY_HERE'
- name: chat
  slack_configs:
  - api_url: 'PUT_THE_WEBHOOK_HERE'
    channel: '#ops'
)";

struct Said {
  int code = 0;
  std::string text;  // Both outputs.
};

class ReceiverTest : public testing::Test {
 protected:
  static Said Wfctl(std::vector<std::string> words) {
    Process process({"wfctl", std::move(words), 0, /*collect_output=*/true});
    Said said;
    said.code = process.Wait();
    said.text = process.errors();
    return said;
  }

  // `yaml`, in which PAGER stands for the pager's address, as a file.
  std::string File(std::string yaml) const {
    const std::string placeholder = "PAGER";
    for (size_t at = 0; (at = yaml.find(placeholder)) != std::string::npos;) {
      yaml.replace(at, placeholder.size(), pager_address_);
    }
    return dir_.Write("am.yml", yaml);
  }
  std::string Pages() const { return Http(pager_address_, "GET", "/api/pages").body; }
  void Behave(const std::string& json) const {
    EXPECT_EQ(Http(pager_address_, "POST", "/api/behaviour", json).status, 200);
  }

  TempDir dir_;
  Process pager_{{"pagersim",
                  {"--listen=127.0.0.1:0", "--victorops.key=k3y-of-the-pager",
                   "--opsgenie.key=og-k3y", "--opsgenie.processing=10ms"}}};
  const std::string pager_address_ = pager_.WaitForAddress();
};

TEST_F(ReceiverTest, VictorOpsAsWrittenWorks) {
  const std::string file = File(kVictorOps);
  EXPECT_EQ(Wfctl({"check", file}).code, 0);
  const Said said = Wfctl({"receiver", "test", "page", "severity=critical", "--config.file=" + file,
                           "--annotation=runbook_url=https://runbooks.example.com/x"});
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_THAT(
      said.text,
      AllOf(HasSubstr("victorops[0]  firing    accepted"),
            HasSubstr("victorops[0]  resolved  accepted"), HasSubstr("\"result\":\"success\""),
            HasSubstr("2 of 2 messages accepted"), Not(HasSubstr("k3y-of-the-pager"))));
  const std::string pages = Pages();
  EXPECT_THAT(pages, AllOf(HasSubstr("TEST of receiver page"), HasSubstr("WatchfireTest"),
                           HasSubstr("\"severity\":\"critical\""),
                           HasSubstr("https://runbooks.example.com/x"), HasSubstr("RECOVERY")));
}

TEST_F(ReceiverTest, AnOpsgenieListOfActionsIsTakenWithAWarning) {
  const std::string file = File(kOpsgenie);
  const Said checked = Wfctl({"check", file});
  EXPECT_EQ(checked.code, 0);
  EXPECT_THAT(checked.text, AllOf(HasSubstr(":14:5: actions is a list, which Alertmanager refuses"),
                                  HasSubstr("actions: \"Open Graph,Restart\""),
                                  HasSubstr("[warning]"), Not(HasSubstr("[error]"))));
  const Said said = Wfctl({"receiver", "test", "page", "team=db", "--config.file=" + file});
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_THAT(said.text, HasSubstr("2 of 2 messages accepted"));
  EXPECT_THAT(Pages(), HasSubstr(R"("actions":["Open Graph","Restart"])"));
  EXPECT_THAT(Pages(), HasSubstr(R"("tags":["critical","db"])"));
}

TEST_F(ReceiverTest, EachMistakeIsNamedWithItsPlaceAndNothingElse) {
  const std::string file = File(kMistakes);
  const Said said = Wfctl({"check", file});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.text,
              AllOf(HasSubstr(file + ":10:5: undefined receiver \"storage-team\" used in route"),
                    HasSubstr(file + ":18:5: api_url: unsupported scheme for URL"),
                    HasSubstr("a placeholder"), HasSubstr(": 2 errors\n"),
                    Not(HasSubstr("PUT_THE_WEBHOOK_HERE"))));
}

TEST_F(ReceiverTest, ARefusalAndAFailureAreToldApart) {
  const std::string file = File(kVictorOps);
  Behave(R"({"status":503})");
  const Said failed = Wfctl({"receiver", "test", "page", "--config.file=" + file});
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.text, AllOf(HasSubstr("failed for now"), HasSubstr("503"),
                                 HasSubstr("0 of 1 message accepted")));
  Behave(R"({"status":403})");
  const Said refused = Wfctl({"receiver", "test", "page", "--config.file=" + file, "-o", "json"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.text, AllOf(HasSubstr(R"("outcome":"refused","accepted":false)"),
                                  HasSubstr("\"failure\":\"authError\"")));
}

TEST_F(ReceiverTest, AVendorThatHangsIsGivenUpAfterTheTimeout) {
  const std::string file = File(kVictorOps);
  Behave(R"({"hang":true})");
  const Said said = Wfctl({"receiver", "test", "page", "--config.file=" + file, "--timeout=300ms"});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.text, HasSubstr("failed for now"));
}

TEST_F(ReceiverTest, ADryRunSendsNothing) {
  const std::string file = File(kVictorOps);
  const Said said = Wfctl({"receiver", "test", "page", "--config.file=" + file, "--dry-run"});
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_THAT(said.text, AllOf(HasSubstr("/alert/<secret>/platform\n"),
                               HasSubstr("\"message_type\": \"CRITICAL\""),
                               HasSubstr("\"message_type\": \"RECOVERY\"")));
  EXPECT_THAT(Pages(), Not(HasSubstr("WatchfireTest")));
}

}  // namespace
}  // namespace watchfire::e2e
