// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The ServiceNow receiver: one record of the incident table per group, found again by its
// correlation_id, the SHA-256 of the group key.
//
//     search ──none──> create                                           (nothing if resolved)
//        └────found──> update: texts and a work note, in progress again if it was resolved
//                      resolve: state, close code and close notes
//
// A record that is closed or cancelled is not found: the next page makes another. A repetition, of
// which the record knows everything, changes nothing. An attempt that nobody answered is found by
// the search of the next one.
// Sources: reference paging-backends §4.2; read 2026-11:
// https://www.servicenow.com/docs (REST API reference, Table API; Inbound REST API rate limiting).

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "pkg/config/template_tree.h"
#include "pkg/notify/receiver.h"

namespace watchfire::notify::servicenow {

struct Options {
  std::string table_url;  // https://example.service-now.com/api/now/table/incident
  templates::Snippet short_description;
  templates::Snippet description;
  templates::Snippet work_notes;  // Added with each change; none where it renders empty.
  // Of a new record by column: impact, urgency, category, subcategory, assignment_group, caller_id,
  // cmdb_ci. Left out where they render empty. References are sys_ids.
  std::map<std::string, templates::Snippet> columns;
  std::optional<config::TemplateTree> fields;  // Of a new record, any others; wins over the above.
  // What the columns become when the group resolves, and when it fires again before that is closed.
  // Empty resolve_state: resolved groups only leave a work note.
  std::string resolve_state;
  std::string reopen_state;
  templates::Snippet close_code;
  templates::Snippet close_notes;
  config::HttpConfig http;
};

// People and policies resolve what fires, too.
inline constexpr const char* kDefaultCloseNotes =
    "Watchfire: {{ if .Alerts.Firing }}the incident was resolved, though alerts of this group fire "
    "({{ len .Alerts.Firing }}).{{ else }}no alert of this group fires any more.{{ end }}";

// Reads and checks one entry of servicenow_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "servicenow", which does not page.
Backend Describe();

}  // namespace watchfire::notify::servicenow
