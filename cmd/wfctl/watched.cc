// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/watched.h"

#include <utility>

#include "pkg/notify/json_post.h"

namespace watchfire::wfctl {
namespace {

// In a header, or in the body, where vendors have it.
std::string RequestId(const net::OutResponse& response) {
  for (const char* name : {"X-Request-Id", "Request-Id", "X-Amzn-RequestId", "X-Slack-Req-Id",
                           "TrackingID", "X-ARequestId"}) {
    if (const std::string_view id = response.header(name); !id.empty()) return std::string(id);
  }
  for (const char* pointer : {"/requestId", "/request", "/request_id", "/dedup_key", "/entity_id",
                              "/message_ts", "/ts", "/msgid", "/id", "/key"}) {
    if (const auto id = notify::AnswerText(response.body, pointer); id && !id->empty()) return *id;
  }
  return "";
}

class Watched final : public notify::Exchange {
 public:
  Watched(std::unique_ptr<notify::Exchange> exchange, std::shared_ptr<Answer> answer)
      : exchange_(std::move(exchange)), answer_(std::move(answer)) {}

  notify::Step Begin(const dispatch::Notification& notification) override {
    return Counted(exchange_->Begin(notification));
  }

  notify::Step OnResponse(const Result<net::OutResponse>& response) override {
    if (response) {
      answer_->status = response->status;
      answer_->body = response->body;
      // What follows up a request, such as the question what became of it, has no news of its own.
      const std::string id = RequestId(*response);
      if (!id.empty()) answer_->request_id = id;
    }
    return Counted(exchange_->OnResponse(response));
  }

 private:
  notify::Step Counted(notify::Step step) {
    if (const auto* send = std::get_if<notify::Send>(&step)) {
      ++answer_->requests;
      if (answer_->flaw.empty()) answer_->flaw = send->flaw;
    }
    return step;
  }

  const std::unique_ptr<notify::Exchange> exchange_;
  const std::shared_ptr<Answer> answer_;
};

}  // namespace

std::unique_ptr<notify::Exchange> Watch(std::unique_ptr<notify::Exchange> exchange,
                                        std::shared_ptr<Answer> answer) {
  return std::make_unique<Watched>(std::move(exchange), std::move(answer));
}

}  // namespace watchfire::wfctl
