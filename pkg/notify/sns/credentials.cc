// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/sns/credentials.h"

#include <map>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/notify/sns/answer.h"
#include "pkg/notify/sns/environment.h"

namespace watchfire::notify::sns {
namespace {

constexpr std::chrono::seconds kLocalTime{2};  // For those who answer on this very machine.
constexpr const char* kInstanceUrl = "http://169.254.169.254";
constexpr const char* kRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr const char* kSession = "watchfire";

net::OutRequest Get(const std::string& url) {
  net::OutRequest request;
  request.method = "GET";
  request.url = Secret(url);
  request.shown_url = url;
  request.timeout = kLocalTime;
  return request;
}

}  // namespace

CredentialChain::CredentialChain(const Identity& identity, const Context& context)
    : identity_(identity), context_(context) {}

std::string CredentialChain::Env(const char* name) const { return Variable(context_, name); }

std::string CredentialChain::region() const {
  if (!identity_.region.empty()) return identity_.region;
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (!Env(name).empty()) return Env(name);
  }
  const std::string named = identity_.profile.empty() ? Env("AWS_PROFILE") : identity_.profile;
  return ReadProfile(context_, named.empty() ? "default" : named)["region"];
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
  std::map<std::string, std::string> keys = ReadProfile(context_, name);
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
  if (stage_ == Stage::kInstanceToken) {
    instance_token_ = std::string(Trim(body));
    return AskInstance(Stage::kInstanceRole);
  }
  if (stage_ == Stage::kInstanceRole) {
    return AskInstance(Stage::kInstance, std::string(Trim(body.substr(0, body.find('\n')))));
  }
  const bool is_json = stage_ == Stage::kInstance || stage_ == Stage::kContainer;
  Credentials taken = is_json ? CredentialsOfJson(body) : CredentialsOfXml(body);
  if (taken.empty())
    return watchfire::Fail(Code::kUnavailable, "AWS credentials: an answer without keys");
  if (stage_ == Stage::kRole) return Next(std::move(taken));
  return With(std::move(taken));
}

}  // namespace watchfire::notify::sns
