// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Bodies by which people do something: a JSON object of texts. Private to pkg/api.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::api {

using Members = std::map<std::string, std::string, std::less<>>;

// Reads an object of texts with no other members than `known`, actor and note, and the `flags`,
// which are true or false and become these words. Errors: kInvalidArgument, with the place or the
// member.
Result<Members> ReadMembers(const std::string& body, std::vector<std::string> known,
                            const std::vector<std::string>& flags = {});

// The member's text; "" if it is absent.
std::string MemberOf(const Members& members, std::string_view name);
// The member as a time; kNoTime if it is absent or empty. Errors: kInvalidArgument.
Result<WallTime> InstantOf(const Members& members, std::string_view name);
// The member as a duration, longer than zero; zero if it is absent or empty. Errors:
// kInvalidArgument.
Result<Duration> SpanOf(const Members& members, std::string_view name);

}  // namespace watchfire::api
