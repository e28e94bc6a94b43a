// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the vendors but chats say with a 429 or 5xx that POST /api/behaviour asks for.

#pragma once

#include <optional>
#include <string_view>

#include "cmd/pagersim/reply.h"

namespace watchfire::pagersim {

// Returns the body that goes with a failing status, in the shape of the vendor of `path`; nothing
// when the path is of none that has a shape of its own.
std::optional<Reply> FailureOf(std::string_view path, int status);

}  // namespace watchfire::pagersim
