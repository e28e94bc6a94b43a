// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Our page's buttons of PagerDuty, Opsgenie and Slack. The webhook has been delivered, or has
// failed, when they are answered.

#include <optional>
#include <string>

#include <httplib.h>

#include "cmd/pagersim/hooks.h"
#include "cmd/pagersim/server.h"
#include "pkg/base/json.h"

namespace watchfire::pagersim {
namespace {

using httplib::Request;
using httplib::Response;

constexpr std::chrono::seconds kTimeout(5);
constexpr std::string_view kScheme = "http://";

std::string Parameter(const Request& request, const char* name, const char* otherwise) {
  const std::string value = request.get_param_value(name);
  return value.empty() ? otherwise : value;
}

// [{"status":200,"body":""}], an entry for each delivery; 0 when nobody answered.
std::string Deliver(const std::string& url, const Hook& hook, int copies) {
  JsonWriter json;
  json.StartArray();
  const size_t slash = std::min(url.find('/', kScheme.size()), url.size());
  httplib::Client client(url.substr(0, slash));
  client.set_connection_timeout(kTimeout);
  client.set_read_timeout(kTimeout);
  const httplib::Headers headers(hook.headers.begin(), hook.headers.end());
  for (int i = 0; i < (url.empty() ? 0 : copies); ++i) {
    const auto answer = client.Post(url.substr(slash), headers, hook.body, hook.type.c_str());
    json.StartObject().Field("status", answer ? answer->status : 0);
    json.Field("body", answer ? answer->body : "").EndObject();
  }
  return json.EndArray().Take();
}

// Of a path that ends in the number and in what is done.
PersonAct ActOf(const Request& request, const char* somebody) {
  using Verb = PersonAct::Verb;
  const std::string verb = request.matches[3].str();
  return {verb == "ack"    ? Verb::kAcknowledge
          : verb == "note" ? Verb::kNote
                           : Verb::kResolve,
          std::stoull(request.matches[2].str()), Parameter(request, "user", somebody),
          verb == "note" ? Parameter(request, "text", "looking into it") : ""};
}

int CopiesOf(const Behaviour& behaviour) {
  if (behaviour.callback == CallbackMode::kDrop) return 0;
  return behaviour.callback == CallbackMode::kDuplicate ? 2 : 1;
}

}  // namespace

void Routes::AddHooks(httplib::Server& server) {
  server.Post(
      "/api/(pagerduty|opsgenie)/(\\d{1,9})/(ack|resolve|note)",
      [this](const Request& request, Response& response) {
        const std::string vendor = request.matches[1].str();
        const bool is_pagerduty = vendor == "pagerduty";
        const std::string& url = is_pagerduty ? targets_.pagerduty_url : targets_.opsgenie_url;
        const PersonAct act = ActOf(request, is_pagerduty ? "Ada" : "ada@example.com");
        Hook hook;
        int copies = 0;
        Reply reply{503, JsonError("unavailable", "the simulator is busy")};
        owner_.Do([&] {
          const auto now = std::chrono::system_clock::now();
          reply = vendors_.Do(vendor, act, now);
          if (reply.status != 200) return;
          copies = CopiesOf(pager_.behaviour());
          hook = is_pagerduty ? PagerDutyHook(act, vendors_.pagerduty().DedupKey(act.number),
                                              ++last_event_, targets_.pagerduty_secret, now)
                              : OpsgenieHook(act, vendors_.opsgenie().IdOf(act.number),
                                             vendors_.opsgenie().AliasOf(act.number), now);
        });
        if (reply.status == 200) reply.body = Deliver(url, hook, copies);
        Answer(response, [&] { return reply; });
      });
  server.Post("/api/slack/press", [this](const Request& request, Response& response) {
    std::optional<Hook> hook;
    int copies = 0;
    owner_.Do([&] {
      const auto button = chats_.FindButton(Parameter(request, "message", ""),
                                            Parameter(request, "action", "watchfire_acknowledge"));
      if (!button) return;
      copies = CopiesOf(pager_.behaviour());
      hook = SlackHook(*button, Parameter(request, "user", "U0PAGER"), ++last_event_,
                       targets_.slack_secret, std::chrono::system_clock::now());
    });
    Reply reply{404, JsonError("not_found", "no message has such a button")};
    if (hook) reply = {200, Deliver(targets_.slack_url, *hook, copies)};
    Answer(response, [&] { return reply; });
  });
}

}  // namespace watchfire::pagersim
