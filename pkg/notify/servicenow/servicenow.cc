// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/servicenow/servicenow.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>
#include <vector>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/servicenow/record.h"
#include "pkg/notify/start.h"
#include "pkg/notify/ticket.h"

namespace watchfire::notify::servicenow {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

// The states of the incident table from which a record is not worked on.
constexpr std::array<std::string_view, 3> kEnded = {"6", "7", "8"};

class ServiceNowExchange final : public Exchange {
 public:
  ServiceNowExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    firing_ = !notification.update && notification.firing();
    repeated_ = notification.reason == dispatch::Reason::kRepeat;
    key_ = Sha256Hex(notification.group_key);
    Rendering message(context_, notification);
    Result<Record> record = Render(*options_, key_, &message);
    if (!record) return Fail{Excerpt(record.error().message, {}), Failure::kOther};
    record_ = *std::move(record);
    // Of a ticket that automation created.
    if (notification.update) {
      record_.resolved["work_notes"] =
          JsonText(TruncateRunes(Sentence(*notification.update), kTextRunesMax));
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
    if (state_ == State::kCreate) {
      number_ = AnswerText(response->body, "/result/number").value_or("");
    }
    return Ticketed(number_);
  }

 private:
  enum class State { kSearch, kCreate, kUpdate };

  Step Request(State state, const std::string& method, const std::string& url,
               std::string body = "") {
    state_ = state;
    net::OutRequest request = PlainRequest(context_, method, url, options_);
    request.headers.push_back({"Accept", "application/json"});
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    request.body = std::move(body);
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
      return Request(State::kCreate, "POST", options_->table_url, ToJson(record_.created));
    }
    number_ = AnswerText(body, "/result/0/number").value_or("");
    const std::string state = AnswerText(body, "/result/0/state").value_or("");
    const bool ended = std::ranges::count(kEnded, state) > 0;
    Columns columns = firing_ ? record_.updated : record_.resolved;
    if (firing_ && ended) {
      columns["state"] = JsonText(options_->reopen_state);
    } else if (ended || (firing_ && repeated_)) {
      return Ticketed(number_);
    }
    if (columns.empty()) return Ticketed(number_);
    return Request(State::kUpdate, "PATCH", options_->table_url + "/" + UrlEncode(id),
                   ToJson(columns));
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  State state_ = State::kSearch;
  bool firing_ = false;
  bool repeated_ = false;
  std::string key_;
  std::string number_;  // Of the record, once it is known.
  Record record_;
};

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
  return {{"servicenow", /*send_resolved_default=*/true, /*pages=*/false, Parse, /*is_own=*/true},
          Starts<ServiceNowExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::servicenow
