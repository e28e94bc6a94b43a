// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/key_pair.h"

#include <memory>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace watchfire::config {
namespace {

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

Bio Read(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

// OpenSSL would ask the terminal.
int NoPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) { return -1; }

Certificate NextCertificate(const Bio& bio) {
  return {PEM_read_bio_X509(bio.get(), nullptr, NoPassword, nullptr), X509_free};
}

}  // namespace

Status CheckKeyPair(const std::string& certificate, const std::string& key) {
  const Certificate first = NextCertificate(Read(certificate));
  const PrivateKey secret(PEM_read_bio_PrivateKey(Read(key).get(), nullptr, NoPassword, nullptr),
                          EVP_PKEY_free);
  const bool is_pair = first && secret && X509_check_private_key(first.get(), secret.get()) == 1;
  ERR_clear_error();
  if (!first) return InvalidArgument("no PEM certificate in it");
  if (!secret) return InvalidArgument("no PEM private key without password in it");
  if (!is_pair) return InvalidArgument("private key does not match the certificate's public key");
  return {};
}

size_t CountCertificates(const std::string& pem) {
  const Bio bio = Read(pem);
  size_t count = 0;
  while (NextCertificate(bio)) ++count;
  ERR_clear_error();
  return count;
}

}  // namespace watchfire::config
