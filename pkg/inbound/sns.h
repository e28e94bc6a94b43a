// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The envelope of Amazon SNS over HTTP, and whether it was SNS that signed it. Pure: who calls
// fetches the certificate. Source: docs.aws.amazon.com, "Verifying the signatures of Amazon SNS
// messages" and "Parsing Amazon SNS message formats".

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::inbound {

struct SnsMessage {
  std::string type;  // Notification, SubscriptionConfirmation, UnsubscribeConfirmation.
  std::string message_id;
  std::string topic_arn;
  std::string subject;
  std::string message;
  std::string timestamp;
  std::string token;
  std::string signature;  // Base64.
  std::string signature_version;
  std::string signing_cert_url;
  std::string subscribe_url;
  bool has_subject = false;

  // Errors: kInvalidArgument: no JSON object, an unknown type, a member that is missing.
  static Result<SnsMessage> Read(std::string_view body);
};

// True for https URLs of sns.<region>.amazonaws.com, without user, port or anything else that could
// lead elsewhere: only those are ever fetched.
bool IsSnsUrl(std::string_view url);
// And of those the ones of a .pem file.
bool IsSnsCertificateUrl(std::string_view url);

// What can be told before the certificate is fetched. Errors: kPermission: the message's timestamp
// is more than an hour away from `now`, which is longer than SNS tries, or its signature is of an
// unknown version or no base64.
Status CheckSns(const SnsMessage& message, WallTime now);
// Errors: kPermission: CheckSns() says so, or it is not signed with the key of `certificate` (PEM).
Status VerifySns(const SnsMessage& message, const std::string& certificate, WallTime now);

}  // namespace watchfire::inbound
