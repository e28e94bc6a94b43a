// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For tests: messages of SNS that are signed. Written from Amazon's description, apart from the
// code that verifies.

#pragma once

#include <string>
#include <vector>

#include "pkg/base/identity_for_test.h"
#include "pkg/base/json.h"
#include "pkg/inbound/sns.h"

namespace watchfire::inbound {

inline void SignSns(SnsMessage* sns, const Identity& by, const std::string& version) {
  std::vector<std::pair<std::string, std::string>> members = {{"Message", sns->message},
                                                              {"MessageId", sns->message_id}};
  const bool is_notification = sns->type == "Notification";
  if (is_notification && sns->has_subject) members.emplace_back("Subject", sns->subject);
  if (!is_notification) members.emplace_back("SubscribeURL", sns->subscribe_url);
  members.emplace_back("Timestamp", sns->timestamp);
  if (!is_notification) members.emplace_back("Token", sns->token);
  members.emplace_back("TopicArn", sns->topic_arn);
  members.emplace_back("Type", sns->type);
  std::string text;
  for (const auto& [name, value] : members) text += name + "\n" + value + "\n";

  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  size_t size = 0;
  EVP_DigestSignInit(context, nullptr, version == "2" ? EVP_sha256() : EVP_sha1(), nullptr,
                     by.key());
  EVP_DigestSign(context, nullptr, &size, data, text.size());
  std::vector<unsigned char> signature(size);
  EVP_DigestSign(context, signature.data(), &size, data, text.size());
  EVP_MD_CTX_free(context);
  std::vector<unsigned char> base64(size * 2 + 4);
  const int length = EVP_EncodeBlock(base64.data(), signature.data(), static_cast<int>(size));
  sns->signature.assign(base64.begin(), base64.begin() + length);
  sns->signature_version = version;
}

inline std::string WriteSns(const SnsMessage& sns) {
  JsonWriter json;
  json.StartObject().Field("Type", sns.type).Field("MessageId", sns.message_id);
  json.Field("TopicArn", sns.topic_arn).Field("Message", sns.message);
  if (sns.has_subject) json.Field("Subject", sns.subject);
  json.Field("Timestamp", sns.timestamp).Field("Token", sns.token);
  json.Field("SubscribeURL", sns.subscribe_url).Field("Signature", sns.signature);
  json.Field("SignatureVersion", sns.signature_version);
  return json.Field("SigningCertURL", sns.signing_cert_url).EndObject().Take();
}

}  // namespace watchfire::inbound
