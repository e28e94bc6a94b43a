// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Certificates and private keys out of PEM texts, by libcrypto. What ended the reading, be it only
// the end of the text, stays in its error queue (ERR_peek_last_error, ERR_clear_error).

#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/types.h>

namespace watchfire {

using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

// Returns the certificates in `pem` before its end, or before one that is none.
std::vector<Certificate> ReadCertificates(const std::string& pem);

// Returns null when `pem` holds no private key that can be read without a password.
PrivateKey ReadPrivateKey(const std::string& pem);

}  // namespace watchfire
