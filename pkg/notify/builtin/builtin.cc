// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/builtin/builtin.h"

#include <algorithm>

#include "pkg/base/check.h"
#include "pkg/notify/discord/discord.h"
#include "pkg/notify/email/email.h"
#include "pkg/notify/incidentio/incidentio.h"
#include "pkg/notify/jira/jira.h"
#include "pkg/notify/mattermost/mattermost.h"
#include "pkg/notify/msteams/msteams.h"
#include "pkg/notify/msteamsv2/msteamsv2.h"
#include "pkg/notify/opsgenie/opsgenie.h"
#include "pkg/notify/pagerduty/pagerduty.h"
#include "pkg/notify/pushover/pushover.h"
#include "pkg/notify/rocketchat/rocketchat.h"
#include "pkg/notify/servicenow/servicenow.h"
#include "pkg/notify/slack/slack.h"
#include "pkg/notify/sns/sns.h"
#include "pkg/notify/telegram/telegram.h"
#include "pkg/notify/twilio/twilio.h"
#include "pkg/notify/victorops/victorops.h"
#include "pkg/notify/webex/webex.h"
#include "pkg/notify/webhook/webhook.h"
#include "pkg/notify/wechat/wechat.h"

namespace watchfire::notify::builtin {
namespace {

// What hands over to an escalation policy has nothing to send: core never asks it to.
class Handover : public Exchange {
 public:
  Step Begin(const dispatch::Notification& /*notification*/) override {
    return Fail{"an escalation sends nothing itself: it pages people through their receivers"};
  }
  Step OnResponse(const Result<net::OutResponse>& /*response*/) override {
    return Fail{"an escalation sends nothing"};
  }
};

const Backend& BackendOf(const std::string& kind) {
  const auto backend =
      std::ranges::find_if(Backends(), [&](const Backend& b) { return b.kind.kind == kind; });
  WF_CHECK(backend != Backends().end());
  return *backend;
}

}  // namespace

const std::vector<Backend>& Backends() {
  static const auto* const backends = new std::vector<Backend>{
      discord::Describe(),    email::Describe(),    incidentio::Describe(), jira::Describe(),
      mattermost::Describe(), msteams::Describe(),  msteamsv2::Describe(),  opsgenie::Describe(),
      pagerduty::Describe(),  pushover::Describe(), rocketchat::Describe(), servicenow::Describe(),
      slack::Describe(),      sns::Describe(),      telegram::Describe(),   twilio::Describe(),
      victorops::Describe(),  webex::Describe(),    webhook::Describe(),    wechat::Describe(),
  };
  return *backends;
}

const Contract& ContractOf(const std::string& kind) { return BackendOf(kind).contract; }

std::vector<config::IntegrationKind> Kinds() {
  std::vector<config::IntegrationKind> kinds;
  for (const Backend& backend : Backends()) kinds.push_back(backend.kind);
  return kinds;
}

std::unique_ptr<Exchange> Start(const config::Integration& integration, const Context& context) {
  if (integration.kind == config::kEscalation) return std::make_unique<Handover>();
  return BackendOf(integration.kind).start(integration.options, context);
}

}  // namespace watchfire::notify::builtin
