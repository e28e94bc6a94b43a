// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/wechat/wechat.h"

#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::wechat {
namespace {

constexpr std::chrono::hours kTokenLife{2};
constexpr size_t kTokensMax = 64;  // Of one integration; more only if its secret names labels.

// The vendor's error codes.
constexpr int64_t kBusy = -1;
constexpr int64_t kBadToken = 40014;
constexpr int64_t kExpiredToken = 42001;

struct Answer {
  int64_t code = 0;
  std::string message;
  std::string token;
};

// Nothing when the body is no JSON object.
std::optional<Answer> ReadAnswer(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(body)).get(object) != simdjson::SUCCESS) return {};
  Answer answer;
  std::string_view text;
  std::ignore = object["errcode"].get(answer.code);
  if (object["errmsg"].get(text) == simdjson::SUCCESS) answer.message = std::string(text);
  if (object["access_token"].get(text) == simdjson::SUCCESS) answer.token = std::string(text);
  return answer;
}

class WechatExchange final : public Exchange {
 public:
  WechatExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    Rendering message(context_, notification);
    if (options_->api_secret_file.empty()) {
      secret_ = message.SecretText(options_->api_secret);
    } else {
      const Result<std::string> text = context_.read_file(options_->api_secret_file);
      // The file may appear with the next mount of the secret, so this is worth another try.
      if (!text) return Retry{{}, "api_secret_file: " + text.error().message, Failure::kOther};
      secret_ = message.SecretText("api_secret_file", *text);
    }
    corp_id_ = message.Text(options_->corp_id);
    body_ = Body(&message);
    if (!message.status()) return message.Failed("templating error");
    secrets_ = {secret_, UrlEncode(secret_)};
    return SendMessage();
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    if (!response || response->status / 100 != 2) {
      // Unlike anybody else's, a 4xx of this vendor may pass: its gateways answer so.
      Step step = Classify(response, {}, secrets_);
      const auto* fail = std::get_if<Fail>(&step);
      if (fail == nullptr) return step;
      return Retry{RetryAfter(*response), fail->why, fail->failure};
    }
    const std::optional<Answer> answer = ReadAnswer(response->body);
    if (!answer) {
      return Retry{{}, "not a WeChat answer: " + Excerpt(response->body, secrets_)};
    }
    return std::exchange(wants_token_, false) ? OnToken(*answer) : OnMessage(*answer);
  }

 private:
  std::string key() const { return corp_id_ + "\n" + secret_; }

  Step SendMessage() {
    const std::string token = options_->tokens->With([&](auto& tokens) {
      const auto found = tokens.find(key());
      const bool is_good =
          found != tokens.end() && context_.now() < found->second.fetched + kTokenLife;
      return is_good ? found->second.text : std::string();
    });
    if (token.empty()) {
      wants_token_ = true;
      return Request("GET", "gettoken?corpid=" + UrlEncode(corp_id_) + "&corpsecret=", secret_);
    }
    token_ = token;
    secrets_ = {secret_, UrlEncode(secret_), token, UrlEncode(token)};
    return Request("POST", "message/send?access_token=", token);
  }

  Step Request(const char* method, const std::string& path, const std::string& secret) const {
    net::OutRequest request;
    request.method = method;
    request.url = Secret(options_->api_url + path + UrlEncode(secret));
    request.shown_url = options_->api_url + path + Secret::masked();
    request.headers = {{"User-Agent", context_.user_agent}};
    if (!wants_token_) {
      request.headers.push_back({"Content-Type", "application/json"});
      request.body = body_;
    }
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  Step OnToken(const Answer& answer) {
    if (answer.token.empty()) {
      const std::string why = "invalid APISecret for CorpID: " + corp_id_ + ": " + Why(answer);
      if (answer.code == kBusy) return Retry{{}, why, Failure::kServerError};
      return Fail{why, Failure::kAuth};
    }
    options_->tokens->With([&](auto& tokens) {
      if (tokens.size() >= kTokensMax) tokens.clear();
      tokens[key()] = {answer.token, context_.now()};
    });
    return SendMessage();
  }

  Step OnMessage(const Answer& answer) {
    if (answer.code == 0) return Done{};
    const std::string why = Why(answer);
    if (answer.code == kBusy) return Retry{{}, why, Failure::kServerError};
    if (answer.code != kBadToken && answer.code != kExpiredToken) {
      return Fail{why, Failure::kClientError};
    }
    options_->tokens->With([&](auto& tokens) {
      const auto found = tokens.find(key());  // Somebody may have fetched another one since.
      if (found != tokens.end() && found->second.text == token_) tokens.erase(found);
    });
    if (std::exchange(renewed_, true)) return Retry{{}, why, Failure::kAuth};
    return SendMessage();
  }

  std::string Why(const Answer& answer) const {
    return "errcode " + std::to_string(answer.code) + ": " + Excerpt(answer.message, secrets_);
  }

  std::string Body(Rendering* message) const {
    const bool is_markdown = options_->message_type == "markdown";
    const std::string content = message->Text(options_->message);
    JsonWriter json(/*escape_html=*/true);
    json.StartObject();
    json.Key("text").StartObject().Field("content", is_markdown ? "" : content).EndObject();
    const auto field = [&](const char* name, const templates::Snippet& snippet) {
      const std::string value = message->Text(snippet);
      if (!value.empty()) json.Field(name, value);
    };
    field("touser", options_->to_user);
    field("toparty", options_->to_party);
    field("totag", options_->to_tag);
    field("agentid", options_->agent_id);
    json.Field("safe", "0").Field("msgtype", options_->message_type);
    json.Key("markdown").StartObject().Field("content", is_markdown ? content : "").EndObject();
    return json.EndObject().Take() + "\n";
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::string secret_;
  std::string corp_id_;
  std::string body_;
  std::string token_;         // That the message was sent with.
  bool wants_token_ = false;  // The request under way asks for one.
  bool renewed_ = false;
  std::vector<std::string> secrets_;
};

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

Contract Promises() {
  return {.retries_all = true,
          .retries =
              "a token that is no longer taken is fetched anew, once; any other `errcode` but -1 "
              "is final",
          .dedup = "none: a repeated message is posted again",
          .sources = {"https://developer.work.weixin.qq.com/document/path/91039",
                      "https://developer.work.weixin.qq.com/document/path/90236"},
          .accepted = R"({"errcode":0,"errmsg":"ok","access_token":"rehearsal"})"};
}

}  // namespace

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<WechatExchange>(std::static_pointer_cast<const Options>(options),
                                            context);
  };
  return {{"wechat", /*send_resolved_default=*/false, /*pages=*/false, Parse}, start, Promises()};
}

}  // namespace watchfire::notify::wechat
