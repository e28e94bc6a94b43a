// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/telegram/telegram.h"

#include <charconv>
#include <utility>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"
#include "pkg/notify/telegram/visible.h"
#include "pkg/notify/timeout.h"

namespace watchfire::notify::telegram {
namespace {

constexpr size_t kMessageRunesMax = 4096;
constexpr size_t kHtmlBytesMax = size_t{32} * 1024;  // Tags and all. Source: Alertmanager 0.35.
constexpr size_t kSubjectRunesMax = 1000;

std::string EscapeHtml(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  }
  return escaped;
}

// What takes the place of a document that cannot be cut without breaking its tags: that there was
// one, as Alertmanager says, and what it was about.
std::string TooLong(Rendering* message) {
  const templates::Snippet subject =
      templates::Snippet::Parse("message", "{{ template \"__subject\" . }}").value();
  return "Alertmanager notification could not be sent: message length exceeds Telegram limits.\n" +
         EscapeHtml(message->Text(subject, kSubjectRunesMax));
}

class TelegramExchange final : public Exchange {
 public:
  TelegramExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    const Result<std::string> token =
        Reveal(options_->bot_token.value, options_->bot_token.file, context_);
    if (!token) return Retry{{}, "bot_token_file: " + token.error().message, Failure::kOther};
    secrets_ = {*token};
    const Result<std::string> chat = ChatId();
    if (!chat) return Retry{{}, chat.error().message, Failure::kOther};

    Rendering message(context_, notification);
    const std::string text = MessageText(&message);
    if (!message.status()) return message.Failed();

    const std::string base = options_->api_url + "/bot";
    const Target target{base + *token + "/sendMessage",
                        ShownUrl(base) + Secret::masked() + "/sendMessage", secrets_};
    net::OutRequest request = JsonPost(context_, target, Body(*chat, text), options_);
    request.timeout = RequestTimeout(options_->timeout);
    return Send{std::move(request)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    Step step = Classify(response, {}, secrets_);
    if (!response) return TellTimeout(std::move(step), "telegram", options_->timeout);
    const std::string& body = response->body;
    if (std::holds_alternative<Done>(step)) {
      if (AnswerBool(body, "/ok").value_or(false)) return step;
      step = Fail{Excerpt("the answer is not one of Telegram: " + body, secrets_), Failure::kOther};
    }
    // As Alertmanager does, whatever the reason: a chat may exist again, a bot be let in.
    if (auto* fail = std::get_if<Fail>(&step)) {
      step = Retry{RetryAfter(*response), std::move(fail->why), fail->failure};
    }
    if (const auto description = AnswerText(body, "/description")) {
      const int code = static_cast<int>(AnswerNumber(body, "/error_code").value_or(0));
      std::get<Retry>(step).why =
          Excerpt("telegram: " + *description + " (" + std::to_string(code) + ")", secrets_);
    }
    return WithRetryAfterOf(std::move(step), body, "/parameters/retry_after");
  }

 private:
  Result<std::string> ChatId() const {
    if (options_->chat_id_file.empty()) return std::to_string(options_->chat_id);
    Result<std::string> text = context_.read_file(options_->chat_id_file);
    if (!text) return watchfire::Fail(text.error().code, "chat_id_file: " + text.error().message);
    int64_t number = 0;
    const char* end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end) return text;
    return InvalidArgument("chat_id_file: " + options_->chat_id_file +
                           " does not hold a whole number");
  }

  std::string MessageText(Rendering* message) const {
    if (options_->parse_mode != "HTML") {
      return message->Text(options_->message, kMessageRunesMax);
    }
    std::string text = message->Html(options_->message);
    const bool is_long = text.size() > kHtmlBytesMax || ShownRunes(text) > kMessageRunesMax;
    return is_long ? TooLong(message) : text;
  }

  // Every value is a text, keys sorted, as Alertmanager sends them.
  std::string Body(const std::string& chat, const std::string& text) const {
    JsonWriter json(/*escape_html=*/true);
    json.StartObject().Field("chat_id", chat);
    if (options_->disable_notifications) json.Field("disable_notification", "true");
    json.Field("disable_web_page_preview", "true");
    if (options_->message_thread_id != 0) {
      json.Field("message_thread_id", std::to_string(options_->message_thread_id));
    }
    if (!options_->parse_mode.empty()) json.Field("parse_mode", options_->parse_mode);
    return json.Field("text", text).EndObject().Take() + "\n";
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

Contract Promises() {
  return {.limits = {{"message", kMessageRunesMax, "characters",
                      "is cut; as HTML, it gives way to a short note"},
                     {"the HTML of a message", kHtmlBytesMax, "bytes", "gives way to it, too"}},
          .retries_all = true,
          .retries = "`retry_after` of the answer is obeyed, too",
          .dedup = "none: a repeated message is posted again",
          .sources = {"https://core.telegram.org/bots/api#sendmessage",
                      "https://core.telegram.org/bots/api#making-requests"},
          .accepted = R"({"ok":true})"};
}

}  // namespace

Backend Describe() {
  return {{"telegram", /*send_resolved_default=*/true, /*pages=*/false, Parse},
          Starts<TelegramExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::telegram
