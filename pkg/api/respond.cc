// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/api/respond.h"

#include <utility>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

constexpr const char* kJsonType = "application/json";
constexpr size_t kPieceBytes = size_t{256} * 1024;  // Of an answer that is larger.

}  // namespace

int HttpStatus(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return 400;
    case Code::kPermission:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kConflict:
      return 409;
    case Code::kExhausted:
    case Code::kUnavailable:
    case Code::kTimeout:
      return 503;
    case Code::kCorrupt:
      break;
  }
  return 500;
}

net::Response WithRetryAfter(net::Response response) {
  if (response.status == 503 || response.status == 429) {
    response.headers.push_back({"Retry-After", "1"});
  }
  return response;
}

net::Response Json(int status, std::string body) {
  return {status, {{"Content-Type", kJsonType}}, std::move(body)};
}

net::Response Text(int status, std::string body) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)};
}

net::Response Success(std::string_view data) {
  JsonWriter json;
  json.StartObject().Field("status", "success").Key("data").Raw(data).EndObject();
  return Json(200, json.Take());
}

net::Response Failure(const Error& error) {
  return Failure(HttpStatus(error.code), CodeName(error.code), error.message);
}

net::Response Failure(int status, std::string_view type, std::string_view message) {
  return WithRetryAfter(Json(status, JsonError(type, message)));
}

net::Response V2Json(std::string body) { return Json(200, std::move(body) + "\n"); }

net::Response V2Array(size_t count, size_t bytes, ElementWriter write) {
  if (bytes < kPieceBytes) {
    JsonWriter json;
    json.Reserve(bytes);
    json.StartArray();
    for (size_t at = 0; at < count; ++at) write(&json, at);
    return V2Json(json.EndArray().Take());
  }
  net::Response response = Json(200, "");
  response.body_bytes = bytes;
  response.write_body = [count, write = std::move(write)](const net::BodySink& sink) {
    for (size_t at = 0; at < count;) {
      JsonWriter json;
      json.Reserve(kPieceBytes + kPieceBytes / 8);
      const bool is_first = at == 0;
      json.StartArray();
      for (; at < count && json.size() < kPieceBytes; ++at) write(&json, at);
      std::string piece = json.EndArray().Take();  // An array by itself, of which all make one.
      if (!is_first) piece.front() = ',';
      if (at < count) {
        piece.pop_back();
      } else {
        piece.push_back('\n');
      }
      sink(piece);
    }
  };
  return response;
}

net::Response V2Empty(int status) { return {status, {}, ""}; }

net::Response V2Message(int status, std::string_view message) {
  JsonWriter json;
  return WithRetryAfter(Json(status, json.String(message).Take() + "\n"));
}

net::Response V2Failure(const Error& error) {
  return V2Message(HttpStatus(error.code), error.message);
}

net::Response V2Framework(int status, int code, std::string_view message) {
  JsonWriter json;
  json.StartObject().Field("code", code).Field("message", message).EndObject();
  return Json(status, json.Take());
}

std::optional<std::string> MediaTypeFault(const net::Request& request) {
  const std::string_view header = request.header("Content-Type");
  const std::string_view type = header.empty() ? "application/octet-stream" : header;
  const std::string bare = ToLower(Trim(type.substr(0, type.find(';'))));
  if (bare == kJsonType) return std::nullopt;
  return "unsupported media type " + GoQuote(bare) + ", only [application/json] are allowed";
}

void WriteLabels(JsonWriter& json, const labels::LabelSet& labels) {
  json.StartObject();
  for (const labels::Label& label : labels) json.Field(label.name, label.value);
  json.EndObject();
}

void WriteTime(JsonWriter& json, std::string_view name, WallTime time) {
  json.Key(name);
  time == kNoTime ? json.Null() : json.String(FormatRfc3339(time));
}

void WriteNanoTime(JsonWriter& json, std::string_view name, WallTime time) {
  json.Field(name, FormatRfc3339(time, 9, true));
}

}  // namespace watchfire::api
