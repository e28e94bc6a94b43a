// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Pushover on the wire: the message endpoint. Pure functions. Source: pushover.net/api, 2026-08.

#pragma once

#include <map>
#include <string>

#include "cmd/pagersim/reply.h"

namespace watchfire::pagersim {

using Fields = std::map<std::string, std::string>;

// Answers POST /1/messages.json with the parameters of its query and form. Every token and user of
// the right shape, 30 letters and digits, is a known one.
Reply PushoverAnswer(const Fields& fields);

// The parameters as JSON, for the list of what arrived: no token and no user.
std::string PushoverShown(const Fields& fields);

}  // namespace watchfire::pagersim
