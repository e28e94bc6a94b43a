// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Words of the timeline that others go by.

#pragma once

namespace watchfire::incident {

// How the note begins of who acknowledges what somebody else holds.
inline constexpr const char* kAckedAgain = "acknowledged again";

}  // namespace watchfire::incident
