// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/ack_link.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/base/digest.h"
#include "pkg/base/limits.h"
#include "pkg/templates/escape.h"

namespace watchfire::incident {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const std::vector<Secret>& Secrets() {
  static const auto* const secrets = new std::vector<Secret>{
      Secret("0123456789abcdef0123456789abcdef"), Secret("an older one of thirty-two bytes")};
  return *secrets;
}

constexpr WallTime kNow = WallTime(Duration(1'790'000'000'000'000'000));

AckLink Link() { return {7, kNow - hours(1), kNow + hours(24), "ada", true, false}; }

std::string Signed(const AckLink& link = Link()) { return SignAckLink(link, Secrets()[0]); }

Code Fault(const std::string& token, WallTime now = kNow) {
  const auto read = ReadAckLink(token, Secrets(), now);
  EXPECT_FALSE(read) << token;
  return read ? Code::kCorrupt : read.error().code;
}

TEST(AckLinkTest, SaysWhatItWasMadeOf) {
  EXPECT_EQ(ReadAckLink(Signed(), Secrets(), kNow).value(), Link());
  AckLink other = {1'000'000'000'000, kNow, kNow + seconds(1), "", false, true};
  EXPECT_EQ(ReadAckLink(Signed(other), Secrets(), kNow).value(), other);
}

TEST(AckLinkTest, IsShortAndNeedsNoEscape) {
  const std::string token = Signed();
  EXPECT_LE(token.size(), 50U);
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
}

TEST(AckLinkTest, IsGoodUntilItExpires) {
  EXPECT_TRUE(ReadAckLink(Signed(), Secrets(), kNow + hours(24) - seconds(1)));
  EXPECT_EQ(Fault(Signed(), kNow + hours(24)), Code::kTimeout);
  EXPECT_EQ(Fault(Signed(), kNow + hours(24 * 365)), Code::kTimeout);
}

TEST(AckLinkTest, EverySecretReadsAndNoOther) {
  EXPECT_TRUE(ReadAckLink(SignAckLink(Link(), Secrets()[1]), Secrets(), kNow));
  EXPECT_EQ(Fault(SignAckLink(Link(), Secret("a stranger's secret of many bytes"))),
            Code::kPermission);
  EXPECT_FALSE(ReadAckLink(Signed(), {}, kNow));
  const std::vector<Secret> empty(1);
  EXPECT_FALSE(ReadAckLink(Signed(), empty, kNow)) << "no secret is no key";
}

TEST(AckLinkTest, NoBitOfItCanBeChanged) {
  const std::string token = Signed();
  const std::string bytes =
      templates::DecodeBase64Url(token + std::string((4 - token.size() % 4) % 4, '=')).value();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    std::string text = templates::EncodeBase64Url(changed);
    while (text.ends_with('=')) text.pop_back();
    EXPECT_EQ(Fault(text), Code::kPermission) << "bit " << bit;
  }
}

// Incident, action, person and times of one under the tag of another.
TEST(AckLinkTest, FieldsOfTwoCannotBeSwapped) {
  AckLink other = Link();
  other.incident = 8;
  AckLink bolder = Link();
  bolder.may_snooze = true;
  AckLink longer = Link();
  longer.expires_at += hours(1);
  AckLink bobs = Link();
  bobs.person = "bob";
  std::set<std::string> tokens = {Signed()};
  for (const AckLink& link : {other, bolder, longer, bobs}) {
    const std::string theirs = Signed(link);
    EXPECT_TRUE(tokens.insert(theirs).second);
    ASSERT_EQ(theirs.size(), Signed().size());
    for (size_t at = 1; at < theirs.size(); ++at) {
      const std::string mixed = Signed().substr(0, at) + theirs.substr(at);
      if (tokens.contains(mixed)) continue;
      EXPECT_EQ(Fault(mixed), Code::kPermission) << mixed;
    }
  }
}

TEST(AckLinkTest, WhatIsTruncatedOrLongerIsForged) {
  const std::string token = Signed();
  for (size_t size = 0; size < token.size(); ++size) {
    EXPECT_EQ(Fault(token.substr(0, size)), Code::kPermission) << size;
  }
  for (const char* more : {"A", "AA", "=", "==", "\n", "\r\n", ".", " ", "/", "%"}) {
    EXPECT_EQ(Fault(token + more), Code::kPermission) << more;
    EXPECT_EQ(Fault(more + token), Code::kPermission) << more;
  }
}

// Base64 of unused bits that are not zero means the same bytes: one link, one text.
TEST(AckLinkTest, HasOneSpelling) {
  AckLink link = Link();
  size_t tried = 0;
  for (const char* person : {"", "a", "ad"}) {
    link.person = person;
    std::string token = Signed(link);
    if (token.size() % 4 == 0) continue;
    ++tried;
    const char last = token.back();
    for (const char c : {'A', 'B', 'C', 'D', 'Q', 'g', 'w', 'x', '_'}) {
      token.back() = c;
      if (c != last) {
        EXPECT_EQ(Fault(token), Code::kPermission) << person << c;
      }
    }
  }
  EXPECT_EQ(tried, 2U);
}

TEST(AckLinkTest, HugeAndStrangeTextIsForged) {
  EXPECT_EQ(Fault(std::string(limits::kAckLinkBytes + 1, 'A')), Code::kPermission);
  EXPECT_EQ(Fault(std::string(16U << 20, 'A')), Code::kPermission);
  EXPECT_EQ(Fault(std::string("\0\0\0\0", 4)), Code::kPermission);
  EXPECT_EQ(Fault("\xff\xfe"), Code::kPermission);
  EXPECT_EQ(Fault("../../api/v2/status"), Code::kPermission);
}

// A signature of the same secret for another purpose is none of a link.
TEST(AckLinkTest, AnotherUseOfTheSecretSignsNoLink) {
  std::string fields = {1, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, '\x7f', 0, 0, 0, 0};
  fields += HmacSha256(Secrets()[0].reveal(), fields).substr(0, 16);
  std::string token = templates::EncodeBase64Url(fields);
  while (token.ends_with('=')) token.pop_back();
  EXPECT_EQ(Fault(token), Code::kPermission);
}

TEST(AckLinkTest, APersonWithTooLongANameIsNotNamed) {
  AckLink link = Link();
  link.person = std::string(512, 'x');
  EXPECT_EQ(ReadAckLink(Signed(link), Secrets(), kNow).value(), link);
  EXPECT_LE(Signed(link).size(), limits::kAckLinkBytes);
  link.person = std::string(limits::kAckLinkBytes, 'x');
  EXPECT_EQ(ReadAckLink(Signed(link), Secrets(), kNow).value().person, "");
}

}  // namespace
}  // namespace watchfire::incident
