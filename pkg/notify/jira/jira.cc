// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/jira/jira.h"

#include <initializer_list>
#include <optional>
#include <utility>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/notify/jira/answer.h"
#include "pkg/notify/jira/issue.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"
#include "pkg/notify/ticket.h"

namespace watchfire::notify::jira {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

constexpr std::chrono::seconds kIndexTime{5};  // Until a search surely knows a new issue.

class JiraExchange final : public Exchange {
 public:
  JiraExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    if (notification.update) comment_ = Sentence(*notification.update);
    firing_ = !notification.update && notification.firing();
    Rendering message(context_, notification);
    const std::string label = "ALERT{" + Sha256Hex(notification.group_key) + "}";
    const std::string project = message.Text(options_->project);
    if (!notification.update) {
      Result<Fields> fields = IssueFields(*options_, project, label, &message);
      if (!fields) return Fail{Excerpt(fields.error().message, {}), Failure::kOther};
      fields_ = *std::move(fields);
    }
    return Request(State::kSearch, "POST", SearchUrl(*options_),
                   SearchJson(*options_, project, label, firing_));
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    Step step = Classify(response, kRetryCodes, {});
    if (!std::holds_alternative<Done>(step)) return Unfinished(std::move(step), response);
    switch (state_) {
      case State::kSearch:
        return OnFound(response->body);
      case State::kCreate:
        return Ticketed(AnswerText(response->body, "/key").value_or(""));
      case State::kComment:
      case State::kUpdate:
        return Transit();
      case State::kTransitions:
        return OnTransitions(response->body);
      case State::kTransition:
        return Ticketed(issue_.key);
    }
    return step;
  }

 private:
  enum class State { kSearch, kCreate, kComment, kUpdate, kTransitions, kTransition };

  Step Request(State state, const std::string& method, const std::string& url,
               std::string body = "") {
    state_ = state;
    net::OutRequest request = PlainRequest(context_, method, url, options_);
    request.headers.push_back({"Content-Type", "application/json"});
    // Or names of transitions are translated.
    request.headers.push_back({"Accept-Language", "en"});
    request.body = std::move(body);
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
    const std::optional<Issue> found = ReadFound(body);
    if (!found) {
      return Fail{"failed to look up existing issues: the answer is no list of issues: " +
                      Excerpt(body, {}),
                  Failure::kOther};
    }
    if (found->key.empty()) {
      if (!firing_) return Done{};
      return Request(State::kCreate, "POST", options_->api_url + "/issue", ToJson(fields_));
    }
    issue_ = *found;
    if (!comment_.empty()) {
      return Request(State::kComment, "POST", IssueUrl() + "/comment",
                     CommentJson(*options_, comment_));
    }
    if (!options_->summary.enable_update) fields_.erase("summary");
    if (!options_->description.enable_update) fields_.erase("description");
    if (!options_->update_labels) fields_.erase("labels");
    return Request(State::kUpdate, "PUT", IssueUrl(), ToJson(fields_));
  }

  std::string IssueUrl() const { return options_->api_url + "/issue/" + UrlEncode(issue_.key); }

  Step Transit() {
    const bool is_done = issue_.status_category == "done";
    if (issue_.status_category.empty() || is_done != firing_) return Ticketed(issue_.key);
    transition_ = firing_ ? options_->reopen_transition : options_->resolve_transition;
    if (transition_.empty()) return Ticketed(issue_.key);
    return Request(State::kTransitions, "GET", IssueUrl() + "/transitions");
  }

  Step OnTransitions(const std::string& body) {
    const std::optional<std::string> id = TransitionId(body, transition_);
    if (id) {
      return Request(State::kTransition, "POST", IssueUrl() + "/transitions",
                     "{\"transition\":{\"id\":" + JsonText(*id) + "}}\n");
    }
    return Fail{"can't find transition " + transition_ + " for issue " + issue_.key,
                Failure::kOther};
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  State state_ = State::kSearch;
  bool firing_ = false;
  Fields fields_;
  std::string comment_;  // An end that is told as an update: all that is written.
  Issue issue_;          // Once one was found.
  std::string transition_;
};

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
  return {{"jira", /*send_resolved_default=*/true, /*pages=*/false, Parse},
          Starts<JiraExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::jira
