// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/proxy.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>

#include <arpa/inet.h>

#include "pkg/base/strings.h"

namespace watchfire::net {
namespace {

// An IPv4 address takes its IPv6-mapped form, so that both spellings are equal.
using Address = std::array<uint8_t, 16>;
constexpr Address kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;

std::optional<Address> ParseAddress(const std::string& text, bool* is_v4 = nullptr) {
  Address address = kMapped;
  if (inet_pton(AF_INET, text.c_str(), address.data() + kMappedBits / 8) == 1) {
    if (is_v4 != nullptr) *is_v4 = true;
    return address;
  }
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

bool IsLoopback(const Address& address) {
  const bool is_v4 = std::memcmp(address.data(), kMapped.data(), kMappedBits / 8) == 0;
  Address v6{};
  v6[15] = 1;
  return is_v4 ? address[12] == 127 : address == v6;
}

bool SameBits(const Address& a, const Address& b, int bits) {
  const auto bytes = static_cast<size_t>(bits / 8);
  if (std::memcmp(a.data(), b.data(), bytes) != 0) return false;
  const int rest = bits % 8;
  return rest == 0 || ((a[bytes] ^ b[bytes]) >> (8 - rest)) == 0;
}

// Returns whether `address` is in `block`; nullopt when that is no CIDR block.
std::optional<bool> InBlock(const std::string& block, const std::optional<Address>& address) {
  const size_t slash = block.find('/');
  if (slash == std::string::npos) return std::nullopt;
  bool is_v4 = false;
  const std::optional<Address> base = ParseAddress(block.substr(0, slash), &is_v4);
  int bits = 0;
  const char* end = block.data() + block.size();
  const auto [stop, error] = std::from_chars(block.data() + slash + 1, end, bits);
  if (!base || error != std::errc() || stop != end || bits < 0 || bits > (is_v4 ? 32 : 128)) {
    return std::nullopt;
  }
  return address && SameBits(*base, *address, is_v4 ? bits + kMappedBits : bits);
}

std::string Unbracketed(std::string host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return host;
}

// Takes ":port" off `entry`. An IPv6 address without brackets has none.
std::string TakePort(std::string* entry) {
  const size_t colon = entry->rfind(':');
  if (colon == std::string::npos || entry->find(']', colon) != std::string::npos) return {};
  if (entry->front() != '[' && entry->find(':') != colon) return {};
  std::string port = entry->substr(colon + 1);
  entry->resize(colon);
  return port;
}

bool Matches(std::string entry, const std::string& host, const std::optional<Address>& address,
             const std::string& port) {
  if (const std::optional<bool> inside = InBlock(entry, address)) return *inside;
  const std::string wanted_port = TakePort(&entry);
  if (!wanted_port.empty() && wanted_port != port) return false;
  entry = Unbracketed(entry);
  if (entry.empty()) return false;
  if (const std::optional<Address> wanted = ParseAddress(entry)) return wanted == address;
  if (address) return false;
  if (entry.starts_with("*.")) entry.erase(0, 1);
  if (entry.front() == '.') return host.ends_with(entry);
  return host == entry || host.ends_with("." + entry);
}

std::string Environment(const char* upper, const char* lower) {
  for (const char* name : {upper, lower}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

}  // namespace

ProxyEnvironment ReadProxyEnvironment() {
  return {Environment("HTTP_PROXY", "http_proxy"), Environment("HTTPS_PROXY", "https_proxy"),
          Environment("NO_PROXY", "no_proxy")};
}

bool BypassesProxy(std::string_view no_proxy, const Target& target) {
  const std::string host = Unbracketed(ToLower(target.host));
  const std::optional<Address> address = ParseAddress(host);
  if (host == "localhost" || (address && IsLoopback(*address))) return true;
  for (const std::string_view part : Split(no_proxy, ',')) {
    const std::string entry = ToLower(Trim(part));
    if (entry == "*") return true;
    if (!entry.empty() && Matches(entry, host, address, target.port)) return true;
  }
  return false;
}

std::string ChooseProxy(const config::ProxyConfig& proxy, const ProxyEnvironment& environment,
                        const Target& target) {
  std::string url = proxy.url;
  if (proxy.from_environment) {
    url = target.scheme == "https" ? environment.https : environment.http;
    if (!url.empty() && url.find("://") == std::string::npos) url = "http://" + url;
    if (BypassesProxy(environment.no_proxy, target)) return {};
  } else if (!proxy.no_proxy.empty() && BypassesProxy(proxy.no_proxy, target)) {
    return {};
  }
  // Go leaves names to the proxy; libcurl does so only with the h.
  return url.starts_with("socks5://") ? "socks5h" + url.substr(6) : url;
}

}  // namespace watchfire::net
