// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PagerDuty, Opsgenie, Jira, incident.io, Twilio and ServiceNow together, as their HTTP endpoints
// name them. No sockets; owned by one thread.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cmd/pagersim/behaviour.h"
#include "cmd/pagersim/incidentio.h"
#include "cmd/pagersim/jira.h"
#include "cmd/pagersim/opsgenie.h"
#include "cmd/pagersim/pagerduty.h"
#include "cmd/pagersim/reply.h"
#include "cmd/pagersim/servicenow.h"
#include "cmd/pagersim/twilio.h"
#include "pkg/base/secret.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

class PagingVendors {
 public:
  struct Options {
    Secret pagerduty_key;  // Each empty: any.
    Secret opsgenie_key;
    Secret jira_authorization;  // The whole header.
    Secret incidentio_token;
    Duration opsgenie_processing = std::chrono::milliseconds(300);
    Secret twilio_authorization = {};  // The whole header, as of ServiceNow.
    Secret servicenow_authorization = {};
    Secret pagerduty_token = {};  // Of its REST API.
  };
  struct Call {
    std::string method;
    std::string path;             // "/v2/alerts"; decoded, without query.
    std::string identifier_type;  // Of the query.
    std::string authorization;    // The header.
    std::string body;
    std::string query = {};  // ServiceNow's sysparm_query.
    // Any other, "" if absent; of several with a name all, with spaces between them.
    std::function<std::string(const char*)> parameter = [](const char*) { return std::string(); };
  };

  explicit PagingVendors(Options options)
      : options_(std::move(options)),
        pagerduty_(options_.pagerduty_key, options_.pagerduty_token),
        opsgenie_(options_.opsgenie_key),
        incidentio_(options_.incidentio_token),
        twilio_(options_.twilio_authorization),
        servicenow_(options_.servicenow_authorization) {}

  // How Opsgenie's and Twilio's queues misbehave: paused, result_failure.
  void Configure(const Behaviour& behaviour);

  // Answers a call to one of the vendors; nullopt when the path is none of theirs.
  std::optional<Reply> Answer(const Call& call, WallTime now);

  // A user acts on our page: `vendor` is pagerduty or opsgenie.
  Reply Do(std::string_view vendor, const PersonAct& act, WallTime now);

  const PagerDuty& pagerduty() const { return pagerduty_; }
  const Opsgenie& opsgenie() const { return opsgenie_; }

  // {"pagerduty":[…],"opsgenie":[…],"jira":[…],"incidentio":[…],"twilio":[…],"servicenow":[…]}.
  std::string Json() const;

  void Tick(WallTime now) { opsgenie_.Tick(now); }

 private:
  Reply AnswerOpsgenie(const Call& call, std::string_view tail, WallTime now);
  Reply AnswerJira(const Call& call, bool v3, std::string_view tail, WallTime now);

  const Options options_;
  PagerDuty pagerduty_;
  Opsgenie opsgenie_;
  Jira jira_;
  Incidentio incidentio_;
  Twilio twilio_;
  ServiceNow servicenow_;
};

}  // namespace watchfire::pagersim
