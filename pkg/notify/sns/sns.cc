// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/sns/sns.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <utility>
#include <vector>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::sns {
namespace {

using templates::Snippet;

constexpr std::initializer_list<int> kRetryCodes = {429};  // As Amazon's own clients do.

// The vendor's limits. The subject must be shorter than 100 characters, on one line.
constexpr size_t kMessageBytesMax = size_t{256} * 1024;
constexpr size_t kSmsBytesMax = 1600;
constexpr size_t kSubjectRunesMax = 99;
// Fetched credentials are renewed this long before they end.
constexpr std::chrono::minutes kRenewBefore{5};

constexpr std::array<std::string_view, 4> kThrottled = {"Throttling", "ThrottlingException",
                                                        "Throttled", "RequestLimitExceeded"};
constexpr std::array<std::string_view, 3> kBadToken = {"ExpiredToken", "ExpiredTokenException",
                                                       "InvalidClientTokenId"};

std::string CutBytes(const std::string& text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string Subject(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  text = std::string(Trim(text));
  return RuneCount(text) <= kSubjectRunesMax ? text : TruncateRunes(text, kSubjectRunesMax);
}

// Another for each notification, the same when one is repeated after a crash: the group and what
// each of its alerts does since when. Not Notification.at, which a crash changes.
std::string DeduplicationId(const dispatch::Notification& notification) {
  std::string text = notification.group_key;
  for (const alert::Alert& alert : notification.alerts) {
    const bool fires = notification.Firing(alert);
    text += '\n' + Hex64(alert.fingerprint()) + (fires ? " firing " : " resolved ") +
            FormatRfc3339(fires ? alert.starts_at : alert.ends_at, 9);
  }
  return Sha256Hex(text);
}

class SnsExchange final : public Exchange {
 public:
  SnsExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)),
        context_(std::move(context)),
        chain_(options_->identity, context_) {}

  Step Begin(const dispatch::Notification& notification) override {
    Rendering message(context_, notification);
    api_url_ = message.Text(options_->api_url);
    if (!message.status()) return message.Failed("execute 'api_url' template");
    form_ = Form(notification, &message);
    if (!message.status()) return message.Failed();
    if (chain_.region().empty()) {
      return Retry{{}, "region not configured in sns.sigv4.region or in default credentials chain"};
    }
    Credentials kept = options_->fetched->Copy();
    if (!kept.empty() && context_.now() + kRenewBefore < kept.expires) {
      return Publish(std::move(kept));
    }
    return Take(chain_.Begin());
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    if (!publishing_) return Take(chain_.OnResponse(response));
    if (!response || response->status / 100 == 2) return Classify(response, {}, secrets_);
    const std::string code = XmlText(response->body, "Code");
    net::OutResponse plain = *response;
    if (!code.empty()) plain.body = code + ": " + XmlText(response->body, "Message");
    Step step = Classify(plain, kRetryCodes, secrets_);
    const auto* fail = std::get_if<Fail>(&step);
    if (fail == nullptr) return step;
    if (std::ranges::count(kThrottled, code) > 0) {
      return Retry{RetryAfter(*response), fail->why, Failure::kRateLimited};
    }
    if (std::ranges::count(kBadToken, code) > 0 && was_fetched_) {
      options_->fetched->With([](Credentials& kept) { kept = Credentials(); });
      return Retry{{}, fail->why, Failure::kAuth};
    }
    return step;
  }

 private:
  // The next step towards credentials, or the message itself.
  Step Take(Result<CredentialChain::Next> next) {
    if (!next) {
      const std::string why = Excerpt(next.error().message, {});
      if (next.error().code == Code::kPermission) return Fail{why, Failure::kAuth};
      return Retry{
          {}, why, next.error().code == Code::kTimeout ? Failure::kDeadline : Failure::kOther};
    }
    if (auto* request = std::get_if<net::OutRequest>(&*next)) return Sent(std::move(*request));
    auto& found = std::get<Credentials>(*next);
    if (found.expires != WallTime::max()) {
      options_->fetched->With([&](Credentials& kept) { kept = found; });
    }
    return Publish(std::move(found));
  }

  Step Publish(Credentials credentials) {
    std::string url = api_url_;
    for (const char* name : {"AWS_ENDPOINT_URL_SNS", "AWS_ENDPOINT_URL"}) {
      if (url.empty() && context_.environment) url = context_.environment(name);
    }
    if (url.empty()) url = "https://sns." + chain_.region() + "." + chain_.domain() + "/";
    Result<net::OutRequest> request =
        SignedForm(credentials, {chain_.region(), "sns"}, url, form_, context_.now());
    if (!request) return Fail{"api_url: " + request.error().message, Failure::kOther};
    publishing_ = true;
    was_fetched_ = credentials.expires != WallTime::max();
    secrets_ = {credentials.secret_key, credentials.session_token};
    return Sent(*std::move(request));
  }

  Step Sent(net::OutRequest request) const {
    request.headers.push_back({"User-Agent", context_.user_agent});
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  // The request's fields, sorted by name.
  std::string Form(const dispatch::Notification& notification, Rendering* message) const {
    std::map<std::string, std::string> fields = {{"Action", "Publish"}, {"Version", "2010-03-31"}};
    std::map<std::string, std::string> attributes;
    for (const auto& [name, value] : options_->attributes) {
      attributes[message->Text(name)] = message->Text(value);
    }
    if (!options_->topic_arn.empty()) {
      const std::string topic = message->Text(options_->topic_arn);
      fields["TopicArn"] = topic;
      if (topic.ends_with(".fifo")) {
        fields["MessageGroupId"] = Sha256Hex(notification.group_key);
        fields["MessageDeduplicationId"] = DeduplicationId(notification);
      }
    }
    const bool is_sms = !options_->phone_number.empty();
    if (is_sms) fields["PhoneNumber"] = message->Text(options_->phone_number);
    if (!options_->target_arn.empty()) fields["TargetArn"] = message->Text(options_->target_arn);
    const std::string text = message->Text(options_->message);
    fields["Message"] = CutBytes(text, is_sms ? kSmsBytesMax : kMessageBytesMax);
    if (fields["Message"] != text) attributes["truncated"] = "true";
    const std::string subject = Subject(message->Text(options_->subject));
    if (!subject.empty()) fields["Subject"] = subject;
    int number = 0;
    for (const auto& [name, value] : attributes) {
      const std::string entry = "MessageAttributes.entry." + std::to_string(++number) + ".";
      fields[entry + "Name"] = name;
      fields[entry + "Value.DataType"] = "String";
      fields[entry + "Value.StringValue"] = value;
    }
    std::string form;
    for (const auto& [name, value] : fields) {
      form += (form.empty() ? "" : "&") + name + "=" + UrlEncode(value);
    }
    return form;
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  CredentialChain chain_;
  std::string api_url_;
  std::string form_;
  bool publishing_ = false;
  bool was_fetched_ = false;  // The credentials in use are temporary.
  std::vector<std::string> secrets_;
};

void ParseIdentity(config::Section& section, Identity* identity) {
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

Contract Promises() {
  return {
      .limits = {{"message", kMessageBytesMax, "bytes",
                  "is cut, and the attribute `truncated` set"},
                 {"message to a phone", kSmsBytesMax, "bytes",
                  "is cut, and the attribute `truncated` set"},
                 {"subject", kSubjectRunesMax}},
      .retry_codes = kRetryCodes,
      .retries =
          "an error code of throttling, or of temporary credentials that expired, is retried",
      .dedup =
          "to a FIFO topic `MessageDeduplicationId`, the SHA-256 of the group key and of what each "
          "alert does since when; else none",
      .sources = {"https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"},
      .accepted = "<PublishResponse/>"};
}

}  // namespace

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<SnsExchange>(std::static_pointer_cast<const Options>(options), context);
  };
  return {{"sns", /*send_resolved_default=*/true, /*pages=*/true, Parse}, start, Promises()};
}

}  // namespace watchfire::notify::sns
