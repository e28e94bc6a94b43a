// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A receiver as a pure state machine: it says which HTTP request to send, looks at the answer and
// says what next. No sockets, no clock, no threads; runs on a render thread and in the simulator.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/config/section.h"
#include "pkg/dispatch/notification.h"
#include "pkg/net/http.h"
#include "pkg/templates/template.h"

namespace watchfire::notify {

// Why an attempt failed: the `reason` label of alertmanager_notifications_failed_total.
enum class Failure {
  kOther,
  kClientError,
  kServerError,
  kCanceled,
  kDeadline,
  kAuth,
  kRateLimited,
  // Alertmanager 0.35 tells these apart from kOther for PagerDuty and WeChat alone.
  kTemplate,
  kFileRead,
  kConfig,
  kEncoding,
  kRequest  // Nothing came back.
};
// Alertmanager's spelling: "other", "clientError", "contextDeadlineExceeded" …
const char* FailureName(Failure failure);

struct Send {
  net::OutRequest request;
  // What is wrong with the message, which goes nevertheless: a template's error. "": nothing.
  std::string flaw = {};
};
struct Done {
  // Handed in with the group's next notification (Notification::receiver_data), in place of what
  // was there; stored with the notification log, so no secrets.
  dispatch::ReceiverData data;
};
struct Retry {
  Duration after{};  // The vendor's Retry-After; zero: the usual back-off.
  std::string why;
  Failure failure = Failure::kOther;
};
struct Fail {
  std::string why;
  Failure failure = Failure::kOther;
};
using Step = std::variant<Send, Done, Retry, Fail>;

// One delivery of one notification. Begin once, then OnResponse per Send.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual Step Begin(const dispatch::Notification& notification) = 0;
  // `response` is an error when nothing came back (connect, TLS, timeout).
  virtual Step OnResponse(const Result<net::OutResponse>& response) = 0;
  // Whether OnResponse() does no more than judge a short answer, and sends nothing further: it may
  // run on the thread that the answer came to, then.
  virtual bool only_judges() const { return false; }
};

struct Context {
  std::string user_agent;  // "Alertmanager/0.34.0 (Watchfire/0.1.0)"
  // Reads a *_file secret at send time, trimmed. Errors: kNotFound, kPermission.
  std::function<Result<std::string>(const std::string& path)> read_file;
  // Config.templates of the configuration that the options are from, which it keeps alive. Null:
  // the default ones.
  std::shared_ptr<const templates::TemplateSet> templates;
  // The present, for what a vendor wants signed or dated. Messages speak of Notification.at.
  std::function<WallTime()> now;
  // A variable of the process's environment, "" when it is not set. Null: there are none.
  std::function<std::string(const std::string& name)> environment;
  // What `ackURL` prints: core::Attempt::ack_url.
  std::string ack_url = {};
  // Names of those whom the on-call schedule has on duty at a moment, in its order; none if there
  // is no such schedule. Any thread. Null: there are no schedules.
  std::function<std::vector<std::string>(std::string_view schedule, WallTime at)> on_call = {};
};

// One bound of a vendor, and what becomes of a message beyond it.
struct Limit {
  std::string what;  // Mostly a field: "title".
  size_t max = 0;
  std::string unit = "characters";
  std::string beyond = "is cut";
};

// What is to be known of a backend besides its fields. docs/receivers.md is made of it.
struct Contract {
  std::vector<Limit> limits = {};
  // When another attempt is made: after no answer, a 5xx and these statuses, or after whatever is
  // no success. The statuses of mail are those of SMTP, where a 4xx passes and a 5xx does not.
  std::vector<int> retry_codes = {};
  bool retries_all = false;
  bool is_mail = false;
  std::string retries = {};  // What else is to be said about that; no final full stop.
  std::string dedup;         // By what the vendor, or a reader, knows a message that came twice.
  std::vector<std::string> sources;  // The vendor's pages: URLs.
  // What the vendor answers to each request when all is well, for who must know all requests
  // without sending any; a GET is always answered with 200.
  std::string accepted = {};
  int accepted_status = 200;
};

// What a backend registers (one row in notify/builtin).
struct Backend {
  config::IntegrationKind kind;
  std::function<std::unique_ptr<Exchange>(std::shared_ptr<const void> options, Context context)>
      start;
  Contract contract = {};
};

// The shared reading of an HTTP answer: 2xx Done; transport error, 5xx and `retry_codes` Retry
// (with Retry-After); anything else Fail "unexpected status code 404: <Excerpt of the body>", since
// vendors echo the URL and with it the secret. Source: reference §4.1.
Step Classify(const Result<net::OutResponse>& response, const std::vector<int>& retry_codes,
              const std::vector<std::string>& secrets);

// Returns the Retry-After header in seconds, at most an hour; zero when absent or not a plain
// number (the HTTP date form is not used by pagers).
Duration RetryAfter(const net::OutResponse& response);

// Puts "<secret>" wherever one of `secrets` stands.
std::string MaskSecrets(std::string text, const std::vector<std::string>& secrets);

// Returns what an error may show of a vendor's text: one line of at most 512 bytes, with "<secret>"
// wherever one of `secrets` stood. One of fewer than kSecretBytesMin bytes is recognised as a whole
// word only: a one-letter key would otherwise be masked, and so be told, within every word that
// has its letter.
inline constexpr size_t kSecretBytesMin = 8;
std::string Excerpt(std::string text, const std::vector<std::string>& secrets);

// Reads a secret at send time: `value`, or the file when one is configured. Errors: those of
// Context::read_file, the message naming the file.
Result<std::string> Reveal(const Secret& value, const std::string& file, const Context& context);

// Returns what may be shown of a URL that is no secret: all but the user and password.
std::string ShownUrl(const std::string& url);

// What may be shown of a URL that is itself a secret, and what of it must never be.
struct SecretUrl {
  std::string shown;                 // "https://host:port/<secret>"; empty: not an http(s) URL.
  std::vector<std::string> secrets;  // The whole, user and password, path, long parts of the path.
};
SecretUrl SplitSecretUrl(const std::string& url);

}  // namespace watchfire::notify
