// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/opsgenie/change.h"

#include <map>
#include <string_view>
#include <utility>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"

namespace watchfire::notify::opsgenie {
namespace {

constexpr size_t kUserRunesMax = 100;

// The parts between commas that are not empty, as they are.
std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words = Split(Trim(text), ',');
  std::erase(words, std::string_view());
  return words;
}

void WriteWords(JsonWriter* json, std::string_view key, const std::string& text) {
  const std::vector<std::string_view> words = Words(text);
  if (words.empty()) return;
  json->Key(key).StartArray();
  for (const std::string_view word : words) json->String(word);
  json->EndArray();
}

class Changes {
 public:
  Changes(const dispatch::Notification& notification, const Options& options, Rendering* message)
      : notification_(notification), options_(options), message_(*message) {}

  std::vector<Change> Take() {
    if (notification_.update) {
      AddTelling();
    } else if (notification_.firing()) {
      AddCreate();
    } else {
      AddClose();
    }
    return std::move(changes_);
  }

 private:
  void AddClose() {
    JsonWriter json(/*escape_html=*/true);
    json.StartObject().Field("source", message_.Text(options_.source)).EndObject();
    Add("POST", AlertUrl("close"), json.Take());
  }

  void AddTelling() {
    const dispatch::VendorUpdate& update = *notification_.update;
    const bool is_note = update.act == config::kVendorNote;
    JsonWriter json(/*escape_html=*/true);
    json.StartObject().Field("user", TruncateRunes(update.by, kUserRunesMax));
    json.Field("source", message_.Text(options_.source));
    json.Field("note", is_note ? update.text : dispatch::Sentence(update)).EndObject();
    const std::string what = is_note ? "notes"
                             : update.act == config::kVendorResolve
                                 ? "close"
                                 : config::VendorActName(update.act);
    Add("POST", AlertUrl(what), json.Take());
  }

  void AddCreate() {
    const std::string text = message_.Text(options_.message, kMessageRunesMax);
    const std::string description = message_.Text(options_.description);
    JsonWriter json(/*escape_html=*/true);
    json.StartObject().Field("alias", Sha256Hex(notification_.group_key)).Field("message", text);
    WriteUnlessEmpty(&json, "description", description);
    std::map<std::string, std::string> details;
    for (const labels::Label& label : notification_.common_labels()) {
      details[std::string(label.name)] = label.value;
    }
    for (const auto& [key, value] : options_.details) details[key] = message_.Text(value);
    json.Key("details").StartObject();
    for (const auto& [key, value] : details) json.Field(key, value);
    json.EndObject().Field("source", message_.Text(options_.source));
    WriteResponders(&json);
    WriteWords(&json, "tags", message_.Text(options_.tags));
    WriteUnlessEmpty(&json, "note", message_.Text(options_.note));
    WriteUnlessEmpty(&json, "priority", message_.Text(options_.priority));
    WriteUnlessEmpty(&json, "entity", message_.Text(options_.entity));
    WriteWords(&json, "actions", message_.Text(options_.actions));
    Add("POST", options_.api_url + "v2/alerts", json.EndObject().Take());
    if (!options_.update_alerts) return;
    const std::pair<std::string, std::string> updates[] = {{"message", text},
                                                           {"description", description}};
    for (const auto& [key, value] : updates) {
      JsonWriter update(/*escape_html=*/true);
      update.StartObject();
      WriteUnlessEmpty(&update, key, value);
      Add("PUT", AlertUrl(key), update.EndObject().Take());
    }
  }

  void WriteResponders(JsonWriter* json) {
    bool any = false;
    const auto write = [&](std::string_view id, std::string_view name, std::string_view username,
                           std::string_view type) {
      if (!std::exchange(any, true)) json->Key("responders").StartArray();
      json->StartObject();
      if (!id.empty()) json->Field("id", id);
      if (!name.empty()) json->Field("name", name);
      if (!username.empty()) json->Field("username", username);
      json->Field("type", type).EndObject();
    };
    for (const Responder& responder : options_.responders) {
      const std::string id = message_.Text(responder.id);
      const std::string name = message_.Text(responder.name);
      const std::string username = message_.Text(responder.username);
      const std::string type = message_.Text(responder.type);
      if (id.empty() && name.empty() && username.empty() && type.empty()) continue;
      if (type == "teams") {
        for (const std::string_view team : Words(name)) write("", team, "", "team");
      } else {
        write(id, name, username, type);
      }
    }
    if (any) json->EndArray();
  }

  std::string AlertUrl(const std::string& what) const {
    return options_.api_url + "v2/alerts/" + Sha256Hex(notification_.group_key) + "/" + what +
           "?identifierType=alias";
  }

  void Add(std::string method, std::string url, const std::string& body) {
    changes_.push_back({std::move(method), std::move(url), body + "\n"});
  }

  const dispatch::Notification& notification_;
  const Options& options_;
  Rendering& message_;
  std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> ChangesFor(const dispatch::Notification& notification, const Options& options,
                               Rendering* message) {
  return Changes(notification, options, message).Take();
}

}  // namespace watchfire::notify::opsgenie
