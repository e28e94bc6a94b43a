// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The HTTP routes of the pager simulator.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include <httplib.h>

#include "cmd/pagersim/aws.h"
#include "cmd/pagersim/chat.h"
#include "cmd/pagersim/hooks.h"
#include "cmd/pagersim/pager.h"
#include "cmd/pagersim/paging_vendors.h"
#include "cmd/pagersim/wechat.h"
#include "cmd/victorsim/host.h"

namespace watchfire::pagersim {

// Handlers reach the pager through its owner thread only. Must outlive the servers it is added to.
class Routes {
 public:
  Routes(Pager& pager, PagingVendors& vendors, Chats& chats, victorsim::Owner& owner,
         Secret signing_secret, HookTargets targets)
      : pager_(pager),
        vendors_(vendors),
        chats_(chats),
        owner_(owner),
        signing_secret_(std::move(signing_secret)),
        targets_(std::move(targets)) {}

  void AddTo(httplib::Server& server);

 private:
  // Makes the reply to a request; runs on the owner's thread.
  using Act = std::function<Reply(const httplib::Request&, const std::string& body)>;
  using Handler = httplib::Server::Handler;
  using BodyHandler = httplib::Server::HandlerWithContentReader;

  // Handlers of our own page and API.
  Handler Own(const Act& act);
  BodyHandler OwnWithBody(const Act& act);
  // Handlers of the fake vendor: the same, after the misbehaviour that was asked for.
  Handler Vendor(const Act& act);
  BodyHandler VendorWithBody(const Act& act);
  // Puts the vendor's check of the API keys before `act`.
  Act Checked(const Act& act);

  void AddIngest(httplib::Server& server);
  void AddAws(httplib::Server& server);
  void AddPushover(httplib::Server& server);
  void AddWechat(httplib::Server& server);
  void AddChats(httplib::Server& server);
  void AddPublicApi(httplib::Server& server);
  void AddPagingVendors(httplib::Server& server);
  void AddHooks(httplib::Server& server);  // server_hooks.cc
  void AddOwn(httplib::Server& server);

  void Answer(httplib::Response& response, const std::function<Reply()>& act);
  void Misbehave(const httplib::Request& request, httplib::Response& response,
                 const std::string& body, const Act& act);
  uint64_t Arrive(const httplib::Request& request, const std::string& body);
  void Hang();

  Pager& pager_;
  PagingVendors& vendors_;
  AwsDesk aws_;  // This and the following: of the owner's thread.
  WechatDesk wechat_;
  Chats& chats_;
  victorsim::Owner& owner_;
  const Secret signing_secret_;  // Of webhooks; empty: they need no signature.
  const HookTargets targets_;
  uint64_t last_event_ = 0;  // Of the owner's thread.
  std::atomic<int> hanging_ = 0;
};

}  // namespace watchfire::pagersim
