// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One request to Opsgenie's API on its way. Private to pkg/api.

#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/api/handlers.h"
#include "pkg/api/inbound_changes.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/opsgenie.h"

namespace watchfire::api {

inline constexpr const char* kOpsgenie = "opsgenie";
inline constexpr const char* kOpsgenieNotProcessable =
    "Request body is not processable. Please check the errors.";

// Into inbound::kOpsgenieStatuses.
enum OpsgenieOutcome : uint8_t {
  kCreated,
  kUpdated,
  kNoAlert,
  kNoIncident,
  kNotKnown,
  kDeduplicated,
  kUnknownName,
  kInHand
};

// One request on its way: who asks, and how answers begin and end.
class OpsgenieVisit {
 public:
  explicit OpsgenieVisit(const Call& call)
      : call_(call), start_(call.backend.Mono()), config_(call.backend.config()) {}

  // Which secret of inbound.opsgenie it needs: that of alerts, or `api_key`.
  enum class Right : uint8_t { kAlerts, kOnCall };

  // Returns what refuses it, or nullopt. `types`: what a path's identifier may be said to be.
  std::optional<net::Response> Refusal(const std::vector<std::string>& types = {"id", "alias",
                                                                                "tiny"},
                                       Right right = Right::kAlerts) {
    constexpr std::string_view kScheme = "GenieKey ";
    const std::string_view given = call_.request.header("Authorization");
    const bool has_key = given.starts_with(kScheme);
    const auto find = right == Right::kAlerts ? FindKey : FindApiKey;
    key_ = has_key ? find(*config_, kOpsgenie, Trim(given.substr(kScheme.size()))) : nullptr;
    if (!has_key) return Refuse("bad_key", 401, "Could not authenticate");
    if (key_ == nullptr) return Refuse("bad_key", 403, "You are not authorized for this operation");
    if (const auto error = TooMany(call_.backend, kOpsgenie, *key_)) {
      return Refuse("rate_limited", 429, error->message);  // The status that its clients wait on.
    }
    for (const char* name : {"identifierType", "scheduleIdentifierType"}) {
      const std::string* type = call_.request.param(name);
      if (type == nullptr || type->empty()) continue;
      if (std::ranges::find(types, *type) == types.end()) {
        return Refuse({422, name, "should be one of [ " + Join(types, ", ") + " ]"});
      }
    }
    if (call_.request.body.size() > limits::kInboundBytes) {
      return Refuse("bad_body", 413, "Request body is larger than 1 MiB");
    }
    return std::nullopt;
  }

  net::Response Refuse(const char* result, int status, const std::string& message,
                       const std::string& field = "", const std::string& reason = "") {
    call_.backend.Count({kOpsgenie, result});
    JsonWriter json;
    json.StartObject().Field("message", message);
    if (!field.empty()) json.Key("errors").StartObject().Field(field, reason).EndObject();
    return End(status, json, {0, 0, kNotKnown, call_.backend.Now()});
  }
  net::Response Refuse(const inbound::OpsgenieFault& fault) {
    if (fault.field.empty()) return Refuse("bad_body", fault.status, fault.reason);
    return Refuse("bad_body", fault.status, kOpsgenieNotProcessable, fault.field, fault.reason);
  }
  net::Response Refuse(const Error& error) {
    const bool is_theirs = error.code == Code::kInvalidArgument;
    return Refuse(is_theirs ? "bad_body" : "error", is_theirs ? 422 : HttpStatus(error.code),
                  error.message);
  }

  net::Response Accept(inbound::OpsgenieRequest request,
                       std::string_view result = "Request will be processed") {
    JsonWriter json;
    json.StartObject().Field("result", result);
    return End(202, json, request);
  }
  // `json`: an object that is still open, whose `data` is written.
  net::Response Show(JsonWriter& json) {
    return End(200, json, {0, 0, kUpdated, call_.backend.Now()});
  }
  // The same of something that the request made.
  net::Response Create(JsonWriter& json) {
    return End(201, json, {0, 0, kCreated, call_.backend.Now()});
  }

  Result<InboundBook> Book(InboundBook::Need need = InboundBook::Need::kIncidents) {
    return InboundBook::Open(call_.backend, kOpsgenie, *key_, need, nullptr);
  }
  // What an alias is here: without what the key leaves out.
  std::string EntityOf(const std::string& alias) const { return inbound::EntityOf(*key_, alias); }
  // Of the alert that `identifier` names: an alias is looked up, ids and tiny ids are hashes of it.
  Result<InboundBook> BookFor(const std::string& identifier) {
    const std::string* type = call_.request.param("identifierType");
    if (type == nullptr || *type != "alias") return Book();
    const InboundBook::Entities one = {EntityOf(identifier)};
    return InboundBook::Open(call_.backend, kOpsgenie, *key_, InboundBook::Need::kIncidents, &one);
  }
  Result<InboundBook> Book(const inbound::Change& change) {
    return InboundBook::Open(call_.backend, kOpsgenie, *key_, change);
  }
  const Call& call() const { return call_; }

 private:
  net::Response End(int status, JsonWriter& json, const inbound::OpsgenieRequest& request) {
    const Duration took = call_.backend.Mono() - start_;
    json.Field("took", ToSeconds(took)).Field("requestId", request.Id()).EndObject();
    net::Response response = WithRetryAfter(Json(status, json.Take()));
    const bool is_throttled = status == 429;
    response.headers.push_back({"X-Request-ID", request.Id()});
    response.headers.push_back({"X-Response-Time", FormatGoFloat(ToSeconds(took))});
    response.headers.push_back({"X-RateLimit-State", is_throttled ? "THROTTLED" : "OK"});
    // What its clients wait for, in place of Retry-After.
    if (is_throttled) response.headers.push_back({"X-RateLimit-Period-In-Sec", "1"});
    return response;
  }

  const Call& call_;
  const MonoTime start_;
  const std::shared_ptr<const config::Config> config_;
  const config::InboundKey* key_ = nullptr;
};

// The alert that `identifier` names; of several the one that fires, else the newest. Null if none.
std::shared_ptr<const alert::Alert> FindOpsgenieAlert(const InboundBook& book,
                                                      const net::Request& request,
                                                      const std::string& identifier);

}  // namespace watchfire::api
