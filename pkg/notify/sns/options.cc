// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of sns_configs (reference alertmanager-compat §4.9).

#include <optional>
#include <utility>

#include "pkg/notify/sns/sns.h"

namespace watchfire::notify::sns {
namespace {

using templates::Snippet;

void ParseIdentity(config::Section& section, Identity* identity) {
  section.ShowDefault("sigv4", "{}");
  std::optional<config::Section> sigv4 = section.Child("sigv4");
  if (!sigv4) return;
  identity->region = sigv4->String("region");
  identity->access_key = sigv4->String("access_key");
  identity->secret_key = sigv4->SecretString("secret_key");
  identity->profile = sigv4->String("profile");
  identity->role_arn = sigv4->String("role_arn");
  identity->external_id = sigv4->String("external_id");
  identity->fips_sts = sigv4->Bool("use_fips_sts_endpoint", false);
  sigv4->String("service");  // For others than us who sign.
  if (identity->access_key.empty() != identity->secret_key.empty()) {
    sigv4->Error(identity->access_key.empty() ? "secret_key" : "access_key",
                 "must provide a AWS SigV4 Access key and Secret Key if credentials are specified "
                 "in the SigV4 config");
  }
  if (!identity->external_id.empty() && identity->role_arn.empty()) {
    sigv4->Error("external_id", "external_id can only be used with role_arn");
  }
  sigv4->Finish();
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->api_url = section.Template("api_url");
  ParseIdentity(section, &options->identity);
  options->topic_arn = section.Template("topic_arn");
  options->phone_number = section.Template("phone_number");
  options->target_arn = section.Template("target_arn");
  int given = 0;
  for (const char* key : {"topic_arn", "phone_number", "target_arn"}) {
    given += section.String(key).empty() ? 0 : 1;
  }
  // Alertmanager lets all three pass, and so do we.
  if (given % 2 == 0) {
    section.Error("target_arn",
                  "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config");
  } else if (given == 3) {
    section.Warn("target_arn", "Amazon SNS refuses a message with more than one destination");
  }
  options->subject = section.Template("subject", "{{ template \"sns.default.subject\" . }}");
  options->message = section.Template("message", "{{ template \"sns.default.message\" . }}");
  for (auto& [name, value] : section.TemplateMap("attributes")) {
    Result<Snippet> key = Snippet::Parse("attributes", name);
    if (key) {
      options->attributes.emplace_back(*std::move(key), std::move(value));
    } else {
      section.Error("attributes", "invalid template syntax: " + key.error().message);
    }
  }
  section.Bool("use_aws_http_client", false);  // Ours knows http_config and nothing else.
  options->http = section.Http("http_config", global.http);
  return options;
}

}  // namespace watchfire::notify::sns
