// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whether PEM texts hold what they should. Private to pkg/config.

#pragma once

#include <string>

#include "pkg/base/result.h"

namespace watchfire::config {

// Errors: kInvalidArgument when `certificate` begins with none, or `key` holds no private key that
// can be read without a password, or they are none of a pair. Texts show neither.
Status CheckKeyPair(const std::string& certificate, const std::string& key);

// Returns how many certificates `pem` holds before its end, or before one that is none.
size_t CountCertificates(const std::string& pem);

}  // namespace watchfire::config
