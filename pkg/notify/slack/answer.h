// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the `error` of Slack's Web API means. Source: the errors that
// https://api.slack.com/methods/chat.postMessage and chat.update document, read 2026-08.

#pragma once

#include <string>
#include <vector>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::slack {

// The message referred to is gone or closed: the news needs one of its own.
bool IsGone(const std::string& error);

// What a refusal within a 200 is worth: a Retry or a Fail.
Step Refusal(const std::string& error, const std::vector<std::string>& secrets);

}  // namespace watchfire::notify::slack
