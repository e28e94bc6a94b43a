// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Microsoft Teams receiver for connectors of Office 365: a MessageCard. Microsoft has retired
// these connectors in favour of workflows (see msteamsv2); servers that take the old card remain.
// Sources: reference alertmanager-compat §4.12; "Legacy actionable message card reference"
// (learn.microsoft.com/en-us/outlook/actionable-messages/message-card-reference), read 2026-08.

#pragma once

#include "pkg/notify/receiver.h"

namespace watchfire::notify::msteams {

struct Options {
  config::SecretSource webhook_url;
  templates::Snippet title;
  templates::Snippet summary;  // What notifications of the client show.
  templates::Snippet text;
  config::HttpConfig http;
};

// The row for notify/builtin: kind "msteams".
Backend Describe();

}  // namespace watchfire::notify::msteams
