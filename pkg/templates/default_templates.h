// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The templates that exist without being configured, under Alertmanager's names. They say the same;
// the texts are our own (reference alertmanager-compat §6.3).

#pragma once

#include "pkg/templates/template.h"

namespace watchfire::templates {

// Returns a set with Alertmanager's functions, missingkey=zero and all default templates, parsed
// once. Copy it and parse the files of the configuration on top: what they define replaces.
const TemplateSet& DefaultTemplates();

}  // namespace watchfire::templates
