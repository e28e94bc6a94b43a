// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of email_configs (reference alertmanager-compat §4.7).

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/notify/email/address.h"
#include "pkg/notify/email/email.h"
#include "pkg/notify/email/mime.h"

namespace watchfire::notify::email {
namespace {

constexpr const char* kDefaultSubject = "{{ template \"email.default.subject\" . }}";

using config::SecretSource;
using config::Section;
using templates::Snippet;

// Here an empty text is as good as none.
std::string TextOr(Section& section, const std::string& key, const std::string& fallback) {
  std::string text = section.String(key, fallback);
  return text.empty() ? fallback : text;
}

Snippet TemplateOr(Section& section, const std::string& key, const std::string& fallback) {
  Snippet snippet = section.Template(key, fallback);
  const bool written = !section.String(key).empty();
  return snippet.empty() && !written ? Snippet::Parse(key, fallback).value_or(Snippet()) : snippet;
}

// Alertmanager takes a value beside a file, and reads the file.
SecretSource Credential(Section& section, const std::string& key, const SecretSource& fallback) {
  const std::string file = section.Has(key) ? section.String(key + "_file") : "";
  if (file.empty() || section.SecretString(key).empty()) {
    return section.SecretOrFile(key, fallback);
  }
  section.Warn(key, key + " does not count beside " + key + "_file");
  return {Secret(), file};
}

// Alertmanager names headers as it sends them, and adds what every message has.
void ShowHeaders(Section& section, const config::Global& global) {
  std::map<std::string, std::string> shown;
  for (const auto& [name, text] : section.StringMap("headers")) {
    shown.emplace(CanonicalHeader(name), text);
  }
  shown.emplace("Subject", kDefaultSubject);
  shown.emplace("To", section.String("to"));
  shown.emplace("From", section.Has("from") ? section.String("from") : global.smtp_from);
  section.ShowTexts("headers", shown);
}

void ParseHeaders(Section& section, Options* options) {
  section.Default("headers", "templates by name", "`Subject`, `To` and `From`");
  for (auto& [name, snippet] : section.TemplateMap("headers")) {
    const std::string canonical = CanonicalHeader(name);
    if (!IsHeaderName(canonical)) {
      section.Warn("headers", "a message cannot have the header " + GoQuote(name));
    } else if (!options->headers.emplace(canonical, snippet).second) {
      section.Error("headers", "duplicate header " + GoQuote(canonical) + " in email config");
    }
  }
  const Snippet subject = Snippet::Parse("Subject", kDefaultSubject).value();
  options->headers.emplace("Subject", subject);
  options->headers.emplace("To", options->to);
  options->headers.emplace("From", options->from);
}

void ParseThreading(Section& section, Options* options) {
  std::optional<Section> threading = section.Child("threading");
  if (!threading) return;
  options->threading = threading->Bool("enabled", false);
  const std::string by = threading->String("thread_by_date");
  options->thread_by_day = by == "daily";
  if (options->threading) {
    for (const char* header : {"References", "In-Reply-To"}) {
      if (!options->headers.contains(header)) continue;
      section.Error("headers",
                    "conflicting configuration: threading.enabled conflicts with custom " +
                        std::string(header) + " header");
    }
    threading->OneOf("thread_by_date", by, {"none", "daily"},
                     "threading.thread_by_date must be either 'none' or 'daily'");
  }
  threading->Finish();
}

}  // namespace

std::string PortNumber(const std::string& port) {
  if (port == "smtp") return "25";
  if (port == "smtps" || port == "submissions") return "465";
  return port == "submission" ? "587" : port;
}

std::shared_ptr<const void> Parse(Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->to = section.Template("to");
  if (section.String("to").empty()) section.Error("to", "missing to address in email config");
  options->from = TemplateOr(section, "from", global.smtp_from);
  if (section.String("from").empty() && global.smtp_from.empty()) {
    section.Error("from", "no global SMTP from set", "set from here, or smtp_from in global");
  }
  options->hello = TextOr(section, "hello", global.smtp_hello);
  options->smarthost = section.Host("smarthost", global.smtp_smarthost);
  if (section.String("smarthost").empty() && global.smtp_smarthost.empty()) {
    section.Error("smarthost", "no global SMTP smarthost set",
                  "set smarthost here, or smtp_smarthost in global");
  }
  options->auth_username = TextOr(section, "auth_username", global.smtp_auth_username);
  options->auth_password = Credential(section, "auth_password", global.smtp_auth_password);
  options->auth_secret = Credential(section, "auth_secret", global.smtp_auth_secret);
  options->auth_identity = TextOr(section, "auth_identity", global.smtp_auth_identity);
  if (!options->auth_username.empty() && options->auth_password.empty() &&
      options->auth_secret.empty()) {
    section.Warn("auth_username", "a user without auth_password and auth_secret",
                 "messages are sent without authentication");
  }
  ParseHeaders(section, options.get());
  ShowHeaders(section, global);
  options->html = section.Template("html", "{{ template \"email.default.html\" . }}");
  options->text = section.Template("text");
  options->require_tls = section.MaybeBool("require_tls", global.smtp_require_tls).value();
  options->http.tls = section.Tls("tls_config", global.smtp_tls, config::FilePaths::kAsWritten);
  options->implicit_tls = section.MaybeBool("force_implicit_tls", global.smtp_force_implicit_tls)
                              .value_or(PortNumber(options->smarthost.port) == "465");
  ParseThreading(section, options.get());
  return options;
}

}  // namespace watchfire::notify::email
