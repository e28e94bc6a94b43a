// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/web/ack_page.h"

#include <algorithm>
#include <string_view>

#include "pkg/web/policy.h"

namespace watchfire::web {
namespace {

constexpr size_t kAlertsShown = 5;

// The colours are those of index.html.
constexpr std::string_view kStyle = R"css(
:root {
  --bg: #f7f6f3; --card: #fff; --ink: #1b1a18; --soft: #5f5b54; --line: #dfdbd2; --red: #b3261e;
  --red-bg: #fdebe9; --amber: #855100; --amber-bg: #fcf0d8; --green: #1c6a3a; --green-bg: #e3f3e8;
  --grey-bg: #edeae4; --accent: #1d5cab; --on-accent: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #151412; --card: #1f1e1b; --ink: #eeebe5; --soft: #aba69c; --line: #383530; --red: #ff9c91;
    --red-bg: #46201c; --amber: #f4c15f; --amber-bg: #3e300f; --green: #86d7a2; --green-bg: #173723;
    --grey-bg: #33302b; --accent: #8bb9f6; --on-accent: #10233c;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; padding: 1rem; background: var(--bg); color: var(--ink);
  font: 1.125rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
main { max-width: 34rem; margin: 0 auto; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: .5rem 0 1rem; }
.badge { display: inline-block; padding: .125rem .75rem; border-radius: 1rem; font-weight: 600;
  background: var(--grey-bg); margin-right: .375rem; }
.triggered { background: var(--red-bg); color: var(--red); }
.acknowledged, .snoozed { background: var(--amber-bg); color: var(--amber); }
.resolved { background: var(--green-bg); color: var(--green); }
.notice { padding: .75rem 1rem; border-radius: .5rem; font-weight: 600; background: var(--amber-bg);
  color: var(--amber); margin: 0 0 1rem; }
.notice.good { background: var(--green-bg); color: var(--green); }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .25rem 1rem; margin: 0 0 1.25rem;
  padding: .75rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
dt { color: var(--soft); }
dd { margin: 0; }
dd a { display: inline-block; padding: .25rem 1rem .25rem 0; }
a { color: var(--accent); }
label { display: block; color: var(--soft); }
input, button {
  font: inherit; width: 100%; min-height: 3.25rem; border-radius: .5rem; margin: .25rem 0 .75rem;
  padding: .5rem 1rem; border: 1px solid var(--soft); background: var(--card); color: var(--ink);
}
button { cursor: pointer; font-weight: 600; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
:focus-visible { outline: .1875rem solid var(--accent); outline-offset: .125rem; }
)css";

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

bool IsWebUrl(std::string_view url) {
  return url.starts_with("https://") || url.starts_with("http://");
}

void AddFact(const std::string& name, const std::string& html, std::string* out) {
  if (!html.empty()) *out += "<dt>" + Escape(name) + "</dt><dd>" + html + "</dd>\n";
}

std::string FactsHtml(const AckPage& page) {
  std::string facts;
  for (const auto& [name, text] : page.facts) AddFact(name, Escape(text), &facts);
  std::string alerts;
  for (size_t i = 0; i < std::min(page.alerts.size(), kAlertsShown); ++i) {
    alerts += (i == 0 ? "" : "<br>") + Escape(page.alerts[i]);
  }
  if (page.alerts.size() > kAlertsShown) {
    alerts += "<br>and " + std::to_string(page.alerts.size() - kAlertsShown) + " more";
  }
  AddFact("Alerts", alerts, &facts);
  std::string links;
  for (const auto& [name, url] : page.links) {
    if (!IsWebUrl(url)) continue;
    links +=
        "<a href=\"" + Escape(url) + "\" rel=\"noopener noreferrer\">" + Escape(name) + "</a> ";
  }
  AddFact("See", links, &facts);
  return facts.empty() ? "" : "<dl>\n" + facts + "</dl>\n";
}

std::string FormHtml(const AckPage::Form& form) {
  std::string out = "<form method=\"post\">\n";
  if (form.asks_name) {
    out +=
        "<label for=\"name\">Your name</label>\n<input id=\"name\" name=\"name\" required "
        "maxlength=\"100\" autocomplete=\"name\" value=\"" +
        Escape(form.name) + "\">\n";
  }
  for (const AckPage::Button& button : form.buttons) {
    out += std::string("<button") + (button.is_main ? " class=\"main\"" : "") +
           " name=\"action\" value=\"" + Escape(button.action) + "\">" + Escape(button.label) +
           "</button>\n";
  }
  return out + "</form>\n";
}

}  // namespace

std::string AckPageHtml(const AckPage& page) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"robots\" content=\"noindex\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n<title>" +
      Escape(page.title) + "</title>\n<style>" + std::string(kStyle) +
      "</style>\n</head>\n<body>\n<main>\n";
  if (!page.state.empty()) {
    out += "<span class=\"badge " + Escape(page.state) + "\">" + Escape(page.state) + "</span>";
    out += "<span class=\"badge\">" + Escape(page.level) + "</span>\n";
  }
  out += "<h1>" + Escape(page.title) + "</h1>\n";
  if (!page.notice.empty()) {
    out += std::string("<p class=\"notice") + (page.is_good ? " good" : "") +
           "\" role=\"status\">" + Escape(page.notice) + "</p>\n";
  }
  out += FactsHtml(page);
  if (page.form) out += FormHtml(*page.form);
  return out + "</main>\n</body>\n</html>\n";
}

std::string AckPagePolicy() {
  return "default-src 'none'; style-src " + HashSource(kStyle) +
         "; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
}

}  // namespace watchfire::web
