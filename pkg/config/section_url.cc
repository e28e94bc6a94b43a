// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Section's readers of URLs.

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/scalar.h"
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

// The first bad %-escape of `text`, as Go quotes it; "" if there is none. In the name of a host
// only what is not ASCII may be escaped, and the percent sign itself.
std::string BadEscape(std::string_view text, bool is_host) {
  for (size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 1)) {
    const bool is_escape = i + 2 < text.size() && IsHex(text[i + 1]) && IsHex(text[i + 2]);
    const bool is_ascii = is_escape && text[i + 1] < '8' && text.substr(i, 3) != "%25";
    if (is_escape && !(is_host && is_ascii)) continue;
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

// What stands before the port in `host`, brackets and all.
std::string_view HostName(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.rfind(']') + 1);
  return host.substr(0, host.rfind(':'));
}

// Returns what Go finds wrong with the scheme of `url` when it reads it, "" if nothing: none at all
// is fine.
std::string SchemeFault(std::string_view url) {
  const size_t end = url.find_first_of(":/?#");
  if (end == std::string_view::npos || url[end] != ':') return "";
  if (end == 0) return "missing protocol scheme in URL";
  const auto is_letter = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
  const auto is_part = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  if (is_letter(url[0]) && std::ranges::all_of(url.substr(0, end), is_part)) return "";
  return "first path segment of URL cannot contain colon";
}

// The same for user, host and port.
std::string AuthorityFault(const Authority& authority) {
  const std::string_view host = authority.host;
  if (!std::ranges::all_of(authority.user, IsUserByte)) return "invalid userinfo in URL";
  if (!std::ranges::all_of(host, IsHostByte)) return "invalid character in host name of URL";
  if (host.starts_with('[') && host.find(']') == std::string_view::npos) {
    return "missing ']' in host of URL";
  }
  // As in Go, any number will do, and none.
  const std::string_view port = host.substr(HostName(host).size());
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool is_port =
      port.empty() || (port[0] == ':' && std::ranges::all_of(port.substr(1), is_digit));
  return is_port ? "" : "invalid port in URL";
}

using Schemes = std::vector<std::string>;

// Returns what makes `url` none that Go could read, "" if nothing does. Quotes no more of it than
// an escape, and not even that when `secret`.
std::string SyntaxFault(const std::string& url, bool secret) {
  if (std::ranges::any_of(url, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; })) {
    return "control character in URL";
  }
  std::string fault = SchemeFault(url);
  const Authority authority =
      url.find("://") == std::string::npos ? Authority{} : SplitAuthority(url);
  if (fault.empty()) fault = AuthorityFault(authority);
  if (!fault.empty()) return fault;
  std::string escape = BadEscape(std::string_view(url).substr(0, url.find('?')), false);
  const std::string_view name = HostName(authority.host);
  if (escape.empty() && !name.starts_with('[')) escape = BadEscape(name, true);
  if (escape.empty()) return "";
  return "invalid URL escape" + (secret ? "" : " " + GoQuote(escape));
}

// Returns why nothing can be sent to `url`, "" if something can. Quotes no more of it than the
// scheme, and not even that when `secret`. Texts: Alertmanager (reference §3.2).
std::string TargetFault(const std::string& url, const Schemes& schemes, bool secret) {
  const size_t colon = url.find("://");
  const std::string scheme = ToLower(colon == std::string::npos ? "" : url.substr(0, colon));
  if (std::ranges::count(schemes, scheme) == 0) {
    return "unsupported scheme " + (secret ? "" : GoQuote(scheme) + " ") + "for URL";
  }
  return SplitAuthority(url).host.empty() ? "missing host for URL" : "";
}

// A port alone means this machine, as in Go.
std::string WithHost(std::string url) {
  const size_t colon = url.find("://");
  if (colon == std::string::npos) return url;
  const std::string_view host = SplitAuthority(url).host;
  if (host.empty() || !HostName(host).empty()) return url;
  return url.insert(static_cast<size_t>(host.data() - url.data()), "localhost");
}

// Spaces are all that Go takes in a path and writes otherwise.
std::string EscapeSpaces(std::string url) {
  for (size_t i = url.find(' '); i != std::string::npos; i = url.find(' ', i)) {
    url.replace(i, 1, "%20");
  }
  return url;
}

}  // namespace

std::string MaskPassword(const std::string& url, const char* mask) {
  const std::string_view user = SplitAuthority(url).user;
  const size_t colon = user.find(':');
  if (colon == std::string_view::npos) return url;
  std::string masked = url;
  const auto from = static_cast<size_t>(user.data() - url.data()) + colon + 1;
  return masked.replace(from, user.size() - colon - 1, mask);
}

std::string Section::UrlOf(const std::string& key, const std::string& fallback,
                           const std::vector<std::string>& schemes, UrlRule rule) {
  impl_->Note(key, "URL", fallback);
  if (impl_->Marked(key)) return Survey::kMarked;
  const YamlNode* node = impl_->FindKind(key, YamlNode::Kind::kScalar);
  std::string url = node != nullptr ? node->text : fallback;
  const bool secret = impl_->secrets.contains(key);
  if (node != nullptr && !(secret && url == Secret::masked())) {
    const std::string target = TargetFault(url, schemes, secret);
    const std::string syntax = SyntaxFault(url, secret);
    const std::string like = "write it like " + schemes.back() + "://host/path";
    const std::string hint = IsPlaceholder(url, /*is_url=*/true)
                                 ? "it looks like a placeholder that was left in; " + like
                                 : like;
    const bool is_unreadable = rule == UrlRule::kReadable && !syntax.empty();
    const std::string& fault = is_unreadable || target.empty() ? syntax : target;
    const bool is_error = is_unreadable || rule == UrlRule::kUsable;
    if (is_error && !fault.empty()) {
      Error(key, key + ": " + fault, hint);
    } else if (!fault.empty()) {
      Warn(key, key + ": " + fault + ", so nothing will be sent", hint);
    }
  }
  if (Echo* echo = impl_->ShowUnlessZero(key, url.empty())) {
    echo->SetText(MaskPassword(EscapeSpaces(url)));
  }
  return WithHost(EscapeSpaces(std::move(url)));
}

std::string Section::Url(const std::string& key, const std::string& fallback) {
  return UrlOf(key, fallback, {"http", "https"}, UrlRule::kUsable);
}

Secret Section::SecretUrl(const std::string& key) {
  impl_->Note(key, "secret URL");
  if (!Has(key)) return Conceal(key);
  Conceal(key);
  return Secret(Url(key));
}

Secret Section::SecretTemplateUrl(const std::string& key) {
  Secret url = Conceal(key);
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

std::string Section::TokenUrl(const std::string& key) {
  if (Has(key) && String(key).empty()) return {};
  return UrlOf(key, "", {"http", "https"}, UrlRule::kAny);
}

std::string Section::ProxyUrl(const std::string& key) {
  // An empty one is as good as none.
  if (Has(key) && String(key).empty()) return {};
  return UrlOf(key, "", {"socks5", "socks5h", "https", "http"}, UrlRule::kReadable);
}

}  // namespace watchfire::config
