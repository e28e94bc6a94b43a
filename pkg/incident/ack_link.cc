// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/ack_link.h"

#include "pkg/base/base64.h"
#include "pkg/base/check.h"
#include "pkg/base/digest.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::incident {
namespace {

constexpr char kVersion = 1;
constexpr char kResolve = 1;
constexpr char kSnooze = 2;
constexpr char kEscalate = 4;
constexpr size_t kNumberBytes = 5;  // Enough for a trillion incidents, and 34,000 years.
constexpr size_t kFixedBytes = 2 + 3 * kNumberBytes;
constexpr size_t kTagBytes = 16;
constexpr size_t kPersonBytesMax = limits::kAckLinkBytes / 4 * 3 - kFixedBytes - kTagBytes;

void Put(uint64_t number, std::string* out) {
  for (size_t byte = kNumberBytes; byte > 0; --byte) {
    *out += static_cast<char>((number >> (8 * (byte - 1))) & 0xff);
  }
}

uint64_t Take(std::string_view* bytes) {
  uint64_t number = 0;
  for (const char c : bytes->substr(0, kNumberBytes)) {
    number = number << 8 | static_cast<unsigned char>(c);
  }
  bytes->remove_prefix(kNumberBytes);
  return number;
}

uint64_t Seconds(WallTime at) { return static_cast<uint64_t>(ToNanos(at) / 1'000'000'000); }

WallTime FromSeconds(uint64_t seconds) {
  // What we signed is a time that we know; others never get here.
  constexpr uint64_t kSecondsMax = uint64_t{1} << 33;
  return FromNanos(static_cast<int64_t>(seconds < kSecondsMax ? seconds : kSecondsMax) *
                   1'000'000'000);
}

// What else the secret may sign is no link.
std::string TagOf(std::string_view fields, const Secret& secret) {
  return HmacSha256(secret.reveal(), "watchfire ack link\n" + std::string(fields))
      .substr(0, kTagBytes);
}

// The bytes of a token exactly as it was written; "" of any other text.
std::string Decode(std::string_view token) {
  if (token.size() > limits::kAckLinkBytes) return "";
  return DecodeBase64Url(token).value_or("");
}

}  // namespace

std::string SignAckLink(const AckLink& link, const Secret& secret) {
  WF_CHECK(!secret.empty());
  std::string fields(1, kVersion);
  fields += static_cast<char>((link.may_resolve ? kResolve : 0) | (link.may_snooze ? kSnooze : 0) |
                              (link.may_escalate ? kEscalate : 0));
  Put(link.incident, &fields);
  Put(Seconds(link.opened_at), &fields);
  Put(Seconds(link.expires_at), &fields);
  if (link.person.size() <= kPersonBytesMax) fields += link.person;
  return EncodeBase64Url(fields + TagOf(fields, secret));
}

Result<AckLink> ReadAckLink(std::string_view token, std::span<const Secret> secrets, WallTime now) {
  const Error forged = {Code::kPermission, "the link was not made here, or has been changed"};
  const std::string bytes = Decode(token);
  if (bytes.size() < kFixedBytes + kTagBytes) return Fail(forged);
  std::string_view fields = std::string_view(bytes).substr(0, bytes.size() - kTagBytes);
  const std::string_view tag = std::string_view(bytes).substr(fields.size());
  bool is_ours = false;
  for (const Secret& secret : secrets) {
    is_ours |= !secret.empty() && EqualsConstantTime(tag, TagOf(fields, secret));
  }
  if (!is_ours || fields[0] != kVersion) return Fail(forged);

  AckLink link;
  link.may_resolve = (fields[1] & kResolve) != 0;
  link.may_snooze = (fields[1] & kSnooze) != 0;
  link.may_escalate = (fields[1] & kEscalate) != 0;
  fields.remove_prefix(2);
  link.incident = Take(&fields);
  link.opened_at = FromSeconds(Take(&fields));
  link.expires_at = FromSeconds(Take(&fields));
  link.person = fields;
  if (link.expires_at <= now) return Fail(Code::kTimeout, "the link has expired");
  return link;
}

}  // namespace watchfire::incident
