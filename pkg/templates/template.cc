// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/template.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::templates {
namespace {

constexpr std::string_view kSpace = " \t\r\n";  // What trim markers eat.
constexpr size_t kQuotedRunes = 60;             // Of a construct in an error message.

bool IsSpace(char c) { return kSpace.find(c) != std::string_view::npos; }

std::string_view TrimLeft(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text;
}

std::string_view TrimRight(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

// One {{ … }} cut out of the text.
struct Action {
  std::string_view inside;  // Without delimiters, trim markers and outer spaces.
  bool comment = false;
  bool trim_before = false;
  bool trim_after = false;
  size_t length = 0;  // From "{{" to the end of "}}".
};

// Reads the action at the start of `text`. A marker counts only with a space on its inner side.
Result<Action> CutAction(std::string_view text) {
  Action action;
  std::string_view rest = text.substr(2);
  if (rest.size() >= 2 && rest[0] == '-' && IsSpace(rest[1])) {
    action.trim_before = true;
    rest.remove_prefix(2);
  }
  // A comment may hold "}}", so its end is searched from "*/".
  action.comment = rest.starts_with("/*");
  size_t from = 0;
  if (action.comment) {
    const size_t star = rest.find("*/");
    if (star == std::string_view::npos) return InvalidArgument("unclosed comment");
    from = star + 2;
  }
  const size_t end = rest.find("}}", from);
  if (end == std::string_view::npos) return InvalidArgument("unclosed action");
  const std::string_view gap = rest.substr(from, end - from);
  const bool marker = gap.size() == 2 && IsSpace(gap[0]) && gap[1] == '-';
  if (action.comment && !gap.empty() && !marker) {
    return InvalidArgument("comment ends before closing delimiter");
  }
  action.inside = rest.substr(0, end);
  action.length = static_cast<size_t>(rest.data() - text.data()) + end + 2;
  if (action.inside.size() >= 2 && action.inside.back() == '-' &&
      IsSpace(action.inside[action.inside.size() - 2])) {
    action.trim_after = true;
    action.inside.remove_suffix(1);
  }
  action.inside = TrimLeft(TrimRight(action.inside));
  return action;
}

tl::unexpected<Error> Unsupported(std::string_view action) {
  return InvalidArgument(GoQuote(TruncateRunes(RepairUtf8(action), kQuotedRunes)) +
                         " is not supported (supported: $labels.NAME, $value, .Labels.NAME, "
                         ".Value)");
}

}  // namespace

Result<Template::Piece> Template::ParseAction(std::string_view action) {
  if (action.empty()) return InvalidArgument("missing value for command");
  if (action == "$value" || action == ".Value") return Piece{Piece::Kind::kValue, ""};
  for (const std::string_view prefix : {"$labels.", ".Labels."}) {
    if (!action.starts_with(prefix)) continue;
    const std::string_view name = action.substr(prefix.size());
    if (!labels::IsClassicLabelName(name)) break;
    return Piece{Piece::Kind::kLabel, std::string(name)};
  }
  return Unsupported(action);
}

Result<Template> Template::Parse(std::string_view text) {
  Template result;
  const std::string_view whole = text;
  const auto fail = [whole](std::string_view at, const Error& error) {
    const auto before = whole.substr(0, static_cast<size_t>(at.data() - whole.data()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    return Fail(error.code, "line " + std::to_string(line) + ": " + error.message);
  };
  bool trim = false;  // The action before ended in a trim marker.
  while (!text.empty()) {
    const size_t open = std::min(text.find("{{"), text.size());
    std::string_view literal = text.substr(0, open);
    text.remove_prefix(open);
    std::optional<Action> action;
    if (!text.empty()) {
      const Result<Action> cut = CutAction(text);
      if (!cut) return fail(text, cut.error());
      action = *cut;
    }
    if (trim) literal = TrimLeft(literal);
    if (action && action->trim_before) literal = TrimRight(literal);
    if (!literal.empty()) result.pieces_.push_back({Piece::Kind::kText, std::string(literal)});
    if (!action) break;
    if (!action->comment) {
      Result<Piece> piece = ParseAction(action->inside);
      if (!piece) return fail(text, piece.error());
      result.pieces_.push_back(*std::move(piece));
    }
    trim = action->trim_after;
    text.remove_prefix(action->length);
  }
  return result;
}

Result<std::string> Template::Execute(const RuleData& data) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Piece::Kind::kText:
        out += piece.text;
        break;
      case Piece::Kind::kLabel:
        out += data.labels.Get(piece.text);
        break;
      case Piece::Kind::kValue:
        out += FormatGoFloat(data.value);
    }
    if (out.size() > limits::kTemplateOutputBytes) {
      return Fail(Code::kExhausted, "output is larger than " +
                                        std::to_string(limits::kTemplateOutputBytes) + " bytes");
    }
  }
  return out;
}

}  // namespace watchfire::templates
