// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Section's readers of URLs.

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/section.h"
#include "pkg/config/section_impl.h"

namespace watchfire::config {
namespace {

struct Authority {
  std::string_view user;  // With its password, without the @.
  std::string_view host;  // With its port.
};

Authority SplitAuthority(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  url = url.substr(0, url.find_first_of("/?#"));
  const size_t at = url.rfind('@');
  if (at == std::string_view::npos) return {"", url};
  return {url.substr(0, at), url.substr(at + 1)};
}

bool IsHex(char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f'); }

// The first bad %-escape of `text`, as Go quotes it; "" if there is none.
std::string BadEscape(std::string_view text) {
  for (size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 1)) {
    if (i + 2 < text.size() && IsHex(text[i + 1]) && IsHex(text[i + 2])) continue;
    return std::string(text.substr(i, 3));
  }
  return "";
}

bool IsHostByte(char c) {
  const char lower = static_cast<char>(c | 32);
  return static_cast<unsigned char>(c) >= 0x80 || (lower >= 'a' && lower <= 'z') ||
         (c >= '0' && c <= '9') ||
         std::string_view("-_.~!$&'()*+,;=:[]<>\"%").find(c) != std::string_view::npos;
}

bool IsUserByte(char c) {
  const char lower = static_cast<char>(c | 32);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("-._:~!$&'()*+,;=%@").find(c) != std::string_view::npos;
}

using Schemes = std::vector<std::string>;

// Returns what is wrong with `url`, "" if nothing is. Quotes no more of it than the scheme, and not
// even that when `secret`. Texts: Alertmanager (reference §3.2).
std::string UrlFault(const std::string& url, const Schemes& schemes, bool secret) {
  const size_t colon = url.find("://");
  const std::string scheme = ToLower(colon == std::string::npos ? "" : url.substr(0, colon));
  if (std::ranges::count(schemes, scheme) == 0) {
    return "unsupported scheme " + (secret ? "" : GoQuote(scheme) + " ") + "for URL";
  }
  if (std::ranges::any_of(url, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; })) {
    return "control character in URL";
  }
  std::string_view host = SplitAuthority(url).host;
  std::string_view port;
  const size_t port_colon = host.rfind(':');
  if (port_colon != std::string_view::npos &&
      host.find(']', port_colon) == std::string_view::npos) {
    port = host.substr(port_colon + 1);
    host = host.substr(0, port_colon);
  }
  if (host.empty()) return "missing host for URL";
  if (!std::ranges::all_of(SplitAuthority(url).user, IsUserByte)) return "invalid userinfo in URL";
  if (!std::ranges::all_of(host, IsHostByte)) return "invalid character in host name of URL";
  // As in Go, any number will do.
  if (!std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; })) {
    return "invalid port in URL";
  }
  const std::string_view path = std::string_view(url).substr(0, url.find('?'));
  const std::string escape = BadEscape(path);
  if (escape.empty()) return "";
  return "invalid URL escape" + (secret ? "" : " " + GoQuote(escape));
}

// Spaces are all that Go takes in a path and writes otherwise.
std::string EscapeSpaces(std::string url) {
  for (size_t i = url.find(' '); i != std::string::npos; i = url.find(' ', i)) {
    url.replace(i, 1, "%20");
  }
  return url;
}

std::string MaskPassword(const std::string& url) {
  const std::string_view user = SplitAuthority(url).user;
  const size_t colon = user.find(':');
  if (colon == std::string_view::npos) return url;
  std::string masked = url;
  const auto from = static_cast<size_t>(user.data() - url.data()) + colon + 1;
  // <secret>, so that it is a URL to Go as well.
  return masked.replace(from, user.size() - colon - 1, "%3Csecret%3E");
}

}  // namespace

std::string Section::UrlOf(const std::string& key, const std::string& fallback,
                           const std::vector<std::string>& schemes) {
  const YamlNode* node = impl_->FindKind(key, YamlNode::Kind::kScalar);
  std::string url = node != nullptr ? node->text : fallback;
  if (node != nullptr && url != Secret::masked()) {
    const std::string fault = UrlFault(url, schemes, impl_->secrets.contains(key));
    if (!fault.empty())
      Error(key, key + ": " + fault, "write it like " + schemes.back() + "://host/path");
  }
  url = EscapeSpaces(std::move(url));
  if (Echo* echo = impl_->ShowUnlessZero(key, url.empty())) echo->SetText(MaskPassword(url));
  return url;
}

std::string Section::Url(const std::string& key, const std::string& fallback) {
  return UrlOf(key, fallback, {"http", "https"});
}

Secret Section::SecretUrl(const std::string& key) {
  if (!Has(key)) return SecretString(key);
  SecretString(key);
  return Secret(Url(key));
}

Secret Section::SecretTemplateUrl(const std::string& key) {
  Secret url = SecretString(key);
  if (url.empty()) return url;
  const bool is_template = url.reveal().find("{{") != std::string::npos;
  if (!is_template) url = Secret(Url(key));
  const Authority authority = SplitAuthority(url.reveal());
  const bool has_host = url.reveal().find("://") != std::string::npos && !authority.host.empty() &&
                        authority.host.find("{{") == std::string_view::npos;
  if (Echo* echo = has_host ? impl_->Show(key) : nullptr) {
    const std::string scheme = url.reveal().substr(0, url.reveal().find("://") + 3);
    echo->Mask(scheme + std::string(authority.host) + "/" + Secret::masked());
  }
  return url;
}

std::string Section::ProxyUrl(const std::string& key) {
  // An empty one is as good as none.
  if (Has(key) && String(key).empty()) return {};
  return UrlOf(key, "", {"socks5", "socks5h", "https", "http"});
}

}  // namespace watchfire::config
