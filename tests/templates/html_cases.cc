// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <string>
#include <string_view>
#include <utility>

#include "tests/templates/cases.h"

namespace watchfire::templates {
namespace {

// Places in a document; a value stands at each @.
constexpr const char* kPlaces[] = {
    "@",
    "<b>@</b> 1 < 2 <c <!doctype html> <!DOCTYPE html>",
    "<p class=\"@\">",
    "<p class='@'>",
    "<p class=@>",
    "<p class=x@y id = @ >",
    "<p @>",
    "<p @=\"v\">",
    "<p data-@=\"v\">",
    "<a href=\"@\">",
    "<a href='@'>",
    "<a href=@>",
    "<a href=\"/p/@/q\">",
    "<a href=\"/p?a=1&b=@&c=@\">",
    "<a href=\"/p#@\">",
    "<a href=\" @\">",
    "<a href=\"@@\">",
    "<a href=\"http://@/?@\">",
    "<a data-href='@' svg:href='@' xmlns:x='@' my-url='@'>",
    "<img src=@ srcset=\"@ 1x, @ 2x\" alt=@>",
    "<img srcset='@'>",
    "<form action=\"@\" method='@' value=\"@\">",
    "<p style=\"color: @\">",
    "<p style=\"background: url(@)\">",
    "<p style=\"background: url('@')\">",
    "<p style='background: url( \"/x?@\" )'>",
    "<p style=\"font: '@', x; /* @ */ width: @px\">",
    "<p onclick=\"f(@)\">",
    "<p onclick='f(\"@\", @)'>",
    "<p onclick=f(@)>",
    "<script>var x = @;</script>@",
    "<script>var x = '@', y = \"@\"; f(@/@)</script>",
    "<script>var x = /@/g, y = 4 / @, z = x / @ / 2;</script>",
    "<script>`a ${ f({a: @}) } @`</script>",
    "<script>// @\nvar y = @; /* @ */ z\n/* a\nb */<!-- c\n--> d\nx = \"<!-- </script> "
    "@\";</script>",
    "<script type=\"text/template\"><b>@</b></script>",
    "<script type='application/json'>{\"a\": @}</script>",
    "<script type=module>f(@)</script>",
    "<style>p { color: @; background: url(@); font: \"@\" } /* @ */ // @\n</style>@",
    "<style>@import \"@\"; a[href='@'] {}</style>",
    "<textarea>@ < </textarea><title>@</title>@",
    "a <!-- @ --> b <!-- c --> d",
    "<!-- @",
    "<meta content=\"@\" name=x><meta http-equiv=refresh content=\"5; url=@; @\">@",
    "<p title=\"{{.s | html}} {{html .html}} @\">{{.html | html}}</p>",
    "<a href=\"/?q={{.html | urlquery}}&r={{urlquery .html}}\">{{.html | urlquery}}</a>",
    "<a href=\"{{.s | urlquery}}\">",
    "{{if .t}}<p class=\"{{end}}@\">",
    "{{range .l}}<li title='{{.}}'>{{.}}</li>{{end}}",
    "{{define \"x\"}}{{.}}<i>{{.}}</i>{{end}}<b>{{template \"x\" .html}}</b>",
    "{{define \"u\"}}/a b/?x={{.}}{{end}}<a href=\"{{template \"u\" .html}}\">{{template \"u\" "
    ".s}}</a>",
    "<p class=\"a&quot;@\" title='&amp;@'>",
    "<a href=\"/x&#63;@\">",
    "<svg><a xlink:href=\"@\"/></svg><br/>@<p/>",
    "<input value=@ checked><p a b=c d='e' @>",
    "<p\nclass\n=\n'@'\n>\n@"};

// What is put there.
constexpr const char* kValues[] = {
    ".s",
    ".html",
    ".uni",
    ".n",
    ".f",
    ".t",
    ".nil",
    ".missing",
    ".l",
    ".m",
    ".sm",
    ".kv",
    ".ss",
    ".dur",
    ".tm",
    ".item.Name",
    ".nan",
    "\"\"",
    "\"javascript:alert(1)\"",
    "\"https://x.example/a b?c=d&e='f'#g%20%zz\"",
    "\"mailto:a@b.c\"",
    "\"a,b c 2x\"",
    "(safeHtml \"<b title='x'>b &amp; c</b> <!-- d --> <script>e</script> f\")",
    "(safeUrl \"javascript:f('x') & y\")",
    "\"</script><!-- */ --> */\"",
    "\"a\\u2028b\\u0000c`${d}\"",
    "\"expression(x)\"",
    "\"red; x: y\"",
    "\"#ff0000\"",
    "\"-a--b\"",
    "\"on\"",
    "\"onclick\"",
    "\"href\"",
    "\"Dir\"",
    "\"10%\"",
    "\"a\\\\b\\\\41 c\"",
    "\"+1 (2) [3] {4} \\\\ / ?\"",
    "\"\\ufff0\\ufdd0=\"",
    "\"\\t\\n\\r \"",
    "\"in\"",
    "\"<\""};

}  // namespace

std::vector<Case> GeneratedHtmlCases() {
  std::vector<Case> cases;
  for (const std::string_view place : kPlaces) {
    for (const char* value : kValues) {
      std::string text;
      for (const char c : place)
        text += c == '@' ? "{{" + std::string(value) + "}}" : std::string(1, c);
      cases.push_back({std::move(text), "", "", true, {}});
    }
  }
  return cases;
}

}  // namespace watchfire::templates
