// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/curl_tls.h"

#include <string>

namespace watchfire::net {
namespace {

using config::TlsVersion;

// libcurl has every option twice: for the server and for the proxy.
struct Options {
  CURLoption verify_peer, verify_host, version, ciphers;
  CURLoption ca_file, ca_directory, ca;
  CURLoption cert_file, cert, key_file, key;
};
constexpr Options kServer = {CURLOPT_SSL_VERIFYPEER,  CURLOPT_SSL_VERIFYHOST, CURLOPT_SSLVERSION,
                             CURLOPT_SSL_CIPHER_LIST, CURLOPT_CAINFO,         CURLOPT_CAPATH,
                             CURLOPT_CAINFO_BLOB,     CURLOPT_SSLCERT,        CURLOPT_SSLCERT_BLOB,
                             CURLOPT_SSLKEY,          CURLOPT_SSLKEY_BLOB};
constexpr Options kProxy = {
    CURLOPT_PROXY_SSL_VERIFYPEER,  CURLOPT_PROXY_SSL_VERIFYHOST, CURLOPT_PROXY_SSLVERSION,
    CURLOPT_PROXY_SSL_CIPHER_LIST, CURLOPT_PROXY_CAINFO,         CURLOPT_PROXY_CAPATH,
    CURLOPT_PROXY_CAINFO_BLOB,     CURLOPT_PROXY_SSLCERT,        CURLOPT_PROXY_SSLCERT_BLOB,
    CURLOPT_PROXY_SSLKEY,          CURLOPT_PROXY_SSLKEY_BLOB};

void SetText(CURL* easy, CURLoption option, const std::string& text) {
  if (!text.empty()) curl_easy_setopt(easy, option, text.c_str());
}

void SetBlob(CURL* easy, CURLoption option, const std::string& text) {
  if (text.empty()) return;
  curl_blob blob{const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
  curl_easy_setopt(easy, option, &blob);
}

long Versions(TlsVersion least, TlsVersion most) {  // NOLINT(google-runtime-int): libcurl's type.
  const auto pick = [](TlsVersion version, long fallback, long v10, long v11, long v12, long v13) {
    switch (version) {
      case TlsVersion::kDefault:
        return fallback;
      case TlsVersion::kTls10:
        return v10;
      case TlsVersion::kTls11:
        return v11;
      case TlsVersion::kTls12:
        return v12;
      case TlsVersion::kTls13:
        return v13;
    }
    return fallback;
  };
  return pick(least, CURL_SSLVERSION_TLSv1_2, CURL_SSLVERSION_TLSv1_0, CURL_SSLVERSION_TLSv1_1,
              CURL_SSLVERSION_TLSv1_2, CURL_SSLVERSION_TLSv1_3) |
         pick(most, CURL_SSLVERSION_MAX_DEFAULT, CURL_SSLVERSION_MAX_TLSv1_0,
              CURL_SSLVERSION_MAX_TLSv1_1, CURL_SSLVERSION_MAX_TLSv1_2,
              CURL_SSLVERSION_MAX_TLSv1_3);
}

void Apply(CURL* easy, const config::TlsConfig& tls, const Options& options) {
  const bool verify = !tls.insecure_skip_verify;
  curl_easy_setopt(easy, options.verify_peer, verify ? 1L : 0L);
  curl_easy_setopt(easy, options.verify_host, verify ? 2L : 0L);
  curl_easy_setopt(easy, options.version, Versions(tls.min_version, tls.max_version));
  if (tls.min_version == TlsVersion::kTls10 || tls.min_version == TlsVersion::kTls11) {
    // OpenSSL's usual security level forbids what these versions sign with.
    curl_easy_setopt(easy, options.ciphers, "DEFAULT:@SECLEVEL=0");
  }
  if (!tls.ca_file.empty() || !tls.ca.empty()) {
    // Only these authorities: the system's directory would be asked as well.
    curl_easy_setopt(easy, options.ca_directory, nullptr);
  }
  SetText(easy, options.ca_file, tls.ca_file);
  SetBlob(easy, options.ca, tls.ca);
  SetText(easy, options.cert_file, tls.cert_file);
  SetBlob(easy, options.cert, tls.cert);
  SetText(easy, options.key_file, tls.key_file);
  SetBlob(easy, options.key, tls.key.reveal());
}

}  // namespace

void ApplyTls(CURL* easy, const config::TlsConfig& tls) {
  Apply(easy, tls, kServer);
  Apply(easy, tls, kProxy);
}

}  // namespace watchfire::net
