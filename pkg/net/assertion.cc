// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/assertion.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "pkg/base/base64.h"
#include "pkg/base/check.h"
#include "pkg/base/json.h"
#include "pkg/base/pem.h"
#include "pkg/base/strings.h"
#include "pkg/base/uuid.h"

namespace watchfire::net {
namespace {

using config::Any;
using config::Assertion;

constexpr std::chrono::minutes kGood{10};

void Write(const Any& value, JsonWriter* out) {
  if (const auto* map = value.As<Any::Map>()) {
    out->StartObject();
    for (const auto& [name, entry] : *map) {
      out->Key(name);
      Write(entry, out);
    }
    out->EndObject();
  } else if (const auto* list = value.As<Any::List>()) {
    out->StartArray();
    for (const Any& entry : *list) Write(entry, out);
    out->EndArray();
  } else if (const auto* text = value.As<std::string>()) {
    out->String(*text);
  } else if (const auto* boolean = value.As<bool>()) {
    out->Bool(*boolean);
  } else if (const auto* whole = value.As<int64_t>()) {
    out->Int(*whole);
  } else if (const auto* number = value.As<double>()) {
    out->Double(*number);
  } else {
    out->Null();
  }
}

const EVP_MD* DigestOf(const std::string& algorithm) {
  if (algorithm == "RS384") return EVP_sha384();
  return algorithm == "RS512" ? EVP_sha512() : EVP_sha256();
}

Result<std::string> Sign(const std::string& text, const std::string& algorithm,
                         const std::string& pem) {
  const PrivateKey key = ReadPrivateKey(pem);
  ERR_clear_error();
  if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    return InvalidArgument("client_certificate_key is no RSA key in PEM without a password");
  }
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  std::string signature;
  const bool is_ready =
      EVP_DigestSignInit(context.get(), nullptr, DigestOf(algorithm), nullptr, key.get()) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1;
  signature.resize(size);
  if (!is_ready || EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                                  &size, bytes, text.size()) != 1) {
    ERR_clear_error();
    return InvalidArgument("client_certificate_key is too short for " + algorithm);
  }
  signature.resize(size);
  return signature;
}

}  // namespace

std::string ToJson(const Any& value) {
  JsonWriter out;
  Write(value, &out);
  return out.Take();
}

std::string RandomUuid() {
  std::array<uint64_t, 2> bits{};
  WF_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bits.data()), sizeof(bits)) == 1);
  return Uuid4(bits[0], bits[1]);
}

Result<std::string> SignAssertion(const config::OAuth2& oauth2, const std::string& key,
                                  const std::string& id, WallTime now) {
  const Assertion& assertion = *oauth2.assertion;
  Any::Map header = {{"alg", {assertion.algorithm}}, {"typ", {"JWT"}}};
  if (!assertion.key_id.empty()) header["kid"] = {assertion.key_id};
  const int64_t second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  Any::Map claims = {{"iss", {assertion.issuer.empty() ? oauth2.client_id : assertion.issuer}},
                     {"sub", {oauth2.client_id}},
                     {"jti", {id}},
                     {"aud", {assertion.audience.empty() ? oauth2.token_url : assertion.audience}},
                     {"iat", {second}},
                     {"exp", {second + std::chrono::seconds(kGood).count()}}};
  if (!oauth2.scopes.empty()) claims["scope"] = {Join(oauth2.scopes, " ")};
  for (const auto& [name, value] : assertion.claims) claims[name] = value;
  std::string text = EncodeBase64Url(ToJson({std::move(header)})) + "." +
                     EncodeBase64Url(ToJson({std::move(claims)}));
  const Result<std::string> signature = Sign(text, assertion.algorithm, key);
  if (!signature) return Fail(signature.error());
  return text + "." + EncodeBase64Url(*signature);
}

}  // namespace watchfire::net
