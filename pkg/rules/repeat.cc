// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/repeat.h"

#include "pkg/base/strings.h"

namespace watchfire::rules {
namespace {

// `text` as one word of a shell.
std::string ShellQuote(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Whether a header says whose the samples are, to Mimir and Thanos. Others may be credentials.
bool NamesTenant(std::string_view header) {
  const std::string name = ToLower(header);
  return name == "x-scope-orgid" || name == "thanos-tenant";
}

}  // namespace

std::string CurlLine(const config::Datasource& datasource, std::string_view expr, WallTime at) {
  std::string url = datasource.url;
  const size_t host = url.find("://") + 3;
  const size_t user = url.substr(0, url.find('/', host)).rfind('@');
  if (user != std::string::npos) url.erase(host, user + 1 - host);
  std::string tenants;
  for (const auto& [name, value] : datasource.headers) {
    if (NamesTenant(name)) tenants += "-H " + ShellQuote(name + ": " + value) + " ";
  }
  return "curl -s " + tenants + ShellQuote(url + "/api/v1/query") + " --data-urlencode " +
         ShellQuote("query=" + std::string(expr)) + " --data-urlencode " +
         ShellQuote("time=" + FormatRfc3339(at));
}

}  // namespace watchfire::rules
