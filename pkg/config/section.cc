// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/section.h"

#include <charconv>
#include <set>

#include "pkg/base/strings.h"
#include "pkg/config/section_impl.h"

namespace watchfire::config {

Section::Section(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Section MakeSection(const std::string& file, const Node& node, const std::string& what,
                    Problems* problems) {
  auto impl = std::make_shared<Section::Impl>();
  impl->file = file;
  impl->node = &node;
  impl->what = what;
  impl->problems = problems;
  if (node.kind != Node::Kind::kMap) {
    if (node.kind != Node::Kind::kNull) {
      problems->Error(file, node, what + ": want a mapping, found " + node.Describe());
    }
    impl->node = &EmptyMap();
    impl->place = &node;
  } else {
    impl->place = &node;
  }
  return Section(std::move(impl));
}

const Node& EmptyMap() {
  static const Node& empty = *new Node{Node::Kind::kMap, 0, 0, false, "", {}, {}};
  return empty;
}

const Node* Section::Impl::Take(const std::string& key) {
  asked.insert(key);
  const Node* value = node->Find(key);
  return value == nullptr || value->kind == Node::Kind::kNull ? nullptr : value;
}

void Section::Impl::Wrong(const Node& at, const std::string& key, const std::string& want) {
  problems->Error(file, at, key + ": want " + want + ", found " + at.Describe());
}

bool Section::Has(const std::string& key) { return impl_->Take(key) != nullptr; }

std::string Section::String(const std::string& key, const std::string& fallback) {
  const Node* value = impl_->Take(key);
  if (value == nullptr) {
    // An empty string in quotes is a value; nothing at all is not.
    const Node* raw = impl_->node->Find(key);
    return raw != nullptr && raw->quoted ? "" : fallback;
  }
  if (value->kind != Node::Kind::kScalar) {
    impl_->Wrong(*value, key, "text");
    return fallback;
  }
  return value->text;
}

Secret Section::SecretString(const std::string& key) { return Secret(String(key)); }

bool Section::Bool(const std::string& key, bool fallback) {
  const Node* value = impl_->Take(key);
  if (value == nullptr) return fallback;
  const std::string text = ToLower(value->text);
  for (const char* yes : {"true", "yes", "on", "y"}) {
    if (text == yes && !value->quoted) return true;
  }
  for (const char* no : {"false", "no", "off", "n"}) {
    if (text == no && !value->quoted) return false;
  }
  impl_->Wrong(*value, key, "true or false");
  return fallback;
}

int Section::Int(const std::string& key, int fallback) {
  const Node* value = impl_->Take(key);
  if (value == nullptr) return fallback;
  int number = 0;
  const char* end = value->text.data() + value->text.size();
  const auto [stop, error] = std::from_chars(value->text.data(), end, number);
  if (value->kind != Node::Kind::kScalar || error != std::errc() || stop != end) {
    impl_->Wrong(*value, key, "a whole number");
    return fallback;
  }
  return number;
}

Duration Section::PromDuration(const std::string& key, Duration fallback) {
  const Node* value = impl_->Take(key);
  if (value == nullptr) return fallback;
  const Result<Duration> duration = ParseDuration(value->text);
  if (value->kind == Node::Kind::kScalar && duration) return *duration;
  const std::string why =
      value->kind == Node::Kind::kScalar ? duration.error().message : "found " + value->Describe();
  impl_->problems->Error(impl_->file, *value, key + ": " + why, "for example 30s, 5m, 1h30m, 2d");
  return fallback;
}

Duration Section::GoDuration(const std::string& key, Duration fallback) {
  const Node* value = impl_->Take(key);
  if (value == nullptr) return fallback;
  const Result<Duration> duration = ParseGoDuration(value->text);
  if (value->kind == Node::Kind::kScalar && duration) return *duration;
  impl_->problems->Error(impl_->file, *value, key + ": want a duration, found " + value->Describe(),
                         "for example 500ms, 1.5s, 2m; no d or w here");
  return fallback;
}

std::string Section::Url(const std::string& key, const std::string& fallback) {
  const Node* value = impl_->Take(key);
  if (value == nullptr) return fallback;
  const std::string text = String(key);
  if (text == Secret::masked()) return text;
  const Status status = CheckUrl(text);
  if (!status) {
    impl_->problems->Error(impl_->file, *value, key + ": " + status.error().message,
                           "for example https://host:port/path");
    return fallback;
  }
  return text;
}

std::vector<std::string> Section::Strings(const std::string& key) {
  std::vector<std::string> out;
  const Node* value = impl_->Take(key);
  if (value == nullptr) return out;
  if (value->kind != Node::Kind::kList) {
    impl_->Wrong(*value, key, "a list");
    return out;
  }
  for (const Node& item : value->items) {
    if (item.kind == Node::Kind::kScalar || item.quoted) {
      out.push_back(item.text);
    } else {
      impl_->Wrong(item, key, "text");
    }
  }
  return out;
}

std::map<std::string, std::string> Section::StringMap(const std::string& key) {
  std::map<std::string, std::string> out;
  const Node* value = impl_->Take(key);
  if (value == nullptr) return out;
  if (value->kind != Node::Kind::kMap) {
    impl_->Wrong(*value, key, "a mapping");
    return out;
  }
  for (const auto& [name, item] : value->entries) {
    if (item.kind == Node::Kind::kScalar || item.kind == Node::Kind::kNull) {
      out[name.text] = item.kind == Node::Kind::kNull && !item.quoted ? "" : item.text;
    } else {
      impl_->Wrong(item, key + "." + name.text, "text");
    }
  }
  return out;
}

std::optional<Section> Section::Child(const std::string& key) {
  const Node* value = impl_->Take(key);
  if (value == nullptr) return std::nullopt;
  return MakeSection(impl_->file, *value, key, impl_->problems);
}

std::vector<Section> Section::Children(const std::string& key) {
  std::vector<Section> out;
  const Node* value = impl_->Take(key);
  if (value == nullptr) return out;
  if (value->kind != Node::Kind::kList) {
    impl_->Wrong(*value, key, "a list");
    return out;
  }
  for (const Node& item : value->items) {
    out.push_back(MakeSection(impl_->file, item, key, impl_->problems));
  }
  return out;
}

void Section::Error(const std::string& key, const std::string& message, const std::string& hint) {
  impl_->problems->Error(impl_->file, impl_->Place(key), message, hint);
}

void Section::Warn(const std::string& key, const std::string& message, const std::string& hint) {
  impl_->problems->Warn(impl_->file, impl_->Place(key), message, hint);
}

void Section::Finish() {
  for (const auto& [key, value] : impl_->node->entries) {
    if (impl_->asked.contains(key.text)) continue;
    const std::string near =
        Nearest(key.text, std::vector<std::string>(impl_->asked.begin(), impl_->asked.end()));
    impl_->problems->Error(impl_->file, key, "unknown key \"" + key.text + "\" in " + impl_->what,
                           near.empty() ? "" : "did you mean \"" + near + "\"?");
  }
}

const Node& Section::Impl::Place(const std::string& key) const {
  for (const auto& [name, value] : node->entries) {
    if (name.text == key) return value.line > 0 ? value : name;
  }
  return *place;
}

Status CheckUrl(const std::string& url) {
  const size_t scheme_end = url.find("://");
  const size_t colon = url.find(':');
  const std::string scheme = colon == std::string::npos ? "" : url.substr(0, colon);
  if (scheme_end == std::string::npos || (scheme != "http" && scheme != "https")) {
    return InvalidArgument("unsupported scheme \"" + scheme + "\" for URL");
  }
  const size_t end = url.find_first_of("/?#", scheme_end + 3);
  if (url.substr(scheme_end + 3, end - scheme_end - 3).empty()) {
    return InvalidArgument("missing host for URL");
  }
  for (const char c : url) {
    if (c <= ' ' || c == 0x7f) return InvalidArgument("invalid character in URL");
  }
  return {};
}

HttpConfig Section::Http(const std::string& key, const HttpConfig& fallback) {
  std::optional<Section> section = Child(key);
  if (!section) return fallback;
  HttpConfig http;
  int ways = 0;
  if (auto basic = section->Child("basic_auth")) {
    ++ways;
    http.basic_username = basic->String("username");
    http.basic_password = basic->SecretString("password");
    http.basic_password_file = basic->String("password_file");
    if (!http.basic_password.empty() && !http.basic_password_file.empty()) {
      basic->Error("password_file", "at most one of password and password_file must be configured");
    }
    basic->Finish();
  }
  if (auto authorization = section->Child("authorization")) {
    ++ways;
    http.authorization_type = authorization->String("type", "Bearer");
    http.credentials = authorization->SecretString("credentials");
    http.credentials_file = authorization->String("credentials_file");
    if (ToLower(http.authorization_type) == "basic") {
      authorization->Error("type", "authorization type cannot be set to \"basic\"",
                           "use basic_auth instead");
    }
    if (!http.credentials.empty() && !http.credentials_file.empty()) {
      authorization->Error("credentials_file",
                           "at most one of credentials and credentials_file must be configured");
    }
    authorization->Finish();
  }
  if (section->Has("bearer_token") || section->Has("bearer_token_file")) {
    ++ways;
    http.credentials = section->SecretString("bearer_token");
    http.credentials_file = section->String("bearer_token_file");
  }
  if (ways > 1) {
    section->Error("authorization",
                   "at most one of basic_auth, authorization and bearer_token "
                   "must be configured");
  }
  if (auto tls = section->Child("tls_config")) {
    http.tls_ca_file = tls->String("ca_file");
    http.tls_cert_file = tls->String("cert_file");
    http.tls_key_file = tls->String("key_file");
    http.tls_server_name = tls->String("server_name");
    http.tls_insecure_skip_verify = tls->Bool("insecure_skip_verify", false);
    tls->Finish();
  }
  http.follow_redirects = section->Bool("follow_redirects", true);
  section->Bool("enable_http2", true);
  http.proxy_url = section->Url("proxy_url");
  section->Finish();
  return http;
}

}  // namespace watchfire::config
