// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/twilio/twilio.h"

#include <array>
#include <initializer_list>
#include <utility>
#include <vector>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/base/xml.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::twilio {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

// The vendor's limits.
constexpr size_t kSmsRunesMax = 1600;
constexpr size_t kTwimlBytesMax = 4000;
// When to ask what became of it, each time counted from the answer before.
constexpr std::array<std::chrono::seconds, 3> kAskAfter = {
    std::chrono::seconds(1), std::chrono::seconds(2), std::chrono::seconds(3)};

// The link comes first: what is too long is cut at its end. A voice would spell it.
constexpr const char* kDefaultSms =
    "{{ template \"__subject\" . }}{{ with ackURL }}\nAcknowledge: {{ . }}{{ end }}"
    "{{ range .Alerts.Firing }}\n{{ or .Annotations.summary .Labels.alertname }}{{ end }}";
constexpr const char* kDefaultCall =
    "{{ template \"__subject\" . }}"
    "{{ range .Alerts.Firing }}\n{{ or .Annotations.summary .Labels.alertname }}{{ end }}";

class TwilioExchange final : public Exchange {
 public:
  TwilioExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    secrets_ = {options_->auth_token.value.reveal()};
    Rendering message(context_, notification);
    const bool is_call = options_->channel == Channel::kCall;
    Add("To", message.Text(options_->to));
    Add("From", message.Text(options_->from));
    Add("MessagingServiceSid", message.Text(options_->messaging_service_sid));
    const std::string text(Trim(message.Text(options_->message)));
    std::string ack_url(Trim(message.SecretText(options_->ack_url)));
    if (!message.status()) return message.Failed();
    if (!notification.firing()) ack_url.clear();
    if (!ack_url.empty()) {
      const SecretUrl split = SplitSecretUrl(ack_url);
      if (split.shown.empty()) {
        return Fail{"the ack_url is not one of http or https with a host", Failure::kOther};
      }
      secrets_.insert(secrets_.end(), split.secrets.begin(), split.secrets.end());
      ack_url += (ack_url.find('?') == std::string::npos ? "?entity_id=" : "&entity_id=") +
                 Sha256Hex(notification.group_key);
    }
    if (is_call) {
      const auto twiml = [&](const std::string& part) { return Twiml(part, ack_url); };
      Add("Twiml", FitBody(text, kTwimlBytesMax, twiml));
    } else {
      Add("Body", TruncateRunes(text, kSmsRunesMax));
    }
    net::OutRequest request = Request("POST", is_call ? "/Calls.json" : "/Messages.json");
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.body = form_;
    return Send{std::move(request)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    if (!path_.empty()) return OnStatus(response);
    Result<net::OutResponse> told = response;
    if (told && told->status / 100 != 2) told->body = WhatIsWrong(told->body);
    const Step step = Classify(told, kRetryCodes, secrets_);
    if (!std::holds_alternative<Done>(step)) return step;
    const std::string sid = AnswerText(response->body, "/sid").value_or("");
    if (sid.empty()) return step;
    const bool is_call = options_->channel == Channel::kCall;
    path_ = (is_call ? "/Calls/" : "/Messages/") + UrlEncode(sid) + ".json";
    return OnStatus(response);
  }

 private:
  void Add(const std::string& name, const std::string& value) {
    if (value.empty()) return;
    form_ += (form_.empty() ? "" : "&") + name + "=" + UrlEncode(value);
  }

  std::string Say(const std::string& text) const {
    std::string say = "<Say";
    if (!options_->language.empty()) say += " language=\"" + EscapeXml(options_->language) + "\"";
    if (!options_->voice.empty()) say += " voice=\"" + EscapeXml(options_->voice) + "\"";
    return say + ">" + EscapeXml(text) + "</Say>";
  }

  // What the call does. It says everything twice: who is woken misses the beginning.
  std::string Twiml(const std::string& text, const std::string& ack_url) const {
    const std::string pause = "<Pause length=\"1\"/>";
    if (ack_url.empty()) {
      return "<Response>" + pause + Say(text) + pause + Say(text) + "</Response>";
    }
    const std::string ask = Say(text) + Say("Press 4 to acknowledge.");
    return "<Response><Gather input=\"dtmf\" numDigits=\"1\" timeout=\"10\" method=\"POST\" "
           "action=\"" +
           EscapeXml(ack_url) + "\">" + pause + ask + pause + ask + "</Gather></Response>";
  }

  net::OutRequest Request(const std::string& method, const std::string& path) const {
    net::OutRequest request;
    request.method = method;
    request.shown_url = options_->api_url + "/2010-04-01/Accounts/" + options_->account_sid + path;
    request.url = Secret(request.shown_url);
    request.headers = {{"User-Agent", context_.user_agent}};
    request.http = &options_->http;
    request.keep_alive = options_;
    return request;
  }

  // "21211: Invalid 'To' Phone Number". The body itself when it says nothing of the kind.
  static std::string WhatIsWrong(const std::string& body) {
    const std::string message = AnswerText(body, "/message").value_or("");
    const double code = AnswerNumber(body, "/code").value_or(0);
    if (message.empty()) return body;
    return code > 0 ? FormatGoFloat(code) + ": " + message : message;
  }

  Step OnStatus(const Result<net::OutResponse>& response) {
    const bool told = response && response->status / 100 == 2;
    const std::string status = told ? AnswerText(response->body, "/status").value_or("") : "";
    const bool is_call = options_->channel == Channel::kCall;
    const std::string what = is_call ? "Twilio's call" : "Twilio's message";
    if (is_call && (status == "busy" || status == "no-answer")) {
      return Retry{{}, what + " found nobody: " + status, Failure::kOther};
    }
    if (status == "failed" || status == "undelivered" || status == "canceled") {
      const double code = AnswerNumber(response->body, "/error_code").value_or(0);
      const std::string text = AnswerText(response->body, "/error_message").value_or("");
      const std::string why =
          (code > 0 ? ": error " + std::to_string(static_cast<int>(code)) : "") +
          (text.empty() ? "" : ": " + text);
      return Fail{Excerpt(what + " is " + status + why, secrets_), Failure::kClientError};
    }
    const bool pending = status == "accepted" || status == "queued" || status == "sending" ||
                         status == "initiated" || status == "ringing";
    if (!pending || asked_ == kAskAfter.size()) return Done{};
    net::OutRequest request = Request("GET", path_);
    request.delay = kAskAfter[asked_++];
    return Send{std::move(request)};
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
  std::string form_;
  std::string path_;  // Of the message or call, once it is there.
  size_t asked_ = 0;
};

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

Contract Promises() {
  return {.limits = {{"message", kSmsRunesMax},
                     {"the TwiML of a call", kTwimlBytesMax, "bytes", "has its message cut"}},
          .retry_codes = kRetryCodes,
          .retries =
              "what was taken is asked for after 1, 3 and 6 s: a call that found nobody is "
              "tried again, a message or call that failed is final",
          .dedup = "nothing: another attempt is another message",
          .sources = {"https://www.twilio.com/docs/messaging/api/message-resource",
                      "https://www.twilio.com/docs/voice/api/call-resource",
                      "https://www.twilio.com/docs/voice/twiml/gather",
                      "https://www.twilio.com/docs/api/errors"},
          .accepted = R"({"sid":"SM0","status":"sent"})",
          .accepted_status = 201};
}

}  // namespace

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<TwilioExchange>(std::static_pointer_cast<const Options>(options),
                                            context);
  };
  return {{"twilio", /*send_resolved_default=*/false, /*pages=*/true, Parse, /*is_own=*/true},
          start,
          Promises()};
}

}  // namespace watchfire::notify::twilio
