// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The endpoints that operate the server: health, reload, metrics, the page, and what this API is.

#include "pkg/api/handlers.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::api {

net::Response GetPage(const Call& call) {
  const Page& page = call.backend.info().page;
  if (page.html.empty()) return Text(404, "404 page not found\n");
  return {200,
          {{"Content-Type", "text/html; charset=utf-8"},
           {"Cache-Control", "no-cache"},
           {"Content-Security-Policy", page.security_policy},
           {"Referrer-Policy", "no-referrer"},
           {"X-Content-Type-Options", "nosniff"}},
          page.html};
}

// Ready from the first moment on, as Alertmanager is (reference §1.2): the socket opens last.
net::Response GetAlive(const Call& /*call*/) { return Text(200, "OK"); }

net::Response PostReload(const Call& call) {
  const Status status = call.backend.Reload();
  if (status) return {200, {}, ""};
  return Text(500, "failed to reload config: " + status.error().message + "\n");
}

net::Response GetMetrics(const Call& call) {
  Result<std::string> metrics = call.backend.Metrics();
  if (!metrics) return Text(HttpStatus(metrics.error().code), metrics.error().message + "\n");
  return {200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, *std::move(metrics)};
}

// Where alerts of our own rules say that they come from: the graph is the data source's.
net::Response GetGraph(const Call& call) {
  const auto config = call.backend.config();
  if (config->rule_groups.empty() && config->slos.empty()) return Text(404, "404 page not found\n");
  const config::Datasource& source = config->datasources.front();
  std::string url = source.external_url.empty() ? source.url : source.external_url;
  // Whoever looks has a password of his own.
  const size_t host = url.find("//") + 2;
  const size_t at = url.substr(0, url.find('/', host)).rfind('@');
  if (at != std::string::npos) url.erase(host, at + 1 - host);
  url += "/graph";
  char before = '?';
  for (const auto& [name, value] : call.request.query) {
    url += before + UrlEncode(name) + "=" + UrlEncode(value);
    before = '&';
  }
  return {302, {{"Location", url}}, ""};
}

net::Response GetInfo(const Call& call) {
  const Info& info = call.backend.info();
  const std::string problems = call.backend.reload_problems();
  JsonWriter json;
  json.StartObject().Field("version", info.version).Field("externalUrl", info.external_url);
  json.Field("startedAt", FormatRfc3339(info.started_at));
  json.Key("configuration").StartObject().Field("ok", problems.empty());
  json.Key("problems").StartArray();
  for (const std::string_view line : Split(problems, '\n')) {
    if (!line.empty()) json.String(line);
  }
  json.EndArray().EndObject().Key("shadow");
  info.shadow.empty() ? json.Null() : json.String(info.shadow);
  json.Field("hasRunbooks", call.backend.config()->incidents.runbooks != nullptr);
  return Success(json.EndObject().Take());
}

net::Response GetOpenApi(const Call& /*call*/) {
  return {200, {{"Content-Type", "application/yaml"}}, std::string(OpenApiText())};
}

net::Response RefuseRemoved(const Call& /*call*/) {
  JsonWriter json;
  json.StartObject().Field("status", "deprecated");
  json.Field(
      "error",
      "The Alertmanager v1 API was deprecated in version 0.16.0 and is removed as of version "
      "0.27.0 - please use the equivalent route in the v2 API");
  return Json(410, json.EndObject().Take() + "\n");
}

}  // namespace watchfire::api
