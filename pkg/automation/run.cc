// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/automation/run.h"

#include <array>
#include <stdexcept>

#include <simdjson.h>

#include "pkg/base/json.h"

namespace watchfire::automation {
namespace {

constexpr std::array kStates = {State::kWaiting, State::kActing, State::kVerifying, State::kDone};
constexpr std::array kOutcomes = {Outcome::kSuccess,  Outcome::kFailure, Outcome::kTimeout,
                                  Outcome::kRejected, Outcome::kDryRun,  Outcome::kLimited,
                                  Outcome::kObsolete};

constexpr std::array kTicketStates = {TicketState::kNone, TicketState::kOpen, TicketState::kClosing,
                                      TicketState::kClosed, TicketState::kLeft};

void WriteTime(JsonWriter* json, const char* name, WallTime time) {
  json->Key(name);
  if (time == kNoTime) {
    json->Null();
  } else {
    json->String(FormatRfc3339(time, 9, true));
  }
}

WallTime ReadTime(simdjson::dom::element value) {
  if (value.is_null()) return kNoTime;
  const Result<WallTime> time = ParseTime(std::string_view(value));
  if (!time) throw std::runtime_error("bad time");
  return *time;
}

std::string Text(simdjson::dom::element value) { return std::string(std::string_view(value)); }

Run Read(simdjson::dom::element json) {
  Run run;
  run.incident = std::stoull(Text(json["incident"]));
  run.cycle = static_cast<int>(int64_t(json["cycle"]));
  run.rule = Text(json["rule"]);
  const auto action = config::ParseAutomationAction(Text(json["action"]));
  if (!action) throw std::runtime_error("unknown action");
  run.action = *action;
  std::optional<State> state;
  for (const State one : kStates) {
    if (std::string_view(json["state"]) == StateName(one)) state = one;
  }
  if (!state) throw std::runtime_error("unknown state");
  run.state = *state;
  for (const Outcome one : kOutcomes) {
    if (std::string_view(json["result"]) == OutcomeName(one)) run.outcome = one;
  }
  if (run.outcome.has_value() != (run.state == State::kDone)) {
    throw std::runtime_error("state and result do not fit");
  }
  run.at = ReadTime(json["at"]);
  run.acted_at = ReadTime(json["actedAt"]);
  run.due = ReadTime(json["due"]);
  run.ended_at = ReadTime(json["endedAt"]);
  run.by = Text(json["by"]);
  run.text = Text(json["text"]);
  std::string_view ticket;  // Earlier versions knew of none.
  if (json["ticket"].get(ticket) == simdjson::SUCCESS) {
    for (const TicketState one : kTicketStates) {
      if (ticket == TicketStateName(one)) run.ticket = one;
    }
    run.ticket_group = Text(json["ticketGroup"]);
  }
  return run;
}

}  // namespace

const char* StateName(State state) {
  switch (state) {
    case State::kWaiting:
      return "waiting";
    case State::kActing:
      return "acting";
    case State::kVerifying:
      return "verifying";
    case State::kDone:
      return "done";
  }
  return "";
}

const char* OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSuccess:
      return "success";
    case Outcome::kFailure:
      return "failure";
    case Outcome::kTimeout:
      return "timeout";
    case Outcome::kRejected:
      return "rejected";
    case Outcome::kDryRun:
      return "dry_run";
    case Outcome::kLimited:
      return "limited";
    case Outcome::kObsolete:
      return "obsolete";
  }
  return "";
}

const char* TicketStateName(TicketState state) {
  switch (state) {
    case TicketState::kNone:
      return "";
    case TicketState::kOpen:
      return "open";
    case TicketState::kClosing:
      return "closing";
    case TicketState::kClosed:
      return "closed";
    case TicketState::kLeft:
      return "left";
  }
  return "";
}

std::string Run::id() const {
  return std::to_string(incident) + "-" + std::to_string(cycle) + "-" + rule;
}

std::string ToJson(const Run& run) {
  JsonWriter json;
  json.StartObject().Field("id", run.id()).Field("rule", run.rule);
  json.Field("action", config::AutomationActionName(run.action));
  json.Field("incident", std::to_string(run.incident)).Field("cycle", run.cycle);
  json.Field("state", StateName(run.state));
  json.Field("result", run.outcome ? OutcomeName(*run.outcome) : "");
  WriteTime(&json, "at", run.at);
  WriteTime(&json, "actedAt", run.acted_at);
  WriteTime(&json, "due", run.due);
  WriteTime(&json, "endedAt", run.ended_at);
  json.Field("by", run.by).Field("text", run.text);
  if (!run.ticket_group.empty()) {
    json.Field("ticket", TicketStateName(run.ticket)).Field("ticketGroup", run.ticket_group);
  }
  return json.EndObject().Take();
}

Record Encode(const Run& run) { return {Table::kAutomation, run.id(), ToJson(run)}; }

Result<Run> Decode(const Record& record) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string text(record.value.value_or(""));
    Run run = Read(parser.parse(text));
    if (run.id() != record.key) return Fail(Code::kCorrupt, "automation: bad key");
    return run;
  } catch (const std::exception& fault) {
    return Fail(Code::kCorrupt, std::string("automation: ") + fault.what());
  }
}

}  // namespace watchfire::automation
