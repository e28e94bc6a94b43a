// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Receivers of chats as users write them: what Alertmanager 0.34 accepts is accepted and what it
// rejects is rejected (reference alertmanager-compat §3.3, §4). One line, one receiver.

#include "pkg/notify/builtin/load_for_test.h"

namespace watchfire::notify::builtin {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Case {
  const char* want;  // Part of the only error; "": accepted.
  const char* receiver;
  const char* global = "";  // Entries of `global`, the first one not indented.
};

void Check(const std::string& kind, const Case& each) {
  const std::string global = *each.global != '\0' ? "  " + std::string(each.global) + "\n" : "";
  const std::vector<std::string> errors =
      Errors("  " + kind + "_configs: [" + each.receiver + "]\n", global);
  SCOPED_TRACE(kind + ": " + each.receiver + " with " + each.global);
  if (*each.want == '\0') {
    EXPECT_THAT(errors, IsEmpty());
  } else {
    EXPECT_THAT(errors, ElementsAre(HasSubstr(each.want)));
  }
}

constexpr Case kSlack[] = {
    {"no Slack API URL nor App token set either inline or in a file", "{}"},
    {"no Slack API URL nor App token set either inline or in a file", "~"},
    {"no Slack API URL nor App token set either inline or in a file", "{channel: '#a'}"},
    {"", "{api_url: 'http://h/s'}"},
    {"", "{api_url: <secret>}"},
    {"", "{api_url_file: f}"},
    {"", "{}", "slack_api_url: http://h/s"},
    {"", "{}", "slack_api_url_file: f"},
    {"", "{}", "slack_app_token: t"},
    {"", "{app_token: t}"},
    {"", "{app_token_file: f, app_url: 'http://h/api'}"},
    {"at most one of api_url & api_url_file must be configured",
     "{api_url: 'http://h/s', api_url_file: f}"},
    {"at most one of app_token & app_token_file must be configured",
     "{app_token: t, app_token_file: f}"},
    {"at most one of api_url/api_url_file & app_token/app_token_file must be configured",
     "{api_url: 'http://h/s', app_token: t}"},
    {"at most one of api_url/api_url_file & app_token/app_token_file must be configured",
     "{api_url_file: f, app_token_file: f}"},
    {"http authorization can't be set when using Slack App tokens",
     "{app_token: t, http_config: {authorization: {credentials: c}}}"},
    {"http authorization can't be set when using Slack App tokens", "{app_token: t}",
     "http_config: {authorization: {credentials: c}}"},
    {"http authorization can't be set when using Slack App tokens", "{}",
     "http_config: {authorization: {credentials: c}}\n  slack_app_token: t"},
    {"no Slack API URL nor App token set", "{http_config: {authorization: {credentials: c}}}",
     "slack_app_token: t"},
    {"", "{api_url: 'http://h/s', http_config: {authorization: {credentials: c}}}",
     "slack_app_token: t"},
    {"", "{app_token: t, app_url: ~}"},
    {"no global Slack App URL set", "{api_url: 'http://h/s'}", "slack_app_url: ~"},
    {"unsupported scheme", "{api_url: 'ftp://h/s'}"},
    {"unsupported scheme", "{api_url: ''}"},
    {"missing host", "{app_token: t, app_url: 'http://'}"},
    {"update_message can only be used with bot tokens. api_url must be set to "
     "https://slack.com/api/chat.postMessage",
     "{api_url: 'http://h/s', update_message: true}"},
    {"update_message can only be used with bot tokens", "{api_url_file: f, update_message: true}"},
    {"",
     "{api_url: 'https://slack.com/api/chat.postMessage', update_message: true, "
     "http_config: {authorization: {credentials: c}}}"},
    {"", "{app_token: t, update_message: true, post_updates_to_thread: true}"},
    {"", "{update_message: true}", "slack_app_token: t"},
    {"update_message needs an app_url that ends in chat.postMessage",
     "{app_token: t, app_url: 'http://h/proxy', update_message: true}"},
    {"post_updates_to_thread can only be used with bot tokens",
     "{api_url: 'http://h/s', post_updates_to_thread: true}"},
    {"", "{api_url: 'http://h/s', update_message: false, timeout: 1m30s, link_names: yes}"},
    {"timeout", "{api_url: 'http://h/s', timeout: 1d}"},
    {"short_fields must be true or false", "{api_url: 'http://h/s', short_fields: 'true'}"},
    {"",
     "{api_url: 'http://h/s', fields: [{title: a, value: b}, {title: a, value: b, short: on}]}"},
    {"missing title in Slack field configuration", "{api_url: 'http://h/s', fields: [{value: b}]}"},
    {"missing value in Slack field configuration",
     "{api_url: 'http://h/s', fields: [{title: a, value: ''}]}"},
    {"unknown key \"shrt\"", "{api_url: 'http://h/s', fields: [{title: a, value: b, shrt: true}]}"},
    {"", "{api_url: 'http://h/s', actions: [{type: button, text: a, url: 'not checked'}]}"},
    {"",
     "{api_url: 'http://h/s', actions: [{type: button, text: a, name: n, value: v, confirm: "
     "{text: sure, title: t, ok_text: o, dismiss_text: d}}]}"},
    {"missing type in Slack action configuration",
     "{api_url: 'http://h/s', actions: [{text: a, url: u}]}"},
    {"missing text in Slack action configuration",
     "{api_url: 'http://h/s', actions: [{type: button, url: u}]}"},
    {"missing name or url in Slack action configuration",
     "{api_url: 'http://h/s', actions: [{type: button, text: a}]}"},
    {"missing text in Slack confirmation configuration",
     "{api_url: 'http://h/s', actions: [{type: button, text: a, name: n, confirm: {}}]}"},
    {"missing text in Slack confirmation configuration",
     "{api_url: 'http://h/s', actions: [{type: button, text: a, url: u, confirm: {}}]}"},
    {"", "{api_url: 'http://h/s', mrkdwn_in: [text]}"},
    {"mrkdwn_in must be a list", "{api_url: 'http://h/s', mrkdwn_in: text}"},
    {"invalid template syntax: template: title:1: ", "{api_url: 'http://h/s', title: '{{ .X'}"},
    {"", "{api_url: 'http://h/s', blocks: [{type: divider}]}"},
    {"", "{api_url: 'http://h/s', blocks: '{{ template \"mine\" . }}'}"},
    {"blocks must be a list", "{api_url: 'http://h/s', blocks: {type: divider}}"},
    {"invalid template syntax: template: blocks:1: ",
     "{api_url: 'http://h/s', blocks: [{type: section, text: {type: plain_text, text: '{{'}}]}"},
    {"unknown key \"chanel\"", "{api_url: 'http://h/s', chanel: a}"},
};

// discord, msteams and msteamsv2 name their URL alike.
constexpr Case kWebhooks[] = {
    {"one of webhook_url or webhook_url_file must be configured", "{}"},
    {"one of webhook_url or webhook_url_file must be configured", "{webhook_url: ~}"},
    {" config", "~"},
    {"", "{webhook_url: 'http://h/s'}"},
    {"", "{webhook_url: <secret>, title: '', send_resolved: no}"},
    {"", "{webhook_url_file: f}"},
    {"at most one of webhook_url & webhook_url_file must be configured",
     "{webhook_url: 'http://h/s', webhook_url_file: f}"},
    {"unsupported scheme", "{webhook_url: ''}"},
    {"unsupported scheme", "{webhook_url: h/s}"},
    {"invalid template syntax: template: title:1: ", "{webhook_url: 'http://h/', title: '{{'}"},
    {"unknown key \"titel\"", "{webhook_url: 'http://h/', titel: a}"},
    {"", "{webhook_url: 'http://h/', http_config: {proxy_url: 'http://p/'}}"},
};

constexpr Case kDiscord[] = {
    {"", "{webhook_url: 'http://h/', content: '@here', username: '{{', avatar_url: 'any text'}"},
    {"invalid template syntax: template: content:1: ", "{webhook_url: 'http://h/', content: '{{'}"},
    {"unknown key \"text\"", "{webhook_url: 'http://h/', text: a}"},
};

constexpr Case kMsTeams[] = {
    {"", "{webhook_url: 'http://h/', title: a, summary: b, text: c}"},
    {"unknown key \"color\"", "{webhook_url: 'http://h/', color: red}"},
};

constexpr Case kMsTeamsV2[] = {
    {"", "{webhook_url: 'http://h/', title: a, text: c}"},
    {"unknown key \"summary\"", "{webhook_url: 'http://h/', summary: b}"},
};

constexpr Case kMattermost[] = {
    {"missing webhook_url or webhook_url_file on mattermost_config", "{}"},
    {"missing mattermost config", "~"},
    {"", "{}", "mattermost_webhook_url: http://h/s"},
    {"", "{}", "mattermost_webhook_url_file: f"},
    {"", "{webhook_url_file: f}", "mattermost_webhook_url: http://h/s"},
    {"at most one of webhook_url & webhook_url_file must be configured",
     "{webhook_url: 'http://h/s', webhook_url_file: f}"},
    {"",
     "{webhook_url: 'http://h/', channel: c, username: u, text: t, fallback: f, color: c, "
     "pretext: p, author_name: a, author_link: l, author_icon: i, title: t, title_link: l, "
     "thumb_url: t, footer: f, footer_icon: i, image_url: i, icon_url: i, icon_emoji: e, "
     "type: custom_x, fields: [{title: a, value: b, short: true}]}"},
    {"",
     "{webhook_url: 'http://h/', attachments: [{text: a, fields: [{title: a, value: b}]}, {}]}"},
    {"",
     "{webhook_url: 'http://h/', props: {card: c}, priority: {priority: urgent, "
     "requested_ack: true, persistent_notifications: true}}"},
    {"", "{webhook_url: 'http://h/', props: {}, priority: {priority: whatever}}"},
    {"missing title in Mattermost field configuration",
     "{webhook_url: 'http://h/', fields: [{value: b}]}"},
    {"missing value in Mattermost field configuration",
     "{webhook_url: 'http://h/', attachments: [{fields: [{title: b}]}]}"},
    {"unknown key \"channel\"", "{webhook_url: 'http://h/', attachments: [{channel: c}]}"},
    {"unknown key \"crd\"", "{webhook_url: 'http://h/', props: {crd: c}}"},
    {"unknown key \"level\"", "{webhook_url: 'http://h/', priority: {level: c}}"},
    {"requested_ack must be true or false",
     "{webhook_url: 'http://h/', priority: {priority: urgent, requested_ack: maybe}}"},
};

constexpr Case kRocketchat[] = {
    {"", "{token: t, token_id: i}"},
    {"", "{token_file: t, token_id_file: i, api_url: 'http://h/'}"},
    {"", "{}", "rocketchat_token: t\n  rocketchat_token_id: i"},
    {"", "~", "rocketchat_token_file: t\n  rocketchat_token_id_file: i"},
    {"", "{token: t}", "rocketchat_token_id: i"},
    {"no global Rocketchat TokenID set either inline or in a file", "{token: t}"},
    {"no global Rocketchat Token set either inline or in a file", "{token_id: i}"},
    {"at most one of token & token_file must be configured",
     "{token: t, token_file: f, token_id: i}"},
    {"at most one of token_id & token_id_file must be configured",
     "{token: t, token_id: i, token_id_file: f}"},
    {"",
     "{token: t, token_id: i, channel: c, color: c, title: t, title_link: l, text: t, emoji: e, "
     "message_text: m, icon_url: i, image_url: i, thumb_url: t, short_fields: true, "
     "link_names: true, fields: [{title: a, short: false}], "
     "actions: [{type: button, text: t, url: u, msg: m, "
     "imageurl: i, iswebview: true, webviewheightratio: full, msginchatwindow: true, "
     "msgprocessingtype: sendMessage}]}"},
    {"unknown key \"image_url\"", "{token: t, token_id: i, actions: [{image_url: i}]}"},
    {"unknown key \"alias\"", "{token: t, token_id: i, alias: a}"},
};

constexpr Case kTelegram[] = {
    {"", "{bot_token: t, chat_id: -1001234567890}"},
    {"", "{bot_token_file: t, chat_id_file: f, message_thread_id: 3, disable_notifications: true}"},
    {"", "{chat_id: 1}", "telegram_bot_token: t"},
    {"", "{chat_id: 1}", "telegram_bot_token_file: t"},
    {"missing telegram config", "~"},
    {"missing bot_token or bot_token_file on telegram_config", "{chat_id: 1}"},
    {"missing chat_id or chat_id_file on telegram_config", "{bot_token: t}"},
    {"missing chat_id or chat_id_file on telegram_config", "{bot_token: t, chat_id: 0}"},
    {"chat_id must be a whole number", "{bot_token: t, chat_id: 'ops', chat_id_file: f}"},
    {"", "{bot_token: t, chat_id: 1, parse_mode: }"},
    {"at most one of bot_token & bot_token_file must be configured",
     "{bot_token: t, bot_token_file: f, chat_id: 1}"},
    {"at most one of chat_id & chat_id_file must be configured",
     "{bot_token: t, chat_id: 1, chat_id_file: f}"},
    {"", "{bot_token: t, chat_id: 0, chat_id_file: f}"},
    {"", "{bot_token: t, chat_id: 1, parse_mode: ''}"},
    {"", "{bot_token: t, chat_id: 1, parse_mode: MarkdownV2}"},
    {"unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string",
     "{bot_token: t, chat_id: 1, parse_mode: html}"},
    {"missing host", "{bot_token: t, chat_id: 1, api_url: 'http://'}"},
    {"no global Telegram URL set", "{bot_token: t, chat_id: 1}", "telegram_api_url: ~"},
    {"", "{bot_token: t, chat_id: 1, timeout: 5s}"},
    {"timeout", "{bot_token: t, chat_id: 1, timeout: 1d}"},
};

constexpr Case kWebex[] = {
    {"", "{room_id: r, http_config: {authorization: {credentials: c}}}"},
    {"", "{room_id: r, http_config: {bearer_token: c}, message: m, api_url: 'http://h/m'}"},
    {"missing webex config", "~"},
    {"missing room_id on webex_config", "{http_config: {authorization: {credentials: c}}}"},
    {"missing webex_configs.http_config.authorization", "{room_id: r}"},
    {"missing webex_configs.http_config.authorization", "{room_id: r, http_config: {}}"},
    {"missing webex_configs.http_config.authorization", "{room_id: r}",
     "http_config: {authorization: {credentials: c}}"},
    {"no global Webex URL set", "{room_id: r, http_config: {authorization: {credentials: c}}}",
     "webex_api_url: ~"},
    {"unknown key \"to_room\"",
     "{room_id: r, to_room: x, http_config: {authorization: {credentials: c}}}"},
};

TEST(ChatTest, IsTakenOrRefusedAsByAlertmanager) {
  for (const Case& each : kSlack) Check("slack", each);
  for (const char* kind : {"discord", "msteams", "msteamsv2"}) {
    for (const Case& each : kWebhooks) Check(kind, each);
  }
  for (const Case& each : kDiscord) Check("discord", each);
  for (const Case& each : kMsTeams) Check("msteams", each);
  for (const Case& each : kMsTeamsV2) Check("msteamsv2", each);
  for (const Case& each : kMattermost) Check("mattermost", each);
  for (const Case& each : kRocketchat) Check("rocketchat", each);
  for (const Case& each : kTelegram) Check("telegram", each);
  for (const Case& each : kWebex) Check("webex", each);
}

TEST(ChatTest, ResolutionsAreToldWhereAlertmanagerTellsThem) {
  std::vector<std::string> tell;
  for (const config::IntegrationKind& kind : Kinds()) {
    if (kind.send_resolved_default) tell.push_back(kind.kind);
  }
  for (const char* kind : {"discord", "mattermost", "msteams", "msteamsv2", "telegram", "webex"}) {
    EXPECT_THAT(tell, Contains(kind));
  }
  for (const char* kind : {"slack", "rocketchat"}) EXPECT_THAT(tell, Not(Contains(kind)));
}

std::string UrlOf(const std::string& receiver, const std::string& global = "") {
  return FirstRequest(Load(global, receiver)).url.reveal();
}

TEST(ChatTest, SlackTakesTheWayThatIsNearest) {
  EXPECT_EQ(UrlOf("  slack_configs: [{}]\n", "  slack_api_url: http://g/hook\n"), "http://g/hook");
  EXPECT_EQ(
      UrlOf("  slack_configs: [{api_url: 'http://o/hook'}]\n", "  slack_api_url: http://g/hook\n"),
      "http://o/hook");
  EXPECT_EQ(UrlOf("  slack_configs: [{api_url: 'http://o/hook'}]\n", "  slack_app_token: t\n"),
            "http://o/hook");
  EXPECT_EQ(UrlOf("  slack_configs: [{}]\n", "  slack_app_token: t\n"),
            "https://slack.com/api/chat.postMessage");
  EXPECT_EQ(UrlOf("  slack_configs: [{app_token: t, app_url: 'http://o/api'}]\n",
                  "  slack_api_url: http://g/hook\n"),
            "http://o/api");
  // A URL in a file does not count against the token of global: as with Alertmanager, but said.
  const config::Loaded loaded =
      Load("  slack_app_token: t\n", "  slack_configs: [{api_url_file: f}]\n");
  EXPECT_EQ(FirstRequest(loaded).url.reveal(), "https://slack.com/api/chat.postMessage");
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_THAT(loaded.problems[0].ToString(), HasSubstr("api_url_file is not used"));
}

TEST(ChatTest, AnActionWithAUrlIsALinkAndNoMore) {
  const std::string body = FirstRequest(Load("", R"(  slack_configs:
  - api_url: http://h/hook
    actions: [{type: button, text: Open, url: 'http://u/', name: n, value: v, confirm: {text: t}}]
    short_fields: true
    fields: [{title: a, value: b}, {title: c, value: d, short: false}]
)"))
                               .body;
  EXPECT_THAT(body, HasSubstr(R"("actions":[{"type":"button","text":"Open","url":"http://u/"}])"));
  EXPECT_THAT(body, HasSubstr(R"("fields":[{"title":"a","value":"b","short":true},)"
                              R"({"title":"c","value":"d","short":false}])"));
  EXPECT_THAT(body, HasSubstr(R"("mrkdwn_in":["fallback","pretext","text"])"));
}

TEST(ChatTest, WhatIsShownLoadsAgainAndHoldsNoSecret) {
  const config::Loaded loaded = Load(
      "  telegram_bot_token: s3cret-telegram\n  mattermost_webhook_url: http://h/s3cret-hook\n"
      "  rocketchat_token: s3cret-token\n  rocketchat_token_id: s3cret-id\n",
      R"(  slack_configs:
  - {app_token: s3cret-app, update_message: true, post_updates_to_thread: true, blocks: [{type: divider}]}
  - {api_url: 'http://h/s3cret-slack', channel: '#ops'}
  discord_configs: [{webhook_url: 'http://h/s3cret-discord'}]
  msteams_configs: [{webhook_url: 'http://h/s3cret-teams'}]
  msteamsv2_configs: [{webhook_url: 'http://h/s3cret-teams2'}]
  mattermost_configs: [{channel: ops}]
  rocketchat_configs: [{channel: ops}]
  telegram_configs: [{chat_id: 1}]
  webex_configs: [{room_id: r, http_config: {authorization: {credentials: s3cret-bot}}}]
)");
  ASSERT_TRUE(loaded.config);
  const std::string& shown = loaded.config->original;
  EXPECT_THAT(shown, Not(HasSubstr("s3cret")));
  EXPECT_THAT(shown, HasSubstr("slack.default.title"));
  // Keys of our own, which amtool would refuse.
  EXPECT_THAT(shown, AllOf(Not(HasSubstr("blocks")), Not(HasSubstr("post_updates_to_thread"))));

  config::Files files;
  files.read = [&](const std::string&) -> Result<std::string> { return shown; };
  files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  config::LoadOptions options;
  options.path = "shown.yml";
  const config::Loaded again = config::Load(options, files, Kinds());
  for (const config::Problem& problem : again.problems) ADD_FAILURE() << problem.ToString();
  ASSERT_TRUE(again.config);
  EXPECT_EQ(again.config->original, shown);
}

TEST(ChatTest, WorkflowsInheritTheProxyOfGlobal) {
  const auto proxy = [](const std::string& kind, const std::string& own) {
    const config::Loaded loaded =
        Load("  http_config: {proxy_url: 'http://g/'}\n",
             "  " + kind + "_configs: [{webhook_url: 'http://h/', http_config: " + own + "}]\n");
    return FirstRequest(loaded).http->proxy.url;
  };
  EXPECT_EQ(proxy("msteamsv2", "{follow_redirects: false}"), "http://g/");
  EXPECT_EQ(proxy("msteamsv2", "{proxy_url: 'http://o/'}"), "http://o/");
  EXPECT_EQ(proxy("msteamsv2", "{proxy_from_environment: true}"), "");
  EXPECT_EQ(proxy("msteams", "{follow_redirects: false}"), "");
}

}  // namespace
}  // namespace watchfire::notify::builtin
