// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Amazon SNS and STS on the wire: Publish and AssumeRole of the Query API, whose signatures are
// checked. Owned by one thread. Sources: docs.aws.amazon.com/sns/latest/api/API_Publish.html and
// STS' API_AssumeRole.html, 2026-08.

#pragma once

#include <deque>
#include <map>
#include <string>

#include "cmd/pagersim/pushover.h"
#include "cmd/pagersim/reply.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

// A request as it was signed.
struct AwsRequest {
  std::string method;
  std::string path;
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
};

class AwsDesk {
 public:
  static constexpr const char* kAccessKey = "AKIDPAGERSIM";
  static constexpr const char* kSecretKey = "pagersim-secret";

  // The only permanent key is the pair above; AssumeRole gives temporary ones to whoever has it.
  Reply Answer(const AwsRequest& request, WallTime now);

  // The subjects of the messages delivered, oldest first, as a JSON array: a FIFO topic takes a
  // message whose deduplication id it saw in the last five minutes and delivers it to nobody.
  std::string DeliveredJson() const;

 private:
  struct Key {
    std::string secret;
    std::string token;  // Of temporary ones.
    WallTime ends = WallTime::max();
  };

  static constexpr size_t kDeliveredMax = 1000;  // The oldest make room.

  Reply AssumeRole(const Fields& form, WallTime now);
  void Deliver(const Fields& form, WallTime now);

  std::map<std::string, Key> keys_ = {{kAccessKey, {kSecretKey, "", WallTime::max()}}};
  uint64_t roles_ = 0;
  std::map<std::string, WallTime> seen_;  // Topic and deduplication id, since when.
  std::deque<std::string> delivered_;
};

// The fields of a form.
Fields ParseForm(const std::string& body);

}  // namespace watchfire::pagersim
