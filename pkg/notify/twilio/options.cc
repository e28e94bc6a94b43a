// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of twilio_configs.

#include "pkg/notify/twilio/twilio.h"

namespace watchfire::notify::twilio {
namespace {

// A voice would spell the link.
constexpr const char* kDefaultSms =
    "{{ template \"__subject\" . }}{{ with ackURL }}\nAcknowledge: {{ . }}{{ end }}"
    "{{ range .Alerts.Firing }}\n{{ or .Annotations.summary .Labels.alertname }}{{ end }}";
constexpr const char* kDefaultCall =
    "{{ template \"__subject\" . }}"
    "{{ range .Alerts.Firing }}\n{{ or .Annotations.summary .Labels.alertname }}{{ end }}";

bool IsSid(const std::string& text, const std::string& prefix) {
  constexpr size_t kDigits = 32;
  return text.size() == prefix.size() + kDigits && text.starts_with(prefix) &&
         text.find_first_not_of("0123456789abcdefABCDEF", prefix.size()) == std::string::npos;
}

// Basic authentication: by the account and its token, or by an API key and its secret.
void ParseAccount(config::Section& section, const config::Global& global, Options* options) {
  options->account_sid = section.String("account_sid");
  if (!IsSid(options->account_sid, "AC")) {
    section.Error("account_sid", "account_sid must be AC and 32 hexadecimal digits");
  }
  const std::string key = section.String("api_key_sid");
  if (!key.empty() && !IsSid(key, "SK")) {
    section.Error("api_key_sid", "api_key_sid must be SK and 32 hexadecimal digits");
  }
  options->auth_token = section.SecretOrFile("auth_token");
  if (options->auth_token.empty() && !section.Has("auth_token")) {
    section.Error("auth_token", "missing auth_token or auth_token_file on twilio_config",
                  "the account's token or, with api_key_sid, the secret of that key");
  }
  options->http = section.Http("http_config", global.http);
  if (section.Has("http_config") &&
      (options->http.basic_auth || options->http.authorization || options->http.oauth2)) {
    section.Error("http_config", "auth_token authorizes, so http_config must not",
                  "remove basic_auth, authorization or oauth2");
  }
  options->http.authorization.reset();
  options->http.oauth2.reset();
  options->http.basic_auth = config::BasicAuth{.username = key.empty() ? options->account_sid : key,
                                               .username_file = {},
                                               .password = options->auth_token.value,
                                               .password_file = options->auth_token.file};
}

void ParseNumbers(config::Section& section, Options* options) {
  const auto is_set = [&](const char* key) { return !section.String(key).empty(); };
  options->to = section.Template("to");
  if (!is_set("to")) section.Error("to", "missing to on twilio_config", "to: '+15551234567'");
  options->from = section.Template("from");
  options->messaging_service_sid = section.Template("messaging_service_sid");
  section.Exclusive("from", "messaging_service_sid");
  const bool is_call = options->channel == Channel::kCall;
  if (is_call && is_set("messaging_service_sid")) {
    section.Error("messaging_service_sid", "a call comes from a number", "set from");
  } else if (!is_set("from") && !is_set("messaging_service_sid")) {
    section.Error("from", is_call ? "missing from on twilio_config"
                                  : "missing from or messaging_service_sid on twilio_config");
  }
}

void ParseVoice(config::Section& section, Options* options) {
  options->ack_url = section.SecretTemplate("ack_url");
  options->language = section.String("language");
  options->voice = section.String("voice");
  if (options->channel == Channel::kSms) {
    for (const char* key : {"ack_url", "language", "voice"}) {
      if (section.Has(key)) section.Error(key, std::string(key) + " is for calls", "channel: call");
    }
    return;
  }
  const std::string url = section.SecretString("ack_url").reveal();
  if (!url.empty() && url.find("{{") == std::string::npos && SplitSecretUrl(url).shown.empty()) {
    section.Error("ack_url", "ack_url must be http or https with a host",
                  "it must lead from the internet to Watchfire");
  }
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->api_url = section.Url("api_url", "https://api.twilio.com");
  while (options->api_url.ends_with('/')) options->api_url.pop_back();
  const std::string channel = section.String("channel", "sms");
  section.OneOf("channel", channel, {"sms", "call"}, "unknown channel on twilio_config");
  options->channel = channel == "call" ? Channel::kCall : Channel::kSms;
  ParseAccount(section, global, options.get());
  ParseNumbers(section, options.get());
  options->message =
      section.Template("message", options->channel == Channel::kCall ? kDefaultCall : kDefaultSms);
  ParseVoice(section, options.get());
  return options;
}

}  // namespace watchfire::notify::twilio
