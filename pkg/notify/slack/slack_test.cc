// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/slack/slack.h"

#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"
#include "pkg/notify/update_for_test.h"

namespace watchfire::notify {
namespace {

using config::TemplateTree;
using slack::Options;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const char* const kWebhook = "https://hooks.example.com/services/T0AB12CD/B0EF34GH/sEcReTtOkEnXyZ";
const char* const kTs = "1787407500.000100";

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

templates::Snippet Default(const std::string& name) {
  return Text("{{ template \"slack.default." + name + "\" . }}");
}

// As the configuration gives it.
Options Sample() {
  Options options;
  options.api_url.value = Secret(kWebhook);
  options.app_url = "https://slack.example.com/api/chat.postMessage";
  options.channel = Text("#{{ .GroupLabels.service }}");
  options.username = Default("username");
  options.icon_emoji = Default("iconemoji");
  options.icon_url = Default("iconurl");
  options.title = Default("title");
  options.title_link = Default("titlelink");
  options.pretext = Default("pretext");
  options.text = Default("text");
  options.fallback = Default("fallback");
  options.callback_id = Default("callbackid");
  options.footer = Default("footer");
  options.color = Default("color");
  options.mrkdwn_in = {"fallback", "pretext", "text"};
  return options;
}

// With everything that a message may have.
Options Full() {
  Options options = Sample();
  options.message_text = Text("{{ .Status }} & <more>");
  options.icon_emoji = Text(":fire:");
  options.icon_url = Text("https://example.com/{{ .Status }}.png");
  options.link_names = true;
  options.image_url = Text("https://example.com/i.png");
  options.thumb_url = Text("https://example.com/t.png");
  options.mrkdwn_in = {"text"};
  options.fields = {{Text("Provider"), Text("{{ (index .Alerts 0).Labels.provider }}"), true},
                    {Text("Alerts"), Text("{{ len .Alerts }}"), false}};
  slack::Action link;
  link.type = Text("button");
  link.text = Text("Runbook");
  link.url = Text("{{ .CommonAnnotations.runbook_url }}");
  link.style = Text("primary");
  slack::Action call = link;
  call.url = {};
  call.name = Text("ack");
  call.value = Text("{{ .GroupLabels.service }}");
  call.confirm = {Text("Sure?"), Text("Ack"), Text("Yes"), Text("No")};
  options.actions = {link, call};
  return options;
}

// With the token of an app, its group in one message or thread.
Options App(bool update, bool thread) {
  Options options = Sample();
  options.app_token.value = Secret("xoxb-1234-t0ken");
  options.update_message = update;
  options.post_updates_to_thread = thread;
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/url") return "https://hooks.example.com/services/from-file";
  if (path == "/etc/token") return "xoxb-from-file";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return slack::Describe().start(std::make_shared<const Options>(options), TestContext(ReadFile));
}

net::OutResponse JsonAnswer(const std::string& body) {
  net::OutResponse response;
  response.status = 200;
  response.headers = {{"Content-Type", "application/json; charset=utf-8"}};
  response.body = body;
  return response;
}

net::OutResponse Posted(const std::string& ts = kTs) {
  return JsonAnswer(R"({"ok":true,"channel":"C024BE91L","ts":")" + ts + R"(","message":{}})");
}

dispatch::Notification Later(const dispatch::ReceiverData& data) {
  dispatch::Notification notification = SampleFiring();
  notification.reason = dispatch::Reason::kNewAlerts;
  notification.receiver_data = data;
  return notification;
}
const dispatch::ReceiverData kKnown = {{"threadTs", kTs}, {"channelId", "C024BE91L"}};

Subject Conforming(const std::function<Options()>& options) {
  Subject subject;
  subject.directory = "pkg/notify/slack";
  subject.start = [options] { return Start(options()); };
  subject.retry_codes = {429};
  subject.secrets = {"T0AB12CD", "B0EF34GH", "sEcReTtOkEnXyZ"};
  subject.ok_body = "ok";
  subject.why = "channel \"#victor-ai\": ";
  return subject;
}

INSTANTIATE_TEST_SUITE_P(Slack, ConformanceTest, testing::Values(Conforming(Sample)));

INSTANTIATE_TEST_SUITE_P(SlackFull, ConformanceTest, testing::Values([] {
                           Subject subject = Conforming(Full);
                           subject.golden = "full_";
                           return subject;
                         }()));

INSTANTIATE_TEST_SUITE_P(SlackApp, ConformanceTest, testing::Values([] {
                           Subject subject = Conforming([] { return App(false, false); });
                           subject.secrets = {"xoxb-1234-t0ken"};
                           subject.headers = {"Authorization: Bearer xoxb-1234-t0ken"};
                           subject.place = Subject::Place::kNone;
                           return subject;
                         }()));

TEST(SlackTest, UrlAndTokenMayStandInFilesReadForEverySend) {
  Options options = Sample();
  options.api_url = {{}, "/etc/url"};
  EXPECT_EQ(BeginRequest(*Start(options), SampleFiring()).url.reveal(),
            "https://hooks.example.com/services/from-file");
  options.api_url = {{}, "/etc/missing"};
  const Step missing = Start(options)->Begin(SampleFiring());
  EXPECT_TRUE(std::holds_alternative<Retry>(missing));
  EXPECT_EQ(WhyOf(missing), "api_url_file: /etc/missing: no such file");

  options = App(false, false);
  options.app_token = {{}, "/etc/token"};
  const net::OutRequest request = BeginRequest(*Start(options), SampleFiring());
  EXPECT_EQ(request.url.reveal(), options.app_url);
  EXPECT_EQ(request.shown_url, options.app_url);
  EXPECT_EQ(net::FindHeader(request.headers, "Authorization"), "Bearer xoxb-from-file");
  options.app_token = {{}, "/etc/missing"};
  EXPECT_EQ(WhyOf(Start(options)->Begin(SampleFiring())),
            "app_token_file: /etc/missing: no such file");
}

Step AnswerOf(const Options& options, const net::OutResponse& response) {
  const auto exchange = Start(options);
  BeginRequest(*exchange, SampleFiring());
  return exchange->OnResponse(response);
}

TEST(SlackTest, A200MustSayThatTheMessageWasTaken) {
  net::OutResponse text;
  text.status = 200;
  EXPECT_TRUE(std::holds_alternative<Fail>(AnswerOf(Sample(), text)));
  text.body = "no_service";
  EXPECT_EQ(WhyOf(AnswerOf(Sample(), text)),
            "channel \"#victor-ai\": received an error response from Slack: no_service");
  EXPECT_TRUE(std::holds_alternative<Done>(AnswerOf(Sample(), Posted())));

  const Step broken = AnswerOf(Sample(), JsonAnswer("{\"ok\":"));
  EXPECT_TRUE(std::holds_alternative<Retry>(broken));
  EXPECT_THAT(WhyOf(broken), HasSubstr("could not unmarshal JSON response \"{\\\"ok\\\":\""));
}

TEST(SlackTest, RefusalsAreToldApart) {
  const auto refuse = [](const std::string& error) {
    return AnswerOf(App(false, false), JsonAnswer(R"({"ok":false,"error":")" + error + "\"}"));
  };
  const std::vector<std::pair<std::string, Failure>> finals = {
      {"channel_not_found", Failure::kClientError},
      {"msg_too_long", Failure::kClientError},
      {"not_in_channel", Failure::kClientError},
      {"", Failure::kClientError},
      {"message_not_found", Failure::kClientError},
      {"invalid_auth", Failure::kAuth},
      {"token_revoked", Failure::kAuth},
      {"missing_scope", Failure::kAuth}};
  for (const auto& [error, failure] : finals) {
    const Step step = refuse(error);
    ASSERT_TRUE(std::holds_alternative<Fail>(step)) << error;
    EXPECT_EQ(std::get<Fail>(step).failure, failure) << error;
    EXPECT_EQ(WhyOf(step), "channel \"#victor-ai\": error response from Slack: " +
                               (error.empty() ? "no reason given" : error));
  }
  const std::vector<std::pair<std::string, Failure>> passing = {
      {"ratelimited", Failure::kRateLimited},
      {"internal_error", Failure::kServerError},
      {"service_unavailable", Failure::kServerError}};
  for (const auto& [error, failure] : passing) {
    const Step step = refuse(error);
    ASSERT_TRUE(std::holds_alternative<Retry>(step)) << error;
    EXPECT_EQ(std::get<Retry>(step).failure, failure) << error;
  }
}

TEST(SlackTest, ATimeoutNamesTheConfiguredOne) {
  Options options = Sample();
  options.timeout = std::chrono::milliseconds(500);
  const auto exchange = Start(options);
  EXPECT_EQ(BeginRequest(*exchange, SampleFiring()).timeout, options.timeout);
  EXPECT_EQ(WhyOf(exchange->OnResponse(::watchfire::Fail(Code::kTimeout, "too slow"))),
            "channel \"#victor-ai\": configured slack timeout reached (500ms): too slow");
}

TEST(SlackTest, ALongTitleIsCut) {
  Options options = Sample();
  options.title = Text("{{ range 2000 }}\u00fc{{ end }}");
  const std::string body = BeginRequest(*Start(options), SampleFiring()).body;
  std::string wanted;
  for (int i = 0; i < 1023; ++i) wanted += "\u00fc";
  EXPECT_THAT(body, HasSubstr("\"title\":\"" + wanted + "\u2026\""));
}

TEST(SlackTest, AMessageWithABrokenTemplateGoesAndSaysSo) {
  Options options = Sample();
  options.text = Text("{{ .Nope }}");
  const std::string body = BeginRequest(*Start(options), SampleFiring()).body;
  EXPECT_THAT(body, HasSubstr("\"title\":\"[FIRING:1] victor-ai (critical)\""));
  EXPECT_THAT(body, HasSubstr("\"channel\":\"#victor-ai\""));
  EXPECT_THAT(body, HasSubstr("\"text\":\"This message is incomplete: template: field:1:3: "));
  options.channel = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  EXPECT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step), StartsWith("failed to template Slack channel: template: field:1:3: "));
}

// One call of an exchange: where and what.
struct Called {
  std::string url;
  std::string body;
};
Called CallOf(const Step& step) {
  const auto* send = std::get_if<Send>(&step);
  if (send == nullptr) return {"no request: " + WhyOf(step), ""};
  return {send->request.url.reveal(), send->request.body};
}

TEST(SlackTest, AFirstMessageIsRememberedForUpdates) {
  for (const bool thread : {false, true}) {
    const auto exchange = Start(App(true, thread));
    dispatch::Notification first = SampleFiring();
    first.reason = dispatch::Reason::kFirst;
    first.receiver_data = kKnown;  // Of an earlier outbreak: not this one's message.
    EXPECT_THAT(CallOf(exchange->Begin(first)).url, testing::EndsWith("/api/chat.postMessage"));
    const Step step = exchange->OnResponse(Posted());
    ASSERT_TRUE(std::holds_alternative<Done>(step));
    EXPECT_EQ(std::get<Done>(step).data, kKnown);
  }
  const auto forgetful = Start(App(false, false));
  BeginRequest(*forgetful, SampleFiring());
  EXPECT_TRUE(std::get<Done>(forgetful->OnResponse(Posted())).data.empty());
}

TEST(SlackTest, ALaterMessageUpdatesTheFirst) {
  const auto exchange = Start(App(true, false));
  const Called call = CallOf(exchange->Begin(Later(kKnown)));
  EXPECT_EQ(call.url, "https://slack.example.com/api/chat.update");
  EXPECT_THAT(call.body,
              StartsWith(R"({"channel":"C024BE91L","ts":"1787407500.000100","username")"));
  EXPECT_THAT(call.body, Not(HasSubstr("thread_ts")));
  const Step step = exchange->OnResponse(Posted());
  ASSERT_TRUE(std::holds_alternative<Done>(step));
  EXPECT_EQ(std::get<Done>(step).data, kKnown);
}

TEST(SlackTest, ALaterMessageIsAReply) {
  const auto exchange = Start(App(false, true));
  const Called call = CallOf(exchange->Begin(Later(kKnown)));
  EXPECT_EQ(call.url, "https://slack.example.com/api/chat.postMessage");
  EXPECT_THAT(call.body, StartsWith(R"({"channel":"C024BE91L","thread_ts":"1787407500.000100",)"));
  // The thread stays that of the first message.
  EXPECT_EQ(std::get<Done>(exchange->OnResponse(Posted("1787407999.000200"))).data, kKnown);
}

TEST(SlackTest, UpdateAndReplyFollowEachOther) {
  const auto exchange = Start(App(true, true));
  EXPECT_THAT(CallOf(exchange->Begin(Later(kKnown))).url, testing::EndsWith("chat.update"));
  const Called reply = CallOf(exchange->OnResponse(Posted()));
  EXPECT_THAT(reply.url, testing::EndsWith("chat.postMessage"));
  EXPECT_THAT(reply.body, HasSubstr("\"thread_ts\":\"1787407500.000100\""));
  EXPECT_EQ(std::get<Done>(exchange->OnResponse(Posted("1787407999.000200"))).data, kKnown);
}

TEST(SlackTest, AMessageThatIsGoneIsPostedAnew) {
  const auto exchange = Start(App(true, false));
  CallOf(exchange->Begin(Later(kKnown)));
  const Called call =
      CallOf(exchange->OnResponse(JsonAnswer(R"({"ok":false,"error":"message_not_found"})")));
  EXPECT_THAT(call.url, testing::EndsWith("chat.postMessage"));
  EXPECT_THAT(call.body, StartsWith(R"({"channel":"#victor-ai","username")"));
  const Step step = exchange->OnResponse(Posted("1787407999.000200"));
  EXPECT_EQ(std::get<Done>(step).data.at("threadTs"), "1787407999.000200");
}

TEST(SlackTest, WithoutTheFirstMessageALaterOneIsTheFirst) {
  for (const dispatch::ReceiverData& data :
       {dispatch::ReceiverData{}, {{"threadTs", kTs}}, {{"threadTs", ""}, {"channelId", "C0"}}}) {
    EXPECT_THAT(CallOf(Start(App(true, true))->Begin(Later(data))).body,
                StartsWith(R"({"channel":"#victor-ai","username")"));
  }
}

TEST(SlackTest, TheUrlOfAlertmanagersConfigurationLeadsToItsUpdate) {
  Options options = App(true, false);
  options.app_token = {};
  options.api_url.value = Secret("https://slack.com/api/chat.postMessage");
  const auto exchange = Start(options);
  const net::OutRequest request = BeginRequest(*exchange, Later(kKnown));
  EXPECT_EQ(request.url.reveal(), "https://slack.com/api/chat.update");
  EXPECT_EQ(request.shown_url, "https://slack.com/<secret>");
}

// {type: TYPE, text: {type: mrkdwn, text: TEXT}}
TemplateTree Block(const std::string& type, const std::string& text) {
  const auto leaf = [](const std::string& value) {
    TemplateTree tree;
    tree.kind = TemplateTree::Kind::kText;
    tree.text = Text(value);
    return tree;
  };
  TemplateTree object;
  object.kind = TemplateTree::Kind::kMap;
  object.keys = {Text("type"), Text("text")};
  object.items = {leaf("mrkdwn"), leaf(text)};
  TemplateTree block;
  block.kind = TemplateTree::Kind::kMap;
  block.keys = {Text("type"), Text("text")};
  block.items = {leaf(type), object};
  return block;
}

std::string BodyWithBlocks(const TemplateTree& blocks) {
  Options options = Sample();
  options.blocks = blocks;
  return BeginRequest(*Start(options), SampleFiring()).body;
}

TemplateTree BlockList(std::vector<TemplateTree> items) {
  TemplateTree list;
  list.kind = TemplateTree::Kind::kList;
  list.items = std::move(items);
  return list;
}

TEST(SlackTest, BlocksStandInAColouredAttachmentAndStayTexts) {
  const std::string body = BodyWithBlocks(BlockList({Block("section", "{{ len .Alerts }}")}));
  EXPECT_THAT(body, HasSubstr(R"("color":"danger","blocks":[{"text":{"text":"2","type":"mrkdwn"},)"
                              R"("type":"section"}]}])"));
  EXPECT_THAT(body, Not(HasSubstr("mrkdwn_in")));
}

TEST(SlackTest, ATextMayMakeBlocks) {
  TemplateTree text;
  text.kind = TemplateTree::Kind::kText;
  text.text = Text(
      "{{ range .Alerts }}- {type: section, text: {type: plain_text, text: "
      "{{ .Labels.provider | toJson }}}}\n{{ end }}");
  const std::string wanted =
      R"("blocks":[{"text":{"text":"openai","type":"plain_text"},"type":"section"},)"
      R"({"text":{"text":"anthropic","type":"plain_text"},"type":"section"}])";
  EXPECT_THAT(BodyWithBlocks(text), HasSubstr(wanted));
  EXPECT_THAT(BodyWithBlocks(BlockList({text})), HasSubstr(wanted));
}

TEST(SlackTest, BlocksAreCutWhereSlackWouldRefuseThem) {
  const std::string long_text = "{{ range 4000 }}x{{ end }}";
  EXPECT_THAT(BodyWithBlocks(BlockList({Block("header", long_text)})),
              HasSubstr("\"" + std::string(149, 'x') + "\u2026\""));
  EXPECT_THAT(BodyWithBlocks(BlockList({Block("section", long_text)})),
              HasSubstr("\"" + std::string(2999, 'x') + "\u2026\""));

  const std::string many =
      BodyWithBlocks(BlockList(std::vector<TemplateTree>(60, Block("section", "one"))));
  EXPECT_THAT(many, HasSubstr("\"text\":\"11 more blocks are left out.\""));
  size_t sections = 0;
  for (size_t at = 0; (at = many.find("\"section\"", at)) != std::string::npos; ++at) ++sections;
  EXPECT_EQ(sections, 49U);
}

TEST(SlackTest, BrokenBlocksGiveWayToTheUsualMessage) {
  for (const TemplateTree& broken : {BlockList({Block("section", "{{ .Nope }}")}),
                                     BlockList({BlockList({BlockList({})}), Block("x", "y"), [] {
                                                  TemplateTree text;
                                                  text.kind = TemplateTree::Kind::kText;
                                                  text.text = Text("no mapping");
                                                  return text;
                                                }()})}) {
    const std::string body = BodyWithBlocks(broken);
    EXPECT_THAT(body, HasSubstr("\"title\":\"[FIRING:1] victor-ai (critical)\""));
    EXPECT_THAT(body, HasSubstr("\"text\":\"This message is incomplete: "));
    EXPECT_THAT(body, Not(HasSubstr("\"blocks\"")));
  }
}

dispatch::Notification UpdateOf(config::VendorAct act) {
  dispatch::Notification update = SampleUpdate(act);
  update.receiver_data = {{"threadTs", kTs}, {"channelId", "C024BE91L"}};
  return update;
}

std::string BodyWithButtons(const Options& options, const std::string& ack_url,
                            const dispatch::Notification& what) {
  Context context = TestContext(ReadFile);
  context.ack_url = ack_url;
  const auto exchange = slack::Describe().start(std::make_shared<const Options>(options), context);
  return BeginRequest(*exchange, what).body;
}

TEST(SlackTest, ButtonsNameTheIncident) {
  Options options = Sample();
  options.incident_buttons = {"acknowledge", "resolve", "snooze"};
  const std::string body = BodyWithButtons(options, "https://wf/ack/t0-ken", SampleFiring());
  EXPECT_THAT(body, HasSubstr(R"("mrkdwn_in":["fallback","pretext","text"]},{"blocks":[)"
                              R"({"type":"actions","block_id":"watchfire","elements":[)"
                              R"({"type":"button","text":{"type":"plain_text","text":)"
                              R"("Acknowledge"},"action_id":"watchfire_acknowledge","value":)"
                              R"("t0-ken","style":"primary"},)"));
  EXPECT_THAT(body, HasSubstr(R"("action_id":"watchfire_resolve","value":"t0-ken")"));
  EXPECT_THAT(body, HasSubstr(R"("confirm":{"title":)"));
  EXPECT_THAT(body, HasSubstr(R"("action_id":"watchfire_snooze","value":"t0-ken"})"));
  options.blocks = BlockList({Block("section", "down")});
  options.incident_buttons = {"acknowledge"};
  const std::string blocks = BodyWithButtons(options, "https://wf/ack/t0-ken", SampleFiring());
  EXPECT_THAT(blocks, HasSubstr("watchfire_acknowledge"));
  EXPECT_THAT(blocks, Not(HasSubstr("watchfire_resolve")));
}

TEST(SlackTest, ThereAreButtonsOnlyWhereThereIsAnIncidentToActOn) {
  Options options = Sample();
  EXPECT_THAT(BodyWithButtons(options, "https://wf/ack/t0-ken", SampleFiring()),
              Not(HasSubstr("watchfire_")));
  options.incident_buttons = {"acknowledge"};
  EXPECT_THAT(BodyWithButtons(options, "https://wf/ack/t0-ken", SampleFiring()),
              HasSubstr("watchfire_"));
  EXPECT_THAT(BodyWithButtons(options, "", SampleFiring()), Not(HasSubstr("watchfire_")));
  EXPECT_THAT(BodyWithButtons(options, "https://wf/ack/t0-ken", SampleResolved()),
              Not(HasSubstr("watchfire_")));
}

TEST(SlackTest, WhatPeopleDidIsAReplyInTheThreadOfTheGroup) {
  for (const config::VendorAct act : config::kVendorActs) {
    for (const Options& options : {App(true, false), App(false, true)}) {
      const net::OutRequest request = BeginRequest(*Start(options), UpdateOf(act));
      EXPECT_EQ(request.url.reveal(), "https://slack.example.com/api/chat.postMessage");
      ExpectUpdateGolden("pkg/notify/slack", act, request.body);
    }
  }
}

TEST(SlackTest, WhoHasNoThreadIsToldInTheChannelIfItAsks) {
  const auto takes = [](const Options& options, bool is_asked) {
    return slack::Describe().kind.takes(&options, is_asked);
  };
  EXPECT_EQ(takes(Sample(), false), 0U);
  EXPECT_EQ(takes(Sample(), true), config::kVendorEveryAct);
  EXPECT_EQ(takes(App(false, false), false), 0U);
  EXPECT_EQ(takes(App(true, false), false), config::kVendorEveryAct);
  const std::string body = BeginRequest(*Start(Sample()), UpdateOf(config::kVendorEscalate)).body;
  EXPECT_THAT(body, HasSubstr(R"("text":"ada escalated it in Watchfire: rolling back)"));
  EXPECT_THAT(body, HasSubstr(R"("attachments":[{"title":)"));
  EXPECT_THAT(body, Not(HasSubstr("thread_ts")));
  EXPECT_EQ(WhyOf(Start(App(true, false))->Begin(SampleUpdate(config::kVendorNote))),
            "no message to reply to is known");
}

TEST(SlackTest, WhatIsSaidOfAnIncidentMayBeOnesOwn) {
  Options options = App(true, false);
  options.update_text = Text(
      "#{{ .Update.Incident }} {{ .Update.Action }} by {{ .Update.By }}: {{ "
      ".CommonLabels.alertname }}");
  const std::string body = BeginRequest(*Start(options), UpdateOf(config::kVendorAcknowledge)).body;
  EXPECT_THAT(body, HasSubstr(R"("text":"#7 acknowledge by ada: )"));
  options.update_text = Text("{{ .Update.Nobody }}");
  EXPECT_THAT(BeginRequest(*Start(options), UpdateOf(config::kVendorAcknowledge)).body,
              HasSubstr("ada acknowledged it in Watchfire: rolling back"))
      << "what cannot be rendered is said all the same";
}

TEST(SlackTest, AReplyToAMessageThatIsGoneIsNotPostedAnew) {
  const auto exchange = Start(App(true, true));
  BeginRequest(*exchange, UpdateOf(config::kVendorAcknowledge));
  net::OutResponse response;
  response.status = 200;
  response.headers = {{"Content-Type", "application/json"}};
  response.body = R"({"ok":false,"error":"thread_not_found"})";
  EXPECT_TRUE(std::holds_alternative<Fail>(exchange->OnResponse(response)));
}

}  // namespace
}  // namespace watchfire::notify
