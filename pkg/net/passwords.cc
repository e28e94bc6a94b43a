// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/passwords.h"

#include <memory>
#include <utility>

#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "pkg/base/base64.h"
#include "pkg/base/check.h"
#include "pkg/base/digest.h"
#include "pkg/base/strings.h"

namespace watchfire::net {
namespace {

constexpr size_t kHashBytes = 60;      // "$2b$10$", 22 of salt, 31 of digest.
constexpr size_t kDigestBytes = 31;    // At the end.
constexpr size_t kPasswordBytes = 72;  // More never count.
constexpr size_t kKeyBytes = 32;

std::string RandomKey() {
  std::string key(kKeyBytes, '\0');
  WF_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), kKeyBytes) == 1);
  return key;
}

}  // namespace

bool IsPasswordOf(const std::string& hash, const std::string& password) {
  if (hash.size() < kHashBytes - 1) return false;
  // libcrypt's other prefixes stand for the bugs of old implementations. Go has none of them.
  const std::string setting = "$2b$" + hash.substr(hash[2] == '$' ? 3 : 4);
  const auto data = std::make_unique<crypt_data>();
  const char* made =
      crypt_r(password.substr(0, kPasswordBytes).c_str(), setting.c_str(), data.get());
  const std::string computed = made != nullptr ? made : "";
  if (computed.size() != kHashBytes || setting.size() != kHashBytes) return false;
  // To libcrypt a password ends at a NUL; no password of ours holds one.
  return password.find('\0') == std::string::npos &&
         EqualsConstantTime(computed.substr(kHashBytes - kDigestBytes),
                            setting.substr(kHashBytes - kDigestBytes));
}

void Passwords::Recent::Add(const std::string& digest) {
  if (!digests.insert(digest).second) return;
  in_order.push_back(digest);
  if (in_order.size() <= kRemembered) return;
  digests.erase(in_order.front());
  in_order.pop_front();
}

std::optional<bool> Passwords::Memory::Recall(const std::string& digest) const {
  if (right.digests.contains(digest)) return true;
  if (wrong.digests.contains(digest)) return false;
  return std::nullopt;
}

Passwords::Passwords(std::map<std::string, Secret> users)
    : users_(std::move(users)), key_(RandomKey()) {
  WF_CHECK(!users_.empty());
}

// Source: RFC 7617, and Go's net/http.Request.BasicAuth.
std::optional<Passwords::Pair> Passwords::Parse(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (ToLower(authorization.substr(0, kScheme.size())) != kScheme) return std::nullopt;
  const auto text = DecodeBase64(authorization.substr(kScheme.size()));
  const size_t colon = text ? text->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return Pair{text->substr(0, colon), text->substr(colon + 1)};
}

std::string Passwords::Digest(const Pair& pair) const {
  // A user name holds no colon.
  return HmacSha256(key_, pair.user + ":" + pair.password);
}

// An unknown user gets some known one's hash, the same each time: neither the time that one answer
// takes nor its change from one try to the next tells who is known.
const std::string& Passwords::HashFor(const std::string& user) const {
  const auto known = users_.find(user);
  if (known != users_.end()) return known->second.reveal();
  size_t number = 0;
  for (const char c : HmacSha256(key_, "hash for " + user).substr(0, sizeof(number))) {
    number = number << 8 | static_cast<unsigned char>(c);
  }
  return std::next(users_.begin(), static_cast<std::ptrdiff_t>(number % users_.size()))
      ->second.reveal();
}

bool Passwords::IsSlow(std::string_view authorization) const {
  const std::optional<Pair> pair = Parse(authorization);
  if (!pair) return false;
  const std::string digest = Digest(*pair);
  return !memory_.With([&](const Memory& memory) { return memory.Recall(digest); });
}

bool Passwords::Check(std::string_view authorization) const {
  const std::optional<Pair> pair = Parse(authorization);
  if (!pair) return false;
  const std::string digest = Digest(*pair);
  const auto known = memory_.With([&](const Memory& memory) { return memory.Recall(digest); });
  if (known) return *known;
  const bool matches = IsPasswordOf(HashFor(pair->user), pair->password);
  const bool right = matches && users_.contains(pair->user);
  computed_.With([](int& count) { ++count; });
  memory_.With([&](Memory& memory) { (right ? memory.right : memory.wrong).Add(digest); });
  return right;
}

}  // namespace watchfire::net
