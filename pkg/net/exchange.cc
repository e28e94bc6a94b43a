// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/exchange.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::net {
namespace {

constexpr int kRedirects = 10;                          // Go's net/http.
constexpr size_t kCredentialBytes = size_t{64} * 1024;  // One credential file.

// Reads a small file, cut at both ends as Prometheus' client does.
Result<std::string> ReadCredential(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             std::fclose);
  if (!file) return InvalidArgument("cannot read credential file " + path);
  std::string text(kCredentialBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0 || text.size() > kCredentialBytes) {
    return InvalidArgument("cannot read credential file " + path);
  }
  return std::string(Trim(text));
}

bool IsHeaderSafe(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::string UrlPart(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string out = text;
  curl_free(text);
  return out;
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
      http_(request_.http != nullptr ? *request_.http : config::HttpConfig()),
      sent_(sent),
      easy_(curl_easy_init()) {
  WF_CHECK(easy_ != nullptr);
}

Status Exchange::Prepare(const Client::Options& options) {
  CURL* easy = easy_.get();
  curl_easy_reset(easy);
  headers_.reset();
  connect_to_.reset();
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
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  // Empty is not unset: it keeps the environment's proxies out.
  curl_easy_setopt(easy, CURLOPT_PROXY, http_.proxy_url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  WF_RETURN_IF_ERROR(SetUrl());
  SetMethod();
  WF_RETURN_IF_ERROR(SetHeaders());
  WF_RETURN_IF_ERROR(SetCredentials());
  SetTls();
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  return {};
}

Status Exchange::SetUrl() {
  if (!url_) {
    url_.reset(curl_url());
    const CURLUcode code =
        curl_url_set(url_.get(), CURLUPART_URL, request_.url.reveal().c_str(), 0);
    if (code != CURLUE_OK) {
      return Fail(
          Named(Code::kInvalidArgument, std::string("bad URL: ") + curl_url_strerror(code)));
    }
  }
  const std::string scheme = UrlPart(url_.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return Fail(Named(Code::kInvalidArgument, "unsupported scheme \"" + scheme + "\""));
  }
  host_ = UrlPart(url_.get(), CURLUPART_HOST);
  std::string url = UrlPart(url_.get(), CURLUPART_URL);
  if (scheme == "https" && !http_.tls_server_name.empty()) {
    // libcurl checks the certificate against the URL's host: put the wanted name there, and say
    // where to connect and what the server shall see instead.
    const std::string port = UrlPart(url_.get(), CURLUPART_PORT);
    const std::unique_ptr<CURLU, FreeUrl> renamed(curl_url_dup(url_.get()));
    curl_url_set(renamed.get(), CURLUPART_HOST, http_.tls_server_name.c_str(), 0);
    url = UrlPart(renamed.get(), CURLUPART_URL);
    connect_to_.reset(curl_slist_append(nullptr, ("::" + host_ + ":" + port).c_str()));
    curl_easy_setopt(easy(), CURLOPT_CONNECT_TO, connect_to_.get());
    WF_RETURN_IF_ERROR(AddHeader("Host", port.empty() ? host_ : host_ + ":" + port));
  }
  curl_easy_setopt(easy(), CURLOPT_URL, url.c_str());
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
  // Without a value these take out what libcurl would add: a form's content type, and the second
  // it waits for "100 Continue" before a large body.
  if (!HasHeader("Content-Type")) {
    headers_.reset(curl_slist_append(headers_.release(), "Content-Type:"));
  }
  headers_.reset(curl_slist_append(headers_.release(), "Expect:"));
  return {};
}

Status Exchange::SetCredentials() {
  if (!credentials_allowed_ || HasHeader("Authorization")) return {};
  if (!http_.basic_username.empty() || !http_.basic_password.empty() ||
      !http_.basic_password_file.empty()) {
    std::string password = http_.basic_password.reveal();
    if (!http_.basic_password_file.empty()) {
      Result<std::string> read = ReadCredential(http_.basic_password_file);
      if (!read) return Fail(Named(read.error().code, read.error().message));
      password = std::move(*read);
    }
    curl_easy_setopt(easy(), CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    curl_easy_setopt(easy(), CURLOPT_USERNAME, http_.basic_username.c_str());
    curl_easy_setopt(easy(), CURLOPT_PASSWORD, password.c_str());
    return {};
  }
  std::string credentials = http_.credentials.reveal();
  if (!http_.credentials_file.empty()) {
    Result<std::string> read = ReadCredential(http_.credentials_file);
    if (!read) return Fail(Named(read.error().code, read.error().message));
    credentials = std::move(*read);
  }
  if (credentials.empty()) return {};
  return AddHeader("Authorization", http_.authorization_type + " " + credentials);
}

void Exchange::SetTls() {
  const bool verify = !http_.tls_insecure_skip_verify;
  curl_easy_setopt(easy(), CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  curl_easy_setopt(easy(), CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  if (!http_.tls_ca_file.empty()) {
    curl_easy_setopt(easy(), CURLOPT_CAINFO, http_.tls_ca_file.c_str());
    // Only that file: the system's directory of authorities would be asked as well.
    curl_easy_setopt(easy(), CURLOPT_CAPATH, nullptr);
  }
  if (!http_.tls_cert_file.empty()) {
    curl_easy_setopt(easy(), CURLOPT_SSLCERT, http_.tls_cert_file.c_str());
  }
  if (!http_.tls_key_file.empty()) {
    curl_easy_setopt(easy(), CURLOPT_SSLKEY, http_.tls_key_file.c_str());
  }
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
  if (code != CURLE_OK) return Fail(FromCurl(code));
  long status = 0;  // NOLINT(google-runtime-int): what libcurl writes to.
  curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
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
  const std::string scheme = UrlPart(url_.get(), CURLUPART_SCHEME);
  // An unsupported scheme is found by SetUrl() on the next hop.
  if (curl_url_set(url_.get(), CURLUPART_URL, location.c_str(),
                   CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) != CURLUE_OK) {
    return false;
  }
  const bool same_host = ToLower(UrlPart(url_.get(), CURLUPART_HOST)) == ToLower(host_);
  const bool downgrade = scheme == "https" && UrlPart(url_.get(), CURLUPART_SCHEME) != "https";
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
  const bool quotes = host_.empty() || ToLower(detail).find(ToLower(host_)) != std::string::npos;
  return Named(Code::kUnavailable,
               detail.empty() || quotes ? std::string(curl_easy_strerror(code)) : detail);
}

void Exchange::Reply(Result<OutResponse> result) { callback_(std::move(result)); }

Error Exchange::Named(Code code, const std::string& why) const {
  const std::string shown =
      request_.shown_url.empty() ? std::string(Secret::masked()) : request_.shown_url;
  return {code, request_.method + " " + shown + ": " + why};
}

size_t Exchange::OnHeader(char* data, size_t size, size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  const std::string_view line(data, size * count);
  exchange.header_bytes_ += line.size();
  if (exchange.header_bytes_ > limits::kHeaderBytes) {
    exchange.too_large_ = true;
    return 0;
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
  std::string& body = exchange.response_.body;
  if (bytes > exchange.request_.response_bytes_max - body.size()) {
    exchange.too_large_ = true;
    return 0;
  }
  body.append(data, bytes);
  return bytes;
}

}  // namespace watchfire::net
