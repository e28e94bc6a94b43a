// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The message of a summary that is sent by itself: a hand-off's, a report's. Pure.

#pragma once

#include <memory>
#include <string>

#include "pkg/base/time.h"
#include "pkg/core/summary_line.h"
#include "pkg/dispatch/notification.h"
#include "pkg/labels/labels.h"

namespace watchfire::core {

struct Summary {
  std::string kind;           // "report": of the group key, with …
  labels::Label id;           // … which one of them; outlived by what it names.
  WallTime at = kNoTime;      // What it is as of.
  labels::LabelSet labels;    // Of the alert.
  labels::LabelSet group_by;  // Those that the group has.
  std::string text;
};

// To `target`, as an alert, which every receiver can show: its summary is the text's first line,
// its description all. One of the same kind, id and time has the same group key, whenever it is
// made.
std::shared_ptr<const dispatch::Notification> SummaryMessage(const Summary& summary,
                                                             const SummaryTarget& target,
                                                             const std::string& external_url,
                                                             WallTime now);

}  // namespace watchfire::core
