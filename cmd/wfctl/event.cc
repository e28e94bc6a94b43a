// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl event: trigger, ack, resolve: what a job or a script has to say, by a key of
// `inbound.victorops`.

#include <algorithm>
#include <array>
#include <map>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

constexpr const char* kKeyVariable = "WATCHFIRE_EVENT_KEY";

// Errors: kInvalidArgument: none is given, or its file cannot be read.
Result<std::string> ReadKey(const Invocation& invocation, const World& world) {
  const std::string path = invocation.Get("key-file");
  std::string key = invocation.Get("key");
  if (!path.empty() && !key.empty()) return InvalidArgument("give --key or --key-file, not both");
  if (!path.empty()) {
    const Result<std::string> text = world.read_data(path);
    if (!text) return InvalidArgument("--key-file: " + text.error().message);
    key = Trim(*text);
  }
  if (key.empty() && world.environment) key = world.environment(kKeyVariable);
  if (key.empty()) {
    return InvalidArgument(
        std::string("which key of inbound.victorops? give --key-file, --key or $") + kKeyVariable);
  }
  return key;
}

// Sends one message of `type` about the first operand; `more` are further members.
int Send(const Invocation& invocation, World& world, const std::string& type,
         const std::vector<std::pair<std::string, std::string>>& more) {
  const Result<std::string> key = ReadKey(invocation, world);
  if (!key) return Misuse(world, key.error().message);
  JsonWriter json;
  json.StartObject().Field("message_type", type).Field("entity_id", invocation.operands[0]);
  for (const auto& [name, value] : more) {
    if (!value.empty()) json.Field(name, value);
  }
  const std::string route = invocation.Get("routing-key");
  const std::string door = UrlEncode(*key);
  const std::string path = "/integrations/generic/20131114/alert/" + door +
                           (route.empty() ? "" : "/" + UrlEncode(route));
  Api api(invocation, world);
  const auto body = api.Call({"POST", path, json.EndObject().Take(), door});
  if (!body) return api.exit_code();
  return Show(invocation, world, *body, [&](element answer) {
    world.out << Text(answer["entity_id"]) << ": " << ToLower(type) << " taken\n";
  });
}

int Trigger(const Invocation& invocation, World& world) {
  if (invocation.operands.empty()) return Misuse(world, "event trigger needs an ENTITY");
  static const std::map<std::string, std::string> kTypes = {
      {"critical", "CRITICAL"}, {"warning", "WARNING"}, {"info", "INFO"}};
  const std::string severity = invocation.Get("severity", "critical");
  const auto type = kTypes.find(severity);
  if (type == kTypes.end()) {
    return Misuse(world, "--severity is critical, warning or info, not " + GoQuote(severity));
  }
  const auto fields = ReadPairs(invocation.All("field"), invocation.matcher_mode, "fields");
  if (!fields) return Misuse(world, fields.error().message);
  std::vector<std::pair<std::string, std::string>> more = {
      {"entity_display_name",
       Join({invocation.operands.begin() + 1, invocation.operands.end()}, " ")},
      {"state_message", invocation.Get("text")},
      {"monitoring_tool", "wfctl"}};
  // What a flag or an operand says already, a field must not say otherwise.
  static constexpr std::array kOwn = {"message_type", "entity_id", "entity_display_name",
                                      "state_message", "monitoring_tool"};
  for (const auto& [name, value] : *fields) {
    if (std::ranges::find(kOwn, name) != kOwn.end()) {
      return Misuse(world, "--field cannot be " + name);
    }
    more.emplace_back(name, value);
  }
  return Send(invocation, world, type->second, more);
}

int Ack(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 1) return Misuse(world, "event ack needs one ENTITY");
  return Send(invocation, world, "ACKNOWLEDGEMENT",
              {{"ack_author", invocation.Get("actor", world.user)},
               {"ack_message", invocation.Get("note")}});
}

int Resolve(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 1) return Misuse(world, "event resolve needs one ENTITY");
  return Send(invocation, world, "RECOVERY", {{"state_message", invocation.Get("note")}});
}

std::vector<Flag> With(std::vector<Flag> flags) {
  flags.push_back({"key", 0, "KEY", "", "a key of inbound.victorops"});
  flags.push_back({"key-file", 0, "FILE", "", "the file that it is in; or $WATCHFIRE_EVENT_KEY"});
  flags.push_back({"routing-key", 0, "NAME", "", "the label routing_key, for routes to go by"});
  return flags;
}

}  // namespace

std::vector<Command> EventCommands() {
  return {
      {.path = "event trigger",
       .operands = "ENTITY [TITLE …]",
       .summary = "page from a script: something is wrong with ENTITY",
       .text = R"(
ENTITY says what it is about, always in the same words: sent again it is the same alert. It fires
until it is resolved. docs/inbound.md says what becomes of it.

examples:
  wfctl event trigger backup-db7 Backup of db7 failed --key-file=key --routing-key=platform
  wfctl event trigger disk-db7 --key-file=key --severity=warning --text='91 % full' --field=team=db
)",
       .flags = With({{"severity", 0, "NAME", "critical", "critical, warning or info"},
                      {"text", 0, "TEXT", "", "what happened, in full"},
                      {"field", 0, "NAME=VALUE", "", "a label or an annotation; may be repeated"}}),
       .run = Trigger},
      {.path = "event ack",
       .operands = "ENTITY",
       .summary = "somebody works on what was triggered",
       .text = "",
       .flags = With({{"actor", 0, "NAME", "", "who, instead of you"},
                      {"note", 0, "TEXT", "", "for the timeline"}}),
       .run = Ack},
      {.path = "event resolve",
       .operands = "ENTITY",
       .summary = "all is well again with ENTITY",
       .text = "",
       .flags = With({{"note", 0, "TEXT", "", "for the timeline"}}),
       .run = Resolve}};
}

}  // namespace watchfire::wfctl
