// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/base/base64.h"
#include "pkg/base/strings.h"
#include "pkg/net/socket.h"

namespace watchfire::net {
namespace {

constexpr size_t kCredentialBytes = size_t{64} * 1024;

// Returns `text`, or what the file holds when there is one.
Result<std::string> TextOrFile(const std::string& text, const std::string& path) {
  return path.empty() ? text : ReadCredential(path);
}

}  // namespace

Result<std::string> ReadCredential(const std::string& path) {
  const auto failed = InvalidArgument("cannot read credential file " + path);
  const Fd file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat about {};
  if (!file || fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) return failed;
  std::string text(kCredentialBytes + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(file.get(), text.data() + size, text.size() - size);
    if (count < 0) return failed;
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  if (size > kCredentialBytes) return failed;
  return std::string(Trim(std::string_view(text).substr(0, size)));
}

std::string BasicCredentials(const std::string& username, const std::string& password) {
  return "Basic " + EncodeBase64(username + ":" + password);
}

Result<std::string> AuthorizationValue(const config::HttpConfig& http) {
  if (http.basic_auth) {
    const config::BasicAuth& basic = *http.basic_auth;
    const Result<std::string> username = TextOrFile(basic.username, basic.username_file);
    if (!username) return username;
    const Result<std::string> password = TextOrFile(basic.password.reveal(), basic.password_file);
    if (!password) return password;
    return BasicCredentials(*username, *password);
  }
  if (!http.authorization) return "";
  const config::Authorization& header = *http.authorization;
  const Result<std::string> credentials =
      TextOrFile(header.credentials.reveal(), header.credentials_file);
  if (!credentials) return credentials;
  return std::string(Trim(header.type + " " + *credentials));
}

Result<std::vector<Header>> ConfiguredHeaders(const config::HttpConfig& http, bool trusted) {
  std::vector<Header> headers;
  for (const auto& [name, header] : http.headers) {
    for (const std::string& value : header.values) headers.push_back({name, value});
    if (!trusted) continue;
    for (const Secret& secret : header.secrets) headers.push_back({name, secret.reveal()});
    for (const std::string& path : header.files) {
      Result<std::string> text = ReadCredential(path);
      if (!text) return Fail(std::move(text.error()));
      headers.push_back({name, *std::move(text)});
    }
  }
  return headers;
}

}  // namespace watchfire::net
