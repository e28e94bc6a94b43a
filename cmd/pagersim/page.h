// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The page that shows what arrived: one self-contained HTML document.

#pragma once

#include <string_view>

namespace watchfire::pagersim {

std::string_view PageHtml();

}  // namespace watchfire::pagersim
