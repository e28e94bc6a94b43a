// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How to speak HTTP to somebody: `http_config` and the `tls_config` it shares with e-mail. Plain
// values, defaults filled in; files are named here and read when they are used, so that a rotated
// credential needs no reload. Source: reference alertmanager-compat §3.9.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/secret.h"
#include "pkg/config/any.h"

namespace watchfire::config {

// In ascending order; kDefault: 1.2 as the least, the newest there is as the greatest.
enum class TlsVersion { kDefault, kTls10, kTls11, kTls12, kTls13 };

// TLS as a client. Of a text and its file at most one is set; a certificate has its key.
struct TlsConfig {
  std::string ca;  // PEM. Neither this nor ca_file: the system's authorities.
  std::string ca_file;
  std::string cert;  // PEM of the client's own certificate.
  std::string cert_file;
  Secret key;  // PEM.
  std::string key_file;
  std::string server_name;  // Expected in the certificate; empty: the host of the URL.
  bool insecure_skip_verify = false;
  TlsVersion min_version = TlsVersion::kDefault;
  TlsVersion max_version = TlsVersion::kDefault;

  bool operator==(const TlsConfig&) const = default;
};

struct ProxyConfig {
  std::string url;       // http, https, socks5 or socks5h; may hold a user and password.
  std::string no_proxy;  // Hosts to reach directly, as in NO_PROXY; only together with `url`.
  bool from_environment = false;  // HTTP_PROXY, HTTPS_PROXY and NO_PROXY; `url` is empty then.
  std::map<std::string, std::vector<Secret>> connect_header;  // Sent with CONNECT only.
};

struct BasicAuth {
  std::string username;
  std::string username_file;
  Secret password;
  std::string password_file;
};

struct Authorization {
  std::string type = "Bearer";
  Secret credentials;
  std::string credentials_file;
};

// What a client signs to get a token (RFC 7523 section 3.1).
struct Assertion {
  Secret key;  // PEM, RSA. At most one of this and key_file; without either nothing can be signed.
  std::string key_file;
  std::string key_id;               // "kid", a hint for the server.
  std::string algorithm = "RS256";  // Or RS384, RS512.
  std::string issuer;               // Empty: client_id.
  std::string audience;             // Empty: token_url.
  Any::Map claims;                  // Beside the usual ones, and in their place.
};

// The client credentials grant (RFC 6749 section 4.4); with an assertion, that of RFC 7523.
struct OAuth2 {
  std::string client_id;
  Secret client_secret;  // Neither this nor its file counts beside an assertion.
  std::string client_secret_file;
  std::optional<Assertion> assertion;
  std::vector<std::string> scopes;
  std::string token_url;
  std::map<std::string, std::string> endpoint_params;
  TlsConfig tls;  // For token_url alone, as is `proxy`.
  ProxyConfig proxy;
};

// One header added to every request; it may have several values.
struct HttpHeader {
  std::vector<std::string> values;
  std::vector<Secret> secrets;
  std::vector<std::string> files;
};

struct HttpConfig {
  // At most one of these three. bearer_token and bearer_token_file become an Authorization.
  std::optional<BasicAuth> basic_auth;
  std::optional<Authorization> authorization;
  std::optional<OAuth2> oauth2;
  TlsConfig tls;
  ProxyConfig proxy;
  bool follow_redirects = true;
  bool enable_http2 = true;
  std::map<std::string, HttpHeader> headers;  // By name, as written.
};

}  // namespace watchfire::config
