// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/opsgenie/opsgenie.h"

#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::opsgenie {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

constexpr size_t kUserRunesMax = 100;
constexpr size_t kMessageRunesMax = 130;  // The vendor's limit; it cuts the other fields itself.
// When to ask what became of a request, each time counted from the answer before.
constexpr std::array<std::chrono::seconds, 3> kAskAfter = {
    std::chrono::seconds(1), std::chrono::seconds(2), std::chrono::seconds(4)};

// One change to the alert.
struct Change {
  std::string method;
  std::string url;
  std::string body;
};

void WriteUnlessEmpty(JsonWriter* json, std::string_view key, const std::string& value) {
  if (!value.empty()) json->Field(key, value);
}

// The parts between commas that are not empty, as they are.
std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words = Split(Trim(text), ',');
  std::erase(words, std::string_view());
  return words;
}

void WriteWords(JsonWriter* json, std::string_view key, const std::string& text) {
  const std::vector<std::string_view> words = Words(text);
  if (words.empty()) return;
  json->Key(key).StartArray();
  for (const std::string_view word : words) json->String(word);
  json->EndArray();
}

// A member of a JSON object as text; "" when it is something else or not there.
std::string TextIn(const simdjson::dom::element& json, const char* key) {
  std::string_view text;
  return json[key].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

std::string RequestId(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  const auto error = parser.parse(simdjson::padded_string(body)).get(json);
  return error == simdjson::SUCCESS ? TextIn(json, "requestId") : "";
}

// What became of a request.
struct Processed {
  bool success = false;
  std::string action;
  std::string status;  // "Alert does not exist" and so on.
};

// Nothing when `body` does not say. The documentation calls the flag by two names.
std::optional<Processed> ReadProcessed(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  simdjson::dom::element data;
  if (parser.parse(simdjson::padded_string(body)).get(json) != simdjson::SUCCESS ||
      json["data"].get(data) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  Processed processed;
  if (data["isSuccess"].get(processed.success) != simdjson::SUCCESS &&
      data["success"].get(processed.success) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  processed.action = TextIn(data, "action");
  processed.status = TextIn(data, "status");
  return processed;
}

class OpsgenieExchange final : public Exchange {
 public:
  OpsgenieExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    Rendering message(context_, notification);
    if (notification.update) {
      AddTelling(notification, message);
    } else if (notification.firing()) {
      AddCreate(notification, message);
    } else {
      AddClose(notification, message);
    }
    if (options_->api_key_file.empty()) {
      key_ = message.SecretText(options_->api_key);
    } else {
      const Result<std::string> text = context_.read_file(options_->api_key_file);
      // The file may appear with the next mount of the secret, so this is worth another try.
      if (!text) return Retry{{}, "api_key_file: " + text.error().message, Failure::kOther};
      key_ = std::string(Trim(message.SecretText("api_key_file", *text)));
    }
    if (!message.status()) return message.Failed("templating error");
    secrets_ = {key_};
    return SendChange();
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    return request_id_.empty() ? OnAnswer(response) : OnRequestStatus(response);
  }

 private:
  void AddClose(const dispatch::Notification& notification, Rendering& message) {
    JsonWriter json(/*escape_html=*/true);
    json.StartObject().Field("source", message.Text(options_->source)).EndObject();
    Add("POST", AlertUrl(notification, "close"), json.Take());
  }

  void AddTelling(const dispatch::Notification& notification, Rendering& message) {
    const dispatch::VendorUpdate& update = *notification.update;
    const bool is_note = update.act == config::kVendorNote;
    JsonWriter json(/*escape_html=*/true);
    json.StartObject().Field("user", TruncateRunes(update.by, kUserRunesMax));
    json.Field("source", message.Text(options_->source));
    json.Field("note", is_note ? update.text : dispatch::Sentence(update)).EndObject();
    const std::string what = is_note ? "notes"
                             : update.act == config::kVendorResolve
                                 ? "close"
                                 : dispatch::VendorActName(update.act);
    Add("POST", AlertUrl(notification, what), json.Take());
  }

  void AddCreate(const dispatch::Notification& notification, Rendering& message) {
    const std::string text = message.Text(options_->message, kMessageRunesMax);
    const std::string description = message.Text(options_->description);
    JsonWriter json(/*escape_html=*/true);
    json.StartObject().Field("alias", Sha256Hex(notification.group_key)).Field("message", text);
    WriteUnlessEmpty(&json, "description", description);
    std::map<std::string, std::string> details;
    for (const labels::Label& label : notification.common_labels()) {
      details[std::string(label.name)] = label.value;
    }
    for (const auto& [key, value] : options_->details) details[key] = message.Text(value);
    json.Key("details").StartObject();
    for (const auto& [key, value] : details) json.Field(key, value);
    json.EndObject().Field("source", message.Text(options_->source));
    WriteResponders(&json, message);
    WriteWords(&json, "tags", message.Text(options_->tags));
    WriteUnlessEmpty(&json, "note", message.Text(options_->note));
    WriteUnlessEmpty(&json, "priority", message.Text(options_->priority));
    WriteUnlessEmpty(&json, "entity", message.Text(options_->entity));
    WriteWords(&json, "actions", message.Text(options_->actions));
    Add("POST", options_->api_url + "v2/alerts", json.EndObject().Take());
    if (!options_->update_alerts) return;
    const std::pair<std::string, std::string> updates[] = {{"message", text},
                                                           {"description", description}};
    for (const auto& [key, value] : updates) {
      JsonWriter update(/*escape_html=*/true);
      update.StartObject();
      WriteUnlessEmpty(&update, key, value);
      Add("PUT", AlertUrl(notification, key), update.EndObject().Take());
    }
  }

  void WriteResponders(JsonWriter* json, Rendering& message) const {
    bool any = false;
    const auto write = [&](std::string_view id, std::string_view name, std::string_view username,
                           std::string_view type) {
      if (!std::exchange(any, true)) json->Key("responders").StartArray();
      json->StartObject();
      if (!id.empty()) json->Field("id", id);
      if (!name.empty()) json->Field("name", name);
      if (!username.empty()) json->Field("username", username);
      json->Field("type", type).EndObject();
    };
    for (const Responder& responder : options_->responders) {
      const std::string id = message.Text(responder.id);
      const std::string name = message.Text(responder.name);
      const std::string username = message.Text(responder.username);
      const std::string type = message.Text(responder.type);
      if (id.empty() && name.empty() && username.empty() && type.empty()) continue;
      if (type == "teams") {
        for (const std::string_view team : Words(name)) write("", team, "", "team");
      } else {
        write(id, name, username, type);
      }
    }
    if (any) json->EndArray();
  }

  std::string AlertUrl(const dispatch::Notification& notification, const std::string& what) const {
    return options_->api_url + "v2/alerts/" + Sha256Hex(notification.group_key) + "/" + what +
           "?identifierType=alias";
  }

  void Add(std::string method, std::string url, const std::string& body) {
    changes_.push_back({std::move(method), std::move(url), body + "\n"});
  }

  net::OutRequest Request(const std::string& method, const std::string& url) const {
    net::OutRequest request;
    request.method = method;
    request.url = Secret(url);
    request.shown_url = ShownUrl(url);
    request.headers = {{"Authorization", "GenieKey " + key_}, {"User-Agent", context_.user_agent}};
    request.http = &options_->http;
    request.keep_alive = options_;
    return request;
  }

  Step SendChange() {
    const Change& change = changes_[next_];
    net::OutRequest request = Request(change.method, change.url);
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = change.body;
    return Send{std::move(request)};
  }

  Step OnAnswer(const Result<net::OutResponse>& response) {
    const Step step = Classify(response, kRetryCodes, secrets_);
    if (!std::holds_alternative<Done>(step)) return step;
    if (response->status == 202) request_id_ = RequestId(response->body);
    if (request_id_.empty()) return NextChange();
    asked_ = 0;
    return Ask();
  }

  Step Ask() {
    net::OutRequest request =
        Request("GET", options_->api_url + "v2/alerts/requests/" + UrlEncode(request_id_));
    request.delay = kAskAfter[asked_++];
    return Send{std::move(request)};
  }

  Step OnRequestStatus(const Result<net::OutResponse>& response) {
    if (response && response->status == 200) {
      const std::optional<Processed> processed = ReadProcessed(response->body);
      if (processed) return OnProcessed(*processed);
    }
    const bool pending = !response || response->status == 429 || response->status / 100 == 5 ||
                         (response->status == 404 && !RequestId(response->body).empty());
    // Nobody who could tell: 202 is all that there will be.
    if (!pending) return NextChange();
    if (asked_ < kAskAfter.size()) return Ask();
    Step step = Classify(response, {404, 429}, secrets_);
    std::get<Retry>(step).why =
        "Opsgenie took the request and has not processed it: " + std::get<Retry>(step).why;
    return step;
  }

  Step OnProcessed(const Processed& processed) {
    // What somebody has closed or acknowledged before needs it no more; it is not created again for
    // its text.
    const bool is_gone = processed.status.find("does not exist") != std::string::npos ||
                         processed.status.find("already") != std::string::npos;
    if (processed.success || (is_gone && !IsCreate())) return NextChange();
    const std::string why =
        "Opsgenie did not carry out " + processed.action + ": " + processed.status;
    return Fail{Excerpt(why, secrets_), Failure::kClientError};
  }

  bool IsCreate() const { return changes_[next_].url.ends_with("v2/alerts"); }

  Step NextChange() {
    request_id_.clear();
    if (++next_ >= changes_.size()) return Done{};
    return SendChange();
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::string key_;
  std::vector<std::string> secrets_;
  std::vector<Change> changes_;
  size_t next_ = 0;         // The change under way.
  std::string request_id_;  // Of the change, while its status is asked for.
  size_t asked_ = 0;        // How often it was.
};

void ParseKey(config::Section& section, const config::Global& global, Options* options) {
  const config::SecretSource key = section.SecretOrFile("api_key", global.opsgenie_api_key);
  if (key.empty()) {
    section.Error("api_key", "no global OpsGenie API Key set either inline or in a file",
                  "set api_key or api_key_file here, or opsgenie_api_key in global");
  }
  options->api_key_file = key.file;
  if (!key.file.empty()) return;
  Result<templates::Snippet> snippet = templates::Snippet::Parse("api_key", key.value.reveal());
  if (!snippet) return section.Error("api_key", "invalid template syntax in api_key");
  options->api_key = *std::move(snippet);
}

void ParseUrl(config::Section& section, const config::Global& global, Options* options) {
  options->api_url = section.Url("api_url", global.opsgenie_api_url);
  if (options->api_url.empty()) section.Error("api_url", "no global OpsGenie URL set");
  if (!options->api_url.ends_with('/')) options->api_url += '/';
  const size_t scheme = options->api_url.find("://");
  const std::string host =
      ToLower(options->api_url.substr(0, options->api_url.find_first_of("/:", scheme + 3)));
  if (host.ends_with("opsgenie.com")) {
    section.Warn("api_url", "Opsgenie is switched off on 2027-04-05: nobody is paged from then on",
                 "move to Jira Service Management and set api_url: "
                 "https://api.atlassian.com/jsm/ops/integration/");
  }
}

void ParseResponders(config::Section& section, Options* options) {
  for (config::Section& entry : section.Children("responders")) {
    options->responders.push_back({entry.Template("id"), entry.Template("name"),
                                   entry.Template("username"), entry.Template("type")});
    const std::string id = entry.String("id");
    const std::string name = entry.String("name");
    const std::string username = entry.String("username");
    std::string type = entry.String("type");
    const bool is_template = type.find("{{") != std::string::npos;
    if (!is_template) type = ToLower(type);
    // As Go prints it.
    const std::string shown =
        "opsGenieConfig responder {" + id + " " + name + " " + username + " " + type + "}";
    if (id.empty() && name.empty() && username.empty()) {
      entry.Error("type", shown + " has to have at least one of id, username or name specified");
    } else if (!is_template) {
      entry.OneOf("type", type, {"team", "teams", "user", "escalation", "schedule"},
                  shown +
                      " type does not match valid options "
                      "^(team|teams|user|escalation|schedule)$");
    }
    entry.Finish();
  }
}

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  ParseKey(section, global, options.get());
  ParseUrl(section, global, options.get());
  options->message = section.Template("message", "{{ template \"opsgenie.default.message\" . }}");
  options->description =
      section.Template("description", "{{ template \"opsgenie.default.description\" . }}");
  options->source = section.Template("source", "{{ template \"opsgenie.default.source\" . }}");
  options->details = section.TemplateMap("details");
  options->entity = section.Template("entity");
  ParseResponders(section, options.get());
  options->actions = section.TemplateWords("actions");
  options->tags = section.Template("tags");
  options->note = section.Template("note");
  options->priority = section.Template("priority");
  options->update_alerts = section.Bool("update_alerts", false);
  options->http = section.Http("http_config", global.http);
  return options;
}

unsigned Takes(const void* /*options*/) {
  return config::kVendorAcknowledge | config::kVendorUnacknowledge | config::kVendorNote |
         config::kVendorResolve;
}

Contract Promises() {
  return {
      .limits = {{"message", kMessageRunesMax}},
      .retry_codes = kRetryCodes,
      .retries =
          "a 202 is followed up after 1, 2 and 4 s; what is not processed by then is sent again",
      .dedup = "`alias`, the SHA-256 of the group key",
      .sources = {"https://docs.opsgenie.com/docs/alert-api",
                  "https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v2/intro/"},
      .accepted = R"({"requestId":"rehearsal","data":{"isSuccess":true}})",
      .accepted_status = 202};
}

}  // namespace

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<OpsgenieExchange>(std::static_pointer_cast<const Options>(options),
                                              context);
  };
  return {
      {"opsgenie", /*send_resolved_default=*/true, /*pages=*/true, Parse, /*is_own=*/false, Takes},
      start,
      Promises()};
}

}  // namespace watchfire::notify::opsgenie
