// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/victorops/victorops.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <tuple>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::victorops {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

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

std::string MessageType(const dispatch::Notification& notification, const std::string& wanted) {
  if (notification.update) {
    switch (notification.update->act) {
      case config::kVendorAcknowledge:
        return "ACKNOWLEDGEMENT";
      case config::kVendorResolve:
        return "RECOVERY";
      default:
        return "INFO";  // On the timeline of the incident, and nobody is paged.
    }
  }
  if (!notification.firing()) return "RECOVERY";
  // The vendor takes an unknown type for INFO, which pages nobody.
  return wanted == "INFO" || wanted == "WARNING" ? wanted : "CRITICAL";
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

    Rendering message(context_, notification);
    const std::string tail = "/" + UrlEncode(message.Text(options_->routing_key));
    if (!message.status()) return message.Failed("failed to template VictorOps routing key");
    Result<std::string> body = Body(notification, &message);
    // As Alertmanager does: a page is worth another try even if it is bound to fail.
    if (!body) return Retry{{}, Excerpt("templating error: " + body.error().message, secrets_)};

    net::OutRequest request;
    request.url = Secret(options_->api_url + UrlEncode(*key) + tail);
    request.shown_url = options_->api_url + Secret::masked() + tail;
    request.headers = {{"Content-Type", "application/json"}, {"User-Agent", context_.user_agent}};
    request.body = *std::move(body);
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    // 429 is worth a retry: the limit is 150 messages a minute, and a lost page is worse.
    const Step step = Classify(response, kRetryCodes, secrets_);
    return std::holds_alternative<Done>(step) ? ReadResult(*response, secrets_) : step;
  }

 private:
  // A flat object, keys sorted, state_start_time last.
  Result<std::string> Body(const dispatch::Notification& notification, Rendering* message) const {
    std::map<std::string, std::string> fields;
    for (const auto& [key, text] : options_->custom_fields) fields[key] = message->Text(text);
    fields["message_type"] = MessageType(notification, message->Text(options_->message_type));
    fields["entity_id"] = Sha256Hex(notification.group_key);
    fields["entity_display_name"] = message->Text(options_->entity_display_name, kNameRunesMax);
    fields["state_message"] = message->Text(options_->state_message, kMessageRunesMax);
    fields["monitoring_tool"] = message->Text(options_->monitoring_tool);
    if (notification.update) Tell(*notification.update, &fields);
    WF_RETURN_IF_ERROR(message->status());

    JsonWriter json(/*escape_html=*/true);
    json.StartObject();
    for (const auto& [key, value] : fields) json.Field(key, value);
    if (!fields.contains("state_start_time")) {
      const Duration start = StartOf(notification).time_since_epoch();
      json.Field("state_start_time", std::chrono::floor<std::chrono::seconds>(start).count());
    }
    return json.EndObject().Take() + "\n";
  }

  // What is said in place of the message about the alerts.
  static void Tell(const dispatch::VendorUpdate& update,
                   std::map<std::string, std::string>* fields) {
    const std::string said = TruncateRunes(dispatch::Sentence(update), kMessageRunesMax);
    (*fields)["state_message"] = said;
    if (update.act != config::kVendorAcknowledge) return;
    (*fields)["ack_author"] = update.by;
    (*fields)["ack_message"] = TruncateRunes(said, kNameRunesMax);
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

templates::Snippet Default(config::Section& section, const std::string& key) {
  return section.Template(key, "{{ template \"victorops.default." + key + "\" . }}");
}

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
  options->routing_key = section.Template("routing_key");
  if (options->routing_key.empty() && section.String("routing_key").empty()) {
    section.Error("routing_key", "missing Routing key in VictorOps config");
  }
  options->message_type = section.Template("message_type", "CRITICAL");
  options->state_message = Default(section, "state_message");
  options->entity_display_name = Default(section, "entity_display_name");
  options->monitoring_tool = Default(section, "monitoring_tool");
  options->custom_fields = section.TemplateMap("custom_fields");
  for (const std::string_view name : kFixedFields) {
    if (!options->custom_fields.contains(std::string(name))) continue;
    section.Error("custom_fields", "victorops config contains custom field " + std::string(name) +
                                       " which cannot be used as it conflicts with the "
                                       "fixed/static fields");
  }
  options->http = section.Http("http_config", global.http);
  return options;
}

// Nothing takes an incident out of its ack there but the organisation's own time-out.
unsigned Takes(const void* /*options*/) {
  return config::kVendorAcknowledge | config::kVendorNote | config::kVendorResolve;
}

Contract Promises() {
  return {.limits = {{"entity_display_name", kNameRunesMax}, {"state_message", kMessageRunesMax}},
          .retry_codes = kRetryCodes,
          .retries = "a 200 with `result: failure` is final",
          .dedup = "`entity_id`, the SHA-256 of the group key",
          .sources = {"https://help.victorops.com/knowledge-base/rest-endpoint-integration-guide/"},
          .accepted = R"({"result":"success"})"};
}

}  // namespace

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<VictorOpsExchange>(std::static_pointer_cast<const Options>(options),
                                               context);
  };
  return {
      {"victorops", /*send_resolved_default=*/true, /*pages=*/true, Parse, /*is_own=*/false, Takes},
      start,
      Promises()};
}

}  // namespace watchfire::notify::victorops
