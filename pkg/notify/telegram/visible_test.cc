// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/telegram/visible.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace watchfire::notify::telegram {
namespace {

TEST(VisibleTest, CountsWhatIsShown) {
  for (const auto& [html, runes] :
       std::vector<std::pair<std::string, size_t>>{{"", 0},
                                                   {"a\u00e9\U0001f642", 3},
                                                   {"<b>ab</b> <a href=\"http://h/?a>b\">c</a>", 4},
                                                   {"<a href='x\">' title = \"'>\" b>c</a>", 1},
                                                   {"<a href=x\"y>z</a>", 1},
                                                   {"&lt;&gt;&amp;&quot;", 4},
                                                   {"&lt&amp", 2},
                                                   {"&nbsp;", 6},
                                                   {"&LT;", 4},
                                                   {"&#65;&#x41;&#65", 3},
                                                   {"&#0;&#x;&#;", 11},
                                                   {"&#1114111;", 10},
                                                   {"&#1114110;", 1},
                                                   {"&#0000065;", 1},
                                                   {"&#00000065;", 11},
                                                   {"&", 1},
                                                   {"a < b", 5},
                                                   {"a<5", 3},
                                                   {"<", 1}}) {
    EXPECT_EQ(ShownRunes(html), runes) << html;
  }
}

TEST(VisibleTest, WhatIsNoMessageOfTelegramsCountsWhole) {
  for (const std::string html : {"<!-- x -->y", "<!doctype html>y", "<?x?>y", "</>y", "</ a>y",
                                 "y<b", "y<a href=\"x>z", "y</b"}) {
    EXPECT_EQ(ShownRunes(html), html.size()) << html;
  }
}

}  // namespace
}  // namespace watchfire::notify::telegram
