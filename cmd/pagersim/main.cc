// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// pagersim pretends to be VictorOps: it takes pages, shows them, and calls back when somebody (or
// its simulated responder) acknowledges. It is PagerDuty, Opsgenie, Jira and incident.io, too.

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <httplib.h>

#include "cmd/pagersim/callback.h"
#include "cmd/pagersim/chat.h"
#include "cmd/pagersim/pager.h"
#include "cmd/pagersim/paging_vendors.h"
#include "cmd/pagersim/server.h"
#include "cmd/pagersim/victorops.h"
#include "cmd/victorsim/host.h"
#include "pkg/base/result.h"

namespace watchfire::pagersim {
namespace {

using victorsim::SetDuration;
using victorsim::SetString;

constexpr std::string_view kIntro =
    R"(pagersim pretends to be VictorOps: it takes pages, shows them on a small web page, and calls
back when somebody acknowledges or resolves an incident there. PagerDuty, Opsgenie (or Jira Service
Management), Jira, incident.io, Twilio and ServiceNow are there, too.

Usage:
  pagersim --victorops.key KEY [--callback URL] [--auto-ack 15s] [--listen 127.0.0.1:8080]

The vendor's side (these can be made to misbehave):
  POST  /integrations/generic/20131114/alert/{key}/{routing_key}   a message
  POST  /webhook/{name}                                            anything; answers {}, or 401
                                                                   if it should be signed and is not
  POST  /1/messages.json                                           Pushover
  GET   /cgi-bin/gettoken, POST /cgi-bin/message/send              WeCom; the secret "wrong" is
  POST  /                                                          Amazon SNS and STS, with the key
                                                                   AKIDPAGERSIM, pagersim-secret
  POST  /services/{T}/{B}/{secret}, /api/chat.{postMessage|update} Slack
  POST  /api/webhooks/{id}/{secret}                                Discord
  POST  /webhookb2/{group}/IncomingWebhook/{secret}/{owner}        Teams, a connector
  POST  /workflows/{secret}/triggers/manual/paths/invoke           Teams, a workflow
  POST  /hooks/{secret}                                            Mattermost
  POST  /api/v1/chat.postMessage                                   Rocket.Chat
  POST  /bot{secret}/sendMessage                                   Telegram
  POST  /v1/messages                                               Webex
  GET   /api-public/v1/incidents[/{n}]                             the public API
  PATCH /api-public/v1/incidents/{ack|resolve}
  POST  /v2/enqueue, /generic/2010-04-15/create_event.json         PagerDuty's events, v2 and v1
  …     [/jsm/ops/integration]/v2/alerts…                          Opsgenie's alerts
  …     /rest/api/{2|3}/{search|search/jql|issue…}                 Jira's issues
  POST  /v2/alert_events/alertmanager/{source}                     incident.io's alert events
  …     /2010-04-01/Accounts/{sid}/{Messages|Calls}[/{sid}].json   Twilio's messages and calls
  …     /api/now/table/incident[/{sys_id}]                         ServiceNow's incidents

Our side:
  GET  /                                 the page
  GET  /api/pages[?after=SEQ]            everything that arrived, oldest first (last 1000)
  GET  /api/incidents                    what became of it
  GET  /api/chats                        what stands in the chats
  POST /api/incidents/{n}/{ack|resolve}[?user=NAME]
  GET  /api/vendors                      what the others have: alerts, issues, messages, calls
  GET  /api/sns                          what SNS delivered, and not dropped as seen before
  POST /api/{pagerduty|opsgenie}/{n}/{ack|resolve|note}[?user=NAME&text=TEXT]
                                         and posts its webhook, if it has a URL
  POST /api/slack/press[?action=NAME][&message=ID][&user=ID]   presses a button, the same way
  GET  /api/behaviour
  POST /api/behaviour                    {"latency_ms":0,"status":0,"retry_after_s":0,"hang":false,
                                          "cut":false,"result_failure":false,"paused":false,
                                          "maintenance":false,"callback":"normal|drop|duplicate",
                                          "callback_delay_ms":0}; what is absent is normal again
  GET  /-/healthy                        200
)";

struct Flags {
  std::string listen = "127.0.0.1:8080";
  std::string key;
  std::string api_key;
  std::string chat_secret;
  std::string callback;
  Settings settings;
  std::string pagerduty_key, opsgenie_key, jira_authorization, incidentio_token;
  std::string twilio_authorization, servicenow_authorization, signing_secret;
  Duration opsgenie_processing = std::chrono::milliseconds(300);
  std::string pagerduty_token, pagerduty_webhook, pagerduty_webhook_secret, opsgenie_webhook;
  std::string slack_interactivity, slack_signing_secret;
};

std::vector<victorsim::Flag> MakeFlags(Flags& flags) {
  Settings& settings = flags.settings;
  return {
      {"listen", "HOST:PORT", "Where to serve; port 0 picks a free one (127.0.0.1:8080).",
       SetString(flags.listen)},
      {"victorops.key", "KEY", "The REST endpoint key; messages with another one get 403.",
       SetString(flags.key)},
      {"victorops.api-key", "KEY", "The key of the public API; without it, any key is good.",
       SetString(flags.api_key)},
      {"victorops.warning-opens", "", "A WARNING opens an incident too, not only a CRITICAL.",
       [&settings](const std::string&) -> Status {
         settings.warning_opens = true;
         return {};
       }},
      {"pagerduty.key", "KEY", "The routing and service key; without it, any is good.",
       SetString(flags.pagerduty_key)},
      {"opsgenie.key", "KEY", "The integration's key; without it, any is good.",
       SetString(flags.opsgenie_key)},
      {"opsgenie.processing", "TIME", "How long a request waits to be carried out (300ms).",
       SetDuration(flags.opsgenie_processing)},
      {"jira.authorization", "TEXT", "The Authorization header; without it, none is needed.",
       SetString(flags.jira_authorization)},
      {"incidentio.token", "TOKEN", "The alert source's token; without it, any is good.",
       SetString(flags.incidentio_token)},
      {"twilio.authorization", "TEXT", "The Authorization header; without it, any Basic one.",
       SetString(flags.twilio_authorization)},
      {"servicenow.authorization", "TEXT", "The Authorization header; without it, any.",
       SetString(flags.servicenow_authorization)},
      {"webhook.signing-secret", "SECRET", "Webhooks must be signed with it; without it, none is.",
       SetString(flags.signing_secret)},
      {"chat.secret", "SECRET",
       "What stands for {secret} in chats' URLs, and the token of those with one; without it, any.",
       SetString(flags.chat_secret)},
      {"pagerduty.token", "TOKEN", "Of its REST API; without it, any is good.",
       SetString(flags.pagerduty_token)},
      {"pagerduty.webhook", "URL", "Where its webhooks v3 go. Without it, nowhere.",
       SetString(flags.pagerduty_webhook)},
      {"pagerduty.webhook-secret", "SECRET", "Signs them.",
       SetString(flags.pagerduty_webhook_secret)},
      {"opsgenie.webhook", "URL", "Where its webhooks go. Without it, nowhere.",
       SetString(flags.opsgenie_webhook)},
      {"slack.interactivity", "URL", "Where presses of buttons go. Without it, nowhere.",
       SetString(flags.slack_interactivity)},
      {"slack.signing-secret", "SECRET", "Signs them.", SetString(flags.slack_signing_secret)},
      {"callback", "URL",
       "Where VictorOps' outbound webhook goes when an incident is acknowledged, resolved or\n"
       "triggered again: at most once, in the default flat payload. Without it, nowhere.",
       SetString(flags.callback)},
      {"auto-ack", "TIME", "A simulated responder acknowledges after this; 0: nobody does (0).",
       SetDuration(settings.auto_ack)},
      {"pop-out", "TIME", "An acknowledgement wears off after this; 0: never (0).",
       SetDuration(settings.pop_out)},
      {"auto-resolve", "TIME", "An incident without news resolves after this; 0: never (0).",
       SetDuration(settings.auto_resolve)},
  };
}

int Usage(const std::string& message) {
  std::fprintf(stderr, "pagersim: %s (--help lists the flags)\n", message.c_str());
  return 2;
}

// Sends `copies` webhooks about an incident, if there is anybody to send them to.
void Send(CallbackSender* sender, const Incident& incident, int copies, Duration delay) {
  if (sender == nullptr) return;
  for (int i = 0; i < copies; ++i) {
    sender->Send({.incident = incident.number,
                  .phase = std::string(Name(incident.phase)),
                  .body = OutboundJson(incident),
                  .not_before = std::chrono::steady_clock::now() + delay});
  }
}

int Main(int argc, char** argv) {
  victorsim::HoldEndSignals();
  Flags flags;
  const std::optional<int> exit_code = victorsim::ParseFlags(argc, argv, kIntro, MakeFlags(flags));
  if (exit_code) return *exit_code;
  if (flags.key.empty()) return Usage("--victorops.key is required");

  victorsim::Owner owner;
  std::unique_ptr<CallbackSender> sender;
  Pager pager({Secret(flags.key), Secret(flags.api_key), flags.settings},
              [&sender](const Incident& incident, int copies, Duration delay) {
                Send(sender.get(), incident, copies, delay);
              });
  if (!flags.callback.empty()) {
    auto started =
        CallbackSender::Start(flags.callback, [&](uint64_t incident, const std::string& outcome) {
          owner.Do([&] { pager.NoteCallback(incident, outcome); });
        });
    if (!started) return Usage("--callback: " + started.error().message);
    sender = std::move(*started);
  }
  PagingVendors vendors({Secret(flags.pagerduty_key), Secret(flags.opsgenie_key),
                         Secret(flags.jira_authorization), Secret(flags.incidentio_token),
                         flags.opsgenie_processing, Secret(flags.twilio_authorization),
                         Secret(flags.servicenow_authorization), Secret(flags.pagerduty_token)});
  vendors.Configure(pager.behaviour());
  Chats chats((Secret(flags.chat_secret)));
  Routes routes(pager, vendors, chats, owner, Secret(flags.signing_secret),
                {flags.pagerduty_webhook, flags.opsgenie_webhook, flags.slack_interactivity,
                 Secret(flags.pagerduty_webhook_secret), Secret(flags.slack_signing_secret)});
  httplib::Server server;
  routes.AddTo(server);
  return victorsim::Serve(server, flags.listen, owner, std::chrono::milliseconds(100), [&] {
    pager.Tick(std::chrono::system_clock::now());
    vendors.Tick(std::chrono::system_clock::now());
  });
}

}  // namespace
}  // namespace watchfire::pagersim

int main(int argc, char** argv) { return watchfire::pagersim::Main(argc, argv); }
