// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/opsgenie_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::inbound {
namespace {

constexpr std::array<std::string_view, 4> kTimes = {"createdat", "updatedat", "lastoccurredat",
                                                    "snoozeduntil"};
constexpr std::array<std::string_view, 25> kTexts = {"status",
                                                     "priority",
                                                     "acknowledged",
                                                     "isseen",
                                                     "snoozed",
                                                     "alias",
                                                     "message",
                                                     "description",
                                                     "entity",
                                                     "source",
                                                     "owner",
                                                     "tag",
                                                     "tags",
                                                     "team",
                                                     "teams",
                                                     "responder",
                                                     "responders",
                                                     "alertid",
                                                     "id",
                                                     "acknowledgedby",
                                                     "integration.name",
                                                     "integration.type",
                                                     "details.key",
                                                     "details.value",
                                                     "actions"};
constexpr std::string_view kDetail = "details.";

int64_t Millis(WallTime time) { return ToNanos(time) / 1'000'000; }

bool IsOneOf(std::string_view word, const auto& words) {
  return std::ranges::find(words, word) != words.end();
}

std::optional<int64_t> ParseNumber(const std::string& text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// What a number or a time in a search stands for: itself, or the first and the last instant of a
// day.
struct Range {
  int64_t first;
  int64_t last;
};

std::optional<Range> ParseCount(const std::string& text) {
  const auto number = ParseNumber(text);
  return number ? std::optional(Range{*number, *number}) : std::nullopt;
}

// Milliseconds since 1970, or a day with or without a time: dd-MM-yyyy and dd-MM-yyyyTHH:mm:ss as
// the vendor writes them, or as RFC 3339 does. UTC, unless an offset says otherwise.
std::optional<Range> ParseTimes(const std::string& text) {
  constexpr int64_t kDayMillis = 24 * 3600 * 1000;
  if (const auto millis = ParseNumber(text)) return Range{*millis, *millis};
  std::string time = text;
  if (text.size() >= 10 && text[2] == '-' && text[5] == '-') {
    time = text.substr(6, 4) + "-" + text.substr(3, 2) + "-" + text.substr(0, 2) + text.substr(10);
  }
  std::ranges::transform(time, time.begin(), [](char c) { return c == 't' ? 'T' : c; });
  std::ranges::transform(time, time.begin(), [](char c) { return c == 'z' ? 'Z' : c; });
  const bool is_day = time.size() == std::string_view("2026-01-01").size();
  const Result<WallTime> parsed = ParseTime(time);
  if (!parsed) return std::nullopt;
  const int64_t first = Millis(*parsed);
  return Range{first, is_day ? first + kDayMillis - 1 : first};
}

// Whether all of `have` is as `want` says, both in lower case; `*` stands for any letters.
bool IsLike(std::string_view have, std::string_view want) {
  size_t at = 0;
  size_t next = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (at < have.size()) {
    if (next < want.size() && want[next] == '*') {
      star = next++;
      resume = at;
    } else if (next < want.size() && want[next] == have[at]) {
      ++at;
      ++next;
    } else if (star != std::string_view::npos) {
      next = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (next < want.size() && want[next] == '*') ++next;
  return next == want.size();
}

// Whether a text for people holds it: anywhere; with a `*`, as the whole or as one of its words.
bool IsIn(const std::string& text, const std::string& op, const std::string& want) {
  const std::string have = ToLower(text);
  if (op == "=" || IsLike(have, want)) return IsLike(have, want);
  if (want.find('*') == std::string::npos) return have.find(want) != std::string::npos;
  for (const std::string_view word : Split(have, ' ')) {
    if (!word.empty() && IsLike(word, want)) return true;
  }
  return false;
}

bool IsAnyLike(const std::vector<std::string>& texts, const std::string& want) {
  return std::ranges::any_of(texts,
                             [&](const std::string& text) { return IsLike(ToLower(text), want); });
}

// "team:ops": by the name, or of teams only.
bool HasResponder(const OpsgenieAlert& alert, bool teams_only, const std::string& want) {
  return std::ranges::any_of(alert.responders, [&](const std::string& responder) {
    const size_t colon = responder.find(':');
    const bool has_type = colon != std::string::npos;
    if (teams_only && (!has_type || responder.substr(0, colon) != "team")) return false;
    return IsLike(ToLower(has_type ? responder.substr(colon + 1) : responder), want);
  });
}

bool HasDetail(const OpsgenieAlert& alert, const std::string& field, const std::string& op,
               const std::string& want) {
  return std::ranges::any_of(alert.details, [&](const labels::Label& detail) {
    if (field == "details.key") return IsLike(ToLower(detail.name), want);
    const bool is_named =
        field == "details.value" || field.substr(kDetail.size()) == ToLower(detail.name);
    return is_named && IsIn(std::string(detail.value), op, want);
  });
}

WallTime TimeOf(const OpsgenieAlert& alert, const std::string& field) {
  if (field == "createdat") return alert.created_at;
  return field == "snoozeduntil" ? alert.snoozed_until : alert.updated_at;
}

// What a field holds that is one text, in lower case.
std::string TextOf(const OpsgenieAlert& alert, const std::string& field) {
  const auto flag = [](bool is_set) { return std::string(is_set ? "true" : "false"); };
  if (field == "status") return alert.is_open ? "open" : "closed";
  if (field == "priority") return ToLower(alert.priority);
  if (field == "acknowledged" || field == "isseen") return flag(alert.is_acknowledged);
  if (field == "snoozed") return flag(alert.is_snoozed);
  if (field == "alias") return ToLower(alert.alias);
  if (field == "entity") return ToLower(alert.entity);
  if (field == "source") return ToLower(alert.source);
  if (field == "owner") return ToLower(alert.owner);
  if (field == "acknowledgedby") return ToLower(alert.acked_by);
  if (field == "integration.name") return "watchfire";
  return field == "integration.type" ? "api" : ToLower(alert.id);
}

// A word, or one of ( ) : = < > <= >= that no quotes hold.
struct Token {
  std::string text;
  bool is_quoted = false;

  bool Is(std::string_view sign) const { return !is_quoted && text == sign; }
  bool IsOperator() const {
    return Is(":") || Is("=") || Is("<") || Is(">") || Is("<=") || Is(">=");
  }
  bool IsJoint() const { return Is("AND") || Is("OR") || Is("NOT"); }
  bool IsWord() const { return !IsOperator() && !Is("(") && !Is(")"); }
};

Error Fault(const std::string& what) { return Error{Code::kInvalidArgument, what}; }

// An operator at `at` takes one sign or two.
size_t SignSize(std::string_view text, size_t at) {
  const bool compares = text[at] == '<' || text[at] == '>';
  return compares && at + 1 < text.size() && text[at + 1] == '=' ? 2 : 1;
}

Result<std::vector<Token>> TokensOf(std::string_view text) {
  std::vector<Token> tokens;
  Token token;
  const auto end = [&] {
    if (!token.text.empty() || token.is_quoted) tokens.push_back(std::exchange(token, {}));
  };
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    // A colon within a value is part of it: createdAt > 2026-01-01T10:00:00Z, entity: host:80.
    const bool is_value = !token.text.empty() && !tokens.empty() && tokens.back().IsOperator();
    if (c == '"') {
      const size_t close = text.find('"', at + 1);
      if (close == std::string_view::npos) return Fail(Fault("a quote is not closed"));
      token.text += text.substr(at + 1, close - at - 1);
      token.is_quoted = true;
      at = close + 1;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      end();
      ++at;
    } else if (c == '(' || c == ')' ||
               (!is_value && std::string_view(":=<>").find(c) != std::string_view::npos)) {
      end();
      const size_t size = SignSize(text, at);
      tokens.push_back({std::string(text.substr(at, size)), false});
      at += size;
    } else {
      token.text += c;
      ++at;
    }
    // Patterns cost their length times that of the text, in each of thousands of alerts.
    if (token.text.size() > OpsgenieQuery::kWordMax) {
      return Fail(
          Fault("a word of more than " + std::to_string(OpsgenieQuery::kWordMax) + " bytes"));
    }
    if (tokens.size() > OpsgenieQuery::kTokensMax) {
      return Fail(Fault("more than " + std::to_string(OpsgenieQuery::kTokensMax) + " words"));
    }
  }
  end();
  return tokens;
}

}  // namespace

// By descent: an or of ands of conditions.
class OpsgenieQueryParser {
 public:
  explicit OpsgenieQueryParser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<OpsgenieQuery> Parse() {
    if (tokens_.empty()) return std::move(query_);
    const Result<size_t> whole = Or({}, 0);
    if (!whole) return Fail(whole.error());
    if (at_ < tokens_.size()) {
      return Fail(Fault(GoQuote(tokens_[at_].text) + " closes nothing that was opened"));
    }
    return std::move(query_);
  }

 private:
  using Node = OpsgenieQuery::Node;
  // What stands before a parenthesis that holds values: `tag: (`.
  struct Context {
    std::string field;
    std::string op;
  };

  bool Next(std::string_view word) const { return at_ < tokens_.size() && tokens_[at_].Is(word); }

  size_t Add(Node node) {
    query_.nodes_.push_back(std::move(node));
    return query_.nodes_.size() - 1;
  }

  Result<size_t> Or(const Context& context, size_t depth) {
    if (depth > OpsgenieQuery::kDepthMax) return Fail(Fault("parentheses nest too deep"));
    Node node{Node::Kind::kOr, {}, {}};
    do {
      const Result<size_t> one = And(context, depth);
      if (!one) return one;
      node.below.push_back(*one);
    } while (Take("OR"));
    return node.below.size() == 1 ? node.below.front() : Add(std::move(node));
  }

  Result<size_t> And(const Context& context, size_t depth) {
    Node node{Node::Kind::kAnd, {}, {}};
    do {
      const Result<size_t> one = Not(context, depth);
      if (!one) return one;
      node.below.push_back(*one);
    } while (Take("AND") || (at_ < tokens_.size() && !Next("OR") && !Next(")")));
    return node.below.size() == 1 ? node.below.front() : Add(std::move(node));
  }

  Result<size_t> Not(const Context& context, size_t depth) {
    bool is_negated = false;
    while (Take("NOT")) is_negated = !is_negated;
    const Result<size_t> one = One(context, depth);
    if (!one || !is_negated) return one;
    return Add({Node::Kind::kNot, {}, {*one}});
  }

  Result<size_t> One(const Context& context, size_t depth) {
    if (Take("(")) return Inside(context, depth);
    if (at_ == tokens_.size()) return Fail(Fault("something is missing at its end"));
    const Token word = tokens_[at_];
    if (!word.IsWord() || word.IsJoint()) {
      return Fail(Fault(GoQuote(word.text) + " stands where a condition should"));
    }
    ++at_;
    const bool has_operator = at_ < tokens_.size() && tokens_[at_].IsOperator();
    if (!has_operator) return Condition(context.field, context.op, word.text);
    if (!context.field.empty()) {
      return Fail(Fault("the values of " + context.field + " cannot have fields of their own"));
    }
    const std::string op = tokens_[at_++].text;
    const std::string field = ToLower(word.text);
    if (Take("(")) return Inside({field, op}, depth);
    if (at_ == tokens_.size() || !tokens_[at_].IsWord() || tokens_[at_].IsJoint()) {
      return Fail(Fault(GoQuote(word.text + op) + " lacks its value"));
    }
    return Condition(field, op, tokens_[at_++].text);
  }

  Result<size_t> Inside(const Context& context, size_t depth) {
    const Result<size_t> inside = Or(context, depth + 1);
    if (!inside) return inside;
    if (!Take(")")) return Fail(Fault("a parenthesis is not closed"));
    return inside;
  }

  Result<size_t> Condition(const std::string& field, const std::string& op,
                           const std::string& value) {
    Node node{Node::Kind::kCondition, {field, op, ToLower(value), 0, 0}, {}};
    const bool is_time = IsOneOf(field, kTimes);
    const bool is_number = field == "count" || field == "tinyid";
    const bool is_text = field.empty() || IsOneOf(field, kTexts) ||
                         (field.starts_with(kDetail) && field.size() > kDetail.size());
    if (!is_time && !is_number && !is_text) {
      return Fail(Fault("no field is called " + GoQuote(field) +
                        ": known are status, priority, acknowledged, isSeen, snoozed, alias, "
                        "message, description, entity, source, owner, tag, teams, responders, "
                        "actions, details.key, details.value, alertId, tinyId, count, createdAt, "
                        "updatedAt, lastOccurredAt, snoozedUntil, acknowledgedBy, "
                        "integration.name, integration.type"));
    }
    if (is_text && !op.empty() && op != ":" && op != "=") {
      return Fail(Fault(field + " knows : and = only"));
    }
    if (is_text && value.empty()) return Fail(Fault("an empty value"));
    if (!is_text) {
      const auto wanted = is_time ? ParseTimes(node.condition.value) : ParseCount(value);
      if (!wanted) {
        return Fail(Fault(GoQuote(value) + (is_time ? " is no time: want milliseconds since 1970, "
                                                      "dd-MM-yyyy or dd-MM-yyyyTHH:mm:ssZ"
                                                    : " is no number")));
      }
      node.condition.first = wanted->first;
      node.condition.last = wanted->last;
    }
    return Add(std::move(node));
  }

  bool Take(std::string_view word) {
    if (!Next(word)) return false;
    ++at_;
    return true;
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  OpsgenieQuery query_;
};

Result<OpsgenieQuery> OpsgenieQuery::Parse(std::string_view text) {
  Result<std::vector<Token>> tokens = TokensOf(text);
  if (!tokens) return Fail(tokens.error());
  return OpsgenieQueryParser(*std::move(tokens)).Parse();
}

bool OpsgenieQuery::Matches(const OpsgenieAlert& alert) const {
  return nodes_.empty() || Holds(nodes_.size() - 1, alert);
}

bool OpsgenieQuery::Holds(size_t node, const OpsgenieAlert& alert) const {
  const Node& at = nodes_[node];
  const auto holds = [&](size_t below) { return Holds(below, alert); };
  switch (at.kind) {
    case Node::Kind::kAnd:
      return std::ranges::all_of(at.below, holds);
    case Node::Kind::kOr:
      return std::ranges::any_of(at.below, holds);
    case Node::Kind::kNot:
      return !Holds(at.below.front(), alert);
    case Node::Kind::kCondition:
      break;
  }
  return Fits(at.condition, alert);
}

// A day is over at its end only.
bool OpsgenieQuery::Compare(int64_t have, const Condition& want) {
  if (want.op == "<") return have < want.first;
  if (want.op == ">") return have > want.last;
  if (want.op == "<=") return have <= want.last;
  if (want.op == ">=") return have >= want.first;
  return have >= want.first && have <= want.last;
}

bool OpsgenieQuery::Fits(const Condition& condition, const OpsgenieAlert& alert) {
  const std::string& field = condition.field;
  const std::string& want = condition.value;
  if (field.empty()) {
    return IsIn(alert.message, "", want) || IsIn(alert.description, "", want);
  }
  if (field == "message") return IsIn(alert.message, condition.op, want);
  if (field == "description") return IsIn(alert.description, condition.op, want);
  if (field == "tag" || field == "tags") return IsAnyLike(alert.tags, want);
  if (field == "actions") return IsAnyLike(alert.actions, want);
  if (field == "team" || field == "teams") return HasResponder(alert, true, want);
  if (field == "responder" || field == "responders") return HasResponder(alert, false, want);
  if (field.starts_with(kDetail)) return HasDetail(alert, field, condition.op, want);
  if (field == "count") return Compare(1, condition);
  if (field == "tinyid") {
    return Compare(ParseNumber(alert.tiny_id).value_or(0), condition);
  }
  if (!IsOneOf(field, kTimes)) return IsLike(TextOf(alert, field), want);
  const WallTime time = TimeOf(alert, field);
  return time != kNoTime && Compare(Millis(time), condition);
}

}  // namespace watchfire::inbound
