// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/show_http.h"

#include <array>
#include <string>
#include <vector>

#include "pkg/config/section_impl.h"

namespace watchfire::config {
namespace {

void ShowText(const std::string& key, const std::string& text, Echo* out) {
  if (!text.empty()) out->Put(key).SetText(text);
}

void ShowSecret(const std::string& key, const Secret& secret, Echo* out) {
  if (!secret.empty()) out->Put(key).Mask();
}

void ShowSecrets(const std::string& key, const std::vector<Secret>& secrets, Echo* out) {
  if (secrets.empty()) return;
  Echo& list = out->Put(key);
  for (size_t i = 0; i < secrets.size(); ++i) list.Append().Mask();
}

void ShowTexts(const std::string& key, const std::vector<std::string>& texts, Echo* out) {
  if (!texts.empty()) out->Put(key).SetTexts(texts);
}

void ShowSwitch(const std::string& key, bool value, Echo* out) {
  out->Put(key).SetRaw(value ? "true" : "false");
}

void ShowVersion(const std::string& key, TlsVersion version, Echo* out) {
  static constexpr std::array kNames = {"", "TLS10", "TLS11", "TLS12", "TLS13"};
  ShowText(key, kNames[static_cast<size_t>(version)], out);
}

void ShowProxy(const ProxyConfig& proxy, Echo* out) {
  ShowText("proxy_url", MaskPassword(proxy.url, "xxxxx"), out);
  ShowText("no_proxy", proxy.no_proxy, out);
  if (proxy.from_environment) ShowSwitch("proxy_from_environment", true, out);
  for (const auto& [name, values] : proxy.connect_header) {
    ShowSecrets(name, values, &out->Put("proxy_connect_header"));
  }
}

// Only where there is one: Alertmanager 0.25 knows none of these keys.
void ShowAssertion(const Assertion& assertion, Echo* out) {
  ShowText("client_certificate_key_id", assertion.key_id, out);
  ShowSecret("client_certificate_key", assertion.key, out);
  ShowText("client_certificate_key_file", assertion.key_file, out);
  ShowText("grant_type", kJwtBearer, out);
  ShowText("signature_algorithm", assertion.algorithm, out);
  ShowText("iss", assertion.issuer, out);
  ShowText("audience", assertion.audience, out);
  if (!assertion.claims.empty()) out->Put("claims").SetValue({assertion.claims});
}

void ShowOAuth2(const OAuth2& oauth2, Echo* out) {
  ShowText("client_id", oauth2.client_id, out);
  ShowSecret("client_secret", oauth2.client_secret, out);
  out->Put("client_secret_file").SetText(oauth2.client_secret_file);
  if (oauth2.assertion) ShowAssertion(*oauth2.assertion, out);
  ShowTexts("scopes", oauth2.scopes, out);
  ShowText("token_url", MaskPassword(oauth2.token_url), out);
  for (const auto& [name, value] : oauth2.endpoint_params) {
    out->Put("endpoint_params").Put(name).SetText(value);
  }
  if (oauth2.tls != TlsConfig{}) ShowTls(oauth2.tls, &out->Put("tls_config"));
  ShowProxy(oauth2.proxy, out);
}

void ShowAuth(const HttpConfig& http, Echo* out) {
  if (http.basic_auth) {
    Echo& basic = out->Put("basic_auth");
    basic.SetMap();
    ShowText("username", http.basic_auth->username, &basic);
    ShowText("username_file", http.basic_auth->username_file, &basic);
    ShowSecret("password", http.basic_auth->password, &basic);
    ShowText("password_file", http.basic_auth->password_file, &basic);
  }
  if (http.authorization) {
    Echo& header = out->Put("authorization");
    ShowText("type", http.authorization->type, &header);
    ShowSecret("credentials", http.authorization->credentials, &header);
    ShowText("credentials_file", http.authorization->credentials_file, &header);
  }
  if (http.oauth2) ShowOAuth2(*http.oauth2, &out->Put("oauth2"));
}

}  // namespace

void ShowTls(const TlsConfig& tls, Echo* out) {
  ShowText("ca", tls.ca, out);
  ShowText("cert", tls.cert, out);
  ShowSecret("key", tls.key, out);
  ShowText("ca_file", tls.ca_file, out);
  ShowText("cert_file", tls.cert_file, out);
  ShowText("key_file", tls.key_file, out);
  ShowText("server_name", tls.server_name, out);
  ShowSwitch("insecure_skip_verify", tls.insecure_skip_verify, out);
  ShowVersion("min_version", tls.min_version, out);
  ShowVersion("max_version", tls.max_version, out);
}

void ShowHttp(const HttpConfig& http, Echo* out) {
  ShowAuth(http, out);
  if (http.tls != TlsConfig{}) ShowTls(http.tls, &out->Put("tls_config"));
  ShowSwitch("follow_redirects", http.follow_redirects, out);
  ShowSwitch("enable_http2", http.enable_http2, out);
  ShowProxy(http.proxy, out);
  for (const auto& [name, header] : http.headers) {
    Echo& entry = out->Put("http_headers").Put(name);
    entry.SetMap();
    ShowTexts("values", header.values, &entry);
    ShowSecrets("secrets", header.secrets, &entry);
    ShowTexts("files", header.files, &entry);
  }
}

}  // namespace watchfire::config
