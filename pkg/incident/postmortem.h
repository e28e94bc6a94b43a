// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The post-mortem of an incident: a Markdown document that is filled in as far as the incident
// knows itself (times, figures, alerts, people, timeline), with headings for what only people know.
// Every interval is worked out from events, none is typed.

#pragma once

#include <string>

#include "pkg/base/result.h"
#include "pkg/incident/incident.h"
#include "pkg/templates/template.h"

namespace watchfire::incident {

// The template of this name in `templates` is used, or else the default one.
inline constexpr const char* kPostmortemTemplate = "incident.postmortem";

// Renders it. docs/incidents.md says what a template can name. Texts of people and alerts come on
// one line and with | escaped, so that they fit into cells. Errors: those of the template.
Result<std::string> RenderPostmortem(const Incident& incident,
                                     const templates::TemplateSet& templates,
                                     const templates::Environment& environment);

}  // namespace watchfire::incident
