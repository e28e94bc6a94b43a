// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An exchange that is listened to: what the vendor answered is remembered.

#pragma once

#include <memory>
#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::wfctl {

// The last answer of a delivery.
struct Answer {
  int requests = 0;
  int status = 0;          // 0: there was none.
  std::string flaw;        // What is wrong with the message that was sent; "": nothing.
  std::string body;        // As it came: it may hold secrets.
  std::string request_id;  // By which the vendor finds the request again; "" if it did not say.
};

// Passes everything on to `exchange`. `answer` is written by the thread that drives it, until the
// delivery has ended.
std::unique_ptr<notify::Exchange> Watch(std::unique_ptr<notify::Exchange> exchange,
                                        std::shared_ptr<Answer> answer);

}  // namespace watchfire::wfctl
