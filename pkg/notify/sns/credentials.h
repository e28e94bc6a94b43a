// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who we are to Amazon Web Services: the default chain of its SDKs as a state machine. In this
// order, the first that is there:
//
//   access_key and secret_key of the configuration
//   the configuration's profile, or that of AWS_PROFILE
//   AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
//   AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN (a service account of Kubernetes)
//   the profile "default"
//   AWS_CONTAINER_CREDENTIALS_*_URI (ECS, EKS Pod Identity)
//   the instance we run on (EC2, IMDSv2)
//
// A role_arn is then taken on with what was found. Profiles that name another one, a process or a
// single sign-on are refused. Source: AWS SDKs and Tools Reference Guide, "credential provider
// chain"; AWS SDK for Go v2, config.resolveCredentials, read 2026-08.

#pragma once

#include <string>
#include <variant>

#include "pkg/base/result.h"
#include "pkg/net/http.h"
#include "pkg/notify/receiver.h"
#include "pkg/notify/sns/sigv4.h"

namespace watchfire::notify::sns {

// The configuration's `sigv4`.
struct Identity {
  std::string region;
  std::string access_key;
  Secret secret_key;
  std::string profile;
  std::string role_arn;
  std::string external_id;
  bool fips_sts = false;
};

class CredentialChain {
 public:
  CredentialChain(const Identity& identity, const Context& context);

  // The region of the configuration, the environment or the profile; "" when none says it.
  std::string region() const;
  // "amazonaws.com", or China's.
  std::string domain() const;

  // What to send next, or who we are. Errors: kNotFound when nobody says who we are, kPermission
  // when somebody would not; others are worth another try.
  using Next = std::variant<net::OutRequest, Credentials>;
  Result<Next> Begin();
  Result<Next> OnResponse(const Result<net::OutResponse>& response);

 private:
  enum class Stage { kWebIdentity, kContainer, kInstanceToken, kInstanceRole, kInstance, kRole };

  std::string Env(const char* name) const;
  Result<Next> FromProfile(const std::string& name, bool is_named);
  Result<Next> AskWebIdentity();
  Result<Next> AskContainer();
  Result<Next> AskInstance(Stage stage, const std::string& role = "");
  // Takes the role on, if there is one, or is done.
  Result<Next> With(Credentials credentials);
  std::string StsUrl() const;

  const Identity& identity_;
  const Context& context_;
  Stage stage_ = Stage::kRole;
  std::string instance_token_;
};

}  // namespace watchfire::notify::sns
