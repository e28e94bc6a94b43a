// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For this folder's tests: an RSA key, and what somebody who has it signed.

#pragma once

#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "pkg/base/pem.h"

namespace watchfire::net {

struct RsaKey {
  PrivateKey key;
  std::string pem;

  // Whether `signature` over `text` was made with this key and the digest named "SHA256" …
  bool Signed(const std::string& text, const std::string& signature, const char* digest) const {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                     EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_get_digestbyname(digest), nullptr,
                                key.get()) == 1 &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
  }
};

// A new key, of 1,024 bits: more take a moment to find.
inline RsaKey NewRsaKey() {
  RsaKey made{{EVP_RSA_gen(1024), EVP_PKEY_free}, ""};
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PrivateKey(bio.get(), made.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  made.pem.assign(data, static_cast<size_t>(size));
  return made;
}

}  // namespace watchfire::net
