// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A YAML mapping being read into a struct. It remembers which keys were asked for, so Finish() can
// name the unknown ones; every problem carries the file, line and column of the key it is about.
// The only view of YAML that receivers get.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/secret.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"

namespace watchfire::config {

// Where relative file names start: at the configuration's directory, or at the working directory.
enum class FilePaths { kFromConfig, kAsWritten };

class Section {
 public:
  // Private to pkg/config (section_impl.h).
  struct Impl;
  explicit Section(std::shared_ptr<Impl> impl);
  Impl& impl() { return *impl_; }

  // Each reads one key; absent or null (or wrong, then reported) gives the fallback. A scalar where
  // a list is due, and the like, is a problem saying what was expected and what was found.
  bool Has(const std::string& key);
  std::string String(const std::string& key, const std::string& fallback = "");
  // Its value is never part of a message or of Config.original.
  Secret SecretString(const std::string& key);
  bool Bool(const std::string& key, bool fallback);
  int Int(const std::string& key, int fallback);
  double Double(const std::string& key, double fallback);
  Duration PromDuration(const std::string& key, Duration fallback);  // 5m, 1d
  Duration GoDuration(const std::string& key, Duration fallback);    // 1.5s
  // http or https with a host; reported otherwise. `<secret>` is accepted as it stands.
  std::string Url(const std::string& key, const std::string& fallback = "");
  // The same for a proxy: http, https, socks5 or socks5h.
  std::string ProxyUrl(const std::string& key);
  std::vector<std::string> Strings(const std::string& key);
  std::map<std::string, std::string> StringMap(const std::string& key);
  // A list, and a mapping of lists, whose texts are treated as SecretString() does.
  std::vector<Secret> Secrets(const std::string& key);
  std::map<std::string, std::vector<Secret>> SecretLists(const std::string& key);
  // http_config and tls_config, every field of them. Source: reference §3.9; §3.1 says whose files
  // are resolved.
  HttpConfig Http(const std::string& key, const HttpConfig& fallback,
                  FilePaths paths = FilePaths::kFromConfig);
  TlsConfig Tls(const std::string& key, const TlsConfig& fallback, FilePaths paths);
  std::optional<Section> Child(const std::string& key);
  std::vector<Section> Children(const std::string& key);  // A list of mappings.

  // Reports a key that Alertmanager or a standard knows and that does nothing here yet, unless it
  // is absent, null or empty.
  void Refuse(const std::string& key);

  // Reports at `key`'s position, or at the section's own when the key is absent.
  void Error(const std::string& key, const std::string& message, const std::string& hint = "");
  void Warn(const std::string& key, const std::string& message, const std::string& hint = "");

  // Reports every key that nobody asked for, with the nearest that somebody did. Call once, last.
  void Finish();

 private:
  std::string UrlOf(const std::string& key, const std::string& fallback,
                    const std::vector<std::string>& schemes);

  std::shared_ptr<Impl> impl_;
};

}  // namespace watchfire::config
