// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/servicenow/record.h"

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"

namespace watchfire::notify::servicenow {

Result<Record> Render(const Options& options, const std::string& group, Rendering* message) {
  Record record;
  const auto add = [&](Columns* columns, const std::string& key, const templates::Snippet& text,
                       size_t runes_max) {
    const std::string value(Trim(message->Text(text, runes_max)));
    if (!value.empty()) (*columns)[key] = JsonText(value);
  };
  for (Columns* columns : {&record.created, &record.updated}) {
    add(columns, "short_description", options.short_description, kShortDescriptionRunesMax);
    add(columns, "description", options.description, kTextRunesMax);
  }
  for (const auto& [key, text] : options.columns) add(&record.created, key, text, kTextRunesMax);
  record.created["correlation_id"] = JsonText(group);
  record.created["correlation_display"] = JsonText("Watchfire");
  add(&record.updated, "work_notes", options.work_notes, kTextRunesMax);
  add(&record.resolved, "work_notes", options.work_notes, kTextRunesMax);
  if (!options.resolve_state.empty()) {
    record.resolved["state"] = JsonText(options.resolve_state);
    add(&record.resolved, "close_code", options.close_code, kTextRunesMax);
    add(&record.resolved, "close_notes", options.close_notes, kTextRunesMax);
  }
  WF_RETURN_IF_ERROR(message->status());
  if (options.fields) {
    WF_RETURN_IF_ERROR(message->JsonMembers(*options.fields, &record.created));
  }
  return record;
}

std::string ToJson(const Columns& columns) {
  JsonWriter json(/*escape_html=*/true);
  json.StartObject();
  for (const auto& [key, value] : columns) json.Key(key).Raw(value);
  return json.EndObject().Take() + "\n";
}

}  // namespace watchfire::notify::servicenow
