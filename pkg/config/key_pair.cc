// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/key_pair.h"

#include <vector>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "pkg/base/pem.h"

namespace watchfire::config {

Status CheckKeyPair(const std::string& certificate, const std::string& key) {
  const std::vector<Certificate> chain = ReadCertificates(certificate);
  const PrivateKey secret = ReadPrivateKey(key);
  const bool is_pair =
      !chain.empty() && secret && X509_check_private_key(chain.front().get(), secret.get()) == 1;
  ERR_clear_error();
  if (chain.empty()) return InvalidArgument("no PEM certificate in it");
  if (!secret) return InvalidArgument("no PEM private key without password in it");
  if (!is_pair) return InvalidArgument("private key does not match the certificate's public key");
  return {};
}

size_t CountCertificates(const std::string& pem) {
  const size_t count = ReadCertificates(pem).size();
  ERR_clear_error();
  return count;
}

}  // namespace watchfire::config
