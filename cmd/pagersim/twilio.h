// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Twilio's text messages and calls: taken, queued, and after a moment sent, or ringing and
// answered. The numbers that Twilio keeps for tests fail as they do there. No sockets and no clock;
// owned by one thread. Sources, read 2026-11: www.twilio.com/docs/messaging/api/message-resource,
// /docs/voice/api/call-resource, /docs/iam/test-credentials, /docs/api/errors.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/pagersim/pushover.h"
#include "cmd/pagersim/reply.h"
#include "pkg/base/json.h"
#include "pkg/base/secret.h"

namespace watchfire::pagersim {

class Twilio {
 public:
  static constexpr size_t kItemsMax = 1000;  // The oldest make room.

  // Another Authorization header is refused; empty: any that is there.
  explicit Twilio(Secret authorization) : authorization_(std::move(authorization)) {}

  // While `paused`, nothing leaves the queue; while `failing`, nothing that leaves it arrives.
  void Configure(bool paused, bool failing) { paused_ = paused, failing_ = failing; }

  // POST …/Accounts/{account}/{Messages|Calls}.json and GET …/{sid}.json; `tail` follows Accounts/.
  Reply Answer(std::string_view method, std::string_view tail, std::string_view authorization,
               const std::string& body);

  // What an API error looks like.
  static Reply Refuse(int status, int code, const std::string& message);

  // All messages and calls as a JSON array, oldest first.
  void Write(JsonWriter* json) const;

 private:
  struct Item {
    std::string sid, account, status, to, from, text;
    bool is_call = false;
    int error = 0;
  };

  Reply Create(const std::string& account, bool is_call, const Fields& form);
  Reply Get(std::string_view sid);
  static std::string Json(const Item& item);

  const Secret authorization_;
  bool paused_ = false;
  bool failing_ = false;
  std::vector<Item> items_;
  uint64_t last_number_ = 0;
};

}  // namespace watchfire::pagersim
