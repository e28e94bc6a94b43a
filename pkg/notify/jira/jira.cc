// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/jira/jira.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <utility>

#include <simdjson.h>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::jira {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

// The vendor's limits, in characters.
constexpr size_t kSummaryRunesMax = 255;
constexpr size_t kDescriptionRunesMax = 32'767;

constexpr std::chrono::seconds kIndexTime{5};  // Until a search surely knows a new issue.

struct Issue {
  std::string key;
  std::string status_category;  // "new", "indeterminate", "done"; empty: not told.
};

std::string TextAt(const simdjson::dom::element& json, std::string_view pointer) {
  std::string_view text;
  return json.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

bool IsV3(const std::string& api_url) { return api_url.ends_with("/3"); }

bool IsJson(const std::string& text) {
  simdjson::dom::parser parser;
  return parser.parse(simdjson::padded_string(text)).error() == simdjson::SUCCESS;
}

// A text as an Atlassian document.
std::string Document(const std::string& text) {
  JsonWriter json(/*escape_html=*/true);
  json.StartObject().Field("type", "doc").Field("version", 1).Key("content").StartArray();
  for (const std::string_view line : Split(text, '\n')) {
    json.StartObject().Field("type", "paragraph").Key("content").StartArray();
    if (!line.empty()) json.StartObject().Field("type", "text").Field("text", line).EndObject();
    json.EndArray().EndObject();
  }
  return json.EndArray().EndObject().Take();
}

std::string Quoted(const std::string& text) {
  JsonWriter json(/*escape_html=*/true);
  return json.String(text).Take();
}

std::string Named(const char* key, const std::string& value) {
  JsonWriter json(/*escape_html=*/true);
  return json.StartObject().Field(key, value).EndObject().Take();
}

class JiraExchange final : public Exchange {
 public:
  JiraExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    firing_ = notification.firing();
    Rendering message(context_, notification);
    const std::string label = "ALERT{" + Sha256Hex(notification.group_key) + "}";
    const std::string project = message.Text(options_->project);
    if (Status status = RenderFields(message, project, label); !status) {
      return Fail{Excerpt(status.error().message, {}), Failure::kOther};
    }
    JsonWriter json(/*escape_html=*/true);
    json.StartObject().Key("fields").StartArray().String("status").EndArray();
    json.Field("jql", Jql(project, label)).Field("maxResults", 2).EndObject();
    return Request(State::kSearch, "POST", SearchUrl(), json.Take() + "\n");
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    Step step = Classify(response, kRetryCodes, {});
    if (!std::holds_alternative<Done>(step)) return Unfinished(std::move(step), response);
    switch (state_) {
      case State::kSearch:
        return OnFound(response->body);
      case State::kCreate:
        return Done{};
      case State::kUpdate:
        return Transit();
      case State::kTransitions:
        return OnTransitions(response->body);
      case State::kTransition:
        return Done{};
    }
    return step;
  }

 private:
  enum class State { kSearch, kCreate, kUpdate, kTransitions, kTransition };

  // Source: Alertmanager jira.searchExistingIssue.
  std::string Jql(const std::string& project, const std::string& label) const {
    std::string jql;
    if (!options_->wont_fix_resolution.empty()) {
      jql += "(resolution is EMPTY or resolution != " + GoQuote(options_->wont_fix_resolution) +
             ") and ";
    }
    const auto minutes =
        std::chrono::duration_cast<std::chrono::minutes>(options_->reopen_duration).count();
    if (firing_ && !options_->reopen_transition.empty() && minutes > 0) {
      jql +=
          "(resolutiondate is EMPTY OR resolutiondate >= -" + std::to_string(minutes) + "m) and ";
    } else {
      jql += "statusCategory != Done and ";
    }
    return jql + "project=" + GoQuote(project) + " and labels=" + GoQuote(label) +
           " order by status ASC,resolutiondate DESC";
  }

  // The cloud has a search of its own, in v3 only.
  std::string SearchUrl() const {
    const std::string& base = options_->api_url;
    const std::string host = base.substr(0, base.find('/', base.find("://") + 3));
    const bool cloud = options_->api_type == ApiType::kCloud ||
                       (options_->api_type == ApiType::kAuto && host.ends_with("atlassian.net"));
    if (!cloud) return base + "/search";
    std::string url = base + "/search/jql";
    const size_t v2 = url.find("/rest/api/2/");
    if (v2 != std::string::npos) url[v2 + 10] = '3';
    return url;
  }

  // The fields of the issue, as JSON. Errors: those of the templates, naming the field.
  Status RenderFields(Rendering& message, const std::string& project, const std::string& label) {
    fields_["project"] = Named("key", project);
    fields_["issuetype"] = Named("name", message.Text(options_->issue_type));
    std::string summary = message.Text(options_->summary.text, kSummaryRunesMax);
    // The API refuses a summary of several lines.
    std::ranges::replace_if(
        summary, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    fields_["summary"] = Quoted(summary);
    const std::string description = message.Text(options_->description.text, kDescriptionRunesMax);
    std::vector<std::string> labels = {label};
    for (const templates::Snippet& each : options_->labels) labels.push_back(message.Text(each));
    std::ranges::sort(labels);
    JsonWriter json(/*escape_html=*/true);
    json.StartArray();
    for (const std::string& each : labels) json.String(each);
    fields_["labels"] = json.EndArray().Take();
    const std::string priority = message.Text(options_->priority);
    if (!priority.empty()) fields_["priority"] = Named("name", priority);
    WF_RETURN_IF_ERROR(SetDescription(description));
    if (options_->fields) WF_RETURN_IF_ERROR(message.JsonMembers(*options_->fields, &fields_));
    return message.status();
  }

  Status SetDescription(const std::string& description) {
    if (!IsV3(options_->api_url)) {
      if (!description.empty()) fields_["description"] = Quoted(description);
      return {};
    }
    const std::string text(Trim(description));
    if (text.empty()) return {};
    const bool is_text = text[0] != '{' && text[0] != '[' && text[0] != '"';
    if (!is_text && !IsJson(text)) {
      return InvalidArgument("description template: invalid JSON for API v3");
    }
    fields_["description"] = is_text ? Document(text) : text;
    return {};
  }

  std::string FieldsJson() const {
    JsonWriter json(/*escape_html=*/true);
    json.StartObject().Key("fields").StartObject();
    for (const auto& [key, value] : fields_) json.Key(key).Raw(value);
    return json.EndObject().EndObject().Take() + "\n";
  }

  Step Request(State state, const std::string& method, const std::string& url,
               std::string body = "") {
    state_ = state;
    net::OutRequest request;
    request.method = method;
    request.url = Secret(url);
    request.shown_url = ShownUrl(url);
    request.headers = {{"Content-Type", "application/json"},
                       {"User-Agent", context_.user_agent},
                       {"Accept-Language", "en"}};  // Or names of transitions are translated.
    request.body = std::move(body);
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  Step Unfinished(Step step, const Result<net::OutResponse>& response) const {
    auto* retry = std::get_if<Retry>(&step);
    auto* fail = std::get_if<Fail>(&step);
    std::string& why = retry != nullptr ? retry->why : fail->why;
    if (state_ == State::kSearch) why = "failed to look up existing issues: " + why;
    if (state_ == State::kTransitions || state_ == State::kTransition) {
      why = "failed to move issue " + issue_.key + ": " + why;
    }
    if (state_ == State::kCreate && !response && !response.error().never_sent) {
      retry->after = kIndexTime;
    }
    return step;
  }

  Step OnFound(const std::string& body) {
    simdjson::dom::parser parser;
    simdjson::dom::element json;
    simdjson::dom::array issues;
    if (parser.parse(simdjson::padded_string(body)).get(json) != simdjson::SUCCESS ||
        json["issues"].get(issues) != simdjson::SUCCESS) {
      return Fail{"failed to look up existing issues: the answer is no list of issues: " +
                      Excerpt(body, {}),
                  Failure::kOther};
    }
    if (issues.size() == 0) {
      if (!firing_) return Done{};
      return Request(State::kCreate, "POST", options_->api_url + "/issue", FieldsJson());
    }
    // The most recently resolved one, should there be several.
    issue_ = {TextAt(json, "/issues/0/key"),
              TextAt(json, "/issues/0/fields/status/statusCategory/key")};
    if (!options_->summary.enable_update) fields_.erase("summary");
    if (!options_->description.enable_update) fields_.erase("description");
    if (!options_->update_labels) fields_.erase("labels");
    return Request(State::kUpdate, "PUT", IssueUrl(), FieldsJson());
  }

  std::string IssueUrl() const { return options_->api_url + "/issue/" + UrlEncode(issue_.key); }

  Step Transit() {
    const bool is_done = issue_.status_category == "done";
    if (issue_.status_category.empty() || is_done != firing_) return Done{};
    transition_ = firing_ ? options_->reopen_transition : options_->resolve_transition;
    if (transition_.empty()) return Done{};
    return Request(State::kTransitions, "GET", IssueUrl() + "/transitions");
  }

  Step OnTransitions(const std::string& body) {
    simdjson::dom::parser parser;
    simdjson::dom::element json;
    simdjson::dom::array transitions;
    if (parser.parse(simdjson::padded_string(body)).get(json) == simdjson::SUCCESS &&
        json["transitions"].get(transitions) == simdjson::SUCCESS) {
      for (const simdjson::dom::element transition : transitions) {
        if (TextAt(transition, "/name") != transition_) continue;
        return Request(State::kTransition, "POST", IssueUrl() + "/transitions",
                       "{\"transition\":" + Named("id", TextAt(transition, "/id")) + "}\n");
      }
    }
    return Fail{"can't find transition " + transition_ + " for issue " + issue_.key,
                Failure::kOther};
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  State state_ = State::kSearch;
  bool firing_ = false;
  std::map<std::string, std::string> fields_;  // Values are JSON.
  Issue issue_;                                // Once one was found.
  std::string transition_;
};

// A text, or a mapping of it and whether it is updated.
Text ParseText(config::Section& section, const std::string& key) {
  const std::string fallback = "{{ template \"jira.default." + key + "\" . }}";
  if (!section.HasMap(key)) return {section.Template(key, fallback)};
  std::optional<config::Section> child = section.Child(key);
  Text text{child->Template("template", fallback), child->Bool("enable_update", true)};
  child->Finish();
  return text;
}

ApiType ParseApiType(config::Section& section) {
  const std::string type = section.String("api_type", "auto");
  section.OneOf("api_type", type, {"auto", "cloud", "datacenter"},
                "unknown api_type on jira_config, must be auto, cloud or datacenter");
  if (type == "cloud") return ApiType::kCloud;
  return type == "datacenter" ? ApiType::kDataCenter : ApiType::kAuto;
}

void ReadLabels(config::Section& section, const std::string& key, Options* options) {
  for (const std::string& text : section.Strings(key)) {
    Result<templates::Snippet> label = templates::Snippet::Parse("labels", text);
    if (!label) section.Error(key, "invalid template syntax: " + label.error().message);
    if (label) options->labels.push_back(*std::move(label));
  }
}

// A list, or a mapping of it and whether it is updated.
void ParseLabels(config::Section& section, Options* options) {
  if (!section.HasMap("labels")) return ReadLabels(section, "labels", options);
  std::optional<config::Section> child = section.Child("labels");
  ReadLabels(*child, "values", options);
  options->update_labels = child->Bool("enable_update", true);
  child->Finish();
}

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->api_url = section.Url("api_url", global.jira_api_url);
  if (options->api_url.empty()) {
    section.Error("api_url", "no global Jira Cloud URL set",
                  "write it like https://example.atlassian.net/rest/api/3");
  }
  while (options->api_url.ends_with('/')) options->api_url.pop_back();
  options->api_type = ParseApiType(section);
  options->project = section.Template("project");
  if (section.String("project").empty()) {
    section.Error("project", "missing project in jira_config");
  }
  options->issue_type = section.Template("issue_type");
  if (section.String("issue_type").empty()) {
    section.Error("issue_type", "missing issue_type in jira_config");
  }
  options->summary = ParseText(section, "summary");
  options->description = ParseText(section, "description");
  ParseLabels(section, options.get());
  options->priority = section.Template("priority", "{{ template \"jira.default.priority\" . }}");
  options->reopen_transition = section.String("reopen_transition");
  options->resolve_transition = section.String("resolve_transition");
  options->wont_fix_resolution = section.String("wont_fix_resolution");
  options->reopen_duration = section.PromDuration("reopen_duration", Duration::zero());
  options->fields = section.Tree("fields");
  if (options->fields && options->fields->kind != config::TemplateTree::Kind::kMap) {
    section.Error("fields", "fields must be a mapping");
  }
  options->http = section.Http("http_config", global.http);
  return options;
}

Contract Promises() {
  return {
      .limits = {{"summary", kSummaryRunesMax}, {"description", kDescriptionRunesMax}},
      .retry_codes = kRetryCodes,
      .retries =
          "after an issue may have been created without an answer, the next search waits 5 s",
      .dedup =
          "the label `ALERT{SHA-256 of the group key}`, searched for before an issue is created",
      .sources = {"https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/",
                  "https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/"},
      .accepted = R"({"issues":[]})"};
}

}  // namespace

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<JiraExchange>(std::static_pointer_cast<const Options>(options),
                                          context);
  };
  return {{"jira", /*send_resolved_default=*/true, /*pages=*/false, Parse}, start, Promises()};
}

}  // namespace watchfire::notify::jira
