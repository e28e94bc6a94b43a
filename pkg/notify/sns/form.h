// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The form of SNS's action Publish.
// Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html, read 2026-08.

#pragma once

#include <cstddef>
#include <string>

#include "pkg/notify/rendering.h"
#include "pkg/notify/sns/sns.h"

namespace watchfire::notify::sns {

// The vendor's limits. The subject must be shorter than 100 characters, on one line.
inline constexpr size_t kMessageBytesMax = size_t{256} * 1024;
inline constexpr size_t kSmsBytesMax = 1600;
inline constexpr size_t kSubjectRunesMax = 99;

// Returns the fields, sorted by name. What a template has against it, message->status() says.
std::string PublishForm(const dispatch::Notification& notification, const Options& options,
                        Rendering* message);

}  // namespace watchfire::notify::sns
