// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/opsgenie/answer.h"

#include "pkg/notify/json_post.h"

namespace watchfire::notify::opsgenie {

std::string RequestId(const std::string& body) {
  return AnswerText(body, "/requestId").value_or("");
}

std::optional<Processed> ReadProcessed(const std::string& body) {
  // The documentation calls the flag by two names.
  std::optional<bool> success = AnswerBool(body, "/data/isSuccess");
  if (!success) success = AnswerBool(body, "/data/success");
  if (!success) return std::nullopt;
  return Processed{*success, AnswerText(body, "/data/action").value_or(""),
                   AnswerText(body, "/data/status").value_or("")};
}

}  // namespace watchfire::notify::opsgenie
