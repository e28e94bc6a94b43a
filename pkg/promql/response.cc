// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/response.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::promql {
namespace {

using simdjson::dom::element;

constexpr size_t kQuotedRunes = 200;  // Of a foreign body in an error message.
constexpr size_t kReasonBegin = 240;  // Bytes of what a backend says is wrong.
constexpr size_t kReasonEnd = 300;
constexpr double kMillisMax = 9223372036854.0;  // What a WallTime can hold: the year 2262.

std::string Excerpt(std::string_view text) {
  // Four bytes hold any code point, so the cut loses nothing that would have been shown.
  return TruncateRunes(RepairUtf8(text.substr(0, 4 * kQuotedRunes)), kQuotedRunes);
}

bool IsWithinRune(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Why something failed: both ends of it where it is long. Thanos names the store first, the stores
// behind it then, each with all its labels, and what is wrong last; Mimir names the limit and its
// own word for it first, and what to do about it at length.
std::string Reason(std::string_view text) {
  if (text.size() <= kReasonBegin + kReasonEnd) return RepairUtf8(text);
  size_t begin = kReasonBegin;
  while (begin > 0 && IsWithinRune(text[begin])) --begin;
  size_t end = text.size() - kReasonEnd;
  while (end < text.size() && IsWithinRune(text[end])) ++end;
  return RepairUtf8(text.substr(0, begin)) + "\u2026" + RepairUtf8(text.substr(end));
}

tl::unexpected<Error> NotAnAnswer(int http_status, std::string_view body) {
  return Fail(Code::kUnavailable, "not an answer of the query API (HTTP " +
                                      std::to_string(http_status) + "): " + GoQuote(Excerpt(body)));
}

bool Has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

// Whether an error of the engine is one of what the samples are read from: a store of Thanos or an
// ingester of Mimir that is down, a remote read. Limits on what is read have the same beginning.
bool IsOfStorage(std::string_view error) {
  return error.starts_with("expanding series: ") && !Has(error, "limit") &&
         !Has(error, "exceeded") && !Has(error, "err-mimir-");
}

// Repeating helps unless the query itself is at fault, which Prometheus says with a 4xx.
Code CodeOf(int http_status, std::string_view error_type, std::string_view error) {
  // VictoriaMetrics answers 422 to everything, queries that took too long among it.
  const bool is_deadline = error.starts_with("expanding series: ") &&
                           (Has(error, "deadline exceeded") || Has(error, "DeadlineExceeded"));
  const bool late = error_type == "timeout" || http_status == 504 || is_deadline ||
                    (error_type == "422" && Has(error, "timeout exceeded"));
  if (late) return Code::kTimeout;
  const bool transient =
      http_status == 408 || http_status == 429 || http_status == 499 || IsOfStorage(error);
  const bool refused = http_status >= 400 && http_status < 500 && !transient;
  return refused ? Code::kInvalidArgument : Code::kUnavailable;
}

std::string_view TextOr(const simdjson::simdjson_result<element>& value,
                        std::string_view otherwise) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? text : otherwise;
}

// Reads "12.5", "1e+06", "+Inf", "NaN" (names in any case: backends differ).
std::optional<double> ParseValue(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Which bounds belong to a bucket, as the API numbers that.
enum class Within : int64_t { kUpper = 0, kLower = 1, kNone = 2, kBoth = 3 };

// Whether a bucket can only be a custom one: the others include the bound that is further from
// zero, and the zero bucket both.
bool IsCustom(Within within, const Histogram::Bucket& bucket) {
  if (within == Within::kBoth) return bucket.lower != -bucket.upper;
  return within == Within::kUpper && bucket.lower < 0;
}

// The number that a text says. Throws simdjson_error if it is no text, or says none.
double ReadNumber(const simdjson::simdjson_result<element>& json) {
  const std::optional<double> value = ParseValue(std::string_view(json));
  if (!value) throw simdjson::simdjson_error(simdjson::NUMBER_ERROR);
  return *value;
}

// {"count": "3", "sum": "4.5", "buckets": [[which bounds are within, "1", "2", "3"], …]}; without
// buckets if all are empty. Throws simdjson_error if it is malformed.
Histogram ReadHistogram(element json) {
  Histogram histogram;
  const auto count = json["count"];
  const auto sum = json["sum"];
  if (count.error() != simdjson::NO_SUCH_FIELD) histogram.count = ReadNumber(count);
  if (sum.error() != simdjson::NO_SUCH_FIELD) histogram.sum = ReadNumber(sum);
  const auto buckets = json["buckets"];
  if (buckets.error() == simdjson::NO_SUCH_FIELD) return histogram;
  bool is_custom = false;
  for (const element item : simdjson::dom::array(buckets)) {
    const auto within = static_cast<Within>(int64_t(item.at(0)));
    histogram.buckets.push_back(
        {ReadNumber(item.at(1)), ReadNumber(item.at(2)), ReadNumber(item.at(3))});
    is_custom |= IsCustom(within, histogram.buckets.back());
  }
  if (is_custom) histogram.custom_values = FiniteBounds(histogram);
  return histogram;
}

// [unix seconds, "value"]. Milliseconds are exact: today's fit a double with bits to spare.
std::optional<Sample> ReadPoint(element point, labels::LabelSet labels, bool histogram) {
  const double millis = std::round(double(point.at(0)) * 1e3);
  if (!(std::abs(millis) <= kMillisMax)) return std::nullopt;
  const auto at = WallTime(std::chrono::milliseconds(static_cast<int64_t>(millis)));
  if (histogram) {
    auto read = std::make_shared<const Histogram>(ReadHistogram(point.at(1)));
    return Sample{std::move(labels), at, 0, std::move(read)};
  }
  const std::optional<double> value = ParseValue(std::string_view(point.at(1)));
  if (!value) return std::nullopt;
  return Sample{std::move(labels), at, *value};
}

labels::LabelSet ReadMetric(element metric) {
  labels::LabelSet::Pairs pairs;
  for (const auto field : simdjson::dom::object(metric)) {
    pairs.emplace_back(field.key, std::string_view(field.value));
  }
  return labels::LabelSet(std::move(pairs));
}

// nullopt: the vector is malformed.
std::optional<Vector> ReadVector(simdjson::dom::array items) {
  Vector out;
  out.reserve(items.size());
  for (const element item : items) {
    element point;
    const bool histogram = item["value"].get(point) == simdjson::NO_SUCH_FIELD;
    if (histogram) point = item["histogram"];
    std::optional<Sample> sample = ReadPoint(point, ReadMetric(item["metric"]), histogram);
    if (!sample) return std::nullopt;
    out.push_back(*std::move(sample));
  }
  return out;
}

// Samples of a range, those that are histograms left out: they count no events. Errors: kExhausted.
// An empty result: the matrix is malformed.
Result<std::optional<Vector>> ReadMatrix(simdjson::dom::array items) {
  Vector out;
  for (const element item : items) {
    simdjson::dom::array points;
    const simdjson::error_code missing = item["values"].get(points);
    if (missing == simdjson::NO_SUCH_FIELD) continue;
    if (missing != simdjson::SUCCESS) return std::nullopt;
    const labels::LabelSet labels = ReadMetric(item["metric"]);
    if (out.size() + points.size() > limits::kQuerySamples) {
      return Fail(Code::kExhausted,
                  "the result has more than " + std::to_string(limits::kQuerySamples) + " samples");
    }
    for (const element point : points) {
      std::optional<Sample> sample = ReadPoint(point, labels, false);
      if (!sample) return std::nullopt;
      out.push_back(*std::move(sample));
    }
  }
  return out;
}

// Whether nothing is missing of a result. A limit of a store is the query's fault, as where an
// engine has limits: Thanos says it in a warning, "limit 5000 violated (got 5338)".
Status ReadWarnings(element root) {
  simdjson::dom::array warnings;
  if (root["warnings"].get(warnings) != simdjson::SUCCESS) return {};
  Status whole;
  for (const element warning : warnings) {
    std::string_view text;
    if (warning.get(text) != simdjson::SUCCESS) text = "";
    // Remarks of the engine about the expression: the result is whole.
    if (text.starts_with("PromQL warning:") || text.starts_with("PromQL info:")) continue;
    const bool is_limit = Has(text, " violated (got ");
    whole = Fail(is_limit ? Code::kInvalidArgument : Code::kUnavailable,
                 "partial result: " + Reason(text));
    if (!is_limit) break;  // Others may pass, and are what counts.
  }
  return whole;
}

// Throws simdjson_error when the document does not have the shape of the API.
Result<Vector> Read(element root, int http_status, std::string_view body, bool is_range) {
  const std::string_view status = root["status"];
  if (status == "error") {
    const std::string_view type = TextOr(root["errorType"], "error");
    const std::string_view error = TextOr(root["error"], "no reason given");
    return Fail(CodeOf(http_status, type, error), Excerpt(type) + ": " + Reason(error));
  }
  if (status != "success" || http_status / 100 != 2) return NotAnAnswer(http_status, body);

  if (Status whole = ReadWarnings(root); !whole) return Fail(std::move(whole.error()));
  bool partial = false;
  if (root["isPartial"].get(partial) == simdjson::SUCCESS && partial) {
    return Fail(Code::kUnavailable, "partial result");
  }

  const element result = root["data"]["result"];
  const std::string_view type = root["data"]["resultType"];
  std::optional<Vector> vector;
  if (is_range != (type == "matrix")) {
    return InvalidArgument("the result is a " + Excerpt(type) + ", not a " +
                           (is_range ? "matrix" : "vector or scalar"));
  }
  if (type == "scalar") {
    std::optional<Sample> sample = ReadPoint(result, {}, false);
    if (sample) vector.emplace({*std::move(sample)});
  } else if (type == "vector" || type == "matrix") {
    const simdjson::dom::array items = result;
    if (items.size() > limits::kQuerySeries) {
      return Fail(Code::kExhausted,
                  "the result has more than " + std::to_string(limits::kQuerySeries) + " series");
    }
    if (is_range) {
      Result<std::optional<Vector>> matrix = ReadMatrix(items);
      if (!matrix) return Fail(std::move(matrix.error()));
      vector = *std::move(matrix);
    } else {
      vector = ReadVector(items);
    }
  } else {
    return InvalidArgument("the result is a " + Excerpt(type) + ", not a vector or scalar");
  }
  if (!vector) return NotAnAnswer(http_status, body);
  return *std::move(vector);
}

Result<Vector> Decode(int http_status, std::string_view body, bool is_range) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(body);
    return Read(parser.parse(padded), http_status, body, is_range);
  } catch (const simdjson::simdjson_error&) {
    return NotAnAnswer(http_status, body);
  }
}

}  // namespace

Result<Vector> DecodeInstant(int http_status, std::string_view body) {
  return Decode(http_status, body, /*is_range=*/false);
}

Result<Vector> DecodeRange(int http_status, std::string_view body) {
  return Decode(http_status, body, /*is_range=*/true);
}

std::string FormatValue(double value) { return FormatGoFloat(value); }

std::string FormatValueExponent(double value) {
  if (!std::isfinite(value)) return FormatGoFloat(value);
  std::array<char, 32> buffer{};
  char* const end = buffer.data() + buffer.size();
  return {buffer.data(),
          std::to_chars(buffer.data(), end, value, std::chars_format::scientific).ptr};
}

}  // namespace watchfire::promql
