// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Opsgenie's Alert API v2, which is also that of Jira Service Management's integrations. Every
// change is taken with 202, waits in a queue, and is done or not done later; what became of it is
// told to whoever asks. At most one alert with an alias is open. No sockets and no clock; owned by
// one thread.
// Source: https://docs.opsgenie.com/docs/alert-api and the SDKs' opsgenie-oas.json.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/pagersim/person.h"
#include "cmd/pagersim/reply.h"
#include "pkg/base/json.h"
#include "pkg/base/secret.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

class Opsgenie {
 public:
  static constexpr size_t kAlertsMax = 1000;    // The oldest make room.
  static constexpr size_t kRequestsMax = 1000;  // Whose end is remembered.
  static constexpr size_t kNotesMax = 20;       // Of one alert.

  struct Settings {
    Duration processing{};  // How long a request waits.
    bool paused = false;    // None is processed while this is on.
    bool failing = false;   // Those that are processed now fail.
  };

  // Another key is refused; empty: any.
  explicit Opsgenie(Secret key) : key_(std::move(key)) {}
  void Configure(const Settings& settings) { settings_ = settings; }

  // Checks "GenieKey <key>". A reply with status 200, or the error.
  Reply CheckKey(std::string_view authorization) const;

  // POST /v2/alerts.
  Reply Create(std::string_view body, WallTime now);
  // POST /v2/alerts/{id}/{close,acknowledge,unacknowledge,notes}, PUT
  // /v2/alerts/{id}/{message,description}. `identifier_type` as in the query: id (also when empty),
  // alias or tiny.
  Reply Change(std::string_view id, std::string_view identifier_type, std::string_view verb,
               std::string_view body, WallTime now);
  // GET /v2/alerts/requests/{id}; GET /v2/alerts/{id}.
  Reply RequestStatus(std::string_view request_id, WallTime now);
  Reply Get(std::string_view id, std::string_view identifier_type, WallTime now);

  // GET /v2/alerts and /v2/alerts/{id}/notes (opsgenie_list.cc). `parameter`: of the query, "" if
  // absent; of the list sort, order, offset and limit count, a query does not.
  using Parameter = std::function<std::string(const char*)>;
  Reply List(const Parameter& parameter, WallTime now);
  Reply Notes(std::string_view id, std::string_view identifier_type, WallTime now);

  // A user presses a button. Errors as a Reply: 404, 409 when it is closed.
  Reply Do(const PersonAct& act, WallTime now);

  // "" when there is no such alert.
  std::string IdOf(uint64_t number) const;
  std::string AliasOf(uint64_t number) const;

  // Does what is due.
  void Tick(WallTime now);

  // All alerts as a JSON array, oldest first.
  void Write(JsonWriter* json) const;

 private:
  struct Note {
    std::string user, text;
    WallTime at{};
  };
  struct Alert {
    uint64_t number = 0;  // tinyId; the id is made of it.
    std::string alias, message, description, source, priority, entity;
    std::vector<std::string> tags, actions, notes;  // "ada: text"; the last kNotesMax.
    bool open = true;
    bool acknowledged = false;
    uint64_t count = 1;
    WallTime created{}, updated{}, acked{}, closed{};
    std::string acked_by, closed_by;  // "": nobody did yet.
    std::deque<Note> dated_notes;
  };
  struct Request {
    std::string id;
    WallTime due{};
    std::string verb;  // "create" and those of Change().
    std::string alert_id, identifier_type;
    Alert alert;  // create: as asked for. Updates: the new text is its message.
    std::string user, note;
  };
  struct Outcome {
    bool success = false;
    std::string action, status, alert_id, alias;
    WallTime at{};
  };

  Reply Take(Request request, WallTime now);
  Outcome Do(Request& request, WallTime now);
  Outcome DoCreate(Alert alert, WallTime now);
  static void Touch(Alert& alert, const PersonAct& act, WallTime now);
  void WriteShown(const Alert& alert, JsonWriter* json) const;
  Alert* Find(std::string_view id, std::string_view identifier_type);
  Reply Refuse(int status, std::string_view message, std::string_view field = "",
               std::string_view why = "") const;

  const Secret key_;
  Settings settings_;
  std::vector<Alert> alerts_;
  std::deque<Request> queue_;
  std::map<std::string, Outcome> outcomes_;
  std::deque<std::string> outcome_order_;
  uint64_t last_number_ = 0;
  uint64_t last_request_ = 0;
};

}  // namespace watchfire::pagersim
