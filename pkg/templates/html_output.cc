// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/html_output.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/templates/html_escape.h"

namespace watchfire::templates {
namespace {

// A '<' that starts no tag could start one with what comes next, so it is escaped.
void AppendWithoutLooseBrackets(std::string_view text, std::string* out) {
  size_t begin = 0;
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    if (ToLower(text.substr(at, 9)) == "<!doctype") continue;
    out->append(text, begin, at - begin).append("&lt;");
    begin = at + 1;
  }
  out->append(text, begin);
}

// "<script", "</script" and "<!--" in a script's string, without their meaning for HTML.
std::string HideScriptTags(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '<') {
      out += text[i];
      continue;
    }
    const std::string rest = ToLower(text.substr(i, 8));
    const bool special =
        rest.starts_with("<script") || rest.starts_with("</script") || rest.starts_with("<!--");
    if (special) {
      out += "\\x3C";
    } else {
      out += text[i];
    }
  }
  return out;
}

// What a comment that has ended leaves behind, so that the words around it stay apart.
std::string_view CommentRemains(std::string_view comment, HtmlState state) {
  if (state == HtmlState::kCssBlockComment) return " ";
  if (state != HtmlState::kJsBlockComment) return "";
  const bool lines = comment.find_first_of("\n\r") != std::string_view::npos ||
                     comment.find("\xe2\x80\xa8") != std::string_view::npos ||
                     comment.find("\xe2\x80\xa9") != std::string_view::npos;
  return lines ? "\n" : " ";
}

// How long the sign is that started a comment at the end of `text`.
size_t CommentStart(std::string_view text, HtmlState state) {
  if (state == HtmlState::kComment || text.ends_with("<!--")) return 4;
  if (text.ends_with("-->")) return 3;
  return 2;
}

}  // namespace

void HtmlOutput::Append(std::string_view text, const HtmlContext& before,
                        const HtmlContext& after) {
  const bool starts_comment =
      after.state != before.state && after.in_comment() && after.delimiter == HtmlDelimiter::kNone;
  if (before.in_comment() && before.delimiter == HtmlDelimiter::kNone) {
    text_ += CommentRemains(text, before.state);
    return;
  }
  if (starts_comment) text.remove_suffix(CommentStart(text, after.state));
  if (before.state == HtmlState::kText || before.state == HtmlState::kRcdata) {
    size_t tag = text.size();
    if (after.state != before.state && !starts_comment) tag = std::min(text.rfind('<'), tag);
    AppendWithoutLooseBrackets(text.substr(0, tag), &text_);
    text_ += text.substr(tag);
  } else if (before.in_script_literal()) {
    text_ += HideScriptTags(text);
  } else {
    text_ += text;
  }
}

HtmlOutput::Passage& HtmlOutput::PassageOf(const char* place) {
  const auto mixed = reinterpret_cast<uintptr_t>(place) * 0x9e3779b97f4a7c15ULL;
  Shortcut& shortcut = shortcuts_[mixed >> 58];
  if (shortcut.place != place) shortcut = {place, &passages_[place]};
  return *shortcut.passage;
}

void HtmlOutput::GoTo(HtmlContext context) {
  const auto known = std::ranges::find(contexts_, context);
  here_ = static_cast<size_t>(known - contexts_.begin());
  if (known == contexts_.end()) contexts_.push_back(std::move(context));
}

void HtmlOutput::Forget() {
  contexts_ = {context()};
  here_ = 0;
  passages_.clear();
  shortcuts_ = {};
}

Status HtmlOutput::Literal(std::string_view text) {
  if (contexts_.size() > kContextsMax) Forget();
  Passage& passage = PassageOf(text.data());
  if (passage.before == here_) {
    text_ += passage.text;
    here_ = passage.after;
  } else {
    const size_t before = here_;
    const size_t start = text_.size();
    WF_RETURN_IF_ERROR(Follow(text));
    passage = {before, here_, text_.substr(start)};
  }
  if (text_.size() > limits::kTemplateOutputBytes) return TooMuchOutput();
  return {};
}

// Goes through a text and writes what is left of it.
Status HtmlOutput::Follow(std::string_view text) {
  HtmlContext now = context();
  while (!text.empty()) {
    const HtmlContext before = now;
    const Result<size_t> taken = AdvanceHtml(text, &now);
    if (!taken) return Fail(Wrong(taken.error().message));
    Append(text.substr(0, *taken), before, now);
    text.remove_prefix(*taken);
  }
  GoTo(std::move(now));
  return {};
}

Status HtmlOutput::Print(const Value& value, Escaped escaped) {
  if (contexts_.size() > kContextsMax) Forget();
  if (context().in_tag()) GoTo(ForValue(context()));
  AppendForHtml(value, escaped, context(), &text_);
  // A slash after a value divides.
  if (context().state == HtmlState::kJs && !context().slash_divides) {
    HtmlContext after = context();
    after.slash_divides = true;
    GoTo(std::move(after));
  }
  if (text_.size() > limits::kTemplateOutputBytes) return TooMuchOutput();
  return {};
}

Result<std::string> HtmlOutput::Take() {
  if (context().state != HtmlState::kText) {
    return Fail(Wrong("ends in a non-text context: " + ToString(context())));
  }
  return std::move(text_);
}

Error HtmlOutput::Wrong(const std::string& what) const {
  return {Code::kInvalidArgument, "html/template:" + std::string(name_) + ": " + what};
}

}  // namespace watchfire::templates
