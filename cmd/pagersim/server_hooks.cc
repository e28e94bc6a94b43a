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

int CopiesOf(const Behaviour& behaviour) {
  if (behaviour.callback == CallbackMode::kDrop) return 0;
  return behaviour.callback == CallbackMode::kDuplicate ? 2 : 1;
}

}  // namespace

void Routes::AddHooks(httplib::Server& server) {
  server.Post("/api/(pagerduty|opsgenie)/(\\d{1,9})/ack", [this](const Request& request,
                                                                 Response& response) {
    const std::string vendor = request.matches[1].str();
    const uint64_t number = std::stoull(request.matches[2].str());
    const bool is_pagerduty = vendor == "pagerduty";
    const std::string user = Parameter(request, "user", is_pagerduty ? "Ada" : "ada@example.com");
    const std::string& url = is_pagerduty ? targets_.pagerduty_url : targets_.opsgenie_url;
    Hook hook;
    int copies = 0;
    Reply reply{503, JsonError("unavailable", "the simulator is busy")};
    owner_.Do([&] {
      const auto now = std::chrono::system_clock::now();
      reply = vendors_.Do(vendor, {PersonAct::Verb::kAcknowledge, number, user}, now);
      if (reply.status != 200) return;
      copies = CopiesOf(pager_.behaviour());
      hook = is_pagerduty ? PagerDutyHook(number, vendors_.pagerduty().DedupKey(number), user,
                                          ++last_event_, targets_.pagerduty_secret, now)
                          : OpsgenieHook(vendors_.opsgenie().IdOf(number),
                                         vendors_.opsgenie().AliasOf(number), user, now);
    });
    if (reply.status == 200) reply.body = Deliver(url, hook, copies);
    Answer(response, [&] { return reply; });
  });
  // Of these no webhook is sent: who polls learns of them.
  server.Post("/api/(pagerduty|opsgenie)/(\\d{1,9})/(resolve|note)",
              Own([this](const Request& request, const std::string&) {
                const bool is_note = request.matches[3] == "note";
                return vendors_.Do(
                    request.matches[1].str(),
                    {is_note ? PersonAct::Verb::kNote : PersonAct::Verb::kResolve,
                     std::stoull(request.matches[2].str()), Parameter(request, "user", "Ada"),
                     Parameter(request, "text", "looking into it")},
                    std::chrono::system_clock::now());
              }));
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
