// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Shadow mode beside a scripted Alertmanager: nothing leaves, and what differs is told.

#include <array>
#include <atomic>
#include <csignal>
#include <map>
#include <memory>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkg/base/check.h"
#include "pkg/base/strings.h"
#include "pkg/base/time.h"
#include "pkg/notify/builtin/builtin.h"
#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

// What the live one answers, to be changed at any time.
class FakeAlertmanager {
 public:
  FakeAlertmanager() : server_(std::make_unique<httplib::Server>()) {
    const auto serve = [this](const char* path, Guarded<std::string>* body) {
      server_->Get(path, [this, body](const httplib::Request& request, httplib::Response& out) {
        authorized_ = request.get_header_value("Authorization") == "Basic YWRhOnMzY3JldA==";
        out.status = status_;
        out.set_content(body->Copy(), "application/json");
      });
    };
    serve("/am/api/v2/alerts/groups", &groups_);
    serve("/am/api/v2/silences", &silences_);
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
  }
  ~FakeAlertmanager() {
    server_->stop();
    thread_.join();
  }

  std::string url(const std::string& user = "") const {
    return "http://" + user + "127.0.0.1:" + std::to_string(port_) + "/am/";
  }
  void set_groups(const std::string& json) {
    groups_.With([&](std::string& body) { body = json; });
  }
  void set_silences(const std::string& json) {
    silences_.With([&](std::string& body) { body = json; });
  }
  void set_status(int status) { status_ = status; }
  bool authorized() const { return authorized_; }

 private:
  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  Guarded<std::string> groups_{"[]"};
  Guarded<std::string> silences_{"[]"};
  std::atomic<int> status_{200};
  std::atomic<bool> authorized_{false};
  std::thread thread_;
};

// A port where nobody answers, and that knows whether anybody ever connected.
class Tripwire {
 public:
  Tripwire() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    WF_CHECK(::bind(fd_, any, size) == 0 && ::listen(fd_, 16) == 0);
    WF_CHECK(::getsockname(fd_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Tripwire() { ::close(fd_); }
  Tripwire(const Tripwire&) = delete;
  Tripwire& operator=(const Tripwire&) = delete;

  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  bool touched() const {
    pollfd wait{fd_, POLLIN, 0};
    return ::poll(&wait, 1, 0) == 1;
  }

 private:
  int fd_;
  int port_ = 0;
};

class Shadow {
 public:
  explicit Shadow(const std::string& config, const std::string& alertmanager) {
    const std::string path = dir_.Write("watchfire.yml", config);
    std::vector<std::string> flags = {"--config.file=" + path,
                                      "--storage.path=" + dir_.path() + "/data",
                                      "--web.listen-address=127.0.0.1:0"};
    if (!alertmanager.empty()) {
      flags.insert(flags.end(),
                   {"--shadow=" + alertmanager, "--shadow.poll=100ms", "--shadow.tolerance=500ms"});
    }
    process = std::make_unique<Process>(Process::Options{"watchfire", flags});
    address = process->WaitForAddress();
    EXPECT_NE(address, "") << process->errors();
  }
  Answer Get(const std::string& path) const { return Http(address, "GET", path); }
  Answer Post(const std::string& path, const std::string& body) const {
    return Http(address, "POST", path, body);
  }
  void Fire(const std::string& name, const std::string& more = "") const {
    EXPECT_EQ(
        Post("/api/v2/alerts", R"([{"labels":{"alertname":")" + name + "\"" + more + "}}]").status,
        200);
  }
  // What their webhook says of one alert in a group of its own.
  void Mirror(const std::string& receiver, const std::string& name) const {
    const std::string labels = R"({"alertname":")" + name + "\"}";
    const Answer answer = Post("/inbound/alertmanager/" + receiver,
                               R"({"version":"4","groupLabels":)" + labels +
                                   R"(,"alerts":[{"status":"firing","labels":)" + labels + "}]}");
    EXPECT_EQ(answer.status, 200) << answer.body;
  }
  double Count(const std::string& result) const {
    return Metric(address, "watchfire_shadow_notifications_total{result=\"" + result + "\"}");
  }
  bool Reaches(const std::string& result, double count) const {
    return Eventually([&] { return Count(result) >= count; });
  }
  int WfctlReport() const {
    return Process({"wfctl", {"shadow", "report", "--url=http://" + address}}).Wait();
  }

  std::unique_ptr<Process> process;
  std::string address;

 private:
  TempDir dir_;
};

std::string OneReceiver(const std::string& integration) {
  return "route: {receiver: pager, group_by: [alertname], group_wait: 0s, group_interval: 1s}\n"
         "receivers:\n  - name: pager\n" +
         integration;
}

std::string Webhook(const std::string& more = "") {
  return "    webhook_configs: [{url: 'http://127.0.0.1:1/'" + more + "}]\n";
}

// One alert in their groups; `status` as the API says it.
std::string GroupOf(const std::string& name, const std::string& status) {
  const std::string labels = R"({"alertname":")" + name + "\"}";
  return R"([{"labels":)" + labels + R"(,"receiver":{"name":"pager"},"alerts":[{"labels":)" +
         labels + R"(,"status":)" + status + "}]}]";
}

constexpr const char* kActive = R"({"state":"active","silencedBy":[],"inhibitedBy":[]})";

std::string SilenceOf(const std::string& id, const std::string& name, const std::string& state,
                      Duration ends_in) {
  const WallTime now = std::chrono::system_clock::now();
  return R"([{"id":")" + id + R"(","status":{"state":")" + state +
         R"("},"comment":"c","createdBy":"ada","updatedAt":"2026-01-01T00:00:00.000Z",)"
         R"("startsAt":")" +
         FormatRfc3339(now - std::chrono::hours(1)) + R"(","endsAt":")" +
         FormatRfc3339(now + ends_in) + R"(","matchers":[{"name":"alertname","value":")" + name +
         R"(","isRegex":false,"isEqual":true}]}])";
}

// ---- Nothing is sent ----

// A receiver of each kind there is, told to reach HOST:PORT.
std::string SampleOf(const std::string& kind, const std::string& host) {
  const std::string url = "http://" + host + "/";
  const std::map<std::string, std::string> samples = {
      {"webhook", "url: " + url},
      {"victorops", "api_key: k, routing_key: r, api_url: " + url},
      {"pagerduty", "routing_key: k, url: " + url},
      {"opsgenie", "api_key: k, api_url: " + url},
      {"slack", "channel: c, api_url: " + url},
      {"email",
       "to: a@example.com, from: b@example.com, require_tls: false, smarthost: '" + host + "'"},
      {"pushover", "user_key: u, token: t, http_config: {proxy_url: " + url + "}"},
      {"sns",
       "topic_arn: 'arn:aws:sns:eu-west-1:123456789012:t', sigv4: {region: eu-west-1, "
       "access_key: a, secret_key: s}, api_url: " +
           url},
      {"telegram", "bot_token: t, chat_id: 1, api_url: " + url},
      {"webex", "room_id: r, http_config: {authorization: {credentials: c}}, api_url: " + url},
      {"msteams", "webhook_url: " + url},
      {"msteamsv2", "webhook_url: " + url},
      {"discord", "webhook_url: " + url},
      {"jira", "project: p, issue_type: Bug, api_url: " + url},
      {"rocketchat", "channel: c, token: t, token_id: i, api_url: " + url},
      {"mattermost", "webhook_url: " + url},
      {"incidentio", "alert_source_token: t, url: " + url},
      {"wechat", "corp_id: c, api_secret: s, api_url: " + url},
      {"twilio", "account_sid: AC" + std::string(32, '0') +
                     ", auth_token: t, from: '+15550001111', to: '+15550002222', api_url: " + url},
      {"servicenow",
       "http_config: {basic_auth: {username: u, password: p}}, instance_url: " + url}};
  const auto found = samples.find(kind);
  return found == samples.end() ? "" : found->second;
}

struct AllReceivers {
  std::map<std::string, Tripwire> wires;  // By kind.
  std::string config;

  AllReceivers() {
    config =
        "route: {receiver: all, group_by: [alertname], group_wait: 0s, group_interval: 1s}\n"
        "receivers:\n  - name: all\n";
    for (const config::IntegrationKind& kind : notify::builtin::Kinds()) {
      const std::string sample = SampleOf(kind.kind, wires[kind.kind].host());
      EXPECT_NE(sample, "") << "a sample of " << kind.kind << ", please";
      config += "    " + kind.kind + "_configs: [{" + sample + "}]\n";
    }
  }
  size_t touched() const {
    size_t count = 0;
    for (const auto& [kind, wire] : wires) count += wire.touched() ? 1 : 0;
    return count;
  }
};

TEST(ShadowTest, NothingIsSentWhateverTheReceiver) {
  // The control: the wires are touched when nobody forbids it.
  const AllReceivers sent;
  const Shadow server(sent.config, "");
  server.Fire("ApiDown");
  ASSERT_TRUE(Eventually([&] { return sent.touched() == sent.wires.size(); }))
      << sent.touched() << " of " << sent.wires.size();

  FakeAlertmanager alertmanager;
  const AllReceivers held;
  const Shadow shadow(held.config, alertmanager.url());
  shadow.Fire("ApiDown");
  ASSERT_TRUE(Eventually([&] {
    for (const auto& [kind, wire] : held.wires) {
      const std::string label = "{integration=\"" + kind + "\"}";
      if (Metric(shadow.address, "alertmanager_notification_requests_total" + label) < 1) {
        return false;
      }
    }
    return true;
  })) << "each of them was made";
  EXPECT_EQ(shadow
                .Post("/api/v2/alerts", R"([{"labels":{"alertname":"ApiDown"},)"
                                        R"("endsAt":"2026-01-01T00:00:01Z"}])")
                .status,
            200);
  EXPECT_TRUE(shadow.Reaches("extra", 1)) << "the verdict is later than everything else";
  shadow.process->Signal(SIGTERM);
  EXPECT_EQ(shadow.process->Wait(), 0);
  for (const auto& [kind, wire] : held.wires) EXPECT_FALSE(wire.touched()) << kind;
}

TEST(ShadowTest, AnAckOfAnIncidentStaysInside) {
  FakeAlertmanager alertmanager;
  const Shadow shadow(OneReceiver(Webhook(", page: true")), alertmanager.url());
  shadow.Fire("ApiDown");
  ASSERT_TRUE(Eventually(
      [&] { return shadow.Post("/api/v1/incidents/1/ack", R"({"actor":"ada"})").status == 200; }));
  EXPECT_THAT(shadow.Get("/api/v1/incidents/1").body, HasSubstr("\"state\":\"acknowledged\""));
  EXPECT_TRUE(shadow.process->Says("shadow mode: nothing is sent"));
  EXPECT_THAT(shadow.Get("/api/v1/info").body,
              HasSubstr("\"shadow\":\"" + alertmanager.url().substr(0, 10)));
}

// ---- What differs ----

TEST(ShadowTest, WebhooksAreComparedMessageByMessage) {
  FakeAlertmanager alertmanager;
  const Shadow shadow(OneReceiver(Webhook()), alertmanager.url());
  shadow.Fire("Both");
  shadow.Mirror("pager", "Both");
  EXPECT_TRUE(shadow.Reaches("same", 1)) << shadow.process->errors();
  EXPECT_EQ(shadow.WfctlReport(), 0);

  shadow.Mirror("pager", "OnlyTheirs");
  EXPECT_TRUE(shadow.Reaches("missing", 1));
  shadow.Fire("OnlyOurs");
  EXPECT_TRUE(shadow.Reaches("extra", 1));
  EXPECT_EQ(shadow.Count("same"), 1);
  EXPECT_EQ(shadow.Count("different"), 0);
  const std::string report = shadow.Get("/api/v1/shadow").body;
  EXPECT_THAT(report, HasSubstr("\"mirroredReceivers\":[\"pager\"]"));
  EXPECT_THAT(report, HasSubstr("Watchfire: no group has the alert"));
  EXPECT_EQ(shadow.WfctlReport(), 1);
  EXPECT_THAT(
      shadow.process->errors(),
      HasSubstr("msg=\"shadow: missing\" receiver=pager group=\"{alertname=\\\"OnlyTheirs"));
  EXPECT_EQ(Metric(shadow.address,
                   "watchfire_inbound_webhooks_total{source=\"alertmanager\",result=\"ok\"}"),
            2);
  EXPECT_EQ(shadow.Post("/inbound/alertmanager/pager", "{}").status, 400);
}

TEST(ShadowTest, WithoutWebhooksTheirGroupsSayWhatTheyTold) {
  FakeAlertmanager alertmanager;
  const Shadow shadow(OneReceiver(Webhook()), alertmanager.url());
  alertmanager.set_groups(GroupOf("Both", kActive));
  shadow.Fire("Both");
  EXPECT_TRUE(shadow.Reaches("same", 1)) << shadow.Get("/api/v1/shadow").body;

  alertmanager.set_groups(
      GroupOf("Quiet", R"({"state":"suppressed","silencedBy":[],"inhibitedBy":["0f"]})"));
  shadow.Fire("Quiet");
  EXPECT_TRUE(shadow.Reaches("extra", 1));
  EXPECT_THAT(shadow.Get("/api/v1/shadow").body, HasSubstr("Alertmanager: inhibited by 0f"));

  alertmanager.set_groups(GroupOf("OnlyTheirs", kActive));
  EXPECT_TRUE(shadow.Reaches("missing", 1));
  EXPECT_GT(Metric(shadow.address, "watchfire_shadow_last_poll_success_timestamp_seconds"), 0);
  EXPECT_EQ(Metric(shadow.address, "watchfire_shadow_poll_failures_total"), 0);
}

TEST(ShadowTest, ItsSilencesAreFollowed) {
  constexpr const char* kId = "5b5a4c7e-0000-4000-8000-1d3a5f7c9e2b";
  FakeAlertmanager alertmanager;
  alertmanager.set_silences(SilenceOf(kId, "Quiet", "active", std::chrono::hours(1)));
  const Shadow shadow(OneReceiver(Webhook()), alertmanager.url("ada:s3cret@"));
  EXPECT_THAT(shadow.Get(std::string("/api/v2/silence/") + kId).body,
              HasSubstr("\"state\":\"active\""))
      << "from the first moment on";
  EXPECT_TRUE(alertmanager.authorized());
  EXPECT_THAT(shadow.process->errors(), Not(HasSubstr("s3cret")));
  shadow.Fire("Quiet");
  EXPECT_THAT(shadow.Get("/api/v2/alerts").body, HasSubstr(kId));

  const std::string own = SilenceOf("", "Quiet", "active", std::chrono::hours(1));
  EXPECT_EQ(shadow.Post("/api/v2/silences", own.substr(1, own.size() - 2)).status, 200);
  alertmanager.set_silences(SilenceOf(kId, "Quiet", "expired", -std::chrono::seconds(1)));
  EXPECT_TRUE(Eventually([&] {
    return shadow.Get("/api/v2/silences?active=true&pending=true&expired=false").body == "[]\n";
  })) << "ended there, and our own, which is none of theirs, as well";
  // What was silenced by both alone is told now: it is active there, too.
  alertmanager.set_groups(GroupOf("Quiet", kActive));
  EXPECT_TRUE(shadow.Reaches("same", 1));
}

TEST(ShadowTest, AMessageThatCannotBeMadeIsADifference) {
  FakeAlertmanager alertmanager;
  const Shadow shadow(OneReceiver("    discord_configs: [{webhook_url: 'http://127.0.0.1:1/', "
                                  "title: '{{ index .Alerts 99 }}'}]\n"),
                      alertmanager.url());
  shadow.Fire("ApiDown");
  shadow.Mirror("pager", "ApiDown");
  EXPECT_TRUE(shadow.Reaches("different", 1));
  EXPECT_THAT(shadow.Get("/api/v1/shadow").body,
              HasSubstr("the message to discord[0] could not be made: "));
  EXPECT_TRUE(shadow.Reaches("same", 1)) << "but for that, they agree";
}

// ---- A live Alertmanager that is not well ----

TEST(ShadowTest, ADeadAlertmanagerDisturbsNobody) {
  const Tripwire silent;  // Takes the connection and never answers.
  for (const std::string& url : {std::string("http://127.0.0.1:1"), "http://" + silent.host()}) {
    const Shadow shadow(OneReceiver(Webhook()), url);
    shadow.Fire("ApiDown");
    EXPECT_TRUE(Eventually([&] {
      return Metric(shadow.address,
                    "alertmanager_notification_requests_total{integration=\"webhook\"}") == 1;
    }));
    EXPECT_TRUE(shadow.Reaches("unjudged", 1)) << "nothing is known of it";
    if (url == "http://127.0.0.1:1") {
      EXPECT_GE(Metric(shadow.address, "watchfire_shadow_poll_failures_total"), 1);
    }
    shadow.process->Signal(SIGTERM);
    EXPECT_EQ(shadow.process->Wait(), 0);
  }
}

TEST(ShadowTest, AnswersThatAreNoneAreFailedPolls) {
  FakeAlertmanager alertmanager;
  const Shadow shadow(OneReceiver(Webhook()), alertmanager.url());
  const auto says = [&](const std::string& text) {
    return Eventually(
        [&] { return shadow.Get("/api/v1/shadow").body.find(text) != std::string::npos; });
  };
  alertmanager.set_status(503);
  EXPECT_TRUE(says("answered with HTTP 503"));
  alertmanager.set_status(200);
  EXPECT_TRUE(says("\"pollError\":\"\""));
  alertmanager.set_groups("<html>");
  EXPECT_TRUE(says("groups body"));
  EXPECT_GE(Metric(shadow.address, "watchfire_shadow_poll_failures_total"), 2);
}

TEST(ShadowTest, BadFlagsStopTheStart) {
  TempDir dir;
  const std::string config = dir.Write("w.yml", OneReceiver(Webhook()));
  for (const auto& [flag, says] : std::vector<std::pair<std::string, std::string>>{
           {"--shadow=localhost:9093", "--shadow: want http://host:port"},
           {"--shadow=http://", "names no host"},
           {"--shadow=http://h/?x=1", "without query"}}) {
    Process process({"watchfire",
                     {"--config.file=" + config, "--storage.path=" + dir.path() + "/data",
                      "--web.listen-address=127.0.0.1:0", flag}});
    EXPECT_EQ(process.Wait(), 1) << flag;
    EXPECT_TRUE(process.Says(says));
  }
}

TEST(ShadowTest, WithoutShadowModeThereIsNoReport) {
  const Shadow server(OneReceiver(Webhook()), "");
  EXPECT_EQ(server.Get("/api/v1/shadow").status, 404);
  EXPECT_EQ(server.Post("/inbound/alertmanager/pager", "{}").status, 404);
  EXPECT_THAT(server.Get("/api/v1/info").body, HasSubstr("\"shadow\":null"));
}

}  // namespace
}  // namespace watchfire::e2e
