// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// POST /integrations/generic/20131114/alert/{key}/{routing_key}: as VictorOps' generic REST
// endpoint. Source: reference paging-backends §1.1.

#include "pkg/api/handlers.h"
#include "pkg/api/inbound_changes.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"

namespace watchfire::api {
namespace {

constexpr const char* kKind = "victorops";

net::Response Answer(int status, std::string_view member, const std::string& value) {
  JsonWriter json;
  json.StartObject().Field("result", status == 200 ? "success" : "failure");
  return WithRetryAfter(Json(status, json.Field(member, value).EndObject().Take()));
}

net::Response Refuse(Backend& backend, int status, const char* result, const std::string& why) {
  backend.Count({kKind, result});
  return Answer(status, "message", why);
}

}  // namespace

net::Response PostVictorOpsAlert(const Call& call) {
  Backend& backend = call.backend;
  const auto config = backend.config();
  const config::InboundKey* key = FindKey(*config, kKind, call.params[0]);
  if (key == nullptr) return Refuse(backend, 403, "bad_key", "Unknown REST endpoint key");
  if (const auto error = TooMany(backend, kKind, *key)) {
    return Refuse(backend, HttpStatus(error->code), "rate_limited", error->message);
  }
  if (call.request.body.size() > limits::kInboundBytes) {
    return Refuse(backend, 413, "bad_body", "The message is larger than 1 MiB");
  }
  Result<inbound::Change> change =
      inbound::ReadVictorOps(call.request.body, call.params.size() > 1 ? call.params[1] : "",
                             config->global.resolve_timeout, backend.Now());
  if (!change) return Refuse(backend, 400, "bad_body", change.error().message);
  const std::string said = change->entity;
  change->entity = inbound::EntityOf(*key, said);
  Result<InboundBook> book = InboundBook::Open(backend, kKind, *key, *change);
  Status done;
  if (!book) {
    done = Fail(book.error());
  } else if (const Result<std::string> word = book->Do(*change); !word) {
    done = Fail(word.error());
  } else {
    done = book->Post();
  }
  if (!done) return Refuse(backend, HttpStatus(done.error().code), "error", done.error().message);
  return Answer(200, "entity_id", said);
}

}  // namespace watchfire::api
