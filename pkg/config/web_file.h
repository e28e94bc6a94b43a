// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who may speak to our listener, and how: the file of --web.config.file, in the format of the
// Prometheus exporter toolkit. Source: its docs/web-configuration.md and web/tls_config.go; where
// this reads more strictly, docs/web-config.md says so.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/secret.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/config/http_config.h"

namespace watchfire::config {

// Go's tls.ClientAuthType. kRequest and kRequireAny look at no signature.
enum class ClientAuth { kNone, kRequest, kRequireAny, kVerifyIfGiven, kRequireAndVerify };

// TLS as a server. What files hold has been read, and the key belongs to the certificate.
struct ServerTls {
  std::string certificate;  // PEM; the server's own one first, then those that vouch for it.
  Secret key;               // PEM.
  ClientAuth client_auth = ClientAuth::kNone;
  std::string client_ca;  // PEM; empty: the system's authorities.
  // DNS names, e-mail and IP addresses and URIs, of which a client's certificate must have one.
  // Unset: any certificate will do.
  std::optional<std::vector<std::string>> client_allowed_sans;
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  // Up to TLS 1.2, in order of preference, as OpenSSL calls them; empty: every one that Go has.
  std::vector<std::string> ciphers;
  bool prefer_server_ciphers = true;
  std::vector<std::string> curves;  // The same; empty: OpenSSL's.
};

// A token bucket: a token each `interval`, at most `burst` of them, which it holds at first.
struct RateLimit {
  Duration interval{};  // Not above zero: no limit.
  int burst = 0;
};

struct WebConfig {
  std::optional<ServerTls> tls;                // Unset: plain HTTP.
  std::map<std::string, std::string> headers;  // For every answer; none is empty.
  std::map<std::string, Secret> users;         // bcrypt hashes. Empty: anybody.
  RateLimit rate_limit;
};

struct WebFile {
  std::optional<WebConfig> config;  // Nullopt iff there is an error among the problems.
  std::vector<Problem> problems;
};

// Reads the file and those that it names, which are resolved against its directory. An empty file
// protects nothing.
WebFile LoadWebFile(const std::string& path, const Files& files);

}  // namespace watchfire::config
