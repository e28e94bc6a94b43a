// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Links in messages over real sockets: an SMS and a chat message arrive, somebody's scanner follows
// the link, the process is killed, and a person acknowledges.

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kFiring =
    R"([{"labels":{"alertname":"QueueFull","service":"mail","severity":"critical"}}])";
constexpr const char* kForm = "application/x-www-form-urlencoded";
// Of "s3cret", at bcrypt's least cost.
constexpr const char* kUsers =
    "basic_auth_users: {ada: '$2y$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG'}\n";
constexpr const char* kLinks =
    "incidents: {ack_links: {secret: 0123456789abcdef0123456789abcdef}}\n";

std::string Twilio(const Sink& sink) {
  return "twilio_configs: [{api_url: '" + sink.url() +
         "', account_sid: AC00000000000000000000000000000000, auth_token: t0ken-of-twilio, "
         "to: '+15550001', from: '+15550002'}]\n";
}

class AckLinksTest : public testing::Test {
 protected:
  void Start(const std::string& config, const std::string& web = "") {
    std::vector<std::string> arguments = {
        "--config.file=" + dir_.Write("watchfire.yml", config),
        "--storage.path=" + dir_.path() + "/data", "--web.external-url=https://wf.example.com/wf",
        "--web.listen-address=127.0.0.1:0", "--config.watch-interval=0s"};
    if (!web.empty()) arguments.push_back("--web.config.file=" + dir_.Write("web.yml", web));
    server_ = std::make_unique<Process>(Process::Options{"watchfire", arguments});
    address_ = server_->WaitForAddress();
    ASSERT_NE(address_, "") << server_->errors();
  }
  // Fires, and returns the path of the link in the SMS.
  std::string Link() {
    httplib::Client client("http://" + address_);
    client.set_basic_auth("ada", "s3cret");
    EXPECT_EQ(client.Post("/wf/api/v2/alerts", kFiring, "application/json")->status, 200);
    EXPECT_TRUE(Eventually([&] { return phone_.Count("Body=") > 0; })) << server_->errors();
    const std::vector<std::string> bodies = phone_.accepted();
    const std::string body = bodies.empty() ? "" : bodies[0];
    const std::string mark = "https%3A%2F%2Fwf.example.com%2Fwf%2Fack%2F";
    const size_t at = body.find(mark);
    if (at == std::string::npos) {
      ADD_FAILURE() << body;
      return "/";
    }
    const size_t start = at + mark.size();
    return "/wf/ack/" + body.substr(start, body.find('%', start) - start);
  }
  std::string Incident() const { return Http(address_, "GET", "/wf/api/v1/incidents/1").body; }
  double Counted(const std::string& result) const {
    const std::string text = Http(address_, "GET", "/wf/metrics").body;
    const std::string mark = "watchfire_ack_links_total{result=\"" + result + "\"} ";
    const size_t at = text.find(mark);
    return at == std::string::npos ? 0 : std::stod(text.substr(at + mark.size(), 20));
  }

  TempDir dir_;
  Sink phone_;
  Sink chat_;
  std::unique_ptr<Process> server_;
  std::string address_;
};

TEST_F(AckLinksTest, ToFollowALinkChangesNothingAndItsFormAcknowledges) {
  const std::string config =
      "route: {receiver: r, group_by: [service], group_wait: 0s, group_interval: 1s}\n"
      "receivers:\n- name: r\n  " +
      Twilio(phone_) + "  slack_configs: [{api_url: '" + chat_.url() + "'}]\n" + kLinks;
  Start(config);
  const std::string path = Link();
  EXPECT_TRUE(Eventually([&] { return chat_.Count(path.substr(1) + "|Acknowledge") == 1; }))
      << testing::PrintToString(chat_.accepted());

  // Scanners get and head it, again and again.
  httplib::Client scanner("http://" + address_);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(scanner.Head(path.c_str())->status, 200);
    const auto page = scanner.Get(path.c_str());
    EXPECT_THAT(page->body, HasSubstr("<h1>QueueFull</h1>"));
    EXPECT_EQ(page->get_header_value("Cache-Control"), "no-store");
    EXPECT_EQ(page->get_header_value("Referrer-Policy"), "no-referrer");
  }
  EXPECT_THAT(Incident(), HasSubstr(R"("state":"triggered")"));
  EXPECT_EQ(Counted("shown"), 6);

  // A stranger makes one up.
  std::string forged = path;
  forged[forged.size() - 2] = forged[forged.size() - 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Http(address_, "POST", forged, "action=acknowledge&name=eve", kForm).status, 403);
  EXPECT_THAT(Incident(), HasSubstr(R"("state":"triggered")"));
  EXPECT_EQ(Counted("bad_token"), 1);

  // The token is all that there is: it outlives a crash.
  ASSERT_TRUE(Eventually([&] {
    return Http(address_, "GET", "/wf/metrics").body.find("watchfire_store_pending_records 0") !=
           std::string::npos;
  }));
  server_->Kill();
  Start(config);
  const Answer done = Http(address_, "POST", path, "action=acknowledge&name=Grace", kForm);
  EXPECT_EQ(done.status, 200);
  EXPECT_THAT(done.body, HasSubstr("Acknowledged. It is yours, Grace."));
  const std::string acked = Incident();
  EXPECT_THAT(acked, HasSubstr(R"("state":"acknowledged")"));
  EXPECT_THAT(acked, HasSubstr(R"("ackedBy":"Grace")"));
  EXPECT_THAT(acked, HasSubstr(R"("kind":"acked","actor":"Grace","channel":"link")"));

  for (const char* name : {"Grace", "Ada"}) {
    const std::string form = std::string("action=acknowledge&name=") + name;
    const Answer again = Http(address_, "POST", path, form, kForm);
    EXPECT_EQ(again.status, 200);
    EXPECT_THAT(again.body, HasSubstr("Already acknowledged by Grace."));
  }
  EXPECT_EQ(Incident(), acked);
  EXPECT_EQ(Counted("acked"), 1);
  EXPECT_EQ(Counted("already_acked"), 2);
  EXPECT_THAT(server_->errors(), Not(HasSubstr(path.substr(8)))) << "no log tells a link";
}

TEST_F(AckLinksTest, WhoeverWasPagedAcknowledgesWithoutAPassword) {
  dir_.Write("oncall.yml",
             "oncall:\n  escalation_policies:\n    - {name: mail, steps: [{tell: bo}]}\n");
  Start(
      "route: {receiver: on-call, group_by: [service], group_wait: 0s, group_interval: 1s}\n"
      "receivers:\n- name: on-call\n  escalation_configs: [{policy: mail}]\n- name: bo-sms\n  " +
          Twilio(phone_) +
          "oncall_files: [oncall.yml]\noncall: {contacts: {bo: [{receiver: bo-sms}]}, fallback: "
          "bo-sms}\n" +
          kLinks,
      kUsers);
  const std::string path = Link();
  EXPECT_EQ(Http(address_, "GET", "/wf/api/v1/incidents").status, 401);
  EXPECT_THAT(Http(address_, "GET", path).body, HasSubstr("Acknowledge as bo</button>"));
  EXPECT_THAT(Http(address_, "POST", path, "action=acknowledge", kForm).body,
              HasSubstr("Acknowledged. It is yours, bo."));
  httplib::Client client("http://" + address_);
  client.set_basic_auth("ada", "s3cret");
  EXPECT_THAT(client.Get("/wf/api/v1/incidents/1")->body, HasSubstr(R"("ackedBy":"bo")"));
}

TEST_F(AckLinksTest, WithoutASecretNoMessageHasALink) {
  Start(
      "route: {receiver: r, group_by: [service], group_wait: 0s, group_interval: 1s}\n"
      "receivers:\n- name: r\n  " +
      Twilio(phone_) + "  slack_configs: [{api_url: '" + chat_.url() + "'}]\n");
  EXPECT_EQ(Http(address_, "POST", "/wf/api/v2/alerts", kFiring).status, 200);
  ASSERT_TRUE(Eventually([&] { return phone_.received() > 0 && chat_.received() > 0; }));
  EXPECT_EQ(phone_.Count("Acknowledge") + chat_.Count("Acknowledge") + chat_.Count("/ack/"), 0U);
  EXPECT_EQ(Http(address_, "POST", "/wf/ack/x", "action=acknowledge", kForm).status, 404);
}

}  // namespace
}  // namespace watchfire::e2e
