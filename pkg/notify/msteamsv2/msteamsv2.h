// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Microsoft Teams receiver for workflows (Power Automate): an Adaptive Card. Sources: reference
// alertmanager-compat §4.12, paging-backends §4.2; "Create incoming webhooks with Workflows for
// Microsoft Teams" (support.microsoft.com) and adaptivecards.io/explorer, read 2026-08.

#pragma once

#include "pkg/notify/receiver.h"

namespace watchfire::notify::msteamsv2 {

struct Options {
  config::SecretSource webhook_url;
  templates::Snippet title;
  templates::Snippet text;
  config::HttpConfig http;
};

// The row for notify/builtin: kind "msteamsv2".
Backend Describe();

}  // namespace watchfire::notify::msteamsv2
