// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What WeChat is sent and what it answers.
// Source: https://developer.work.weixin.qq.com/document/path/90236, read 2026-08.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pkg/notify/rendering.h"
#include "pkg/notify/wechat/wechat.h"

namespace watchfire::notify::wechat {

// Returns the message with a final newline. What a template has against it, message->status() says.
std::string MessageJson(const Options& options, Rendering* message);

// The vendor's error codes.
inline constexpr int64_t kBusy = -1;
inline constexpr int64_t kBadToken = 40014;
inline constexpr int64_t kExpiredToken = 42001;

struct Answer {
  int64_t code = 0;
  std::string message;
  std::string token;
};

// Nothing when the body is no JSON object.
std::optional<Answer> ReadAnswer(const std::string& body);

}  // namespace watchfire::notify::wechat
