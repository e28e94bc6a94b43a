// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The message of a group that later ones update or reply to, as it is kept between notifications.

#pragma once

#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::slack {

struct Parent {
  std::string ts;       // "": there is none to refer to.
  std::string channel;  // Its identity, not its name: updates want that.

  static Parent Recall(const dispatch::ReceiverData& data);
  // What Recall() reads; nothing when a part of it is missing.
  dispatch::ReceiverData Remembered() const;
};

// The method that updates, beside chat.postMessage. What is shown may be masked and stays as it is.
std::string UpdateUrl(std::string url);

}  // namespace watchfire::notify::slack
