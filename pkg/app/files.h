// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The file system as pkg/config wants it.

#pragma once

#include <string>

#include "pkg/base/result.h"
#include "pkg/config/config.h"

namespace watchfire::app {

// Reads a whole file. Errors: kNotFound, kPermission, kExhausted (larger than `bytes_max`),
// kInvalidArgument (a directory), each naming the path.
Result<std::string> ReadFile(const std::string& path, size_t bytes_max);

// Writes a whole file; one that exists is replaced at once, with its mode, or stays as it is. A
// device or a pipe is written to. Errors: kUnavailable, naming the path.
Status WriteFile(const std::string& path, const std::string& text);

// Reads and globs the real file system.
config::Files RealFiles();

}  // namespace watchfire::app
