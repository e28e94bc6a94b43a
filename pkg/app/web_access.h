// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The file of --web.config.file in force: read at the start, and anew when it changes.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pkg/base/guarded.h"
#include "pkg/base/result.h"
#include "pkg/net/access.h"

namespace watchfire::app {

class WebAccess {
 public:
  // Errors: kInvalidArgument, every problem of the file on a line of its own.
  static Result<std::unique_ptr<WebAccess>> Load(const std::string& path);

  // Any thread; never null.
  std::shared_ptr<const net::Access> current() const { return current_.Copy(); }
  bool has_tls() const { return has_tls_; }

  // Reads the file and those it names again if one of them reads differently than before. What is
  // wrong then, and what would turn TLS on or off, is logged once and leaves in force what was. One
  // thread.
  void RefreshIfChanged();

 private:
  explicit WebAccess(std::string path) : path_(std::move(path)) {}
  Result<std::shared_ptr<const net::Access>> Read();
  std::string Digest() const;

  const std::string path_;
  bool has_tls_ = false;
  std::vector<std::string> read_;  // Paths of the last Read().
  std::string digest_;             // Of what they held.
  Guarded<std::shared_ptr<const net::Access>> current_;
};

}  // namespace watchfire::app
