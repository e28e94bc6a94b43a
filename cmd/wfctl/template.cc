// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl template render: what a receiver would send, or one template.

#include <utility>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/config_source.h"
#include "cmd/wfctl/data_file.h"
#include "cmd/wfctl/groups.h"
#include "cmd/wfctl/outgoing.h"
#include "pkg/base/strings.h"
#include "pkg/notify/message_environment.h"
#include "pkg/notify/rendering.h"
#include "pkg/oncall/duty.h"
#include "pkg/templates/default_templates.h"

namespace watchfire::wfctl {
namespace {

int Failed(World& world, const std::string& why, const std::string& hint = "") {
  world.err << "wfctl: " << why << (hint.empty() ? "" : " (" + hint + ")") << "\n";
  return kNo;
}

// What is to be rendered.
struct Input {
  std::shared_ptr<const config::Config> config = {};  // Null: one template, with the default ones.
  std::optional<notify::GivenMessage> message = {};   // For one template: the data as they are.
  std::vector<dispatch::Notification> notifications = {};
  int code = kOk;  // Otherwise explained already.
};

// Alerts of a file or the server, as the groups they would be in.
Input FromAlerts(const Invocation& invocation, const DataFile& file, GroupOptions options,
                 std::shared_ptr<const config::Config> config, World& world) {
  Input input{std::move(config)};
  if (file.message && options.receiver.empty()) {
    const config::Receiver* receiver = FindReceiver(*input.config, file.message->receiver);
    if (receiver != nullptr) options.receiver = receiver->name;
  }
  if (file.message && !file.message->external_url.empty()) {
    options.external_url = file.message->external_url;
  }
  std::vector<alert::Alert> alerts = file.alerts;
  SettleEnds(invocation.On("resolved"), options.at, &alerts);
  if (alerts.empty()) {
    input.code = Failed(world, "there are no alerts");
    return input;
  }
  const bool is_one_group = file.message && !options.receiver.empty();
  if (!is_one_group) input.notifications = GroupsOf(*input.config, alerts, options);
  if (!input.notifications.empty()) return input;
  if (!options.matchers.empty()) {
    input.code = Failed(world, "no alert that is told of matches");
    return input;
  }
  if (!is_one_group) {
    world.err << "wfctl: no route leads these alerts to " << options.receiver
              << "; shown as if one did\n";
  }
  dispatch::Notification group = AsOneGroup(*input.config, std::move(alerts), options);
  if (file.message && !file.message->group_labels.empty()) {
    group.group_labels = file.message->group_labels;
  }
  if (!file.group_key.empty()) group.group_key = file.group_key;
  input.notifications.push_back(std::move(group));
  return input;
}

// The alerts of the server that nothing keeps quiet.
std::optional<std::string> LiveAlerts(const Invocation& invocation, World& world, int* code) {
  Api api(invocation, world);
  std::optional<std::string> body =
      api.Call({"GET", "/api/v2/alerts?active=true&silenced=false&inhibited=false", ""});
  *code = api.exit_code();
  return body;
}

// One route to one receiver, for who brings alerts and a text and needs no more.
std::shared_ptr<const config::Config> WithoutConfig(const std::string& receiver) {
  auto config = std::make_shared<config::Config>();
  config->templates = templates::DefaultTemplates();
  config->receivers.push_back({receiver.empty() ? "default" : receiver, {}});
  config->route.receiver = config->receivers[0].name;
  config->route.key = config->route.id = "{}";
  return config;
}

Input Read(const Invocation& invocation, World& world) {
  GroupOptions options;
  options.receiver = invocation.Get("receiver");
  options.at = world.now;
  options.external_url = invocation.target.url;
  const std::string path = invocation.Get("template.data");
  const bool is_text = !invocation.Get("template.text").empty();
  const Result<matcher::Matchers> matchers = ReadMatchers(invocation);
  if (!matchers) return {.code = Misuse(world, matchers.error().message)};
  options.matchers = *matchers;
  // One template with the data at hand wants no configuration.
  const bool is_live = path.empty() && (!is_text || !matchers->empty());
  if (!is_live && !matchers->empty()) {
    return {.code = Misuse(world, "matchers choose among the alerts of the server",
                           "leave out --template.data")};
  }
  DataFile file;
  if (!is_live && path.empty()) file.message = ExampleMessage(world.now);
  if (!path.empty()) {
    const Result<std::string> text = world.read_data(path);
    if (!text) return {.code = Failed(world, text.error().message)};
    Result<DataFile> read = ReadDataFile(*text, world.now);
    if (!read) return {.code = Failed(world, path + ": " + read.error().message)};
    file = *std::move(read);
  }
  const bool wants_config =
      is_live || !is_text || !file.message || !invocation.Get("config.file").empty();
  if (!wants_config) return {.message = std::move(file.message)};
  if (!is_live && is_text && invocation.Get("config.file").empty()) {
    return FromAlerts(invocation, file, options, WithoutConfig(options.receiver), world);
  }
  ConfigSource source = LoadConfig(invocation, world);
  if (source.config == nullptr) return {.code = source.code};
  if (!options.receiver.empty() && FindReceiver(*source.config, options.receiver) == nullptr) {
    return {.code = NoReceiver(*source.config, options.receiver, world)};
  }
  if (is_text && file.message) {
    return {.config = std::move(source.config), .message = std::move(file.message)};
  }
  if (is_live) {
    int code = kOk;
    const std::optional<std::string> body = LiveAlerts(invocation, world, &code);
    if (!body) {
      world.err << "wfctl: without --template.data the alerts are those that fire on the server\n";
      return {.code = code};
    }
    Result<DataFile> read = ReadDataFile(*body, world.now);
    if (!read) return {.code = Failed(world, "the server's alerts: " + read.error().message)};
    file = *std::move(read);
  }
  return FromAlerts(invocation, file, std::move(options), std::move(source.config), world);
}

// The configuration's templates, with those of --template.glob on top.
Result<templates::TemplateSet> ReadTemplates(const Invocation& invocation, const Input& input,
                                             World& world) {
  templates::TemplateSet set =
      input.config != nullptr ? input.config->templates : templates::DefaultTemplates();
  for (const std::string& glob : invocation.All("template.glob")) {
    const std::vector<std::string> paths = world.files.glob(glob);
    if (paths.empty()) world.err << "wfctl: " << glob << " matches no file\n";
    for (const std::string& path : paths) {
      const Result<std::string> text = world.files.read(path);
      if (!text) return Fail(text.error());
      WF_RETURN_IF_ERROR(set.Parse(path, *text));
    }
  }
  return set;
}

// One template, as amtool prints it: without a line break behind it.
int RenderText(const Invocation& invocation, const Input& input, World& world) {
  const Result<templates::TemplateSet> set = ReadTemplates(invocation, input, world);
  if (!set) return Failed(world, set.error().message);
  const auto snippet =
      templates::Snippet::Parse("--template.text", invocation.Get("template.text"));
  if (!snippet) return Failed(world, snippet.error().message);
  const bool is_html = invocation.Get("template.type", "text") == "html";
  const auto on_call = [&](std::string_view schedule) -> std::vector<std::string> {
    if (input.config == nullptr) return {};
    return oncall::WhoAt(input.config->oncall.roster.get(), std::string(schedule), world.now);
  };
  const auto render = [&](const templates::Value& dot, const labels::LabelSet& route_labels) {
    const templates::Environment environment =
        notify::MessageEnvironment(world.now, route_labels, "", on_call);
    const Result<std::string> text = is_html ? set->ExecuteHtml(*snippet, dot, environment)
                                             : set->Execute(*snippet, dot, environment);
    if (!text) return Failed(world, text.error().message);
    world.out << *text;
    return kOk;
  };
  if (input.message)
    return render(notify::MessageData(*input.message), input.message->route_labels);
  int code = kOk;
  for (const dispatch::Notification& what : input.notifications) {
    const auto route_labels =
        notify::RenderRouteLabels(what.route_labels, *set, what, world.now, on_call);
    if (!route_labels) return Failed(world, route_labels.error().message);
    code = std::max(code, render(notify::MessageData(what, *route_labels), *route_labels));
    if (input.notifications.size() > 1) world.out << "\n";
  }
  return code;
}

int RenderMessages(const Invocation& invocation, const Input& input, World& world) {
  Masking masking(*input.config);
  const notify::Context context = MakeContext(input.config, world, &masking);
  std::vector<Outgoing> all;
  for (const dispatch::Notification& what : input.notifications) {
    const config::Receiver* receiver = FindReceiver(*input.config, what.receiver);
    const auto chosen = Choose(*receiver, invocation.All("integration"));
    if (!chosen) return Misuse(world, chosen.error().message);
    if (chosen->empty()) {
      world.err << "wfctl: receiver " << what.receiver << " has no integrations: nothing is sent\n";
    }
    for (const config::Integration* integration : *chosen) {
      all.push_back(RehearseOne(what, *integration, context));
    }
  }
  return ShowOutgoing(all, masking, invocation, world);
}

int Render(const Invocation& invocation, World& world) {
  const std::string type = invocation.Get("template.type", "text");
  if (type != "text" && type != "html") {
    return Misuse(world, "--template.type: " + GoQuote(type) + " is none of text, html");
  }
  const bool is_text = !invocation.Get("template.text").empty();
  for (const char* flag : {"template.glob", "template.type"}) {
    if (is_text || invocation.Get(flag).empty()) continue;
    return Misuse(world, std::string("--") + flag + " goes with --template.text",
                  "the templates of messages are those that the configuration names");
  }
  const Input input = Read(invocation, world);
  if (input.code != kOk) return input.code;
  return is_text ? RenderText(invocation, input, world) : RenderMessages(invocation, input, world);
}

}  // namespace

std::vector<Command> TemplateCommands() {
  return {{.path = "template render",
           .operands = "[MATCHER …]",
           .summary = "what a receiver would send: the requests or the e-mail, secrets masked",
           .text = R"(
Shows every request that would leave, headers and body, or the e-mail with its parts; nothing is
sent. Vendors that must be asked first are taken to say yes.

The alerts are those of --template.data: what a webhook was sent ({"alerts": […], "groupLabels": …}),
or a list as for POST /api/v2/alerts. Without it, those that fire on the server: matchers choose the
groups in which one of them is. Routes decide who is told, unless --receiver does.

The configuration is --config.file, or what the server runs with; the server shows neither secrets
nor its files of templates, so its messages are made with the default ones, nor what Alertmanager
does not have (twilio_configs, servicenow_configs, Slack's blocks, signing_secret …).

With --template.text it renders that text instead, as amtool does: with the data as they are, or an
example if there are none, with the default templates and those of --template.glob.

examples:
  wfctl template render HighLatency team=db
  wfctl template render --config.file=alertmanager.yml --template.data=alerts.json
  wfctl template render --config.file=alertmanager.yml --template.data=alerts.json --resolved
  wfctl template render --config.file=alertmanager.yml --receiver=db-pager --integration=webhook[0]
  wfctl template render --template.text='{{ template "slack.default.title" . }}'
)",
           .flags = {kConfigFileFlag,
                     {"receiver", 0, "NAME", "", "this receiver, whatever the routes say"},
                     {"integration", 0, "NAME", "",
                      "only this one, as in slack[0], or slack for all of a kind; may be repeated"},
                     {"resolved", 0, "", "", "as if all of it were over"},
                     {"template.data", 0, "FILE", "", "the alerts, as JSON; - is standard input"},
                     {"template.text", 0, "TEXT", "", "render this template, and no messages"},
                     {"template.glob", 0, "GLOB", "",
                      "files of templates for --template.text; may be repeated"},
                     {"template.type", 0, "TYPE", "text", "of --template.text: text, or html"}},
           .run = Render,
           .is_default = true}};
}

}  // namespace watchfire::wfctl
