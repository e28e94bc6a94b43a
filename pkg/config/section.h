// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A YAML mapping being read into a struct. It remembers which keys were asked for, so Finish() can
// name the unknown ones; every problem carries the file, line and column of the key it is about.
// The only view of YAML that receivers get.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/secret.h"
#include "pkg/base/time.h"
#include "pkg/config/any.h"
#include "pkg/config/config.h"
#include "pkg/config/template_tree.h"
#include "pkg/templates/template.h"

namespace watchfire::config {

// Where relative file names start: at the configuration's directory, or at the working directory.
enum class FilePaths { kFromConfig, kAsWritten };

class Section {
 public:
  // Private to pkg/config (section_impl.h).
  struct Impl;
  explicit Section(std::shared_ptr<Impl> impl);
  Impl& impl() { return *impl_; }

  // Each reads one key. Absent gives the fallback, and so does a wrong value, which is reported: a
  // scalar where a list is due, a quoted number. Null is what Go makes of it: "", 0, false or,
  // where unset is possible (Maybe…, Url, secrets, Http, Child), the fallback. Values are shown in
  // Config.original as read, except zero ones that nobody wrote.
  bool Has(const std::string& key);  // Present and not null.
  std::string String(const std::string& key, const std::string& fallback = "");
  bool Bool(const std::string& key, bool fallback);  // YAML 1.1: yes, On, FALSE …
  std::optional<bool> MaybeBool(const std::string& key, std::optional<bool> fallback = {});
  int Int(const std::string& key, int fallback);
  int64_t Int64(const std::string& key, int64_t fallback);
  double Double(const std::string& key, double fallback);
  Duration PromDuration(const std::string& key, Duration fallback);  // 5m, 1d
  Duration GoDuration(const std::string& key, Duration fallback);    // 1.5s
  // http or https with a host, or with a port alone, which then is one of this machine; reported
  // otherwise.
  std::string Url(const std::string& key, const std::string& fallback = "");
  // A proxy: http, https, socks5 or socks5h. Of others there is a warning only, as long as Go could
  // read them: Alertmanager takes them, and fails when it has something to send.
  std::string ProxyUrl(const std::string& key);
  // Where OAuth 2.0 tokens come from. Alertmanager takes any text; a warning if nothing can come of
  // it.
  std::string TokenUrl(const std::string& key);
  // "mail:25". Errors: those of Go's net.SplitHostPort; an empty port.
  HostPort Host(const std::string& key, const HostPort& fallback = {});
  std::vector<std::string> Strings(const std::string& key);
  std::map<std::string, std::string> StringMap(const std::string& key);
  // Any value at all, shown as written.
  Any Value(const std::string& key);
  // http_config and tls_config, every field of them. Source: reference §3.9; §3.1 says whose files
  // are resolved.
  HttpConfig Http(const std::string& key, const HttpConfig& fallback,
                  FilePaths paths = FilePaths::kFromConfig);
  TlsConfig Tls(const std::string& key, const TlsConfig& fallback, FilePaths paths);

  // The value of a secret is never part of a message or of Config.original. One that looks like a
  // placeholder gives a warning.
  Secret SecretString(const std::string& key);
  std::vector<Secret> Secrets(const std::string& key);
  std::map<std::string, std::vector<Secret>> SecretLists(const std::string& key);
  Secret SecretUrl(const std::string& key);  // Checked as Url() does.
  // A URL that Alertmanager 0.25 takes for no secret and shows: Config.original has it as
  // https://host/<secret>. It may be a template, which the caller checks.
  Secret SecretTemplateUrl(const std::string& key);
  // `key`, a text or a URL, or the path `key`_file: "at most one of key & key_file must be
  // configured". Neither: the fallback, which is shown as if it stood here.
  SecretSource SecretOrFile(const std::string& key, const SecretSource& fallback = {});
  SecretSource SecretUrlOrFile(const std::string& key, const SecretSource& fallback = {});

  // Reports "at most one of a & b must be configured" when neither is absent or empty.
  void Exclusive(const std::string& a, const std::string& b);
  // Reports `message`, hinting at `known`, unless `value`, which was read from `key`, is among
  // them.
  void OneOf(const std::string& key, const std::string& value,
             const std::vector<std::string>& known, const std::string& message);

  // A text that is rendered for every message. A syntax error is reported; errors of the rendering
  // call it by its key.
  templates::Snippet Template(const std::string& key, const std::string& fallback = "");
  // The same for a secret: neither value nor errors show it.
  templates::Snippet SecretTemplate(const std::string& key);
  std::map<std::string, templates::Snippet> TemplateMap(const std::string& key);
  // Words with commas between them, as one template. A list of words is taken for the same, with a
  // warning: Alertmanager refuses it, and Config.original shows it as Alertmanager would have it.
  templates::Snippet TemplateWords(const std::string& key);
  // Whether a mapping stands where a text or a mapping may.
  bool HasMap(const std::string& key);
  // Any YAML value, in which every text is rendered. Nothing when absent or null.
  // Of a mapping with kNames the names are texts, whatever they look like; else members whose names
  // YAML 1.1 takes for something else (`on`, 5) are left out, as below it. Source: Go's yaml.v2, to
  // which one is a map[string]any and the other any.
  enum class TreeOf { kAnything, kNames };
  std::optional<TemplateTree> Tree(const std::string& key, TreeOf of = TreeOf::kAnything);
  std::optional<Section> Child(const std::string& key);
  std::vector<Section> Children(const std::string& key);  // A list of mappings; null is empty.

  // Shows `yaml` for `key` in Config.original unless it stands there: a default that Alertmanager
  // prints though it is zero.
  void ShowDefault(const std::string& key, const std::string& yaml);
  // The same for the entry `name` of the mapping `key`.
  void ShowDefaultEntry(const std::string& key, const std::string& name, const std::string& text);
  // Show `text`, or the mapping `texts`, for `key` in place of what was read.
  void ShowText(const std::string& key, const std::string& text);
  void ShowTexts(const std::string& key, const std::map<std::string, std::string>& texts);
  // Keeps a key that only we know, once read, out of Config.original, which an Alertmanager's tools
  // must be able to read.
  void Own(const std::string& key);

  // For the documentation (see Field): says what is taken when `key` is absent, where a reader sees
  // to that itself.
  void Default(const std::string& key, const char* type, const std::string& text) const;

  // Reports a key that Alertmanager or a standard knows and that does nothing here yet, unless it
  // is absent, null or empty.
  void Refuse(const std::string& key);

  // Reports at `key`'s position, or at the section's own when the key is absent.
  void Error(const std::string& key, const std::string& message, const std::string& hint = "");
  void Warn(const std::string& key, const std::string& message, const std::string& hint = "");

  // Reports every key that nobody asked for, with the nearest that somebody did. Call once, last.
  void Finish();
  // The same of what its own tool reads over: such keys are warnings.
  void FinishLeniently();

 private:
  void ReportUnknown(bool is_error);
  template <typename T>
  T Plain(const std::string& key, T fallback, const std::string& want,
          std::optional<T> (*parse)(const std::string&));
  Secret Conceal(const std::string& key);
  enum class UrlRule { kUsable, kReadable, kAny };  // What it must be; less gives a warning.
  std::string UrlOf(const std::string& key, const std::string& fallback,
                    const std::vector<std::string>& schemes, UrlRule rule);

  Section Surveyed(const std::string& prefix) const;

  std::shared_ptr<Impl> impl_;
};

}  // namespace watchfire::config
