// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/oauth2.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <simdjson.h>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/net/assertion.h"
#include "pkg/net/credentials.h"

namespace watchfire::net {
namespace {

constexpr std::chrono::seconds kEarly{10};
constexpr std::chrono::hours kLongest{24 * 365};
constexpr size_t kGrants = 1000;
constexpr size_t kAnswerBytes = size_t{1024} * 1024;
constexpr const char* kJwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

// The fields of an answer, whatever form it came in.
struct Fields {
  std::string access_token;
  std::string token_type;
  std::string expires_in;
  std::string error;
};

std::string Lower(std::string_view content_type) {
  return ToLower(Trim(content_type.substr(0, content_type.find(';'))));
}

Fields ReadForm(std::string_view body) {
  Fields fields;
  for (const std::string_view pair : Split(body, '&')) {
    const size_t equals = std::min(pair.find('='), pair.size());
    const std::string name = UrlDecode(pair.substr(0, equals), /*plus_is_space=*/true);
    const std::string value =
        UrlDecode(pair.substr(std::min(equals + 1, pair.size())), /*plus_is_space=*/true);
    if (name == "access_token") fields.access_token = value;
    if (name == "token_type") fields.token_type = value;
    if (name == "expires_in") fields.expires_in = value;
    if (name == "error") fields.error = value;
  }
  return fields;
}

// A text, or a whole number as a text: both occur for expires_in.
std::string JsonText(simdjson::dom::element root, std::string_view name) {
  simdjson::dom::element value;
  if (root[name].get(value) != simdjson::SUCCESS) return {};
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS || !(number >= 0) || number > 1e9) return {};
  return std::to_string(static_cast<int64_t>(number));
}

std::optional<Fields> ReadJson(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body).get(root) != simdjson::SUCCESS || !root.is_object()) return std::nullopt;
  return Fields{JsonText(root, "access_token"), JsonText(root, "token_type"),
                JsonText(root, "expires_in"), JsonText(root, "error")};
}

// The spelling that servers expect back. Source: golang.org/x/oauth2, Token.Type.
std::string TypeName(const std::string& type) {
  const std::string lower = ToLower(type);
  if (lower.empty() || lower == "bearer") return "Bearer";
  if (lower == "mac") return "MAC";
  return lower == "basic" ? "Basic" : type;
}

void AddField(std::string* form, std::string_view name, std::string_view value) {
  if (!form->empty()) *form += '&';
  *form += UrlEncode(name) + "=" + UrlEncode(value);
}

// Each part is encoded, so no two lists of parts look alike.
std::string KeyOf(const Grant& grant) {
  const config::OAuth2& oauth2 = grant.oauth2;
  const config::TlsConfig& tls = oauth2.tls;
  std::string all;
  for (const std::string& part :
       {oauth2.client_id, grant.secret, oauth2.token_url, tls.ca, tls.ca_file, tls.cert,
        tls.cert_file, tls.key.reveal(), tls.key_file, tls.server_name,
        std::to_string(int{tls.insecure_skip_verify}), oauth2.proxy.url, oauth2.proxy.no_proxy,
        Join(oauth2.scopes, " ")}) {
    AddField(&all, "", part);
  }
  if (const auto& signs = oauth2.assertion) {
    for (const std::string& part : {signs->key_id, signs->algorithm, signs->issuer, signs->audience,
                                    ToJson({signs->claims})}) {
      AddField(&all, "assertion", part);
    }
  }
  for (const auto& [name, value] : oauth2.endpoint_params) AddField(&all, name, value);
  return Sha256Hex(all);
}

}  // namespace

Result<std::shared_ptr<const Grant>> Grant::For(const config::OAuth2& oauth2) {
  auto grant = std::make_shared<Grant>();
  grant->oauth2 = oauth2;
  const std::optional<config::Assertion>& assertion = oauth2.assertion;
  const std::string& file = assertion ? assertion->key_file : oauth2.client_secret_file;
  grant->secret = (assertion ? assertion->key : oauth2.client_secret).reveal();
  if (!file.empty()) {
    Result<std::string> read = ReadCredential(file);
    if (!read) return Fail(std::move(read.error()));
    grant->secret = *std::move(read);
  }
  grant->http.tls = oauth2.tls;
  grant->http.proxy = oauth2.proxy;
  grant->key = KeyOf(*grant);
  return std::shared_ptr<const Grant>(std::move(grant));
}

Result<OutRequest> Grant::Request(bool secret_in_body, Duration timeout, WallTime now) const {
  OutRequest request;
  request.url = Secret(oauth2.token_url);
  request.shown_url = "oauth2 token_url";
  request.timeout = timeout;
  request.response_bytes_max = kAnswerBytes;
  request.http = &http;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  // As in Go, a server that wants another name for the grant gets it.
  const auto named = oauth2.endpoint_params.find("grant_type");
  const bool is_named = named != oauth2.endpoint_params.end();
  const char* const usual = oauth2.assertion ? kJwtBearer : "client_credentials";
  AddField(&request.body, "grant_type", is_named ? named->second : usual);
  if (!oauth2.scopes.empty()) AddField(&request.body, "scope", Join(oauth2.scopes, " "));
  for (const auto& [name, value] : oauth2.endpoint_params) {
    if (name != "grant_type") AddField(&request.body, name, value);
  }
  if (oauth2.assertion) {
    const Result<std::string> signed_text = SignAssertion(oauth2, secret, RandomUuid(), now);
    if (!signed_text) return Fail(signed_text.error());
    AddField(&request.body, "assertion", *signed_text);
  } else if (secret_in_body) {
    AddField(&request.body, "client_id", oauth2.client_id);
    if (!secret.empty()) AddField(&request.body, "client_secret", secret);
  } else {
    // Encoded first: RFC 6749 section 2.3.1.
    request.headers.push_back(
        {"Authorization", BasicCredentials(UrlEncode(oauth2.client_id), UrlEncode(secret))});
  }
  return request;
}

Result<Token> DecodeToken(const OutResponse& response, MonoTime now) {
  const std::string type = Lower(response.header("Content-Type"));
  const bool is_form = type == "application/x-www-form-urlencoded" || type == "text/plain";
  std::optional<Fields> fields = ReadJson(response.body);
  if (!fields && is_form) fields = ReadForm(response.body);
  const bool is_good = response.status >= 200 && response.status < 300;
  if (!is_good || (fields && !fields->error.empty())) {
    const std::string error = fields ? TruncateRunes(RepairUtf8(fields->error), 60) : "";
    return Fail(Code::kUnavailable, "cannot fetch token: HTTP " + std::to_string(response.status) +
                                        (error.empty() ? "" : " " + GoQuote(error)));
  }
  if (!fields) return Fail(Code::kUnavailable, "cannot fetch token: the answer is not JSON");
  if (fields->access_token.empty()) {
    return Fail(Code::kUnavailable, "cannot fetch token: the answer has no access_token");
  }
  Token token;
  token.authorization = TypeName(fields->token_type) + " " + fields->access_token;
  int64_t seconds = 0;
  const std::string& text = fields->expires_in;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  // None or 0: it does not say, and a 401 will.
  if (seconds > 0) {
    token.expires = now + std::min<Duration>(std::chrono::seconds(seconds), kLongest) - kEarly;
  }
  return token;
}

Tokens::Entry& Tokens::At(const std::string& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) return found->second;
  if (entries_.size() >= kGrants) {
    std::erase_if(entries_, [](const auto& entry) { return !entry.second.fetching; });
  }
  return entries_[key];
}

void Tokens::Drop(const std::string& key, const std::string& authorization) {
  std::optional<Token>& token = At(key).token;
  if (token && token->authorization == authorization) token.reset();
}

}  // namespace watchfire::net
