// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How a group's timer is stored (Table::kGroup, docs/store-schema.md). Inside pkg/dispatch only.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/dispatch/group.h"

namespace watchfire::dispatch {

// Names a group across restarts and edits of the route tree: "bytes\n<group key><receiver>". Equal
// siblings share one.
std::string TimerKey(const std::string& group_key, const std::string& receiver);

std::string Encode(const Timer& timer);
// Errors: kCorrupt.
Result<Timer> Decode(std::string_view text);

}  // namespace watchfire::dispatch
