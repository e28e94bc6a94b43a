// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The hash by which Alertmanager's notification log names alerts. Ours uses the fingerprint; this
// one is needed to understand what Alertmanager wrote down.

#pragma once

#include <cstdint>
#include <string_view>

#include "pkg/labels/labels.h"

namespace watchfire::labels {

// xxHash, 64 bits, seed 0. Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/
// xxhash_spec.md, read on 2026-11-26.
uint64_t XxHash64(std::string_view bytes);

// XxHash64 over name, 0xFF, value, 0xFF in name order: what Alertmanager's notify.hashAlert returns
// (reference §2.5).
uint64_t NotificationHash(const LabelSet& labels);

}  // namespace watchfire::labels
