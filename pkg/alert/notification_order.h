// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pkg/alert/alert.h"

namespace watchfire::alert {

// An alert's place in NotificationOrder, for sorting many: looks the two labels up once. The alert
// outlives it.
class NotificationPlace {
 public:
  // `like` is the place of another alert, if there is one: most have the same labels, so that those
  // two are first looked for where that one has them.
  explicit NotificationPlace(const Alert& alert, const NotificationPlace* like = nullptr);
  bool operator<(const NotificationPlace& other) const;
  uint64_t fingerprint() const { return labels_->fingerprint(); }

 private:
  size_t job_at_ = 0;  // Where it stands among the labels.
  size_t instance_at_ = 0;
  std::string_view job_;
  std::string_view instance_;
  const labels::LabelSet* labels_;
};

}  // namespace watchfire::alert
