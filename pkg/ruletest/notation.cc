// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/ruletest/notation.h"

#include <algorithm>
#include <string>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/rules/series.h"
#include "pkg/ruletest/notation_reader.h"

namespace watchfire::ruletest {
namespace {

using Values = std::vector<std::optional<Noted>>;

Status TooMany() {
  return Fail(Code::kExhausted, "more than " + std::to_string(limits::kNotatedValues) + " values");
}

bool HasRoom(const Values& out, size_t count) {
  return count <= limits::kNotatedValues - std::min(out.size(), limits::kNotatedValues);
}

// Adds `count` values, each by `step` more than the one before.
Status Repeat(std::optional<double> first, double step, size_t count, Values* out) {
  if (!HasRoom(*out, count)) return TooMany();
  // Added up, not multiplied, as promtool does.
  for (; count > 0; --count) {
    out->push_back(first ? std::optional(Noted{*first}) : std::nullopt);
    if (first) *first += step;
  }
  return {};
}

// `{{…}}`, `{{…}}x3`, `{{…}}+{{…}}x3`.
Status ReadHistograms(Reader* reader, Values* out) {
  Result<Buckets> first = TakeHistogram(reader);
  if (!first) return Fail(std::move(first.error()));
  const double sign = reader->Take('+') ? 1 : reader->Take('-') ? -1 : 0;
  Buckets step;
  if (sign != 0) {
    Result<Buckets> read = TakeHistogram(reader);
    if (!read) return Fail(std::move(read.error()));
    step = *std::move(read);
    if (step.schema != first->schema || step.custom_values != first->custom_values) {
      return reader->Error("what is added must have the same schema");
    }
  }
  size_t count = 1;
  if (reader->Take('x')) {
    const Result<size_t> more = reader->TakeCount();
    if (!more) return Fail(more.error());
    if (!HasRoom(*out, *more)) return TooMany();
    count = *more + 1;
  } else if (sign != 0) {
    return reader->Error("expected x and how often, found " + reader->Found());
  }
  // Each has all of the buckets.
  const size_t weight = 1 + first->positive.size() + first->negative.size() + step.positive.size() +
                        step.negative.size();
  if (count > limits::kNotatedValues / weight || !HasRoom(*out, count)) return TooMany();
  for (; count > 0; --count) {
    out->push_back(Noted{0, std::make_shared<const promql::Histogram>(first->ToHistogram())});
    first->Add(step, sign);
  }
  return {};
}

Status ReadItem(Reader* reader, Values* out) {
  if (reader->Take('_')) {
    if (!reader->Take('x')) return Repeat(std::nullopt, 0, 1, out);
    const Result<size_t> count = reader->TakeCount();
    if (!count) return Fail(count.error());
    return Repeat(std::nullopt, 0, *count, out);
  }
  if (reader->Take("stale")) return Repeat(rules::StaleMarker(), 0, 1, out);
  if (reader->peek() == '{') return ReadHistograms(reader, out);
  const Result<double> first = reader->TakeNumber();
  if (!first) return Fail(first.error());
  Result<double> step = 0;
  const bool steps = reader->peek() == '+' || reader->peek() == '-';
  if (steps) step = reader->TakeNumber();
  if (!step) return Fail(step.error());
  if (!reader->Take('x')) {
    if (steps) return reader->Error("expected x and how often, found " + reader->Found());
    return Repeat(*first, 0, 1, out);
  }
  const Result<size_t> count = reader->TakeCount();
  if (!count) return Fail(count.error());
  return Repeat(*first, *step, *count + 1, out);
}

// One thing between the braces: name="value", or the metric's name in quotes.
Status ReadLabel(Reader* reader, labels::LabelSet::Pairs* pairs) {
  std::string name = reader->TakeName();
  const bool quoted = name.empty();
  if (quoted) {
    Result<std::string> text = reader->TakeQuoted();
    if (!text) return Fail(std::move(text.error()));
    name = *std::move(text);
  }
  reader->SkipSpace();
  std::string value;
  if (reader->Take('=')) {
    reader->SkipSpace();
    Result<std::string> text = reader->TakeQuoted();
    if (!text) return Fail(std::move(text.error()));
    value = *std::move(text);
  } else if (quoted) {
    value = std::exchange(name, "__name__");
  } else {
    return reader->Error("expected =, found " + reader->Found());
  }
  if (name.empty()) return reader->Error("a label needs a name");
  for (const auto& [known, text] : *pairs) {
    if (known == name) return reader->Error("label " + GoQuote(name) + " is given twice");
  }
  pairs->emplace_back(std::move(name), std::move(value));
  return {};
}

}  // namespace

Result<labels::LabelSet> ParseMetric(std::string_view text) {
  Reader reader(text);
  reader.SkipSpace();
  labels::LabelSet::Pairs pairs;
  std::string name = reader.TakeName();
  reader.SkipSpace();
  if (name.empty() && reader.peek() != '{') {
    return reader.Error("expected a metric's name or {, found " + reader.Found());
  }
  if (!name.empty()) pairs.emplace_back("__name__", std::move(name));
  if (reader.Take('{')) {
    for (reader.SkipSpace(); !reader.Take('}'); reader.SkipSpace()) {
      WF_RETURN_IF_ERROR(ReadLabel(&reader, &pairs));
      reader.SkipSpace();
      if (!reader.Take(',') && reader.peek() != '}') {
        return reader.Error("expected , or }, found " + reader.Found());
      }
    }
    reader.SkipSpace();
  }
  if (!reader.done()) return reader.Error("expected nothing more, found " + reader.Found());
  return labels::LabelSet(std::move(pairs));
}

Result<promql::Histogram> ParseHistogram(std::string_view text) {
  Reader reader(text);
  reader.SkipSpace();
  const Result<Buckets> read = TakeHistogram(&reader);
  if (!read) return Fail(read.error());
  reader.SkipSpace();
  if (!reader.done()) return reader.Error("expected nothing more, found " + reader.Found());
  return read->ToHistogram();
}

Result<Values> ParseValues(std::string_view text) {
  Reader reader(text);
  Values out;
  for (reader.SkipSpace(); !reader.done(); reader.SkipSpace()) {
    WF_RETURN_IF_ERROR(ReadItem(&reader, &out));
    if (!reader.done() && !IsSpace(reader.peek())) {
      return reader.Error("expected a space, found " + reader.Found());
    }
  }
  return out;
}

}  // namespace watchfire::ruletest
