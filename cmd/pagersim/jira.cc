// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/jira.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kSummaryMax = 255;
constexpr size_t kDescriptionMax = 32'767;

struct Transition {
  std::string_view id, name, to, category, resolution;
  bool from_done;
};
constexpr std::array<Transition, 4> kTransitions = {{
    {"11", "Start", "In Progress", "indeterminate", "", false},
    {"31", "Resolve", "Done", "done", "Done", false},
    {"41", "Reopen", "To Do", "new", "", true},
    {"51", "Decline", "Done", "done", "Won't Do", false},
}};

Reply Refuse(int status, std::string_view message, std::string_view field = "") {
  JsonWriter json;
  json.StartObject().Key("errorMessages").StartArray();
  if (field.empty()) json.String(message);
  json.EndArray().Key("errors").StartObject();
  if (!field.empty()) json.Field(field, message);
  return {status, json.EndObject().EndObject().Take()};
}

Reply NoIssue() {
  return Refuse(404, "Issue does not exist or you do not have permission to see it.");
}

// A quoted word of JQL: "a \"b\"" -> a "b".
std::string Unquote(std::string_view text) {
  text = Trim(text);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string out;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

// Splits at "and" outside of quotes and parentheses; ends at "order by".
std::vector<std::string> Clauses(const std::string& jql) {
  std::vector<std::string> clauses(1);
  const std::string lower = ToLower(jql);
  bool quoted = false;
  int depth = 0;
  for (size_t i = 0; i < jql.size(); ++i) {
    const char c = jql[i];
    if (c == '"' && (i == 0 || jql[i - 1] != '\\')) quoted = !quoted;
    if (!quoted) depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (!quoted && depth == 0 && lower.compare(i, 5, " and ") == 0) {
      clauses.emplace_back();
      i += 4;
    } else if (!quoted && depth == 0 && lower.compare(i, 10, " order by ") == 0) {
      break;
    } else {
      clauses.back() += c;
    }
  }
  return clauses;
}

std::optional<std::string> After(std::string_view clause, std::string_view prefix) {
  if (!ToLower(clause).starts_with(ToLower(prefix))) return std::nullopt;
  return std::string(clause.substr(prefix.size()));
}

bool IsDocument(const simdjson::dom::element& description) {
  int64_t version = 0;
  return description.is_object() && TextOf(description, "type") == "doc" &&
         description["version"].get(version) == simdjson::SUCCESS && version == 1 &&
         description["content"].is_array();
}

}  // namespace

Reply Jira::Search(std::string_view body, WallTime now) const {
  const std::optional<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Refuse(400, "Unexpected end-of-input");
  JsonWriter out;
  out.StartObject().Key("issues").StartArray();
  std::vector<const Issue*> found;
  for (const Issue& issue : issues_) {
    bool all = true;
    for (const std::string& clause : Clauses(json->Text("/jql"))) {
      const Result<bool> matches = Matches(issue, Trim(clause), now);
      if (!matches) return Refuse(400, "Error in the JQL Query: " + matches.error().message);
      all = all && *matches;
    }
    if (all) found.push_back(&issue);
  }
  // Order by status, then by the time of the resolution, the last first.
  std::ranges::stable_sort(found, [](const Issue* a, const Issue* b) {
    if (a->category != b->category) return a->category != "done" && b->category == "done";
    return a->resolved > b->resolved;
  });
  for (const Issue* issue : found) {
    out.StartObject().Field("key", issue->key).Key("fields").StartObject().Key("status");
    out.StartObject().Field("name", issue->status).Key("statusCategory").StartObject();
    out.Field("key", issue->category).EndObject().EndObject().EndObject().EndObject();
  }
  return {200, out.EndArray().EndObject().Take()};
}

Result<bool> Jira::Matches(const Issue& issue, std::string_view clause, WallTime now) {
  const bool open = issue.category != "done";
  if (ToLower(clause) == "statuscategory != done") return open;
  if (const auto project = After(clause, "project=")) return issue.project == Unquote(*project);
  if (const auto label = After(clause, "labels=")) {
    return std::ranges::count(issue.labels, Unquote(*label)) > 0;
  }
  if (const auto other = After(clause, "(resolution is EMPTY or resolution != ")) {
    if (!other->ends_with(')')) return InvalidArgument("missing )");
    return issue.resolution != Unquote(std::string_view(*other).substr(0, other->size() - 1));
  }
  if (const auto since = After(clause, "(resolutiondate is EMPTY OR resolutiondate >= -")) {
    int minutes = 0;
    const auto [end, error] =
        std::from_chars(since->data(), since->data() + since->size(), minutes);
    if (error != std::errc() || std::string_view(end) != "m)") return InvalidArgument("bad date");
    return !issue.resolved || *issue.resolved >= now - std::chrono::minutes(minutes);
  }
  return InvalidArgument("unknown clause " + GoQuote(clause));
}

std::optional<Reply> Jira::SetFields(const JsonIn& json, bool v3, Issue* issue) {
  if (const auto summary = json.At("/fields/summary")) {
    issue->summary = json.Text("/fields/summary");
    if (issue->summary.empty()) return Refuse(400, "You must specify a summary.", "summary");
    if (RuneCount(RepairUtf8(issue->summary)) > kSummaryMax) {
      return Refuse(400, "Summary must be less than 255 characters.", "summary");
    }
    if (issue->summary.find('\n') != std::string::npos) {
      return Refuse(400, "The summary is invalid because it contains newline characters.",
                    "summary");
    }
  }
  if (const auto description = json.At("/fields/description")) {
    if (v3 && !IsDocument(*description)) {
      return Refuse(400,
                    "Operation value must be an Atlassian Document (see the Atlassian Document "
                    "Format)",
                    "description");
    }
    if (!v3 && !description->is_string()) {
      return Refuse(400, "Operation value must be a string", "description");
    }
    issue->description = v3 ? simdjson::minify(*description) : json.Text("/fields/description");
    if (RuneCount(RepairUtf8(issue->description)) > kDescriptionMax && !v3) {
      return Refuse(400,
                    "The entered text is too long. It exceeds the allowed limit of 32,767 "
                    "characters.",
                    "description");
    }
  }
  if (json.At("/fields/priority")) {
    issue->priority = json.Text("/fields/priority/name");
    const std::vector<std::string> known = {"Highest", "High", "Medium", "Low", "Lowest"};
    if (std::ranges::count(known, issue->priority) == 0) {
      return Refuse(400, "The priority selected is invalid.", "priority");
    }
  }
  if (!json.At("/fields/labels")) return std::nullopt;
  issue->labels.clear();
  for (const auto& item : json.List("/fields/labels")) {
    std::string_view label;
    if (item.get(label) != simdjson::SUCCESS || label.find(' ') != std::string_view::npos) {
      return Refuse(400, "The label '" + std::string(label) + "' contains spaces which is invalid.",
                    "labels");
    }
    issue->labels.emplace_back(label);
  }
  return std::nullopt;
}

Reply Jira::Create(bool v3, std::string_view body) {
  const std::optional<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Refuse(400, "Unexpected end-of-input");
  Issue issue;
  issue.project = json->Text("/fields/project/key");
  issue.type = json->Text("/fields/issuetype/name");
  if (issue.project.empty()) return Refuse(400, "valid project is required", "project");
  if (issue.type.empty()) return Refuse(400, "Specify a valid issue type", "issuetype");
  if (!json->At("/fields/summary")) return Refuse(400, "You must specify a summary.", "summary");
  if (std::optional<Reply> refusal = SetFields(*json, v3, &issue)) return *refusal;
  issue.key = issue.project + "-" + std::to_string(++last_number_);
  if (issues_.size() == kIssuesMax) issues_.erase(issues_.begin());
  issues_.push_back(issue);
  JsonWriter out;
  out.StartObject().Field("id", std::to_string(10'000 + last_number_)).Field("key", issue.key);
  return {201, out.EndObject().Take()};
}

Reply Jira::Update(bool v3, std::string_view key, std::string_view body) {
  Issue* issue = Find(key);
  if (issue == nullptr) return NoIssue();
  const std::optional<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Refuse(400, "Unexpected end-of-input");
  Issue changed = *issue;
  if (std::optional<Reply> refusal = SetFields(*json, v3, &changed)) return *refusal;
  ++changed.updates;
  *issue = std::move(changed);
  return {204, ""};
}

Reply Jira::Comment(bool v3, std::string_view key, std::string_view body) {
  Issue* issue = Find(key);
  if (issue == nullptr) return NoIssue();
  const std::optional<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Refuse(400, "Unexpected end-of-input");
  const auto text = json->At("/body");
  if (!text || (v3 ? !IsDocument(*text) : !text->is_string())) {
    return Refuse(400, "Comment body is not valid!", "comment");
  }
  if (issue->comments.size() == kCommentsMax) issue->comments.erase(issue->comments.begin());
  issue->comments.push_back(v3 ? simdjson::minify(*text) : json->Text("/body"));
  return {201, R"({"id":"10000"})"};
}

Reply Jira::Transitions(std::string_view key) const {
  const Issue* issue = Find(key);
  if (issue == nullptr) return NoIssue();
  JsonWriter json;
  json.StartObject().Key("transitions").StartArray();
  for (const Transition& transition : kTransitions) {
    if (transition.from_done != (issue->category == "done")) continue;
    json.StartObject().Field("id", transition.id).Field("name", transition.name).EndObject();
  }
  return {200, json.EndArray().EndObject().Take()};
}

Reply Jira::Transit(std::string_view key, std::string_view body, WallTime now) {
  Issue* issue = Find(key);
  if (issue == nullptr) return NoIssue();
  const std::optional<JsonIn> json = JsonIn::Parse(body);
  const std::string id = json ? json->Text("/transition/id") : "";
  const auto transition = std::ranges::find(kTransitions, id, &Transition::id);
  if (transition == kTransitions.end() || transition->from_done != (issue->category == "done")) {
    return Refuse(400,
                  "It seems that you have tried to perform a workflow operation that is not "
                  "valid for the current state of this issue.");
  }
  issue->status = transition->to;
  issue->category = transition->category;
  issue->resolution = transition->resolution;
  issue->resolved = transition->category == "done" ? std::optional(now) : std::nullopt;
  return {204, ""};
}

void Jira::Write(JsonWriter* json) const {
  json->StartArray();
  for (const Issue& issue : issues_) {
    json->StartObject().Field("key", issue.key).Field("status", issue.status);
    json->Field("summary", issue.summary).Field("description", issue.description);
    json->Field("priority", issue.priority).Field("type", issue.type);
    json->Field("resolution", issue.resolution).Key("labels").StartArray();
    for (const std::string& label : issue.labels) json->String(label);
    json->EndArray().Field("updates", static_cast<int64_t>(issue.updates));
    if (!issue.comments.empty()) {
      json->Key("comments").StartArray();
      for (const std::string& comment : issue.comments) json->String(comment);
      json->EndArray();
    }
    json->EndObject();
  }
  json->EndArray();
}

Jira::Issue* Jira::Find(std::string_view key) {
  const auto found = std::ranges::find(issues_, key, &Issue::key);
  return found == issues_.end() ? nullptr : &*found;
}

const Jira::Issue* Jira::Find(std::string_view key) const {
  const auto found = std::ranges::find(issues_, key, &Issue::key);
  return found == issues_.end() ? nullptr : &*found;
}

}  // namespace watchfire::pagersim
