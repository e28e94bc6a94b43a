// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/pagerduty/pagerduty.h"

#include <array>
#include <initializer_list>
#include <utility>

#include <simdjson.h>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/rendering.h"
#include "pkg/templates/to_json.h"

namespace watchfire::notify::pagerduty {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};
constexpr std::initializer_list<int> kRetryCodesV1 = {403};

// The vendor's limits.
constexpr size_t kSummaryRunesMax = 1024;
constexpr size_t kEventBytesMax = 512'000;

constexpr Duration kUnboundedTimeout = std::chrono::hours(24);  // The flush ends long before.
// What stands for details that do not fit.
constexpr std::string_view kDetailsRemoved =
    R"({"error":"Custom details have been removed because the original event exceeds the maximum )"
    R"(size of 512KB"})";
constexpr const char* kDefaultClient = "{{ template \"pagerduty.default.client\" . }}";

constexpr std::array<std::pair<const char*, const char*>, 4> kDefaultDetails = {{
    {"firing", "{{ .Alerts.Firing | toJson }}"},
    {"num_firing", "{{ .Alerts.Firing | len }}"},
    {"num_resolved", "{{ .Alerts.Resolved | len }}"},
    {"resolved", "{{ .Alerts.Resolved | toJson }}"},
}};

void AddDefaultDetail(const char* key, const char* text, config::TemplateTree* details) {
  config::TemplateTree leaf;
  leaf.kind = config::TemplateTree::Kind::kText;
  leaf.text = templates::Snippet::Parse("details", text).value();
  details->keys.push_back(templates::Snippet::Parse("details", key).value());
  details->items.push_back(std::move(leaf));
}

void WriteUnlessEmpty(JsonWriter* json, std::string_view key, const std::string& value) {
  if (!value.empty()) json->Field(key, value);
}

// What the API says is wrong with an event: "<message>: <error>,<error>". "" when it does not.
std::string WhatIsWrong(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view message;
  if (parser.parse(simdjson::padded_string(body)).get(json) != simdjson::SUCCESS ||
      json["message"].get(message) != simdjson::SUCCESS) {
    return "";
  }
  std::vector<std::string> errors;
  simdjson::dom::array list;
  if (json["errors"].get(list) == simdjson::SUCCESS) {
    for (const simdjson::dom::element error : list) {
      std::string_view text;
      if (error.get(text) == simdjson::SUCCESS) errors.emplace_back(text);
    }
  }
  return std::string(message) + ": " + Join(errors, ",");
}

// The API may take an event and say that it is not one. Anything that is not that answer is taken
// for success, as the status says.
Step ReadResult(const net::OutResponse& response, const std::vector<std::string>& secrets) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view status;
  if (parser.parse(simdjson::padded_string(response.body)).get(json) != simdjson::SUCCESS ||
      json["status"].get(status) != simdjson::SUCCESS || status == "success") {
    return Done{};
  }
  const std::string why = "PagerDuty did not take the event: " + std::string(status) + ": " +
                          WhatIsWrong(response.body);
  return Fail{Excerpt(why, secrets), Failure::kClientError};
}

class PagerDutyExchange final : public Exchange {
 public:
  PagerDutyExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    const bool v1 = options_->is_v1();
    Rendering message(context_, notification);
    const std::string& file = v1 ? options_->service_key_file : options_->routing_key_file;
    std::string key;
    if (file.empty()) {
      key = message.SecretText(v1 ? options_->service_key : options_->routing_key);
    } else {
      const std::string name = v1 ? "service_key_file" : "routing_key_file";
      const Result<std::string> text = context_.read_file(file);
      // The file may appear with the next mount of the secret, so this is worth another try.
      if (!text) return Retry{{}, name + ": " + text.error().message, Failure::kOther};
      key = message.SecretText(name, *text);
    }
    secrets_ = {key};
    Rendering apart(context_, notification);  // Details that are too long spoil nothing else.
    const Result<std::string> details = Details(apart);
    if (!details && details.error().code != Code::kExhausted) {
      return apart.status() ? Unwritable(details.error())
                            : apart.Failed("failed to template PagerDuty details");
    }
    std::string body = notification.update ? Telling(notification, message, key)
                                           : Body(notification, message, key);
    const bool has_details = details && !notification.update;
    if (has_details && body.size() + details->size() <= kEventBytesMax + kDetailsRemoved.size()) {
      // Within a text its quotes would be escaped, so this is the place.
      body.replace(body.find(kDetailsRemoved), kDetailsRemoved.size(), *details);
    }
    if (!message.status()) {
      return message.Failed(std::string("failed to template PagerDuty ") + (v1 ? "v1" : "v2") +
                            " message");
    }
    if (key.empty()) {
      return Fail{v1 ? "service key cannot be empty" : "routing key cannot be empty",
                  Failure::kOther};
    }

    net::OutRequest request;
    request.url = Secret(v1 ? options_->url_v1 : options_->url);
    request.shown_url = ShownUrl(request.url.reveal());
    request.headers = {{"Content-Type", "application/json"}, {"User-Agent", context_.user_agent}};
    request.body = std::move(body);
    request.timeout = options_->timeout > Duration::zero() ? options_->timeout : kUnboundedTimeout;
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    Result<net::OutResponse> told = response;
    if (response && response->status == 400) {
      const std::string wrong = WhatIsWrong(response->body);
      if (!wrong.empty()) told->body = wrong;
    }
    // v1 limits its callers with 403.
    const bool v1 = options_->is_v1();
    Step step = Classify(told, v1 ? kRetryCodesV1 : kRetryCodes, secrets_);
    if (std::holds_alternative<Done>(step)) return ReadResult(*response, secrets_);
    auto* retry = std::get_if<Retry>(&step);
    if (retry != nullptr && retry->failure == Failure::kDeadline && options_->timeout.count() > 0) {
      retry->why = "configured pagerduty timeout reached (" + FormatGoDuration(options_->timeout) +
                   "): " + retry->why;
    }
    if (retry != nullptr && v1 && response && response->status == 403) {
      retry->failure = Failure::kRateLimited;
    }
    return step;
  }

 private:
  static Step Unwritable(const Error& error) {
    return Fail{Excerpt("failed to encode PagerDuty message: " + error.message, {}),
                Failure::kOther};
  }

  Result<std::string> Details(Rendering& message) const {
    const templates::Value details = message.Tree(options_->details);
    WF_RETURN_IF_ERROR(message.status());
    return templates::ToJson(details);
  }

  // What people did is an event that names the alert and says nothing else: the API has no place
  // for their words.
  std::string Telling(const dispatch::Notification& notification, Rendering& message,
                      const std::string& key) const {
    const bool resolves = notification.update->act == config::kVendorResolve;
    const char* const action = resolves ? "resolve" : "acknowledge";
    const std::string id = Sha256Hex(notification.group_key);
    JsonWriter json(/*escape_html=*/true);
    json.StartObject();
    if (options_->is_v1()) {
      json.Field("service_key", key).Field("incident_key", id).Field("event_type", action);
      const std::string said = dispatch::Sentence(*notification.update);
      json.Field("description", TruncateRunes(said, kSummaryRunesMax));
      return json.EndObject().Take() + "\n";
    }
    json.Field("routing_key", key).Field("dedup_key", id).Field("event_action", action);
    WriteClient(&json, message);
    return json.EndObject().Take() + "\n";
  }

  // The event with kDetailsRemoved for details.
  std::string Body(const dispatch::Notification& notification, Rendering& message,
                   const std::string& key) const {
    const char* const action = notification.firing() ? "trigger" : "resolve";
    const std::string id = Sha256Hex(notification.group_key);
    const std::string summary = message.Text(options_->description, kSummaryRunesMax);
    JsonWriter json(/*escape_html=*/true);
    json.StartObject();
    if (options_->is_v1()) {
      json.Field("service_key", key).Field("incident_key", id).Field("event_type", action);
      WriteUnlessEmpty(&json, "description", summary);
      json.Field("event_action", "").Key("payload").Null();
      if (notification.firing()) WriteClient(&json, message);
      return json.Key("details").Raw(kDetailsRemoved).EndObject().Take() + "\n";
    }
    json.Field("routing_key", key).Field("dedup_key", id).Field("event_action", action);
    const std::string severity = message.Text(options_->severity);
    json.Key("payload").StartObject().Field("summary", summary);
    json.Field("source", message.Text(options_->source));
    json.Field("severity", severity.empty() ? "error" : severity);
    WriteUnlessEmpty(&json, "class", message.Text(options_->event_class));
    WriteUnlessEmpty(&json, "component", message.Text(options_->component));
    WriteUnlessEmpty(&json, "group", message.Text(options_->group));
    json.Key("custom_details").Raw(kDetailsRemoved).EndObject();
    WriteClient(&json, message);
    WriteImages(&json, message);
    WriteLinks(&json, message);
    return json.EndObject().Take() + "\n";
  }

  void WriteClient(JsonWriter* json, Rendering& message) const {
    WriteUnlessEmpty(json, "client", message.Text(options_->client));
    WriteUnlessEmpty(json, "client_url", message.Text(options_->client_url));
  }

  void WriteImages(JsonWriter* json, Rendering& message) const {
    bool any = false;
    for (const Image& image : options_->images) {
      const std::string src = message.Text(image.src);
      if (src.empty()) continue;
      if (!std::exchange(any, true)) json->Key("images").StartArray();
      json->StartObject().Field("src", src).Field("alt", message.Text(image.alt));
      json->Field("href", message.Text(image.href)).EndObject();
    }
    if (any) json->EndArray();
  }

  void WriteLinks(JsonWriter* json, Rendering& message) const {
    bool any = false;
    for (const Link& link : options_->links) {
      const std::string href = message.Text(link.href);
      if (href.empty()) continue;
      if (!std::exchange(any, true)) json->Key("links").StartArray();
      json->StartObject().Field("href", href).Field("text", message.Text(link.text)).EndObject();
    }
    if (any) json->EndArray();
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

void ParseKeys(config::Section& section, Options* options) {
  options->service_key = section.SecretTemplate("service_key");
  options->service_key_file = section.String("service_key_file");
  options->routing_key = section.SecretTemplate("routing_key");
  options->routing_key_file = section.String("routing_key_file");
  section.Exclusive("routing_key", "routing_key_file");
  section.Exclusive("service_key", "service_key_file");
  const auto is_set = [&](const char* key) { return !section.SecretString(key).empty(); };
  if (!is_set("service_key") && !is_set("routing_key") && options->service_key_file.empty() &&
      options->routing_key_file.empty()) {
    section.Error("routing_key", "missing service or routing key in PagerDuty config",
                  "set routing_key or routing_key_file");
  }
}

void ParseDetails(config::Section& section, Options* options) {
  options->details = DefaultDetails();
  for (const auto& [key, text] : kDefaultDetails) {
    section.Default(std::string("details.") + key, "template", text);
  }
  const config::Any written = section.Value("details");
  std::optional<config::TemplateTree> tree = section.Tree("details");
  if (!tree) return;
  const auto* names = written.As<config::Any::Map>();
  if (names == nullptr) return section.Error("details", "details must be a mapping");
  options->details = *std::move(tree);
  for (const auto& [key, text] : kDefaultDetails) {
    if (!names->contains(key)) AddDefaultDetail(key, text, &options->details);
  }
}

void ParseAttachments(config::Section& section, Options* options) {
  for (config::Section& image : section.Children("images")) {
    options->images.push_back(
        {image.Template("src"), image.Template("alt"), image.Template("href")});
    image.Finish();
  }
  for (config::Section& link : section.Children("links")) {
    options->links.push_back({link.Template("href"), link.Template("text")});
    link.Finish();
  }
}

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  ParseKeys(section, options.get());
  options->url = section.Url("url", global.pagerduty_url);
  if (options->url.empty()) section.Error("url", "no global PagerDuty URL set");
  options->client = section.Template("client", kDefaultClient);
  options->client_url =
      section.Template("client_url", "{{ template \"pagerduty.default.clientURL\" . }}");
  options->description =
      section.Template("description", "{{ template \"pagerduty.default.description\" .}}");
  // Empty is as good as none.
  section.Default("source", "template", "what `client` is");
  options->source = section.Template("source");
  if (section.String("source").empty()) options->source = options->client;
  options->severity = section.Template("severity");
  options->event_class = section.Template("class");
  options->component = section.Template("component");
  options->group = section.Template("group");
  ParseDetails(section, options.get());
  ParseAttachments(section, options.get());
  options->timeout = section.GoDuration("timeout", Duration::zero());
  options->http = section.Http("http_config", global.http);
  return options;
}

// Notes, and what is acknowledged no more, have no event: they would take a key of the REST API.
unsigned Takes(const void* /*options*/) {
  return config::kVendorAcknowledge | config::kVendorResolve;
}

Contract Promises() {
  return {.limits = {{"description", kSummaryRunesMax},
                     {"the whole event", kEventBytesMax, "bytes", "loses its custom details"}},
          .retry_codes = kRetryCodes,
          .retries = "Events v1 (`service_key`) is limited by 403 instead",
          .dedup = "`dedup_key`, in v1 `incident_key`: the SHA-256 of the group key",
          .sources = {"https://developer.pagerduty.com/docs/events-api-v2/trigger-events/",
                      "https://developer.pagerduty.com/docs/events-api-v1/trigger-events/"},
          .accepted = R"({"status":"success","message":"Event processed"})",
          .accepted_status = 202};
}

}  // namespace

config::TemplateTree DefaultDetails() {
  config::TemplateTree details;
  details.kind = config::TemplateTree::Kind::kMap;
  for (const auto& [key, text] : kDefaultDetails) AddDefaultDetail(key, text, &details);
  return details;
}

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<PagerDutyExchange>(std::static_pointer_cast<const Options>(options),
                                               context);
  };
  return {
      {"pagerduty", /*send_resolved_default=*/true, /*pages=*/true, Parse, /*is_own=*/false, Takes},
      start,
      Promises()};
}

}  // namespace watchfire::notify::pagerduty
