// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string_view>

#include "pkg/alert/alert.h"

namespace watchfire::alert {

// An alert's place in NotificationOrder, for sorting many: looks the two labels up once. The alert
// outlives it.
class NotificationPlace {
 public:
  explicit NotificationPlace(const Alert& alert);
  bool operator<(const NotificationPlace& other) const;
  uint64_t fingerprint() const { return labels_->fingerprint(); }

 private:
  std::string_view job_;
  std::string_view instance_;
  const labels::LabelSet* labels_;
};

}  // namespace watchfire::alert
