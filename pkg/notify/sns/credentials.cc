// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/sns/credentials.h"

#include <utility>
#include <vector>

#include <simdjson.h>

#include "pkg/base/strings.h"

namespace watchfire::notify::sns {
namespace {

constexpr std::chrono::seconds kLocalTime{2};  // For those who answer on this very machine.
constexpr const char* kInstanceUrl = "http://169.254.169.254";
constexpr const char* kRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr const char* kSession = "watchfire";

WallTime Expiration(const std::string& text) {
  return text.empty() ? WallTime::max() : ParseTime(text).value_or(WallTime::max());
}

net::OutRequest Get(const std::string& url) {
  net::OutRequest request;
  request.method = "GET";
  request.url = Secret(url);
  request.shown_url = url;
  request.timeout = kLocalTime;
  return request;
}

// Adds the keys of [section] in an ini file to `keys`, those that are there already staying.
void ReadSection(const std::string& text, const std::string& section,
                 std::map<std::string, std::string>* keys) {
  bool inside = false;
  for (const std::string_view raw : Split(text, '\n')) {
    const std::string_view line = Trim(raw);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      inside = Trim(line.substr(1, line.find(']') - 1)) == section;
      continue;
    }
    const size_t equals = line.find('=');
    if (!inside || equals == std::string_view::npos) continue;
    keys->emplace(ToLower(Trim(line.substr(0, equals))),
                  std::string(Trim(line.substr(equals + 1))));
  }
}

}  // namespace

std::string XmlText(const std::string& body, const std::string& tag) {
  const size_t begin = body.find("<" + tag + ">");
  if (begin == std::string::npos) return "";
  const size_t from = begin + tag.size() + 2;
  const size_t end = body.find("</" + tag + ">", from);
  if (end == std::string::npos) return "";
  std::string text = body.substr(from, end - from);
  const std::pair<std::string_view, std::string_view> entities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}};
  for (const auto& [entity, character] : entities) {
    for (size_t at = 0; (at = text.find(entity, at)) != std::string::npos; ++at) {
      text.replace(at, entity.size(), character);
    }
  }
  return text;
}

CredentialChain::CredentialChain(const Identity& identity, const Context& context)
    : identity_(identity), context_(context) {}

std::string CredentialChain::Env(const std::string& name) const {
  return context_.environment ? context_.environment(name) : "";
}

std::map<std::string, std::string> CredentialChain::Profile(const std::string& name) const {
  std::map<std::string, std::string> keys;
  const auto read = [&](const char* variable, const char* file, const std::string& section) {
    std::string path = Env(variable);
    if (path.empty() && !Env("HOME").empty()) path = Env("HOME") + "/.aws/" + file;
    if (path.empty()) return;
    const Result<std::string> text = context_.read_file(path);
    if (text) ReadSection(*text, section, &keys);
  };
  read("AWS_SHARED_CREDENTIALS_FILE", "credentials", name);
  read("AWS_CONFIG_FILE", "config", name == "default" ? name : "profile " + name);
  return keys;
}

std::string CredentialChain::region() const {
  if (!identity_.region.empty()) return identity_.region;
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (!Env(name).empty()) return Env(name);
  }
  const std::string named = identity_.profile.empty() ? Env("AWS_PROFILE") : identity_.profile;
  return Profile(named.empty() ? "default" : named)["region"];
}

std::string CredentialChain::domain() const {
  return region().starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

std::string CredentialChain::StsUrl() const {
  for (const char* name : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}) {
    if (!Env(name).empty()) return Env(name);
  }
  return std::string("https://sts") + (identity_.fips_sts ? "-fips." : ".") + region() + "." +
         domain() + "/";
}

Result<CredentialChain::Next> CredentialChain::Begin() {
  if (!identity_.access_key.empty()) {
    return With({identity_.access_key, identity_.secret_key.reveal(), ""});
  }
  const std::string named = identity_.profile.empty() ? Env("AWS_PROFILE") : identity_.profile;
  if (!named.empty()) return FromProfile(named, /*is_named=*/true);
  Credentials own{Env("AWS_ACCESS_KEY_ID"), Env("AWS_SECRET_ACCESS_KEY"), Env("AWS_SESSION_TOKEN")};
  if (!own.empty()) return With(std::move(own));
  if (!Env("AWS_WEB_IDENTITY_TOKEN_FILE").empty()) return AskWebIdentity();
  return FromProfile("default", /*is_named=*/false);
}

Result<CredentialChain::Next> CredentialChain::FromProfile(const std::string& name, bool is_named) {
  std::map<std::string, std::string> keys = Profile(name);
  if (keys.empty() && is_named)
    return watchfire::Fail(Code::kNotFound, "no AWS profile " + GoQuote(name));
  Credentials found{keys["aws_access_key_id"], keys["aws_secret_access_key"],
                    keys["aws_session_token"]};
  for (const char* key : {"role_arn", "source_profile", "credential_process", "sso_session",
                          "sso_start_url", "web_identity_token_file"}) {
    if (found.empty() && !keys[key].empty()) {
      return watchfire::Fail(Code::kPermission,
                             "AWS profile " + GoQuote(name) + ": " + key +
                                 " is not supported; use keys, or role_arn in sigv4");
    }
  }
  if (!found.empty()) return With(std::move(found));
  if (!Env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").empty() ||
      !Env("AWS_CONTAINER_CREDENTIALS_FULL_URI").empty()) {
    return AskContainer();
  }
  if (ToLower(Env("AWS_EC2_METADATA_DISABLED")) == "true") {
    return watchfire::Fail(Code::kNotFound, "no AWS credentials, in sigv4 or in the default chain");
  }
  return AskInstance(Stage::kInstanceToken);
}

Result<CredentialChain::Next> CredentialChain::AskWebIdentity() {
  const Result<std::string> token = context_.read_file(Env("AWS_WEB_IDENTITY_TOKEN_FILE"));
  if (!token) return watchfire::Fail(token.error());
  const std::string session = Env("AWS_ROLE_SESSION_NAME");
  net::OutRequest request;
  request.url = Secret(StsUrl());
  request.shown_url = StsUrl();
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" +
                 UrlEncode(Env("AWS_ROLE_ARN")) +
                 "&RoleSessionName=" + UrlEncode(session.empty() ? kSession : session) +
                 "&WebIdentityToken=" + UrlEncode(*token);
  stage_ = Stage::kWebIdentity;
  return Next(std::move(request));
}

Result<CredentialChain::Next> CredentialChain::AskContainer() {
  const std::string relative = Env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  net::OutRequest request = Get(relative.empty() ? Env("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                                                 : "http://169.254.170.2" + relative);
  std::string authorization = Env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  const std::string file = Env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (!file.empty()) {
    const Result<std::string> text = context_.read_file(file);
    if (!text) return watchfire::Fail(text.error());
    authorization = *text;
  }
  if (!authorization.empty()) request.headers = {{"Authorization", authorization}};
  stage_ = Stage::kContainer;
  return Next(std::move(request));
}

Result<CredentialChain::Next> CredentialChain::AskInstance(Stage stage, const std::string& role) {
  const std::string endpoint = Env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  std::string base = endpoint.empty() ? kInstanceUrl : endpoint;
  if (base.ends_with('/')) base.pop_back();
  stage_ = stage;
  if (stage == Stage::kInstanceToken) {
    net::OutRequest request = Get(base + "/latest/api/token");
    request.method = "PUT";
    request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "300"}};
    return Next(std::move(request));
  }
  net::OutRequest request = Get(base + kRolePath + role);
  request.headers = {{"X-aws-ec2-metadata-token", instance_token_}};
  return Next(std::move(request));
}

Result<CredentialChain::Next> CredentialChain::With(Credentials credentials) {
  if (identity_.role_arn.empty()) return Next(std::move(credentials));
  std::string form =
      "Action=AssumeRole&Version=2011-06-15&RoleArn=" + UrlEncode(identity_.role_arn) +
      "&RoleSessionName=" + kSession;
  if (!identity_.external_id.empty()) form += "&ExternalId=" + UrlEncode(identity_.external_id);
  Result<net::OutRequest> request =
      SignedForm(credentials, {region(), "sts"}, StsUrl(), form, context_.now());
  if (!request) return watchfire::Fail(request.error());
  stage_ = Stage::kRole;
  return Next(*std::move(request));
}

Result<CredentialChain::Next> CredentialChain::OnResponse(
    const Result<net::OutResponse>& response) {
  if (!response) {
    // Nobody lives at the instance's address unless there is one.
    if (stage_ == Stage::kInstanceToken) {
      return watchfire::Fail(Code::kNotFound,
                             "no AWS credentials, in sigv4 or in the default chain");
    }
    return watchfire::Fail(response.error());
  }
  const std::string& body = response->body;
  if (response->status / 100 != 2) {
    const std::string code = XmlText(body, "Code");
    const bool later = response->status / 100 == 5 || response->status == 429;
    return watchfire::Fail(later ? Code::kUnavailable : Code::kPermission,
                           "AWS credentials: unexpected status code " +
                               std::to_string(response->status) +
                               (code.empty() ? "" : ": " + code + ": " + XmlText(body, "Message")));
  }
  switch (stage_) {
    case Stage::kInstanceToken:
      instance_token_ = std::string(Trim(body));
      return AskInstance(Stage::kInstanceRole);
    case Stage::kInstanceRole:
      return AskInstance(Stage::kInstance, std::string(Trim(body.substr(0, body.find('\n')))));
    case Stage::kInstance:
    case Stage::kContainer:
      return FromJson(body);
    case Stage::kWebIdentity:
    case Stage::kRole:
      break;
  }
  Credentials taken{XmlText(body, "AccessKeyId"), XmlText(body, "SecretAccessKey"),
                    XmlText(body, "SessionToken"), Expiration(XmlText(body, "Expiration"))};
  if (taken.empty())
    return watchfire::Fail(Code::kUnavailable, "AWS credentials: an answer without keys");
  if (stage_ == Stage::kRole) return Next(std::move(taken));
  return With(std::move(taken));
}

Result<CredentialChain::Next> CredentialChain::FromJson(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  Credentials found;
  if (parser.parse(simdjson::padded_string(body)).get(object) == simdjson::SUCCESS) {
    const auto text = [&](const char* name) {
      std::string_view value;
      return object[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
    };
    found = {text("AccessKeyId"), text("SecretAccessKey"), text("Token"),
             Expiration(text("Expiration"))};
  }
  if (found.empty())
    return watchfire::Fail(Code::kUnavailable, "AWS credentials: an answer without keys");
  return With(std::move(found));
}

}  // namespace watchfire::notify::sns
