// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/sns/sigv4.h"

#include <map>
#include <utility>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"

namespace watchfire::notify::sns {
namespace {

constexpr const char* kAlgorithm = "AWS4-HMAC-SHA256";

// As libcurl sends it: without the scheme's own port.
std::string HostHeader(const std::string& scheme, std::string host) {
  const std::string port = scheme == "https" ? ":443" : ":80";
  if (host.ends_with(port)) host.erase(host.size() - port.size());
  return host;
}

}  // namespace

std::string AmzDate(WallTime time) {
  std::string text;
  for (const char c : FormatRfc3339(time, 0)) {
    if (c != '-' && c != ':') text += c;
  }
  return text;
}

std::string Signature(const Credentials& credentials, const Scope& scope, const std::string& method,
                      const std::string& path, const std::vector<net::Header>& headers,
                      const std::string& body) {
  std::map<std::string, std::string> sorted;
  for (const net::Header& header : headers) {
    sorted[ToLower(header.name)] = std::string(Trim(header.value));
  }
  const std::string stamp = sorted["x-amz-date"];
  const std::string date = stamp.substr(0, 8);
  std::string lines;
  std::string names;
  for (const auto& [name, value] : sorted) {
    lines += name + ":" + value + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string canonical =
      method + "\n" + path + "\n\n" + lines + "\n" + names + "\n" + Sha256Hex(body);
  const std::string place = date + "/" + scope.region + "/" + scope.service + "/aws4_request";
  const std::string text =
      std::string(kAlgorithm) + "\n" + stamp + "\n" + place + "\n" + Sha256Hex(canonical);
  std::string key = HmacSha256("AWS4" + credentials.secret_key, date);
  for (const std::string& part : {scope.region, scope.service, std::string("aws4_request")}) {
    key = HmacSha256(key, part);
  }
  return std::string(kAlgorithm) + " Credential=" + credentials.access_key + "/" + place +
         ", SignedHeaders=" + names + ", Signature=" + Hex(HmacSha256(key, text));
}

Result<net::OutRequest> SignedForm(const Credentials& credentials, const Scope& scope,
                                   const std::string& url, const std::string& form, WallTime now) {
  const size_t scheme_end = url.find("://");
  const std::string scheme = url.substr(0, scheme_end);
  if (scheme_end == std::string::npos || (scheme != "https" && scheme != "http")) {
    return InvalidArgument("not an http(s) URL");
  }
  const size_t host_begin = scheme_end + 3;
  const size_t path_begin = std::min(url.find('/', host_begin), url.size());
  const std::string host = url.substr(host_begin, path_begin - host_begin);
  const std::string path = path_begin == url.size() ? "/" : url.substr(path_begin);
  if (host.empty() || host.find('@') != std::string::npos ||
      path.find_first_of("?#") != std::string::npos) {
    return InvalidArgument("a URL with a host, and without user and query, is needed");
  }
  net::OutRequest request;
  request.url = Secret(url.substr(0, path_begin) + path);
  request.shown_url = request.url.reveal();
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                     {"X-Amz-Date", AmzDate(now)}};
  if (!credentials.session_token.empty()) {
    request.headers.push_back({"X-Amz-Security-Token", credentials.session_token});
  }
  std::vector<net::Header> signed_headers = request.headers;
  signed_headers.push_back({"Host", HostHeader(scheme, host)});
  request.headers.push_back(
      {"Authorization", Signature(credentials, scope, "POST", path, signed_headers, form)});
  request.body = form;
  return request;
}

}  // namespace watchfire::notify::sns
