// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the handlers of all inbound endpoints share: whose key it is, and how a change that a
// tool wants becomes alerts and acts. Private to pkg/api.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/api/handlers.h"
#include "pkg/api/respond.h"
#include "pkg/inbound/inbound.h"
#include "pkg/responder/judge.h"

namespace watchfire::api {

// Returns the key of `kind` that is `given`, nullptr if none is. Compares with every key, whichever
// fits, so that the time says nothing about them.
const config::InboundKey* FindKey(const config::Config& config, std::string_view kind,
                                  std::string_view given);

// The same of its `api_key`: whoever may send alerts may not for that read who is on call.
const config::InboundKey* FindApiKey(const config::Config& config, std::string_view kind,
                                     std::string_view given);

// What refuses another message with `key` of `kind` for now (InboundTurns): kExhausted; nullopt: it
// may be taken. For every request whose key is good.
std::optional<Error> TooMany(Backend& backend, std::string_view kind,
                             const config::InboundKey& key);

using responder::IsAbout;

// The alerts that came with a key, as they are now, and what is done to them. One for a request.
class InboundBook {
 public:
  // What Do() needs to know beside the alerts: triggers and resolves come in storms, and core
  // should not have to gather incidents for them.
  enum class Need { kAlerts, kIncidents };
  static Need NeedOf(const inbound::Change& change);

  // `entities`: of which the alerts are wanted; null: all. A message asks for its own, whatever
  // else is open. Errors: as Backend::Read.
  using Entities = std::set<std::string, std::less<>>;
  static Result<InboundBook> Open(Backend& backend, std::string_view kind,
                                  const config::InboundKey& key, Need need,
                                  const Entities* entities);
  // For one change.
  static Result<InboundBook> Open(Backend& backend, std::string_view kind,
                                  const config::InboundKey& key, const inbound::Change& change);

  // Those of the entity that fire.
  inbound::Alerts Firing(const std::string& entity) const;
  // All that were wanted, ended ones included, by entity.
  const std::map<std::string, inbound::Alerts, std::less<>>& all() const { return alerts_; }
  const core::View& view() const { return *view_; }
  const config::InboundKey& key() const { return *key_; }
  WallTime now() const { return now_; }

  // Does it, and counts what became of it: ok; catch_all, no_severity: a new alert that lacks what
  // routes go by; no_alert: there is none to end or act on; no_incident: there is one, but nobody
  // was paged for it yet; unknown_name, in_hand: whom a call wants is nobody, or is not to be
  // disturbed. Alerts go to core at Post(), acts at once. Returns the word. Errors: of
  // Backend::Ask, or the act's own.
  Result<std::string> Do(const inbound::Change& change);
  // The same, and counts nothing.
  Result<std::string> DoUncounted(const inbound::Change& change);
  // Hands what Do() made to core, one batch, and waits until that is stored. With a `receipt`, the
  // name of a message that its sender signed, also if that is nothing. Errors: kExhausted,
  // kTimeout; kUnavailable: it is not stored yet; kConflict: such a message came before, and this
  // one changes nothing.
  // `at_once`: a person asks for people, and their groups do not wait.
  Status Post(const std::string& receipt = "", bool at_once = false);

 private:
  InboundBook(Backend& backend, std::string_view kind, const config::InboundKey& key)
      : backend_(&backend), kind_(kind), key_(&key), now_(backend.Now()) {}
  Result<std::string> Act(const inbound::Change& change, const inbound::Alerts& alerts);
  Result<bool> IsHeldByAck(const inbound::Alerts& alerts);
  bool EndsWith(const core::OpenIncident& open, const inbound::Alerts& alerts) const;
  uint64_t MadeOf(const alert::Alert& alert, const inbound::Alerts& before) const;
  std::string WordFor(const inbound::Change& change, const inbound::Alerts& before,
                      const std::vector<alert::Alert>& planned) const;

  Backend* backend_;
  std::string kind_;
  const config::InboundKey* key_;
  WallTime now_;
  std::shared_ptr<const core::View> view_;
  std::map<std::string, inbound::Alerts, std::less<>> alerts_;
  std::vector<alert::Alert> made_;
  std::vector<uint64_t> made_of_;  // As AlertsArrived::only_while.
  bool is_hasty_ = false;          // An ack is to end by what was made.
};

}  // namespace watchfire::api
