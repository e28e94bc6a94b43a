// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/aws.h"

#include <algorithm>
#include <vector>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr std::chrono::minutes kSkewMax{5};
constexpr std::chrono::minutes kRoleLife{15};
constexpr std::chrono::minutes kSeenFor{5};
constexpr size_t kMessageBytesMax = 262'144;

Reply Refused(int status, const std::string& code, const std::string& message) {
  return {status,
          "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message +
              "</Message></Error><RequestId>pagersim</RequestId></ErrorResponse>",
          {},
          "text/xml"};
}

std::string Get(const Fields& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

// The value behind "Name=" in the Authorization header.
std::string Part(const std::string& header, const std::string& name) {
  const size_t begin = header.find(name + "=");
  if (begin == std::string::npos) return "";
  const size_t from = begin + name.size() + 1;
  return header.substr(from, std::min(header.find(',', from), header.size()) - from);
}

// What the signature of the request should have been; `scope` is date/region/service/aws4_request.
std::string Expected(const AwsRequest& request, const std::string& names, const std::string& scope,
                     const std::string& secret) {
  std::string text = request.method + "\n" + request.path + "\n\n";
  for (const std::string_view name : Split(names, ';')) {
    text += std::string(name) + ":" + Get(request.headers, std::string(name)) + "\n";
  }
  text += "\n" + names + "\n" + Sha256Hex(request.body);
  std::string key = "AWS4" + secret;
  for (const std::string_view part : Split(scope, '/')) key = HmacSha256(key, part);
  return Hex(HmacSha256(key, "AWS4-HMAC-SHA256\n" + Get(request.headers, "x-amz-date") + "\n" +
                                 scope + "\n" + Sha256Hex(text)));
}

Result<WallTime> ParseAmzDate(const std::string& text) {
  if (text.size() != 16) return InvalidArgument("bad date");
  return ParseTime(text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 5) + ":" +
                   text.substr(11, 2) + ":" + text.substr(13));
}

Reply Publish(const Fields& form) {
  const auto invalid = [](const std::string& what) {
    return Refused(400, "InvalidParameter", "Invalid parameter: " + what);
  };
  const std::string topic = Get(form, "TopicArn");
  int targets = 0;
  for (const char* name : {"TopicArn", "TargetArn", "PhoneNumber"}) targets += form.count(name) > 0;
  if (targets != 1) return invalid("TopicArn or TargetArn Reason: no value for required parameter");
  if (!topic.empty() && !topic.starts_with("arn:aws")) return invalid("TopicArn");
  const std::string phone = Get(form, "PhoneNumber");
  if (!phone.empty() && !phone.starts_with('+')) {
    return invalid("PhoneNumber Reason: " + phone + " is not valid to publish to");
  }
  const std::string message = Get(form, "Message");
  if (message.empty()) return invalid("Empty message");
  if (message.size() > kMessageBytesMax) return invalid("Message too long");
  const std::string subject = Get(form, "Subject");
  const bool has_control = std::ranges::any_of(subject, [](unsigned char c) { return c < 0x20; });
  if (has_control || RuneCount(RepairUtf8(subject)) > 100) return invalid("Subject");
  if (topic.ends_with(".fifo") && !form.contains("MessageGroupId")) {
    return invalid("The MessageGroupId parameter is required for FIFO topics");
  }
  if (topic.ends_with(".fifo") && !form.contains("MessageDeduplicationId")) {
    return invalid(
        "The topic should either have ContentBasedDeduplication enabled or "
        "MessageDeduplicationId provided explicitly");
  }
  if (!topic.ends_with(".fifo") && form.contains("MessageDeduplicationId")) {
    return invalid("MessageDeduplicationId Reason: it applies only to FIFO topics");
  }
  return {200,
          "<PublishResponse><PublishResult><MessageId>pagersim</MessageId></PublishResult>"
          "</PublishResponse>",
          {},
          "text/xml"};
}

}  // namespace

Fields ParseForm(const std::string& body) {
  Fields fields;
  for (const std::string_view pair : Split(body, '&')) {
    const size_t equals = std::min(pair.find('='), pair.size());
    fields[UrlDecode(pair.substr(0, equals), /*plus_is_space=*/true)] =
        UrlDecode(pair.substr(std::min(equals + 1, pair.size())), /*plus_is_space=*/true);
  }
  return fields;
}

Reply AwsDesk::Answer(const AwsRequest& request, WallTime now) {
  const std::string header = Get(request.headers, "authorization");
  const std::string credential = Part(header, "Credential");
  const size_t slash = credential.find('/');
  if (!header.starts_with("AWS4-HMAC-SHA256 ") || slash == std::string::npos) {
    return Refused(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
  }
  const auto key = keys_.find(credential.substr(0, slash));
  if (key == keys_.end() || Get(request.headers, "x-amz-security-token") != key->second.token) {
    return Refused(403, "InvalidClientTokenId",
                   "The security token included in the request is invalid.");
  }
  if (key->second.ends <= now) {
    return Refused(403, "ExpiredToken", "The security token included in the request is expired");
  }
  const Result<WallTime> date = ParseAmzDate(Get(request.headers, "x-amz-date"));
  if (!date || *date > now + kSkewMax || *date < now - kSkewMax) {
    return Refused(403, "SignatureDoesNotMatch", "Signature expired");
  }
  const Fields form = ParseForm(request.body);
  const bool is_role = Get(form, "Action") == "AssumeRole";
  const std::string scope = credential.substr(slash + 1);
  const std::string service = is_role ? "/sts/aws4_request" : "/sns/aws4_request";
  const std::string wanted =
      Expected(request, Part(header, "SignedHeaders"), scope, key->second.secret);
  if (!scope.ends_with(service) || Part(header, "Signature") != wanted) {
    return Refused(
        403, "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.");
  }
  if (is_role) return AssumeRole(form, now);
  if (Get(form, "Action") == "Publish") {
    Reply reply = Publish(form);
    if (reply.status == 200) Deliver(form, now);
    return reply;
  }
  return Refused(400, "InvalidAction", "The action is not valid for this web service.");
}

void AwsDesk::Deliver(const Fields& form, WallTime now) {
  const std::string id = Get(form, "MessageDeduplicationId");
  if (!id.empty()) {
    std::erase_if(seen_, [now](const auto& entry) { return entry.second + kSeenFor <= now; });
    if (!seen_.try_emplace(Get(form, "TopicArn") + " " + id, now).second) return;
  }
  if (delivered_.size() == kDeliveredMax) delivered_.pop_front();
  delivered_.push_back(Get(form, "Subject"));
}

std::string AwsDesk::DeliveredJson() const {
  JsonWriter json;
  json.StartArray();
  for (const std::string& subject : delivered_) json.String(subject);
  return json.EndArray().Take();
}

Reply AwsDesk::AssumeRole(const Fields& form, WallTime now) {
  if (!Get(form, "RoleArn").starts_with("arn:aws")) {
    return Refused(403, "AccessDenied", "not authorized to perform: sts:AssumeRole");
  }
  const std::string name = "ASIAPAGERSIM" + std::to_string(++roles_);
  std::erase_if(keys_, [now](const auto& entry) { return entry.second.ends <= now; });
  const Key key{name + "-secret", name + "-token", now + kRoleLife};
  keys_[name] = key;
  return {200,
          "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + name +
              "</AccessKeyId><SecretAccessKey>" + key.secret + "</SecretAccessKey><SessionToken>" +
              key.token + "</SessionToken><Expiration>" + FormatRfc3339(key.ends, 0) +
              "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
          {},
          "text/xml"};
}

}  // namespace watchfire::pagersim
