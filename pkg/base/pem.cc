// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/pem.h"

#include <utility>

#include <openssl/pem.h>
#include <openssl/x509.h>

namespace watchfire {
namespace {

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;

Bio Read(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

// OpenSSL would ask the terminal.
int NoPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) { return -1; }

}  // namespace

std::vector<Certificate> ReadCertificates(const std::string& pem) {
  const Bio bio = Read(pem);
  std::vector<Certificate> certificates;
  for (;;) {
    Certificate next(PEM_read_bio_X509(bio.get(), nullptr, NoPassword, nullptr), X509_free);
    if (!next) return certificates;
    certificates.push_back(std::move(next));
  }
}

PrivateKey ReadPrivateKey(const std::string& pem) {
  return {PEM_read_bio_PrivateKey(Read(pem).get(), nullptr, NoPassword, nullptr), EVP_PKEY_free};
}

}  // namespace watchfire
