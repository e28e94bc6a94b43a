// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/sns.h"

#include <algorithm>
#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "pkg/base/base64.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

constexpr std::chrono::hours kFreshFor{1};

struct Free {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// What SNS signs: names and values, a line each, by name.
std::string SignedText(const SnsMessage& sns) {
  std::string text = "Message\n" + sns.message + "\nMessageId\n" + sns.message_id + "\n";
  if (sns.type == "Notification") {
    if (sns.has_subject) text += "Subject\n" + sns.subject + "\n";
    return text + "Timestamp\n" + sns.timestamp + "\nTopicArn\n" + sns.topic_arn + "\nType\n" +
           sns.type + "\n";
  }
  return text + "SubscribeURL\n" + sns.subscribe_url + "\nTimestamp\n" + sns.timestamp +
         "\nToken\n" + sns.token + "\nTopicArn\n" + sns.topic_arn + "\nType\n" + sns.type + "\n";
}

Owned<EVP_PKEY> KeyOf(const std::string& certificate) {
  const Owned<BIO> bio(BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())));
  const Owned<X509> parsed(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  return Owned<EVP_PKEY>(parsed ? X509_get_pubkey(parsed.get()) : nullptr);
}

}  // namespace

Result<SnsMessage> SnsMessage::Read(std::string_view body) {
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  const std::string wrong =
      json->NoText({"Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "Token",
                    "Signature", "SignatureVersion", "SigningCertURL", "SubscribeURL"});
  if (!wrong.empty()) return InvalidArgument(wrong + " must be a string");
  SnsMessage sns;
  sns.type = json->Text("Type");
  sns.message_id = json->Text("MessageId");
  sns.topic_arn = json->Text("TopicArn");
  sns.subject = json->Text("Subject");
  sns.has_subject = !sns.subject.empty();
  sns.message = json->Text("Message");
  sns.timestamp = json->Text("Timestamp");
  sns.token = json->Text("Token");
  sns.signature = json->Text("Signature");
  sns.signature_version = json->Text("SignatureVersion");
  sns.signing_cert_url = json->Text("SigningCertURL");
  sns.subscribe_url = json->Text("SubscribeURL");
  if (sns.type != "Notification" && sns.type != "SubscriptionConfirmation" &&
      sns.type != "UnsubscribeConfirmation") {
    return InvalidArgument(
        "Type must be Notification, SubscriptionConfirmation or UnsubscribeConfirmation: this is "
        "for Amazon SNS over HTTPS, raw message delivery switched off");
  }
  if (sns.message_id.empty()) return InvalidArgument("MessageId is missing");
  return sns;
}

bool IsSnsUrl(std::string_view url) {
  constexpr std::string_view kScheme = "https://sns.";
  if (!url.starts_with(kScheme)) return false;
  const std::string_view host = url.substr(8, url.find('/', 8) - 8);
  const bool is_plain = std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  const bool is_printable =
      std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
  for (const std::string_view domain : {".amazonaws.com", ".amazonaws.com.cn"}) {
    if (!host.ends_with(domain)) continue;
    const std::string_view region = host.substr(4, host.size() - 4 - domain.size());
    // sns.s3.amazonaws.com and sns.s3-us-west-2.amazonaws.com are a bucket of anybody's.
    const bool is_region = region.size() >= 3 && !region.starts_with("s3") &&
                           region.find('.') == std::string_view::npos;
    if (is_plain && is_printable && is_region) return true;
  }
  return false;
}

bool IsSnsCertificateUrl(std::string_view url) {
  return IsSnsUrl(url) && url.ends_with(".pem") &&
         url.find_first_of("?#") == std::string_view::npos;
}

Status CheckSns(const SnsMessage& message, WallTime now) {
  const Result<WallTime> at = ParseTime(message.timestamp);
  if (!at) return Fail(Code::kPermission, "Timestamp is no time");
  if (*at < now - kFreshFor || *at > now + kFreshFor) {
    return Fail(Code::kPermission, "Timestamp is more than an hour away: an old message");
  }
  if (message.signature_version != "1" && message.signature_version != "2") {
    return Fail(Code::kPermission, "SignatureVersion must be 1 or 2");
  }
  if (DecodeBase64(message.signature).value_or("").empty()) {
    return Fail(Code::kPermission, "Signature is no base64");
  }
  return {};
}

Status VerifySns(const SnsMessage& message, const std::string& certificate, WallTime now) {
  WF_RETURN_IF_ERROR(CheckSns(message, now));
  const Owned<EVP_PKEY> key = KeyOf(certificate);
  if (!key) return Fail(Code::kPermission, "what SigningCertURL names is no certificate");
  const std::string signature = DecodeBase64(message.signature).value_or("");
  const std::string text = SignedText(message);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool is_v2 = message.signature_version == "2";
  const bool is_good =
      EVP_DigestVerifyInit(context.get(), nullptr, is_v2 ? EVP_sha256() : EVP_sha1(), nullptr,
                           key.get()) == 1 &&
      EVP_DigestVerify(context.get(),
                       reinterpret_cast<const unsigned char*>(signature.data()),  // NOLINT
                       signature.size(),
                       reinterpret_cast<const unsigned char*>(text.data()),  // NOLINT
                       text.size()) == 1;
  if (!is_good) return Fail(Code::kPermission, "the signature is not that of the message");
  return {};
}

}  // namespace watchfire::inbound
