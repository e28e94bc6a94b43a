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

bool IsPort(std::string_view text) {
  return text.size() <= 5 && (text.size() < 5 || text <= "65535") &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
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
  if (std::ranges::any_of(url, [](char c) { return (c >= 0 && c <= ' ') || c == 0x7f; })) {
    return "space or control character in URL";
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
  return IsPort(port) ? "" : "invalid port in URL";
}

std::string MaskPassword(const std::string& url) {
  const std::string_view user = SplitAuthority(url).user;
  const size_t colon = user.find(':');
  if (colon == std::string_view::npos) return url;
  std::string masked = url;
  const auto from = static_cast<size_t>(user.data() - url.data()) + colon + 1;
  return masked.replace(from, user.size() - colon - 1, Secret::masked());
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
  Echo* echo = impl_->Show(key);
  if (echo != nullptr && (node != nullptr || !url.empty())) echo->SetText(MaskPassword(url));
  return url;
}

std::string Section::Url(const std::string& key, const std::string& fallback) {
  return UrlOf(key, fallback, {"http", "https"});
}

std::string Section::ProxyUrl(const std::string& key) {
  // An empty one is as good as none.
  if (Has(key) && String(key).empty()) return {};
  return UrlOf(key, "", {"socks5", "socks5h", "https", "http"});
}

}  // namespace watchfire::config
