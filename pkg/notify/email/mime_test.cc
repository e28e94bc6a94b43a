// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/email/mime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/notify/email/address.h"

namespace watchfire::notify::email {
namespace {

using testing::ElementsAre;

std::string ErrorOf(const std::string& text) {
  const auto list = ParseAddressList(text);
  return list ? "" : list.error().message;
}

TEST(AddressTest, ReadsWhatPeopleWrite) {
  EXPECT_THAT(*ParseAddressList("a@b"), ElementsAre(Address{"", "a@b"}));
  EXPECT_THAT(*ParseAddressList(" a@b.c , ,Ada Lovelace <ada@x.org>,, "),
              ElementsAre(Address{"", "a@b.c"}, Address{"Ada Lovelace", "ada@x.org"}));
  EXPECT_THAT(*ParseAddressList("\"On-call, \\\"EU\\\"\" <o@x> (the team (eu))"),
              ElementsAre(Address{"On-call, \"EU\"", "o@x"}));
  EXPECT_THAT(*ParseAddressList("Team: a@b, C <c@d>;, <e@[127.0.0.1]>"),
              ElementsAre(Address{"", "a@b"}, Address{"C", "c@d"}, Address{"", "e@[127.0.0.1]"}));
  EXPECT_THAT(*ParseAddressList("J. R. T\u00fcr <\u00fcb@b\u00fcro.example>"),
              ElementsAre(Address{"J. R. T\u00fcr", "\u00fcb@b\u00fcro.example"}));
  EXPECT_THAT(*ParseAddressList("\"a b\"@c"), ElementsAre(Address{"", "\"a b\"@c"}));
}

TEST(AddressTest, SaysWhatIsWrong) {
  EXPECT_EQ(ErrorOf(""), "mail: no address");
  EXPECT_EQ(ErrorOf(" , "), "mail: no address");
  EXPECT_EQ(ErrorOf("ada"), "mail: missing '@' or angle-addr");
  EXPECT_EQ(ErrorOf("a@b c@d"), "mail: expected comma");
  EXPECT_EQ(ErrorOf("Ada <ada>"), "mail: no angle-addr");
  EXPECT_EQ(ErrorOf("Ada <a@b"), "mail: unclosed angle-addr");
  EXPECT_EQ(ErrorOf("a@b (x"), "mail: misformatted parenthetical comment");
  EXPECT_EQ(ErrorOf("team: a@b"), "mail: unclosed group");
  for (const char* bad : {"@b", "a@", "a..b@c", ".a@b", "a@b.", "a b@c", "\"a@b", "<a@b>x",
                          "a@b\r\nDATA", "(", "a@[1", ";"}) {
    EXPECT_NE(ErrorOf(bad), "") << bad;
  }
}

TEST(MimeTest, PlainHeadersStayAsTheyAre) {
  EXPECT_EQ(HeaderLine("Subject", "[FIRING:1] x "), "Subject: [FIRING:1] x \r\n");
  EXPECT_EQ(HeaderLine("X-A", ""), "X-A: \r\n");
  EXPECT_EQ(HeaderLine("To", "Ada <a@b>, c@d"), "To: Ada <a@b>, c@d\r\n");
}

TEST(MimeTest, OtherCharactersBecomeWordsThatAreNotTooLong) {
  EXPECT_EQ(HeaderLine("Subject", "\u00fc_?= x"), "Subject: =?utf-8?q?=C3=BC=5F=3F=3D_x?=\r\n");
  EXPECT_EQ(HeaderLine("Subject", "a\r\nBcc: b@c"), "Subject: =?utf-8?q?a=0D=0ABcc=3A_b=40c?=\r\n");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "\u00fc";
  const std::string line = HeaderLine("Subject", many);
  for (const std::string_view part : Split(line.substr(0, line.size() - 2), '\n')) {
    EXPECT_LE(part.size(), 87U) << part;
  }
  EXPECT_EQ(line.find("=C3?="), std::string::npos);  // No character is cut in two.
}

TEST(MimeTest, OfAddressesOnlyTheNamesAreEncoded) {
  EXPECT_EQ(HeaderLine("To", "T\u00fcr <t@x.org>, a@b"),
            "To: =?utf-8?q?T=C3=BCr?= <t@x.org>, <a@b>\r\n");
  EXPECT_EQ(HeaderLine("Cc", "\u00fc"), "Cc: =?utf-8?q?=C3=BC?=\r\n");
}

TEST(MimeTest, LongLinesAreFoldedAtBlanks) {
  std::string value;
  for (int i = 0; i < 40; ++i) value += (i > 0 ? " word" : "word") + std::to_string(i);
  const std::string line = HeaderLine("Subject", value);
  std::string unfolded;
  for (const std::string_view part : Split(line, '\n')) {
    EXPECT_LE(part.size(), 77U) << part;
    unfolded += part.substr(0, part.find('\r'));
  }
  EXPECT_EQ(unfolded, "Subject: " + value);
  const std::string solid(300, 'x');
  EXPECT_EQ(HeaderLine("X-A", solid), "X-A: " + solid + "\r\n");
  EXPECT_EQ(HeaderLine("X-A", solid + " y"), "X-A: " + solid + "\r\n y\r\n");
}

TEST(MimeTest, NamesAreCanonicalAsGoHasThem) {
  EXPECT_EQ(CanonicalHeader("message-ID"), "Message-Id");
  EXPECT_EQ(CanonicalHeader("x-FOO-bar"), "X-Foo-Bar");
  EXPECT_EQ(CanonicalHeader("not a token"), "not a token");
  EXPECT_FALSE(IsHeaderName("a:b"));
  EXPECT_FALSE(IsHeaderName("a\r\nb"));
}

TEST(MimeTest, DatesAreThoseOfRfc5322) {
  EXPECT_EQ(FormatDate(*ParseTime("2026-08-22T14:04:18Z")), "Sat, 22 Aug 2026 14:04:18 +0000");
  EXPECT_EQ(FormatDate(*ParseTime("2024-02-29T00:00:00.999Z")), "Thu, 29 Feb 2024 00:00:00 +0000");
}

std::string QuotedPrintable(std::string_view text) {
  std::string out;
  AppendQuotedPrintable(text, &out);
  return out;
}

TEST(MimeTest, QuotedPrintableKeepsLinesShortAndTextAsItIs) {
  EXPECT_EQ(QuotedPrintable("a=b\n\u00fc\r\nc \n\td\t"), "a=3Db\r\n=C3=BC\r\nc=20\r\n\td=09");
  EXPECT_EQ(QuotedPrintable("a\rb"), "a\r\nb");
  const std::string coded = QuotedPrintable(std::string(200, 'x') + "\n.\n");
  EXPECT_EQ(coded, std::string(75, 'x') + "=\r\n" + std::string(75, 'x') + "=\r\n" +
                       std::string(50, 'x') + "\r\n.\r\n");
}

}  // namespace
}  // namespace watchfire::notify::email
