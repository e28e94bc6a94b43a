// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// HTTP handlers: Alertmanager's API v2, Prometheus' rules and alerts API, our own API under
// /api/v1, vendors' webhooks under /inbound, and the small endpoints under /-/. Pure translation
// between HTTP and core's events; thread-safe, called by the front's workers.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/core/event.h"
#include "pkg/core/view.h"
#include "pkg/matcher/matcher.h"
#include "pkg/net/http.h"
#include "pkg/shadow/message.h"
#include "pkg/shadow/report.h"

namespace watchfire::api {

// The web page behind "/", as pkg/web makes it. Without one "/" is not found.
struct Page {
  std::string html;
  std::string security_policy;  // Content-Security-Policy.
};

struct Info {
  std::string version;
  std::string alertmanager_version;  // Whose API v2 this is.
  std::string external_url;          // No trailing slash.
  WallTime started_at = kNoTime;
  std::string peer_name;     // A lone instance lists itself.
  std::string peer_address;  // "127.0.0.1:9094"; empty: clustering disabled.
  Page page;
  std::string shadow;  // URL of the live Alertmanager in shadow mode, else "".
  // Origins whose pages may call API v2, a regular expression; nullopt: none but our own.
  std::optional<matcher::Matcher> cors_origins = {};
};

// A webhook from a vendor was taken or refused.
struct InboundSeen {
  std::string source;
  std::string result;  // ok, unknown_entity, bad_key … (docs/inbound.md)
};

// A link of `incidents.ack_links` was followed.
struct AckLinkSeen {
  std::string result;  // docs/ack-links.md has them.
};

// What handlers need from the rest of the process.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual WallTime Now() const = 0;
  virtual const Info& info() const = 0;
  // The configuration in force (for resolve_timeout and inbound keys).
  virtual std::shared_ptr<const config::Config> config() const = 0;

  // Hands alerts to core. Errors: kExhausted when its queue is full (HTTP 503).
  virtual Status Post(core::AlertsArrived alerts) = 0;
  // Counts at once, without core: strangers, who have no key, are counted as well, and must not
  // take room from alerts.
  virtual void Count(InboundSeen seen) = 0;
  virtual void Count(AckLinkSeen seen) = 0;
  // Whether one more request with that key of `inbound` may be taken now (InboundTurns); `more`
  // is charged besides.
  virtual bool TakeTurn(const std::string& who, size_t more) = 0;
  // Waits for core. Errors: kTimeout after limits::kReplyTime, kExhausted; Reply::status is the
  // command's own outcome.
  virtual Result<core::Reply> Ask(core::IncidentCommand command) = 0;
  virtual Result<core::Reply> Ask(core::AlertsOnce alerts) = 0;
  virtual Result<core::Reply> Ask(core::SilenceCommand command) = 0;
  virtual Result<core::Reply> Ask(core::ExplainRequest request) = 0;
  virtual Result<core::Reply> Ask(core::HeartbeatPing ping) = 0;
  virtual Result<core::Reply> Ask(core::OverrideCommand command) = 0;
  virtual Result<core::Reply> Ask(core::ExclusionCommand command) = 0;
  virtual Result<core::Reply> Ask(core::AutomationCommand command) = 0;
  virtual Result<std::shared_ptr<const core::View>> Read(unsigned parts) = 0;

  // Gets a document of a vendor, up to 64 KiB, over https and without redirects; waits for it, 3 s
  // at most. Errors: kUnavailable, also for any status but 200; kTimeout.
  virtual Result<std::string> Fetch(const std::string& url) = 0;
  // Posts JSON to a vendor that asked to be answered there, over https and without redirects; does
  // not wait, and nobody hears what became of it.
  virtual void Deliver(const std::string& url, std::string body) = 0;
  // Gets a certificate of SNS as Fetch() does, or as it was fetched before (inbound
  // SnsCertificates). Errors: as Fetch(); kUnavailable while another is being fetched.
  virtual Result<std::string> Certificate(const std::string& url) = 0;

  // Shadow mode: what was found so far, and a message of the live Alertmanager, mirrored to us.
  // Only called when info().shadow names one. Errors: kExhausted.
  virtual shadow::Report Shadow() const = 0;
  virtual Status Mirror(shadow::Message message) = 0;

  // Loads the configuration anew; the error holds every problem, one a line.
  virtual Status Reload() = 0;
  // Problems of the last reload that failed, or left out rule files, one a line; "" when it was
  // good.
  virtual std::string reload_problems() const = 0;
  // Text exposition of all metrics.
  virtual Result<std::string> Metrics() = 0;
  // Counts one answered request. `handler` is the route pattern, "unmatched" for unknown paths;
  // `method` is one of HTTP's or "OTHER", so that nobody can make up label values.
  // `bytes`: of the answer's body.
  virtual void Observe(std::string_view handler, std::string_view method, int status, Duration took,
                       size_t bytes) = 0;
  virtual MonoTime Mono() const = 0;
};

// Answers one request; never throws. Unknown paths: 404 (in API v2's own shape below /api/v2).
net::Response Handle(const net::Request& request, Backend& backend);

// One row of the route table, for docs and the OpenAPI test.
struct Route {
  std::string method;
  std::string pattern;  // "/api/v1/incidents/{id}/ack"
  bool own = false;     // Ours, not Alertmanager's: /api/openapi.yaml describes it.
};
std::vector<Route> Routes();

}  // namespace watchfire::api
