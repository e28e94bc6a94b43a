// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/exchange.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/net/credentials.h"
#include "pkg/net/curl_tls.h"

namespace watchfire::net {
namespace {

constexpr int kRedirects = 10;                // Go's net/http.
constexpr std::chrono::minutes kKeepIdle{5};  // An idle connection. Source: reference §3.9.

const config::HttpConfig& DefaultHttp() {
  static const auto* const http = new config::HttpConfig;
  return *http;
}

// As libcurl does by itself, but not for the programs that this one may start: a connection that is
// closed here while it is open there would stay in CurlPoll's set.
curl_socket_t OpenSocket(void*, curlsocktype, curl_sockaddr* address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool IsHeaderSafe(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// What Go strips when a redirect leaves the host (net/http, shouldCopyHeaderOnRedirect).
bool IsCredentialHeader(const Header& header) {
  return SameHeaderName(header.name, "Authorization") ||
         SameHeaderName(header.name, "Www-Authenticate") || SameHeaderName(header.name, "Cookie") ||
         SameHeaderName(header.name, "Cookie2");
}

bool DescribesBody(const Header& header) {
  return SameHeaderName(header.name, "Content-Type") ||
         SameHeaderName(header.name, "Content-Encoding");
}

}  // namespace

Exchange::Exchange(OutRequest request, Client::Callback callback, MonoTime sent)
    : request_(std::move(request)),
      callback_(std::move(callback)),
      http_(request_.http != nullptr ? *request_.http : DefaultHttp()),
      sent_(sent) {}

void Exchange::Open(Easy easy) {
  WF_CHECK(easy != nullptr);
  easy_ = std::move(easy);
}

Exchange::Easy Exchange::Close() {
  curl_easy_reset(easy());  // It points to texts of ours.
  return std::move(easy_);
}

MonoTime Exchange::deadline() const {
  const MonoTime end = sent_ + request_.timeout;
  const bool may_idle = request_.idle_timeout <= Duration::zero() || active_ == MonoTime::max();
  return may_idle ? end : std::min(end, active_ + request_.idle_timeout);
}

void Exchange::Touch() {
  if (request_.idle_timeout > Duration::zero()) active_ = std::chrono::steady_clock::now();
}

bool Exchange::wants_token() const {
  return http_.oauth2 && token_.empty() && credentials_allowed_ && !HasHeader("Authorization");
}

Status Exchange::Prepare(const Client::Options& options, const ProxyEnvironment& environment,
                         UrlCache& urls) {
  CURL* easy = easy_.get();
  if (std::exchange(is_prepared_, true)) curl_easy_reset(easy);  // A further hop.
  headers_.reset();
  connect_to_.reset();
  proxy_headers_.reset();
  response_ = OutResponse();
  header_bytes_ = 0;
  error_text_[0] = '\0';
  const auto connect =
      std::chrono::duration_cast<std::chrono::milliseconds>(options.connect_timeout).count();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // A hung name lookup must not hold up everybody when its request is given up.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect));
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN,
                   static_cast<long>(std::chrono::seconds(kKeepIdle).count()));
  curl_easy_setopt(
      easy, CURLOPT_HTTP_VERSION,
      static_cast<long>(http_.enable_http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  Touch();
  if (request_.mail || request_.idle_timeout > Duration::zero()) {
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &Exchange::OnProgress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, this);
  }
  WF_RETURN_IF_ERROR(SetUrl(urls));
  WF_RETURN_IF_ERROR(SetProxy(options, environment));
  if (request_.mail) return SetMail();
  SetMethod();
  WF_RETURN_IF_ERROR(SetHeaders());
  WF_RETURN_IF_ERROR(SetCredentials());
  ApplyTls(easy, http_.tls);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  return {};
}

Status Exchange::SetUrl(UrlCache& urls) {
  if (!url_) {
    Result<std::shared_ptr<const Url>> url = urls.Get(request_.url.reveal());
    if (!url) return Fail(Named(url.error().code, "bad URL: " + url.error().message));
    url_ = *std::move(url);
  }
  const std::string& scheme = url_->scheme();
  const bool is_mail = scheme == "smtp" || scheme == "smtps";
  if (is_mail != request_.mail.has_value() || (!is_mail && scheme != "http" && scheme != "https")) {
    return Fail(Named(Code::kInvalidArgument, "unsupported scheme \"" + scheme + "\""));
  }
  if ((scheme == "https" || is_mail) && !http_.tls.server_name.empty()) {
    // libcurl checks the certificate against the URL's host: put the wanted name there, and say
    // where to connect and what the server shall see instead.
    const std::string& host = url_->host();
    const std::string& port = url_->port();
    curl_easy_setopt(easy(), CURLOPT_URL, url_->WithHost(http_.tls.server_name).c_str());
    connect_to_.reset(curl_slist_append(nullptr, ("::" + host + ":" + port).c_str()));
    curl_easy_setopt(easy(), CURLOPT_CONNECT_TO, connect_to_.get());
    return is_mail ? Status() : AddHeader("Host", port.empty() ? host : host + ":" + port);
  }
  // The text as well: libcurl would make one of the parts, and reads it when it tries again.
  curl_easy_setopt(easy(), CURLOPT_URL, url_->text().c_str());
  curl_easy_setopt(easy(), CURLOPT_CURLU, url_->parts());
  return {};
}

Status Exchange::SetProxy(const Client::Options& options, const ProxyEnvironment& environment) {
  const std::string& scheme = url_->scheme();
  std::string port = url_->port();
  if (port.empty()) port = scheme == "https" ? "443" : "80";
  const std::string proxy =
      ChooseProxy(http_.proxy, environment, {scheme, url_->host(), std::move(port)});
  // Empty is not unset: it keeps out the proxies that libcurl would find in the environment.
  curl_easy_setopt(easy(), CURLOPT_PROXY, proxy.c_str());
  curl_easy_setopt(easy(), CURLOPT_NOPROXY, "");
  // libcurl writes the line down before it looks whether the request has its own.
  if (!proxy.empty() || !HasHeader("User-Agent")) {
    curl_easy_setopt(easy(), CURLOPT_USERAGENT, options.user_agent.c_str());
  }
  if (proxy.empty() || scheme != "https") return {};  // Without TLS there is no CONNECT.
  for (const auto& [name, values] : http_.proxy.connect_header) {
    for (const Secret& value : values) {
      if (!IsHeaderSafe(name) || !IsHeaderSafe(value.reveal())) {
        return Fail(Named(Code::kInvalidArgument, "control character in header " + GoQuote(name)));
      }
      const std::string line = name + ": " + value.reveal();
      proxy_headers_.reset(curl_slist_append(proxy_headers_.release(), line.c_str()));
    }
  }
  curl_easy_setopt(easy(), CURLOPT_PROXYHEADER, proxy_headers_.get());
  curl_easy_setopt(easy(), CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
  return {};
}

void Exchange::SetMethod() {
  const std::string& method = request_.method;
  if (method == "HEAD") {
    curl_easy_setopt(easy(), CURLOPT_NOBODY, 1L);
    return;
  }
  if (method == "GET" && request_.body.empty()) return;  // The default.
  curl_easy_setopt(easy(), CURLOPT_POST, 1L);
  curl_easy_setopt(easy(), CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(request_.body.size()));
  curl_easy_setopt(easy(), CURLOPT_POSTFIELDS, request_.body.data());  // Not copied.
  if (method != "POST") curl_easy_setopt(easy(), CURLOPT_CUSTOMREQUEST, method.c_str());
}

Status Exchange::SetHeaders() {
  for (const Header& header : request_.headers) {
    if (!credentials_allowed_ && IsCredentialHeader(header)) continue;
    WF_RETURN_IF_ERROR(AddHeader(header.name, header.value));
  }
  const Result<std::vector<Header>> configured = ConfiguredHeaders(http_, credentials_allowed_);
  if (!configured) return Fail(Named(configured.error().code, configured.error().message));
  for (const Header& header : *configured) {
    WF_RETURN_IF_ERROR(AddHeader(header.name, header.value));
  }
  // Without a value these take out what libcurl would add: a form's content type, the second it
  // waits for "100 Continue" before a large body, and a taste for everything.
  if (!HasHeader("Content-Type")) {
    headers_.reset(curl_slist_append(headers_.release(), "Content-Type:"));
  }
  headers_.reset(curl_slist_append(headers_.release(), "Expect:"));
  if (!HasHeader("Accept")) headers_.reset(curl_slist_append(headers_.release(), "Accept:"));
  return {};
}

Status Exchange::SetCredentials() {
  if (!credentials_allowed_ || HasHeader("Authorization")) return {};
  if (!token_.empty()) return AddHeader("Authorization", token_);
  const Result<std::string> value = AuthorizationValue(http_);
  if (!value) return Fail(Named(value.error().code, value.error().message));
  return value->empty() ? Status() : AddHeader("Authorization", *value);
}

Status Exchange::AddHeader(const std::string& name, const std::string& value) {
  if (!IsHeaderSafe(name) || !IsHeaderSafe(value)) {
    return Fail(Named(Code::kInvalidArgument, "control character in header " + GoQuote(name)));
  }
  // libcurl's way to say "present and empty".
  const std::string line = value.empty() ? name + ";" : name + ": " + value;
  headers_.reset(curl_slist_append(headers_.release(), line.c_str()));
  return {};
}

bool Exchange::HasHeader(const char* name) const {
  return std::any_of(request_.headers.begin(), request_.headers.end(), [&](const Header& header) {
    return SameHeaderName(header.name, name) &&
           (credentials_allowed_ || !IsCredentialHeader(header));
  });
}

std::optional<Result<OutResponse>> Exchange::Finish(CURLcode code) {
  if (too_large_) {
    return Fail(
        Named(Code::kExhausted,
              "response larger than " + std::to_string(request_.response_bytes_max) + " bytes"));
  }
  if (request_.mail) return FinishMail(code);
  if (code != CURLE_OK) return Fail(FromCurl(code));
  long status = 0;  // NOLINT(google-runtime-int): what libcurl writes to.
  curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  if (response_.status == 401 && !token_.empty() && credentials_allowed_ &&
      !std::exchange(token_renewed_, true)) {
    refused_token_ = std::exchange(token_, {});
    return std::nullopt;
  }
  if (http_.follow_redirects && Redirect()) {
    if (++redirects_ <= kRedirects) return std::nullopt;
    return Fail(
        Named(Code::kUnavailable, "stopped after " + std::to_string(kRedirects) + " redirects"));
  }
  response_.took = std::chrono::steady_clock::now() - sent_;
  return Result<OutResponse>(std::move(response_));
}

// Returns true when the answer sends us elsewhere, having moved the request there.
// Source: Go's net/http, redirectBehavior and Client.do.
bool Exchange::Redirect() {
  const int status = response_.status;
  const bool keeps_method = status == 307 || status == 308;
  if (!keeps_method && status != 301 && status != 302 && status != 303) return false;
  const std::string location(response_.header("Location"));
  if (location.empty()) return false;
  // An unsupported scheme is found by SetUrl() on the next hop.
  std::shared_ptr<const Url> next = url_->Follow(location);
  if (next == nullptr) return false;
  const auto last = std::exchange(url_, std::move(next));
  const bool same_host = ToLower(url_->host()) == ToLower(last->host());
  const bool downgrade = last->scheme() == "https" && url_->scheme() != "https";
  if (!same_host || downgrade) credentials_allowed_ = false;
  if (!keeps_method && request_.method != "HEAD") {
    request_.method = "GET";
    request_.body.clear();
    std::erase_if(request_.headers, DescribesBody);
  }
  return true;
}

Error Exchange::FromCurl(CURLcode code) const {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return Named(Code::kTimeout, "timed out while connecting");
    case CURLE_URL_MALFORMAT:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
      return Named(Code::kInvalidArgument, curl_easy_strerror(code));
    default:
      break;
  }
  // libcurl's own words say more, but they may quote the URL's host.
  const std::string detail = error_text_.data();
  const bool quotes = ToLower(detail).find(ToLower(url_->host())) != std::string::npos;
  return Named(Code::kUnavailable,
               detail.empty() || quotes ? std::string(curl_easy_strerror(code)) : detail);
}

// Nothing but a request for a tunnel has left, and no server has answered an earlier hop.
bool Exchange::NeverSent() const {
  if (!easy_) return true;
  if (request_.mail) return !data_begun_;
  long bytes = 0;   // NOLINT(google-runtime-int): what libcurl writes to.
  long tunnel = 0;  // NOLINT(google-runtime-int)
  curl_easy_getinfo(easy(), CURLINFO_REQUEST_SIZE, &bytes);
  curl_easy_getinfo(easy(), CURLINFO_HTTP_CONNECTCODE, &tunnel);
  const bool refused_by_proxy = tunnel != 0 && tunnel / 100 != 2;
  return redirects_ == 0 && (bytes == 0 || refused_by_proxy);
}

void Exchange::Reply(Result<OutResponse> result) {
  if (!result) result.error().never_sent = NeverSent();
  callback_(std::move(result));
}

Error Exchange::Named(Code code, const std::string& why) const {
  const std::string shown =
      request_.shown_url.empty() ? std::string(Secret::masked()) : request_.shown_url;
  return {code, (request_.mail ? "" : request_.method + " ") + shown + ": " + why};
}

Error Exchange::TimedOut() const {
  const bool is_idle = deadline() < sent_ + request_.timeout;
  return Named(Code::kTimeout, is_idle
                                   ? "nothing came for " + FormatGoDuration(request_.idle_timeout)
                                   : "timed out after " + FormatDuration(request_.timeout));
}

int Exchange::OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t uploaded) {
  auto& exchange = *static_cast<Exchange*>(self);
  if (std::exchange(exchange.uploaded_, uploaded) != uploaded) {
    exchange.Touch();
  }
  const bool is_over =
      exchange.request_.mail &&
      (*exchange.cancelled_ || std::chrono::steady_clock::now() >= exchange.deadline());
  return is_over ? 1 : 0;  // The loop ends other transfers itself.
}

size_t Exchange::OnHeader(char* data, size_t size, size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  const std::string_view line(data, size * count);
  exchange.Touch();
  exchange.header_bytes_ += line.size();
  if (exchange.header_bytes_ > limits::kHeaderBytes) {
    exchange.too_large_ = true;
    return 0;
  }
  if (exchange.request_.mail) {
    exchange.TakeReplyLine(line);
    return line.size();
  }
  const size_t colon = line.find(':');
  if (line.substr(0, 5) == "HTTP/") {
    exchange.response_.headers.clear();  // Those before belong to a 1xx answer.
  } else if (colon != std::string_view::npos) {
    exchange.response_.headers.push_back(
        {std::string(Trim(line.substr(0, colon))), std::string(Trim(line.substr(colon + 1)))});
  }
  return line.size();
}

size_t Exchange::OnBody(char* data, size_t size, size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  const size_t bytes = size * count;
  exchange.Touch();
  std::string& body = exchange.response_.body;
  if (bytes > exchange.request_.response_bytes_max - body.size()) {
    exchange.too_large_ = true;
    return 0;
  }
  body.append(data, bytes);
  return bytes;
}

}  // namespace watchfire::net
