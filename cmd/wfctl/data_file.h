// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Data of messages in a file: what a webhook was sent, or alerts as they are sent to a server.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/notify/message_data.h"

namespace watchfire::wfctl {

struct DataFile {
  // Of a message as Alertmanager's template.Data or its webhook has it.
  std::optional<notify::GivenMessage> message;
  std::string group_key;  // The webhook says it.
  // All alerts. Those that fire have no end, and no other ends after `now`.
  std::vector<alert::Alert> alerts;
};

// Reads an object {"receiver", "status", "alerts", "groupLabels" …}, or a list as of POST
// /api/v2/alerts. Names of members match in any case, unknown ones are ignored. Errors:
// kInvalidArgument.
Result<DataFile> ReadDataFile(const std::string& text, WallTime now);

// A message for those who give no data: two alerts that have some labels in common.
notify::GivenMessage ExampleMessage(WallTime now);

// Takes an alert whose end has not come for one that fires, which has none. With `resolve` all ends
// are past.
void SettleEnds(bool resolve, WallTime now, std::vector<alert::Alert>* alerts);

}  // namespace watchfire::wfctl
