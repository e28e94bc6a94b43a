// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Pager is the whole fake vendor behind its HTTP routes: what arrived, what became of it, how it
// misbehaves, and whom it tells. No sockets and no clock; owned by one thread.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cmd/pagersim/behaviour.h"
#include "cmd/pagersim/incident_book.h"
#include "cmd/pagersim/page_log.h"
#include "cmd/pagersim/reply.h"
#include "pkg/base/secret.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

class Pager {
 public:
  static constexpr size_t kNotesMax = 100;  // Of one incident.

  struct Options {
    Secret key;      // Of the REST endpoint.
    Secret api_key;  // Of the public API; empty: any will do.
    Settings settings;
  };
  // Tells the other side about an incident; `copies` is 0, 1 or 2.
  using Tell = std::function<void(const Incident& incident, int copies, Duration delay)>;

  Pager(Options options, Tell tell);

  // Notes a request to a vendor endpoint; returns its number for SetAnswer().
  uint64_t Arrive(std::string method, std::string path, std::string body, WallTime now);
  void SetAnswer(uint64_t seq, int status) { log_.SetStatus(seq, status); }

  // POST /integrations/generic/20131114/alert/{key}/{routing_key}.
  Reply Ingest(std::string_view key, std::string_view routing_key, std::string_view body,
               WallTime now);

  // The public API. CheckApiKeys() gives the error to answer, or a reply with status 200.
  Reply CheckApiKeys(bool has_headers, std::string_view api_key) const;
  Reply PublicIncidents() const;
  Reply PublicIncident(uint64_t number) const;
  enum class Verb { kAcknowledge, kResolve };
  Reply PublicAct(Verb verb, std::string_view body, WallTime now);

  // GET and POST /api-public/v1/incidents/{number}/notes.
  Reply PublicNotes(uint64_t number) const;
  Reply PublicAddNote(uint64_t number, std::string_view body);

  // A user presses a button on our page.
  Reply Act(Verb verb, uint64_t number, const std::string& user, WallTime now);

  // What the page and the tests look at.
  std::string PagesJson(uint64_t after) const { return log_.Json(after); }
  std::string IncidentsJson() const;
  std::string BehaviourText() const { return BehaviourJson(behaviour_); }
  const Behaviour& behaviour() const { return behaviour_; }
  Reply SetBehaviour(std::string_view body, WallTime now);

  // Runs the timers of Settings.
  void Tick(WallTime now);

  // Notes how telling about an incident went.
  void NoteCallback(uint64_t number, const std::string& outcome);

 private:
  void Announce(uint64_t number);

  const Options options_;
  const Tell tell_;
  IncidentBook book_;
  PageLog log_;
  Behaviour behaviour_;
  std::map<uint64_t, std::vector<std::pair<std::string, std::string>>> notes_;  // Title and JSON.
  std::map<uint64_t, std::string> callbacks_;  // Incident to outcome of the last webhook about it.
  uint64_t generated_ids_ = 0;
};

}  // namespace watchfire::pagersim
