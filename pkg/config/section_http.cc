// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Section's readers of URLs and of http_config.

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/section.h"
#include "pkg/config/section_impl.h"

namespace watchfire::config {
namespace {

struct Authority {
  std::string_view user;  // With its password, without the @.
  std::string_view host;  // With its port.
};

Authority SplitAuthority(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  url = url.substr(0, url.find_first_of("/?#"));
  const size_t at = url.rfind('@');
  if (at == std::string_view::npos) return {"", url};
  return {url.substr(0, at), url.substr(at + 1)};
}

bool IsPort(std::string_view text) {
  return text.size() <= 5 && (text.size() < 5 || text <= "65535") &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Returns what is wrong with `url`, "" if nothing is. Quotes no more of it than the scheme, and not
// even that when `secret`. Texts: Alertmanager (reference §3.2).
std::string UrlFault(const std::string& url, bool secret) {
  const size_t colon = url.find("://");
  const std::string scheme = ToLower(colon == std::string::npos ? "" : url.substr(0, colon));
  if (scheme != "http" && scheme != "https") {
    return "unsupported scheme " + (secret ? "" : GoQuote(scheme) + " ") + "for URL";
  }
  if (std::ranges::any_of(url, [](char c) { return (c >= 0 && c <= ' ') || c == 0x7f; })) {
    return "space or control character in URL";
  }
  std::string_view host = SplitAuthority(url).host;
  std::string_view port;
  const size_t port_colon = host.rfind(':');
  if (port_colon != std::string_view::npos &&
      host.find(']', port_colon) == std::string_view::npos) {
    port = host.substr(port_colon + 1);
    host = host.substr(0, port_colon);
  }
  if (host.empty()) return "missing host for URL";
  return IsPort(port) ? "" : "invalid port in URL";
}

std::string MaskPassword(const std::string& url) {
  const std::string_view user = SplitAuthority(url).user;
  const size_t colon = user.find(':');
  if (colon == std::string_view::npos) return url;
  std::string masked = url;
  const auto from = static_cast<size_t>(user.data() - url.data()) + colon + 1;
  return masked.replace(from, user.size() - colon - 1, Secret::masked());
}

void OnlyOne(Section& section, const std::string& a, const std::string& b,
             const std::string& message) {
  if (section.Has(a) && section.Has(b)) section.Error(b, message);
}

void ReadBasicAuth(Section& section, HttpConfig* http) {
  http->basic_username = section.String("username");
  http->basic_password = section.SecretString("password");
  http->basic_password_file = section.impl().source.Resolve(section.String("password_file"));
  OnlyOne(section, "password", "password_file",
          "at most one of basic_auth password & password_file must be configured");
  for (const char* key : {"username_file", "username_ref", "password_ref"}) section.Refuse(key);
  section.Finish();
}

void ReadAuthorization(Section& section, HttpConfig* http) {
  http->authorization_type = std::string(Trim(section.String("type", "Bearer")));
  http->credentials = section.SecretString("credentials");
  http->credentials_file = section.impl().source.Resolve(section.String("credentials_file"));
  if (ToLower(http->authorization_type) == "basic") {
    section.Error("type",
                  "authorization type cannot be set to \"basic\", use \"basic_auth\" instead");
  }
  OnlyOne(section, "credentials", "credentials_file",
          "at most one of authorization credentials & credentials_file must be configured");
  section.Refuse("credentials_ref");
  section.Finish();
}

void ReadTls(Section& section, HttpConfig* http) {
  const Source& source = section.impl().source;
  http->tls_ca_file = source.Resolve(section.String("ca_file"));
  http->tls_cert_file = source.Resolve(section.String("cert_file"));
  http->tls_key_file = source.Resolve(section.String("key_file"));
  http->tls_server_name = section.String("server_name");
  http->tls_insecure_skip_verify = section.Bool("insecure_skip_verify", false);
  if (http->tls_cert_file.empty() != http->tls_key_file.empty()) {
    section.Error(http->tls_cert_file.empty() ? "key_file" : "cert_file",
                  "cert_file and key_file must be configured together");
  }
  for (const char* key :
       {"ca", "cert", "key", "ca_ref", "cert_ref", "key_ref", "min_version", "max_version"}) {
    section.Refuse(key);
  }
  section.Finish();
}

// bearer_token and bearer_token_file are the old way to write authorization.
void ReadBearer(Section& section, HttpConfig* http) {
  const Secret token = section.SecretString("bearer_token");
  const std::string file = section.impl().source.Resolve(section.String("bearer_token_file"));
  const bool has_bearer = section.Has("bearer_token") || section.Has("bearer_token_file");
  OnlyOne(section, "bearer_token", "bearer_token_file",
          "at most one of bearer_token & bearer_token_file must be configured");
  if (!has_bearer) return;
  if (section.Has("authorization")) {
    section.Error("authorization",
                  "authorization is not compatible with bearer_token & bearer_token_file");
  }
  if (section.Has("basic_auth")) {
    section.Error("basic_auth",
                  "at most one of basic_auth, oauth2, bearer_token & "
                  "bearer_token_file must be configured");
  }
  http->credentials = token;
  http->credentials_file = file;
}

}  // namespace

std::string Section::Url(const std::string& key, const std::string& fallback) {
  const YamlNode* node = impl_->FindKind(key, YamlNode::Kind::kScalar);
  std::string url = node != nullptr ? node->text : fallback;
  if (node != nullptr && url != Secret::masked()) {
    const std::string fault = UrlFault(url, impl_->secrets.contains(key));
    if (!fault.empty()) Error(key, key + ": " + fault, "write it like https://host/path");
  }
  Echo* echo = impl_->Show(key);
  if (echo != nullptr && (node != nullptr || !url.empty())) echo->SetText(MaskPassword(url));
  return url;
}

HttpConfig Section::Http(const std::string& key, const HttpConfig& fallback) {
  std::optional<Section> section = Child(key);
  if (!section) return fallback;
  HttpConfig http;
  if (auto basic = section->Child("basic_auth")) ReadBasicAuth(*basic, &http);
  if (auto authorization = section->Child("authorization")) {
    ReadAuthorization(*authorization, &http);
    OnlyOne(*section, "basic_auth", "authorization",
            "at most one of basic_auth, oauth2 & authorization must be configured");
  }
  ReadBearer(*section, &http);
  if (auto tls = section->Child("tls_config")) ReadTls(*tls, &http);
  http.follow_redirects = section->Bool("follow_redirects", true);
  http.proxy_url = section->Url("proxy_url");
  if (!section->Bool("enable_http2", true)) {
    section->Warn("enable_http2",
                  "enable_http2: false has no effect yet: HTTP/2 is used over TLS "
                  "when the other side offers it");
  }
  for (const char* unsupported : {"oauth2", "no_proxy", "proxy_connect_header", "http_headers"}) {
    section->Refuse(unsupported);
  }
  if (section->Bool("proxy_from_environment", false)) {
    section->Error("proxy_from_environment", "proxy_from_environment is not supported yet",
                   "set proxy_url");
  }
  section->Finish();
  return http;
}

}  // namespace watchfire::config
