// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What TLS connections of one server have in common: certificate, versions, ciphers, and which
// clients may come in. Immutable, and shared by connections on any thread.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "pkg/base/result.h"
#include "pkg/config/web_file.h"

namespace watchfire::net {

class TlsContext {
 public:
  // Errors: kInvalidArgument when OpenSSL takes something of `tls` not.
  static Result<std::shared_ptr<const TlsContext>> Make(const config::ServerTls& tls);

  // Never null, for SSL_new().
  SSL_CTX* get() const { return context_.get(); }

 private:
  explicit TlsContext(const config::ServerTls& tls);
  Status SetUp(const config::ServerTls& tls);
  Status LoadKeyPair(const config::ServerTls& tls);
  Status LoadClientAuthorities(const config::ServerTls& tls);
  static int VerifyClient(X509_STORE_CTX* chain, void* self);
  bool IsAllowed(X509* certificate) const;

  const bool trusts_anybody_;  // A client's certificate need not be signed by anybody we know.
  const std::optional<std::vector<std::string>> allowed_sans_;
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
};

// Returns the DNS names, e-mail addresses, IP addresses and URIs that a certificate is for, in
// Go's spelling: "10.0.0.1", "2001:db8::1", "spiffe://cluster/prometheus".
std::vector<std::string> AlternativeNames(X509* certificate);

}  // namespace watchfire::net
