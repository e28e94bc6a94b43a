// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/base64.h"

#include <gtest/gtest.h>

namespace watchfire {
namespace {

// RFC 4648 section 10.
TEST(Base64, IsThatOfTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(EncodeBase64(bytes), text);
    EXPECT_EQ(DecodeBase64(text), bytes);
  }
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm8=\n", " Zm8=", "Zm 8",
                           "Zm9v====", "Zm-_", "Zm9v----"}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

TEST(Base64, OfUrlsHasOneTextForEachStringOfBytes) {
  const std::string bytes = "\xfb\xff\xfe\x01";
  EXPECT_EQ(EncodeBase64(bytes), "+//+AQ==");
  EXPECT_EQ(EncodeBase64Url(bytes), "-__-AQ");
  EXPECT_EQ(DecodeBase64Url("-__-AQ"), bytes);
  EXPECT_EQ(DecodeBase64Url(""), "");
  for (const char* text : {"-__-AQ==", "-__-AR", "+//+AQ", "-__-A", "-__-A Q"}) {
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace watchfire
