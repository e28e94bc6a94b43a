// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/web_access.h"

#include <utility>

#include "pkg/app/files.h"
#include "pkg/app/loader.h"
#include "pkg/app/log.h"
#include "pkg/base/digest.h"
#include "pkg/base/limits.h"
#include "pkg/config/web_file.h"

namespace watchfire::app {

Result<std::unique_ptr<WebAccess>> WebAccess::Load(const std::string& path) {
  std::unique_ptr<WebAccess> web(new WebAccess(path));
  Result<std::shared_ptr<const net::Access>> access = web->Read();
  if (!access) return Fail(std::move(access.error()));
  web->has_tls_ = (*access)->tls() != nullptr;
  web->current_.With([&](auto& current) { current = *std::move(access); });
  return web;
}

// What changes between the reading and the digest shows in the next digest, for the parts are
// digested as they were read.
Result<std::shared_ptr<const net::Access>> WebAccess::Read() {
  read_.clear();
  std::string all;
  config::Files files = RealFiles();
  files.read = [&](const std::string& path) {
    Result<std::string> text = ReadFile(path, limits::kConfigBytes);
    read_.push_back(path);
    all += path + "\n" + text.value_or("(unreadable)") + "\n";
    return text;
  };
  const config::WebFile file = config::LoadWebFile(path_, files);
  digest_ = Sha256Hex(all);
  for (const config::Problem& problem : file.problems) {
    const bool error = problem.level == config::Problem::Level::kError;
    Log(error ? Level::kError : Level::kWarn,
        error ? "web configuration error" : "web configuration", {{"problem", problem.ToString()}});
  }
  if (!file.config) return InvalidArgument(Describe(file.problems));
  Result<std::shared_ptr<const net::Access>> access = net::Access::Make(*file.config);
  if (!access) return InvalidArgument(path_ + ": " + access.error().message);
  return access;
}

std::string WebAccess::Digest() const {
  std::string all;
  for (const std::string& path : read_) {
    all += path + "\n" + ReadFile(path, limits::kConfigBytes).value_or("(unreadable)") + "\n";
  }
  return Sha256Hex(all);
}

void WebAccess::RefreshIfChanged() {
  if (Digest() == digest_) return;
  Result<std::shared_ptr<const net::Access>> access = Read();
  if (access && ((*access)->tls() != nullptr) != has_tls_) {
    access =
        InvalidArgument(path_ + ": turning TLS " + (has_tls_ ? "off" : "on") + " needs a restart");
  }
  if (!access) {
    return Log(Level::kError, "web configuration: reload failed, the old one stays",
               {{"err", access.error().message}});
  }
  current_.With([&](auto& current) { current = *std::move(access); });
  Log(Level::kInfo, "web configuration: reloaded");
}

}  // namespace watchfire::app
