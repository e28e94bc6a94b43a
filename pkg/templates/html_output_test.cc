// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How a document that is none is refused. What is escaped how, tests/templates compares with Go.

#include <gtest/gtest.h>

#include "pkg/templates/template.h"

namespace watchfire::templates {
namespace {

std::string ErrorOf(const std::string& text) {
  const TemplateSet set(AlertmanagerFunctions(), MissingKey::kNothing);
  const Result<std::string> document =
      set.ExecuteHtml(Snippet::Parse("html", text).value(), Value::String("v"), Environment());
  return document ? "" : document.error().message;
}

TEST(HtmlOutputTest, AnUnfinishedDocumentIsRefusedInGosWords) {
  const std::string start = "html/template:html: ends in a non-text context: ";
  EXPECT_EQ(ErrorOf("<a href=\"{{ . }}"),
            start +
                "{stateURL delimDoubleQuote urlPartNone jsCtxRegexp [] attrURL elementNone "
                "<nil>}");
  EXPECT_EQ(ErrorOf("<p title='x"),
            start +
                "{stateAttr delimSingleQuote urlPartNone jsCtxRegexp [] attrNone elementNone "
                "<nil>}");
  EXPECT_EQ(ErrorOf("<a onclick=\"a"),
            start +
                "{stateJS delimDoubleQuote urlPartNone jsCtxDivOp [] attrScript elementNone "
                "<nil>}");
  EXPECT_EQ(ErrorOf("<style>"),
            start + "{stateCSS delimNone urlPartNone jsCtxRegexp [] attrNone elementStyle <nil>}");
  // The rest of the message would be missing, and nobody would know.
  EXPECT_EQ(
      ErrorOf("a <!-- b"),
      start + "{stateHTMLCmt delimNone urlPartNone jsCtxRegexp [] attrNone elementNone <nil>}");
  EXPECT_EQ(ErrorOf("a <!-- b --> c"), "");
}

TEST(HtmlOutputTest, WhatIsNoHtmlSaysInWhichTemplate) {
  EXPECT_EQ(ErrorOf("<a =b>"),
            "html/template:html: expected space, attr name, or end of tag, but got \"=b>\"");
}

}  // namespace
}  // namespace watchfire::templates
