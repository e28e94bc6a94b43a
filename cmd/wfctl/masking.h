// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Takes the secrets of a configuration out of what is shown.

#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/net/http.h"

namespace watchfire::wfctl {

class Masking {
 public:
  explicit Masking(const config::Config& config);

  // Another one, such as what was read from a file.
  void Add(const std::string& secret);

  std::string Mask(std::string text) const;
  // The value of a header; of one that names who asks, only the scheme stays: "Bearer <secret>".
  std::string MaskHeader(const net::Header& header) const;

  const std::vector<std::string>& secrets() const { return secrets_; }

 private:
  std::vector<std::string> secrets_;  // The longest first: one may be part of another.
  std::vector<std::string> words_;    // So short that they are only taken for one as a whole word.
};

}  // namespace watchfire::wfctl
