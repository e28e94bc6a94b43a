// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/victorops/victorops.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/text.h"

namespace watchfire::notify::victorops {
namespace {

// The vendor's limits, in characters.
constexpr size_t kNameRunesMax = 1024;
constexpr size_t kMessageRunesMax = 20'480;

constexpr std::array<std::string_view, 7> kFixedFields = {
    "routing_key",     "message_type", "state_message", "entity_display_name",
    "monitoring_tool", "entity_id",    "entity_state"};

// When the condition began: the earliest start of what still fires, else of all.
WallTime StartOf(const dispatch::Notification& notification) {
  WallTime start = WallTime::max();
  for (const alert::Alert& alert : notification.alerts) {
    if (notification.Firing(alert) == notification.firing()) {
      start = std::min(start, alert.starts_at);
    }
  }
  return start;
}

// The endpoint may refuse a message and still answer 200. Anything that is not that answer is
// taken for success, as the status says.
Step ReadResult(const net::OutResponse& response, const std::vector<std::string>& secrets) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view result;
  if (parser.parse(simdjson::padded_string(response.body)).get(json) != simdjson::SUCCESS ||
      json["result"].get(result) != simdjson::SUCCESS || result != "failure") {
    return Done{};
  }
  std::string_view message = "no reason given";
  std::ignore = json["message"].get(message);
  return Fail{"VictorOps refused the message: " + Excerpt(std::string(message), secrets),
              Failure::kClientError};
}

class VictorOpsExchange final : public Exchange {
 public:
  VictorOpsExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    const Result<std::string> key = Reveal(options_->api_key, options_->api_key_file, context_);
    // The file may appear with the next mount of the secret, so this is worth another try.
    if (!key) return Retry{{}, "api_key_file: " + key.error().message, Failure::kOther};
    if (key->empty()) return Fail{"VictorOps API key is empty", Failure::kAuth};
    secrets_ = {*key, UrlEncode(*key)};

    const std::string tail = "/" + UrlEncode(options_->routing_key);
    net::OutRequest request;
    request.url = Secret(options_->api_url + UrlEncode(*key) + tail);
    request.shown_url = options_->api_url + Secret::masked() + tail;
    request.headers = {{"Content-Type", "application/json"}, {"User-Agent", context_.user_agent}};
    request.body = Payload(notification, *options_);
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    // 429 is worth a retry: the limit is 150 messages a minute, and a lost page is worse.
    const Step step = Classify(response, {429}, secrets_);
    return std::holds_alternative<Done>(step) ? ReadResult(*response, secrets_) : step;
  }

 private:
  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  const config::SecretSource key = section.SecretOrFile("api_key", global.victorops_api_key);
  if (key.empty()) {
    section.Error("api_key", "no global VictorOps API Key set",
                  "set api_key or api_key_file here, or victorops_api_key in global");
  }
  options->api_key = key.value;
  options->api_key_file = key.file;
  options->api_url = section.Url("api_url", global.victorops_api_url);
  if (options->api_url.empty()) section.Error("api_url", "no global VictorOps URL set");
  if (!options->api_url.ends_with('/')) options->api_url += '/';
  options->routing_key = FixedText(section, "victorops", "routing_key");
  if (options->routing_key.empty()) {
    section.Error("routing_key", "missing Routing key in VictorOps config");
  }
  if (section.Has("message_type")) {
    options->message_type = FixedText(section, "victorops", "message_type");
  }
  options->state_message = FixedText(section, "victorops", "state_message");
  options->entity_display_name = FixedText(section, "victorops", "entity_display_name");
  options->monitoring_tool = FixedText(section, "victorops", "monitoring_tool");
  options->custom_fields = section.StringMap("custom_fields");
  for (const auto& [name, value] : options->custom_fields) {
    if (std::ranges::count(kFixedFields, name) > 0) {
      section.Error("custom_fields", "victorops config contains custom field " + name +
                                         " which cannot be used as it conflicts with the "
                                         "fixed/static fields");
    }
    if (IsTemplate(value)) {
      section.Error("custom_fields", "templates in custom field " + name + " are not supported",
                    "write a fixed text");
    }
  }
  options->http = section.Http("http_config", global.http);
  return options;
}

}  // namespace

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<VictorOpsExchange>(std::static_pointer_cast<const Options>(options),
                                               context);
  };
  return {{"victorops", /*send_resolved_default=*/true, /*pages=*/true, Parse}, start};
}

std::string Payload(const dispatch::Notification& notification, const Options& options) {
  std::string type = "RECOVERY";
  if (notification.firing()) {
    const bool known = options.message_type == "INFO" || options.message_type == "WARNING";
    // The vendor takes an unknown type for INFO, which pages nobody.
    type = known ? options.message_type : "CRITICAL";
  }
  std::string name = options.entity_display_name;
  if (name.empty()) name = RepairUtf8(Title(notification));
  std::string message = options.state_message;
  if (message.empty()) message = Details(notification, kMessageRunesMax);

  std::map<std::string, std::string> fields = options.custom_fields;
  fields["message_type"] = type;
  fields["entity_id"] = Sha256Hex(notification.group_key);
  fields["entity_display_name"] = TruncateRunes(name, kNameRunesMax);
  fields["state_message"] = TruncateRunes(message, kMessageRunesMax);
  fields["monitoring_tool"] =
      options.monitoring_tool.empty() ? "Watchfire" : options.monitoring_tool;

  JsonWriter json(/*escape_html=*/true);
  json.StartObject();
  for (const auto& [key, value] : fields) json.Field(key, value);
  if (!fields.contains("state_start_time")) {
    const Duration start = StartOf(notification).time_since_epoch();
    json.Field("state_start_time", std::chrono::floor<std::chrono::seconds>(start).count());
  }
  return json.EndObject().Take() + "\n";
}

}  // namespace watchfire::notify::victorops
