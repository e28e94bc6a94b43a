// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/expression.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/scalar_place.h"
#include "pkg/config/section_impl.h"
#include "pkg/promql/parse.h"

namespace watchfire::config {
namespace {

// As far as the last thing written: an end that misses something is there, not on a next line.
size_t ToWritten(const Expression& expression, std::string_view written, size_t position) {
  size_t place = position;
  for (const Expression::Part& part : expression.parts) {
    if (part.text <= position) place = part.written + (position - part.text);
  }
  const size_t last = written.find_last_not_of(" \t\r\n");
  return std::min(place, last == std::string_view::npos ? 0 : last + 1);
}

std::string InWords(std::string_view written, size_t place) {
  const std::string_view before = written.substr(0, place);
  const auto line = 1 + std::ranges::count(before, '\n');
  const size_t column = place - (before.rfind('\n') + 1) + 1;
  if (written.find('\n') == std::string_view::npos) {
    return " at character " + std::to_string(column);
  }
  return " at line " + std::to_string(line) + ", character " + std::to_string(column) +
         " of the expression";
}

}  // namespace

std::optional<promql::ValueType> CheckExpression(Section& section, const std::string& key,
                                                 const Expression& expression,
                                                 bool speaks_metricsql) {
  const YamlNode* scalar = section.impl().Find(key);
  if (scalar == nullptr || scalar->kind != YamlNode::Kind::kScalar) return std::nullopt;
  const auto parsed = promql::TryParse(expression.text);
  if (parsed) return promql::TypeOf(**parsed);
  promql::Fault fault = parsed.error();
  const Source& source = section.impl().source;
  const size_t place = ToWritten(expression, scalar->text, fault.span.begin);
  const std::optional<Mark> exact = PlaceInScalar(source.text, *scalar, place);
  const Mark mark = exact.value_or(section.impl().At(key));
  const std::string message =
      key + ": " + fault.message + (exact ? "" : InWords(scalar->text, place));
  if (speaks_metricsql) {
    source.Warn(mark, message, "not PromQL; VictoriaMetrics may understand it");
  } else {
    source.Error(mark, message, std::move(fault.hint));
  }
  return std::nullopt;
}

bool HasSamples(promql::ValueType type) {
  return type == promql::ValueType::kVector || type == promql::ValueType::kScalar;
}

bool SpeaksMetricsql(const Config& config) {
  return !config.datasources.empty() && config.datasources.front().speaks_metricsql;
}

}  // namespace watchfire::config
