// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/rehearsal.h"

#include <utility>

#include "pkg/notify/json_post.h"

namespace watchfire::notify {
namespace {

net::OutResponse Accepted(const Contract& contract, const net::OutRequest& request) {
  net::OutResponse response;
  response.status = request.method == "GET" ? 200 : contract.accepted_status;
  response.body = contract.accepted;
  if (IsJson(response.body)) response.headers = {{"Content-Type", "application/json"}};
  return response;
}

}  // namespace

Rehearsal Rehearse(Exchange& exchange, const Contract& contract,
                   const dispatch::Notification& notification) {
  Rehearsal rehearsal{{}, exchange.Begin(notification)};
  while (auto* send = std::get_if<Send>(&rehearsal.end)) {
    if (rehearsal.requests.size() == kRehearsedRequestsMax) {
      rehearsal.end = Fail{"the exchange wants ever more requests", Failure::kOther};
      break;
    }
    if (rehearsal.flaw.empty()) rehearsal.flaw = std::move(send->flaw);
    rehearsal.requests.push_back(std::move(send->request));
    rehearsal.end = exchange.OnResponse(Accepted(contract, rehearsal.requests.back()));
  }
  return rehearsal;
}

}  // namespace watchfire::notify
