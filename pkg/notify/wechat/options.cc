// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of wechat_configs (reference alertmanager-compat §4.18).

#include "pkg/base/strings.h"
#include "pkg/notify/wechat/wechat.h"

namespace watchfire::notify::wechat {
namespace {

templates::Snippet Default(config::Section& section, const std::string& key) {
  return section.Template(key, "{{ template \"wechat.default." + key + "\" . }}");
}

// Alertmanager takes a null or empty text for none and looks into global.
templates::Snippet ParseSecret(config::Section& section, const config::SecretSource& global,
                               std::string* file) {
  const config::SecretSource source = section.SecretOrFile("api_secret", global);
  if (source.empty()) {
    section.Error("api_secret", "no global Wechat Api Secret set either inline or in a file",
                  "set api_secret or api_secret_file here, or wechat_api_secret in global");
  }
  *file = source.file;
  if (!section.SecretString("api_secret").empty()) return section.SecretTemplate("api_secret");
  return templates::Snippet::Parse("api_secret", source.value.reveal())
      .value_or(templates::Snippet());
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->api_secret = ParseSecret(section, global.wechat_api_secret, &options->api_secret_file);
  options->api_url = section.Url("api_url", global.wechat_api_url);
  if (options->api_url.empty()) section.Error("api_url", "no global Wechat URL set");
  if (!options->api_url.ends_with('/')) options->api_url += '/';
  options->corp_id = section.Template("corp_id", global.wechat_api_corp_id);
  if (section.String("corp_id").empty()) {
    if (global.wechat_api_corp_id.empty()) {
      section.Error("corp_id", "no global Wechat CorpID set",
                    "set corp_id here, or wechat_api_corp_id in global");
    }
    options->corp_id = templates::Snippet::Parse("corp_id", global.wechat_api_corp_id)
                           .value_or(templates::Snippet());
  }
  options->message = Default(section, "message");
  options->to_user = Default(section, "to_user");
  options->to_party = Default(section, "to_party");
  options->to_tag = Default(section, "to_tag");
  options->agent_id = Default(section, "agent_id");
  const std::string type = section.String("message_type", "text");
  options->message_type = type.empty() ? "text" : type;
  section.OneOf("message_type", options->message_type, {"text", "markdown"},
                "weChat message type " + GoQuote(options->message_type) +
                    " does not match valid options ^(text|markdown)$");
  options->http = section.Http("http_config", global.http);
  return options;
}

}  // namespace watchfire::notify::wechat
