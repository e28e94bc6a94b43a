// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/tls_context.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "pkg/base/check.h"
#include "pkg/base/pem.h"
#include "pkg/base/strings.h"

namespace watchfire::net {
namespace {

using config::ClientAuth;
using config::TlsVersion;

// What Go's servers offer below TLS 1.3, in its order.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA";
constexpr std::string_view kProtocol = "http/1.1";

tl::unexpected<Error> Refused(const std::string& what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  ERR_clear_error();
  return InvalidArgument("tls_server_config: " + what + ": " + text.data());
}

int Number(TlsVersion version) {
  switch (version) {
    case TlsVersion::kTls10:
      return TLS1_VERSION;
    case TlsVersion::kTls11:
      return TLS1_1_VERSION;
    case TlsVersion::kTls12:
      return TLS1_2_VERSION;
    case TlsVersion::kTls13:
      return TLS1_3_VERSION;
    case TlsVersion::kDefault:
      break;
  }
  return 0;
}

int VerifyMode(ClientAuth policy) {
  switch (policy) {
    case ClientAuth::kNone:
      return SSL_VERIFY_NONE;
    case ClientAuth::kRequest:
    case ClientAuth::kVerifyIfGiven:
      return SSL_VERIFY_PEER;
    case ClientAuth::kRequireAny:
    case ClientAuth::kRequireAndVerify:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

// We speak HTTP/1.1 alone. Who offers protocols and not this one is refused, as by Go.
int SelectProtocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* in, unsigned in_size, void* /*unused*/) {
  for (unsigned at = 0; at < in_size && at + 1 + in[at] <= in_size; at += 1U + in[at]) {
    const std::string_view name(reinterpret_cast<const char*>(in) + at + 1, in[at]);
    if (name != kProtocol) continue;
    *out = in + at + 1;
    *out_size = in[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::string Text(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

std::string AddressText(const ASN1_OCTET_STRING* address) {
  const int size = ASN1_STRING_length(address);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (size != 4 && size != 16) return "";
  inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), text.data(),
            static_cast<socklen_t>(text.size()));
  return text.data();
}

}  // namespace

std::vector<std::string> AlternativeNames(X509* certificate) {
  std::vector<std::string> texts;
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI) {
      texts.push_back(Text(name->d.ia5));
    } else if (name->type == GEN_IPADD) {
      texts.push_back(AddressText(name->d.iPAddress));
    }
  }
  return texts;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::Make(const config::ServerTls& tls) {
  const std::shared_ptr<TlsContext> context(new TlsContext(tls));
  WF_RETURN_IF_ERROR(context->SetUp(tls));
  return std::shared_ptr<const TlsContext>(context);
}

TlsContext::TlsContext(const config::ServerTls& tls)
    : trusts_anybody_(tls.client_auth == ClientAuth::kRequest ||
                      tls.client_auth == ClientAuth::kRequireAny),
      allowed_sans_(tls.client_allowed_sans),
      context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
  WF_CHECK(context_ != nullptr);
}

Status TlsContext::SetUp(const config::ServerTls& tls) {
  SSL_CTX* context = context_.get();
  const bool is_old = tls.min_version < TlsVersion::kTls12;
  // Debian's level 2 refuses keys that Go's servers work with, and level 1 what TLS 1.1 signs with.
  SSL_CTX_set_security_level(context, is_old ? 0 : 1);
  SSL_CTX_set_min_proto_version(context, Number(tls.min_version));
  SSL_CTX_set_max_proto_version(context, Number(tls.max_version));
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (tls.prefer_server_ciphers) SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  // No session outlives its connection: what a client may do is decided by the certificate that it
  // shows, each time.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_alpn_select_cb(context, SelectProtocol, nullptr);
  const std::string ciphers = tls.ciphers.empty() ? kCiphers : Join(tls.ciphers, ":");
  if (SSL_CTX_set_cipher_list(context, ciphers.c_str()) != 1) return Refused("cipher_suites");
  const std::string curves = Join(tls.curves, ":");
  if (!curves.empty() && SSL_CTX_set1_groups_list(context, curves.c_str()) != 1) {
    return Refused("curve_preferences");
  }
  WF_RETURN_IF_ERROR(LoadKeyPair(tls));
  SSL_CTX_set_verify(context, VerifyMode(tls.client_auth), nullptr);
  SSL_CTX_set_cert_verify_callback(context, &TlsContext::VerifyClient, this);
  return LoadClientAuthorities(tls);
}

Status TlsContext::LoadKeyPair(const config::ServerTls& tls) {
  const std::vector<Certificate> chain = ReadCertificates(tls.certificate);
  if (chain.empty() || SSL_CTX_use_certificate(context_.get(), chain.front().get()) != 1) {
    return Refused("cert");
  }
  for (size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context_.get(), chain[i].get()) != 1) return Refused("cert");
  }
  ERR_clear_error();  // How the end of a PEM text shows.
  const PrivateKey key = ReadPrivateKey(tls.key.reveal());
  if (!key || SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1) return Refused("key");
  return {};
}

Status TlsContext::LoadClientAuthorities(const config::ServerTls& tls) {
  X509_STORE* store = SSL_CTX_get_cert_store(context_.get());
  // As in Go whatever is listed is trusted, a root or not.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  if (tls.client_ca.empty()) {
    if (tls.client_auth != ClientAuth::kNone) X509_STORE_set_default_paths(store);
    ERR_clear_error();
    return {};
  }
  for (const Certificate& authority : ReadCertificates(tls.client_ca)) {
    if (X509_STORE_add_cert(store, authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context_.get(), authority.get()) != 1) {
      return Refused("client_ca");
    }
  }
  ERR_clear_error();
  return {};
}

// Runs in a handshake when the client has sent a certificate. Returns 1 to go on.
int TlsContext::VerifyClient(X509_STORE_CTX* chain, void* self) {
  const auto& context = *static_cast<const TlsContext*>(self);
  if (!context.trusts_anybody_ && X509_verify_cert(chain) != 1) return 0;
  if (context.IsAllowed(X509_STORE_CTX_get0_cert(chain))) {
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    return 1;
  }
  X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

bool TlsContext::IsAllowed(X509* certificate) const {
  if (!allowed_sans_) return true;
  const std::vector<std::string> names = AlternativeNames(certificate);
  return std::ranges::any_of(names, [&](const std::string& name) {
    return std::ranges::find(*allowed_sans_, name) != allowed_sans_->end();
  });
}

}  // namespace watchfire::net
