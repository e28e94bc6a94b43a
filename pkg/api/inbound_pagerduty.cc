// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// POST /v2/enqueue, /v2/change/enqueue and /generic/2010-04-15/create_event.json: as PagerDuty's
// Events API. Source: reference paging-backends §3.1.

#include "pkg/api/handlers.h"
#include "pkg/api/inbound_changes.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"

namespace watchfire::api {
namespace {

constexpr const char* kKind = "pagerduty";
constexpr const char* kKeyHeader = "X-Routing-Key";  // Some clients, such as AWS EventBridge.
constexpr size_t kEventBytes = 512 * 1024;           // The vendor's.

net::Response Invalid(Backend& backend, const char* result, int status,
                      const std::vector<std::string>& errors) {
  backend.Count({kKind, result});
  JsonWriter json;
  json.StartObject().Field("status", "invalid event").Field("message", "Event object is invalid");
  json.Key("errors").StartArray();
  for (const std::string& error : errors) json.String(error);
  return Json(status, json.EndArray().EndObject().Take());
}

net::Response Failed(Backend& backend, const Error& error) {
  backend.Count({kKind, "error"});
  JsonWriter json;
  json.StartObject().Field("status", "error").Field("message", error.message);
  return WithRetryAfter(Json(HttpStatus(error.code), json.EndObject().Take()));
}

net::Response Processed(int status, const char* message, const char* key_name,
                        const std::string& key) {
  JsonWriter json;
  json.StartObject().Field("status", "success").Field("message", message);
  if (key_name != nullptr) json.Field(key_name, key);
  return Json(status, json.EndObject().Take());
}

// What one version of the API says about keys and answers.
struct Dialect {
  const char* bad_key;
  int status;
  const char* message;
  const char* key_name;  // Null: the answer names none.
  int throttled = 429;   // The status that its clients wait on.
};

net::Response Take(const Call& call, inbound::PagerDutyEvent event, const Dialect& dialect) {
  Backend& backend = call.backend;
  const auto config = backend.config();
  const config::InboundKey* key = FindKey(*config, kKind, event.routing_key);
  if (key == nullptr && !event.routing_key.empty()) {
    return Invalid(backend, "bad_key", 400, {dialect.bad_key});
  }
  if (const auto error = key == nullptr ? std::nullopt : TooMany(backend, kKind, *key)) {
    backend.Count({kKind, "rate_limited"});
    JsonWriter json;
    json.StartObject().Field("status", "throttle exceeded").Field("message", error->message);
    net::Response response = Json(dialect.throttled, json.EndObject().Take());
    response.headers.push_back({"Retry-After", "1"});
    return response;
  }
  if (!event.errors.empty()) return Invalid(backend, "bad_body", 400, event.errors);
  if (event.change.verb == inbound::Verb::kNothing) {
    backend.Count({kKind, "ignored"});
    return Processed(dialect.status, dialect.message, nullptr, "");
  }
  const std::string said = event.change.entity;
  event.change.entity = inbound::EntityOf(*key, said);
  Result<InboundBook> book = InboundBook::Open(backend, kKind, *key, event.change);
  if (!book) return Failed(backend, book.error());
  if (const auto word = book->Do(event.change); !word) return Failed(backend, word.error());
  if (const Status posted = book->Post(); !posted) return Failed(backend, posted.error());
  return Processed(dialect.status, dialect.message, dialect.key_name, said);
}

bool IsTooLarge(const Call& call) { return call.request.body.size() > kEventBytes; }

net::Response TooLarge(const Call& call) {
  return Invalid(call.backend, "bad_body", 413, {"Event is larger than 512 KB"});
}

}  // namespace

net::Response PostPagerDutyEvent(const Call& call) {
  if (IsTooLarge(call)) return TooLarge(call);
  const std::string_view key = call.request.header(kKeyHeader);
  return Take(call, inbound::ReadPagerDuty(call.request.body, call.backend.Now(), key),
              {"Invalid routing key", 202, "Event processed", "dedup_key"});
}

net::Response PostPagerDutyChange(const Call& call) {
  if (IsTooLarge(call)) return TooLarge(call);
  return Take(call,
              inbound::ReadPagerDutyChange(call.request.body, call.request.header(kKeyHeader)),
              {"Invalid routing key", 202, "Change event processed", nullptr});
}

net::Response PostPagerDutyEventV1(const Call& call) {
  if (IsTooLarge(call)) return TooLarge(call);
  return Take(call, inbound::ReadPagerDutyV1(call.request.body, call.backend.Now()),
              {"Service key is not valid", 200, "Event processed", "incident_key", 403});
}

}  // namespace watchfire::api
