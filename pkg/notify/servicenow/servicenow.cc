// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/servicenow/servicenow.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>
#include <vector>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::servicenow {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

// The vendor's limits, in characters.
constexpr size_t kShortDescriptionRunesMax = 160;
constexpr size_t kTextRunesMax = 4000;
// The states of the incident table from which a record is not worked on.
constexpr std::array<std::string_view, 3> kEnded = {"6", "7", "8"};

// By the worst severity of what fires: 1 is high, 3 is low.
constexpr const char* kDefaultLevel =
    "{{ $level := \"3\" }}{{ range .Alerts.Firing }}"
    "{{ if eq .Labels.severity \"critical\" }}{{ $level = \"1\" }}{{ break }}"
    "{{ else if eq .Labels.severity \"warning\" }}{{ $level = \"2\" }}{{ end }}"
    "{{ end }}{{ $level }}";
constexpr const char* kDefaultDescription = "{{ template \"victorops.default.state_message\" . }}";
constexpr const char* kDefaultWorkNotes =
    "Watchfire: {{ len .Alerts.Firing }} firing, {{ len .Alerts.Resolved }} resolved.\n"
    "{{ template \"__alertmanagerURL\" . }}";

using Columns = std::map<std::string, std::string>;  // Values are JSON.

std::string Quoted(const std::string& text) {
  JsonWriter json(/*escape_html=*/true);
  return json.String(text).Take();
}

std::string ToJson(const Columns& columns) {
  JsonWriter json(/*escape_html=*/true);
  json.StartObject();
  for (const auto& [key, value] : columns) json.Key(key).Raw(value);
  return json.EndObject().Take() + "\n";
}

class ServiceNowExchange final : public Exchange {
 public:
  ServiceNowExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    firing_ = notification.firing();
    repeated_ = notification.reason == dispatch::Reason::kRepeat;
    key_ = Sha256Hex(notification.group_key);
    Rendering message(context_, notification);
    if (Status status = Render(message); !status) {
      return Fail{Excerpt(status.error().message, {}), Failure::kOther};
    }
    return Request(
        State::kSearch, "GET",
        options_->table_url + "?sysparm_query=" +
            UrlEncode("correlation_id=" + key_ + "^active=true^ORDERBYDESCsys_created_on") +
            "&sysparm_fields=sys_id%2Cnumber%2Cstate&sysparm_limit=1");
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    Result<net::OutResponse> told = response;
    if (told && told->status / 100 != 2) told->body = WhatIsWrong(told->body);
    Step step = Classify(told, kRetryCodes, {});
    if (!std::holds_alternative<Done>(step)) {
      return state_ == State::kSearch ? Prefixed(std::move(step), "failed to look up incidents: ")
                                      : std::move(step);
    }
    // An instance that is asleep or being upgraded answers 200 with a page.
    if (!IsJson(response->body)) {
      return Retry{
          {}, "the answer is no JSON: " + Excerpt(response->body, {}), Failure::kServerError};
    }
    if (state_ == State::kSearch) return OnFound(response->body);
    return step;
  }

 private:
  enum class State { kSearch, kCreate, kUpdate };

  // Everything that may be needed, as JSON. Errors: those of the templates, naming the field.
  Status Render(Rendering& message) {
    const auto add = [&](Columns* columns, const std::string& key, const templates::Snippet& text,
                         size_t runes_max) {
      const std::string value(Trim(message.Text(text, runes_max)));
      if (!value.empty()) (*columns)[key] = Quoted(value);
    };
    for (Columns* columns : {&created_, &updated_}) {
      add(columns, "short_description", options_->short_description, kShortDescriptionRunesMax);
      add(columns, "description", options_->description, kTextRunesMax);
    }
    for (const auto& [key, text] : options_->columns) add(&created_, key, text, kTextRunesMax);
    created_["correlation_id"] = Quoted(key_);
    created_["correlation_display"] = Quoted("Watchfire");
    add(&updated_, "work_notes", options_->work_notes, kTextRunesMax);
    add(&resolved_, "work_notes", options_->work_notes, kTextRunesMax);
    if (!options_->resolve_state.empty()) {
      resolved_["state"] = Quoted(options_->resolve_state);
      add(&resolved_, "close_code", options_->close_code, kTextRunesMax);
      add(&resolved_, "close_notes", options_->close_notes, kTextRunesMax);
    }
    WF_RETURN_IF_ERROR(message.status());
    return options_->fields ? message.JsonMembers(*options_->fields, &created_) : Status();
  }

  Step Request(State state, const std::string& method, const std::string& url,
               std::string body = "") {
    state_ = state;
    net::OutRequest request;
    request.method = method;
    request.url = Secret(url);
    request.shown_url = url;
    request.headers = {{"Accept", "application/json"}, {"User-Agent", context_.user_agent}};
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    request.body = std::move(body);
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  // "User Not Authenticated: Required to provide Auth information". The body itself when it says
  // nothing of the kind.
  static std::string WhatIsWrong(const std::string& body) {
    const std::string message = AnswerText(body, "/error/message").value_or("");
    const std::string detail = AnswerText(body, "/error/detail").value_or("");
    if (message.empty()) return body;
    return detail.empty() ? message : message + ": " + detail;
  }

  Step OnFound(const std::string& body) {
    const std::string id = AnswerText(body, "/result/0/sys_id").value_or("");
    if (id.empty()) {
      if (!firing_) return Done{};
      return Request(State::kCreate, "POST", options_->table_url, ToJson(created_));
    }
    const std::string state = AnswerText(body, "/result/0/state").value_or("");
    const bool ended = std::ranges::count(kEnded, state) > 0;
    Columns columns = firing_ ? updated_ : resolved_;
    if (firing_ && ended) {
      columns["state"] = Quoted(options_->reopen_state);
    } else if (ended || (firing_ && repeated_)) {
      return Done{};
    }
    if (columns.empty()) return Done{};
    return Request(State::kUpdate, "PATCH", options_->table_url + "/" + UrlEncode(id),
                   ToJson(columns));
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  State state_ = State::kSearch;
  bool firing_ = false;
  bool repeated_ = false;
  std::string key_;
  Columns created_, updated_, resolved_;
};

void ParseTexts(config::Section& section, Options* options) {
  options->short_description =
      section.Template("short_description", "{{ template \"__subject\" . }}");
  options->description = section.Template("description", kDefaultDescription);
  options->work_notes = section.Template("work_notes", kDefaultWorkNotes);
  for (const char* key : {"impact", "urgency"}) {
    options->columns[key] = section.Template(key, kDefaultLevel);
  }
  for (const char* key : {"category", "subcategory", "assignment_group", "caller_id", "cmdb_ci"}) {
    options->columns[key] = section.Template(key);
  }
  options->fields = section.Tree("fields");
  if (options->fields && options->fields->kind != config::TemplateTree::Kind::kMap) {
    section.Error("fields", "fields must be a mapping");
  }
}

// A table's states are numbers; a text would be taken and ignored.
std::string ParseState(config::Section& section, const std::string& key,
                       const std::string& fallback) {
  std::string state = section.String(key, fallback);
  if (state.find_first_not_of("-0123456789") != std::string::npos) {
    section.Error(key, key + " must be the number of a state", "6 is Resolved, 2 is In Progress");
  }
  return state;
}

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  std::string url = section.Url("instance_url");
  if (url.empty()) {
    section.Error("instance_url", "missing instance_url in servicenow_config",
                  "write it like https://example.service-now.com");
  }
  if (ShownUrl(url) != url) {
    section.Error("instance_url", "instance_url must hold no user and password",
                  "set basic_auth in http_config");
  }
  while (url.ends_with('/')) url.pop_back();
  const std::string table = section.String("table", "incident");
  if (table.empty() ||
      table.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") != std::string::npos) {
    section.Error("table", "table must be a name like incident");
  }
  options->table_url = url + "/api/now/table/" + table;
  ParseTexts(section, options.get());
  options->resolve_state = ParseState(section, "resolve_state", "6");
  options->reopen_state = ParseState(section, "reopen_state", "2");
  options->close_code = section.Template("close_code", "Solution provided");
  options->close_notes =
      section.Template("close_notes", "Watchfire: no alert of this group fires any more.");
  options->http = section.Http("http_config", global.http);
  if (!options->http.basic_auth && !options->http.authorization && !options->http.oauth2) {
    section.Error("http_config", "ServiceNow lets nobody in who does not say who it is",
                  "set basic_auth or oauth2 in http_config");
  }
  return options;
}

Contract Promises() {
  return {.limits = {{"short_description", kShortDescriptionRunesMax},
                     {"any other text but those of `fields`", kTextRunesMax}},
          .retry_codes = kRetryCodes,
          .retries = "a success that is no JSON, as of an instance that sleeps",
          .dedup =
              "`correlation_id`, the SHA-256 of the group key, searched for before a record is "
              "created",
          .sources = {"https://www.servicenow.com/docs"},
          .accepted = R"({"result":[]})",
          .accepted_status = 201};
}

}  // namespace

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<ServiceNowExchange>(std::static_pointer_cast<const Options>(options),
                                                context);
  };
  return {{"servicenow", /*send_resolved_default=*/true, /*pages=*/false, Parse, /*is_own=*/true},
          start,
          Promises()};
}

}  // namespace watchfire::notify::servicenow
