// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The few things SQLite does not do for us: the process lock, and steps on directory entries that
// are on disk when they return. Internal to this folder.

#pragma once

#include <string>

#include "pkg/base/result.h"

namespace watchfire::store {

// An flock on a file of its own. The kernel drops it when the process ends, also by kill -9.
class FileLock {
 public:
  // Creates `path` if missing. Errors: kConflict when another process holds the lock, kPermission,
  // kUnavailable.
  static Result<FileLock> Take(const std::string& path);

  FileLock(FileLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}

  int fd_;  // -1 when moved from.
};

// Creates the directories above `path`. Errors: kPermission, kUnavailable.
Status MakeParents(const std::string& path);
// Renames over whatever stands at `to`, durably. Errors: kPermission, kUnavailable.
Status Rename(const std::string& from, const std::string& to);
// Gives `from` a second name, durably; where hard links do not exist, renames it.
Status KeepAs(const std::string& from, const std::string& to);
// When `path` was last written to, in seconds since 1970; 0 when there is no such file.
int64_t WrittenAt(const std::string& path);
// Size in bytes, -1 when there is no such file.
int64_t FileSize(const std::string& path);

}  // namespace watchfire::store
