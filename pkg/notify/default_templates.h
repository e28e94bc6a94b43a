// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The templates that exist without being configured, under Alertmanager's names. They say the same;
// the texts are our own (reference alertmanager-compat §6.3).

#pragma once

#include "pkg/templates/template.h"

namespace watchfire::notify {

// Returns a set with Alertmanager's functions, missingkey=zero and all default templates. Copy it,
// parse the files and fields of the configuration on top: definitions of the same name replace.
templates::TemplateSet DefaultTemplates();

}  // namespace watchfire::notify
