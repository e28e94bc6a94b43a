// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Microsoft Teams twice: a connector of Office 365 and a workflow of Power Automate. Sources:
// learn.microsoft.com, "Create and send messages" (webhooks and connectors, with their rate
// limits); reference paging-backends §4.2.

#include "cmd/pagersim/chat.h"
#include "pkg/base/json.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kBytesMax = size_t{28} * 1024;

Reply AnswerConnector(const ChatCall& call, const std::string& secret, ChatRoom& room) {
  if (!Right(secret, call.key)) return ChatText(404, "Webhook not found");
  if (!call.body) return ChatText(400, "Bad payload received by generic incoming webhook.");
  if (call.bytes > kBytesMax) return ChatText(413, "Request Entity Too Large");
  if (call.Text("/text").empty() && call.Text("/summary").empty()) {
    return ChatText(400, "Summary or Text is required.");
  }
  room.Add({"msteams", "", "", "", call.Text("/title"), 0});
  return ChatText(200, "1");
}

// A connector tells of some failures with a 200.
Reply FailConnector(int status, int64_t) {
  if (status == 200) {
    return ChatText(200,
                    "Webhook message delivery failed with error: Microsoft Teams endpoint returned "
                    "HTTP error 429 with ContextId tcid=0");
  }
  return ChatText(status, status == 429 ? "Too Many Requests" : "failing as asked for");
}

Reply Refused(int status, std::string_view code, std::string_view message) {
  JsonWriter json;
  json.StartObject().Key("error").StartObject();
  json.Field("code", code).Field("message", message).EndObject().EndObject();
  return ChatJson(status, json.Take());
}

Reply AnswerWorkflow(const ChatCall& call, const std::string& secret, ChatRoom& room) {
  if (!Right(secret, call.key)) {
    return Refused(404, "WorkflowTriggerNotFound", "The workflow trigger could not be found.");
  }
  if (!call.body) {
    return Refused(400, "InvalidRequestContent", "The input body is not a JSON object.");
  }
  if (call.bytes > kBytesMax) {
    return Refused(413, "RequestEntityTooLarge", "The message is larger than 28 KB.");
  }
  const std::string content = "/attachments/0/content";
  if (call.Text("/type") != "message" || call.Text(content + "/type") != "AdaptiveCard" ||
      call.Text("/attachments/0/contentType") != "application/vnd.microsoft.card.adaptive" ||
      call.Count(content + "/body") == 0) {
    return Refused(400, "TriggerInputSchemaMismatch",
                   "The input body does not match the trigger's schema.");
  }
  room.Add({"msteamsv2", "", "", "", call.Text(content + "/body/0/text"), 0});
  return ChatJson(202, "");
}

}  // namespace

ChatVendor TeamsConnector() {
  return {"/webhookb2/[^/]+/IncomingWebhook/([^/]+)/[^/]+", AnswerConnector, FailConnector};
}

ChatVendor TeamsWorkflow() {
  return {"/workflows/([^/]+)/triggers/manual/paths/invoke", AnswerWorkflow,
          [](int status, int64_t) {
            return Refused(status, status == 429 ? "WorkflowRunActionRateLimited" : "Failing",
                           "failing as asked for");
          }};
}

}  // namespace watchfire::pagersim
