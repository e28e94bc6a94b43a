// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How long Telegram takes a message in HTML to be.

#pragma once

#include <cstddef>
#include <string_view>

namespace watchfire::notify::telegram {

// Returns how many characters of `html` are shown: those between tags, an entity that Telegram
// knows for one. All of them where something else than tags is in it, such as a comment, or a tag
// that does not end: Telegram refuses it anyway. Sources:
// https://core.telegram.org/bots/api#html-style, and Alertmanager 0.35, which counts alike.
size_t ShownRunes(std::string_view html);

}  // namespace watchfire::notify::telegram
