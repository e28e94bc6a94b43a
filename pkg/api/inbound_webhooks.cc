// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// POST /inbound/{kind}/{key}: webhooks of Grafana, Datadog, CloudWatch (over SNS), Azure Monitor,
// Google Cloud, Splunk, and whatever a mapping explains. Source: reference paging-backends §4.3.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/api/handlers.h"
#include "pkg/api/inbound_changes.h"
#include "pkg/api/respond.h"
#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/core/receipt_names.h"
#include "pkg/inbound/sns.h"

namespace watchfire::api {
namespace {

using inbound::Changes;
using inbound::SnsMessage;

net::Response Taken(Backend& backend, const std::string& kind, const char* result) {
  backend.Count({kind, result});
  JsonWriter json;
  return Success(json.StartObject().Field("result", result).EndObject().Take());
}

net::Response Refused(Backend& backend, const std::string& kind, const char* result,
                      const Error& error) {
  backend.Count({kind, result});
  return Failure(error);
}

net::Response Apply(const Call& call, const config::InboundKey& key, Changes changes,
                    const std::string& receipt = "") {
  const std::string& kind = call.params[0];
  InboundBook::Entities entities;
  for (inbound::Change& change : changes) change.entity = inbound::EntityOf(key, change.entity);
  for (const inbound::Change& change : changes) entities.insert(change.entity);
  Result<InboundBook> book =
      InboundBook::Open(call.backend, kind, key, InboundBook::Need::kAlerts, &entities);
  if (!book) return Refused(call.backend, kind, "error", book.error());
  std::vector<std::string> words;
  for (const inbound::Change& change : changes) {
    Result<std::string> word = book->DoUncounted(change);
    if (!word) return Refused(call.backend, kind, "error", word.error());
    words.push_back(*std::move(word));
  }
  if (const Status posted = book->Post(receipt); !posted) {
    // Also what SNS says to an answer that it did not hear.
    if (posted.error().code == Code::kConflict) {
      const bool is_late = posted.error().message == core::kOvertaken;
      return Taken(call.backend, kind, is_late ? "overtaken" : "replayed");
    }
    return Refused(call.backend, kind, "error", posted.error());
  }
  for (const std::string& word : words) call.backend.Count({kind, word});
  const int64_t ignored = std::ranges::count(words, "ignored");
  const int64_t alerts = static_cast<int64_t>(words.size()) - ignored;
  JsonWriter json;
  json.StartObject().Field("result", alerts == 0 && ignored > 0 ? "ignored" : "ok");
  return Success(json.Field("alerts", alerts).EndObject().Take());
}

// Returns what refuses a message that SNS did not sign, nullopt if it did or need not have.
std::optional<net::Response> SignatureRefusal(const Call& call, const config::InboundKey& key,
                                              const SnsMessage& message) {
  if (!key.verify) return std::nullopt;
  const std::string& kind = call.params[0];
  if (!inbound::IsSnsCertificateUrl(message.signing_cert_url)) {
    return Refused(call.backend, kind, "bad_signature",
                   {Code::kPermission,
                    "SigningCertURL is not an https URL of sns.<region>.amazonaws.com/<name>.pem"});
  }
  // Cheap checks first: nobody makes us ask Amazon with junk.
  if (const Status checked = inbound::CheckSns(message, call.backend.Now()); !checked) {
    return Refused(call.backend, kind, "bad_signature", checked.error());
  }
  const Result<std::string> certificate = call.backend.Certificate(message.signing_cert_url);
  if (!certificate) {
    return Refused(call.backend, kind, "unverified",
                   {Code::kUnavailable, "the certificate of SigningCertURL cannot be fetched: " +
                                            certificate.error().message});
  }
  const Status verified = inbound::VerifySns(message, *certificate, call.backend.Now());
  if (verified) return std::nullopt;
  return Refused(call.backend, kind, "bad_signature", verified.error());
}

net::Response Confirm(const Call& call, const SnsMessage& message) {
  const std::string& kind = call.params[0];
  if (!inbound::IsSnsUrl(message.subscribe_url)) {
    return Refused(
        call.backend, kind, "bad_body",
        {Code::kInvalidArgument, "SubscribeURL is not an https URL of sns.<region>.amazonaws.com"});
  }
  const Result<std::string> confirmed = call.backend.Fetch(message.subscribe_url);
  if (!confirmed) return Refused(call.backend, kind, "error", confirmed.error());
  return Taken(call.backend, kind, "subscribed");
}

net::Response TakeCloudWatch(const Call& call, const config::InboundKey& key) {
  const std::string& kind = call.params[0];
  const Result<SnsMessage> message = SnsMessage::Read(call.request.body);
  if (!message) return Refused(call.backend, kind, "bad_body", message.error());
  // SNS signs for every topic of everybody: which ones may page is the key's to say.
  if (!key.topics.empty() &&
      std::ranges::find(key.topics, message->topic_arn) == key.topics.end()) {
    return Refused(call.backend, kind, "bad_topic",
                   {Code::kPermission, "TopicArn is none of the key's topics"});
  }
  if (auto refusal = SignatureRefusal(call, key, *message)) return *std::move(refusal);
  if (message->type == "SubscriptionConfirmation") {
    // Nothing is fetched for what anybody could have written.
    return key.verify ? Confirm(call, *message) : Taken(call.backend, kind, "ignored");
  }
  if (message->type == "UnsubscribeConfirmation") return Taken(call.backend, kind, "ignored");
  const Result<Changes> changes = inbound::ReadCloudWatch(message->message, message->subject,
                                                          message->message_id, call.backend.Now());
  if (!changes) return Refused(call.backend, kind, "bad_body", changes.error());
  // Also what nobody signed: SNS repeats what it got no answer to, when the alarm may be over.
  // A topic sends the same message to each of its subscriptions.
  std::string name = key.key.reveal() + "\n" + message->topic_arn + "\n" + message->message_id;
  // A relay may have one id for all that it sends: without a signature the id alone is no proof
  // that it is the same.
  if (!key.verify) name += "\n" + message->message;
  std::string receipt = "sns/" + Sha256Hex(name);
  const inbound::Change& change = changes->front();
  if (change.state_at != kNoTime) {
    const std::string thing = Sha256Hex(key.key.reveal() + "\n" + change.entity);
    receipt = core::OrderedReceipt(receipt, thing, change.state_at);
  }
  return Apply(call, key, *changes, receipt);
}

Result<Changes> Read(const Call& call, const config::InboundKey& key) {
  const std::string& kind = call.params[0];
  const std::string& body = call.request.body;
  const WallTime now = call.backend.Now();
  if (kind == "grafana") return inbound::ReadGrafana(body, now);
  if (kind == "datadog") return inbound::ReadDatadog(body, now);
  if (kind == "azuremonitor") return inbound::ReadAzureMonitor(body, now);
  if (kind == "gcp") return inbound::ReadGcp(body, now);
  if (kind == "splunk") return inbound::ReadSplunk(body, now);
  return inbound::ReadGeneric(body, key.mapping);
}

}  // namespace

net::Response PostInbound(const Call& call) {
  static constexpr std::array<std::string_view, 7> kKinds = {
      "grafana", "datadog", "cloudwatch", "azuremonitor", "gcp", "splunk", "generic"};
  const std::string& kind = call.params[0];
  if (std::ranges::find(kKinds, kind) == kKinds.end()) {
    return Failure(404, "not_found", "there is nothing at /inbound/" + kind);
  }
  const auto config = call.backend.config();
  const config::InboundKey* key = FindKey(*config, kind, call.params[1]);
  if (key == nullptr) {
    return Refused(call.backend, kind, "bad_key",
                   {Code::kPermission, "the key in the path is none of inbound." + kind});
  }
  if (const auto error = TooMany(call.backend, kind, *key)) {
    return Refused(call.backend, kind, "rate_limited", *error);
  }
  if (call.request.body.size() > limits::kInboundBytes) {
    call.backend.Count({kind, "bad_body"});
    return Failure(413, "exhausted", "the body is larger than 1 MiB");
  }
  if (kind == "cloudwatch") return TakeCloudWatch(call, *key);
  const Result<Changes> changes = Read(call, *key);
  if (!changes) return Refused(call.backend, kind, "bad_body", changes.error());
  return Apply(call, *key, *changes);
}

}  // namespace watchfire::api
