// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/format.h"

#include <algorithm>
#include <optional>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/templates/formatter.h"
#include "pkg/templates/function.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

constexpr int kMaxNumber = 1'000'000;  // Width and precision; more is taken for a mistake.
constexpr size_t kShownBytes = 1024;

Result<std::string> Bounded(std::string text) {
  if (text.size() > limits::kTemplateOutputBytes) return TooMuchOutput();
  return text;
}

bool IsText(const Value& value) { return value.Base().as_string() != nullptr; }

// One run over a format.
class Printf {
 public:
  Printf(std::string_view format, std::span<const Value> values)
      : format_(format), values_(values), formatter_(&out_) {}

  Result<std::string> Run() {
    while (position_ < format_.size() && !formatter_.full()) {
      const size_t percent = std::min(format_.find('%', position_), format_.size());
      out_ += format_.substr(position_, percent - position_);
      position_ = percent + 1;
      if (percent < format_.size()) Directive();
    }
    if (!reordered_ && next_ < values_.size()) Extra();
    return Bounded(std::move(out_));
  }

 private:
  bool At(char c) const { return position_ < format_.size() && format_[position_] == c; }

  // %[flags][index][width][.precision][index]verb
  void Directive() {
    FormatFlags& flags = formatter_.flags;
    flags = {};
    good_index_ = true;
    bool after_index = false;
    ReadFlags();
    ReadIndex(&after_index);
    if (At('*')) {
      ++position_;
      ReadStar(&flags.width, &flags.has_width, "%!(BADWIDTH)");
      if (flags.width < 0) {
        flags.width = -flags.width;
        flags.minus = true;
        flags.zero = false;
      }
      after_index = false;
    } else {
      flags.has_width = ReadNumber(&flags.width);
      if (after_index && flags.has_width) good_index_ = false;
    }
    if (At('.') && position_ + 1 < format_.size()) ReadPrecision(&after_index);
    if (!after_index) ReadIndex(&after_index);
    if (position_ >= format_.size()) {
      out_ += "%!(NOVERB)";
      return;
    }
    char32_t verb = 0;
    position_ += DecodeRune(format_.substr(position_), &verb);
    Verb(verb);
  }

  void Verb(char32_t verb) {
    FormatFlags& flags = formatter_.flags;
    if (verb == '%') {
      out_ += '%';
    } else if (!good_index_ || next_ >= values_.size()) {
      out_ += "%!";
      AppendRune(verb, &out_);
      out_ += good_index_ ? "(MISSING)" : "(BADINDEX)";
    } else {
      if (verb == 'v') {
        flags.sharp_v = std::exchange(flags.sharp, false);
        flags.plus_v = std::exchange(flags.plus, false);
      }
      formatter_.Print(values_[next_++], verb);
    }
  }

  void ReadFlags() {
    FormatFlags& flags = formatter_.flags;
    for (; position_ < format_.size(); ++position_) {
      switch (format_[position_]) {
        case '#':
          flags.sharp = true;
          break;
        case '0':
          flags.zero = true;
          break;
        case '+':
          flags.plus = true;
          break;
        case '-':
          flags.minus = true;
          break;
        case ' ':
          flags.space = true;
          break;
        default:
          return;
      }
    }
  }

  void ReadPrecision(bool* after_index) {
    FormatFlags& flags = formatter_.flags;
    ++position_;
    if (*after_index) good_index_ = false;
    ReadIndex(after_index);
    if (At('*')) {
      ++position_;
      ReadStar(&flags.precision, &flags.has_precision, "");
      if (flags.precision < 0) {
        flags.precision = 0;
        flags.has_precision = false;
      }
      if (!flags.has_precision) out_ += "%!(BADPREC)";
      *after_index = false;
    } else {
      ReadNumber(&flags.precision);
      flags.has_precision = true;
    }
  }

  // Digits at the cursor; a crazily long number eats the rest of the format.
  bool ReadNumber(int* number) {
    *number = 0;
    bool any = false;
    for (; position_ < format_.size(); ++position_, any = true) {
      const char c = format_[position_];
      if (c < '0' || c > '9') break;
      if (*number > kMaxNumber) {
        *number = 0;
        position_ = format_.size();
        return false;
      }
      *number = *number * 10 + (c - '0');
    }
    return any;
  }

  // Width or precision from an argument.
  void ReadStar(int* number, bool* present, const char* complaint) {
    *number = 0;
    *present = false;
    if (next_ < values_.size()) {
      const Value base = values_[next_++].Base();
      if (const int64_t* value = base.as_int()) {
        *present = *value <= kMaxNumber && *value >= -kMaxNumber;
        if (*present) *number = static_cast<int>(*value);
      }
    }
    if (!*present) out_ += complaint;
  }

  // [n]: the next operand is the n-th one.
  void ReadIndex(bool* found) {
    *found = false;
    if (!At('[')) return;
    reordered_ = true;
    const size_t close = format_.find(']', position_ + 1);
    if (format_.size() - position_ < 3 || close == std::string_view::npos) {
      good_index_ = false;
      ++position_;
      return;
    }
    const size_t start = position_ + 1;
    position_ = start;
    int number = 0;
    const bool any = ReadNumber(&number);
    const bool good = any && position_ == close;
    position_ = close + 1;
    *found = good;
    if (good && number >= 1 && static_cast<size_t>(number) <= values_.size()) {
      next_ = static_cast<size_t>(number) - 1;
      return;
    }
    good_index_ = false;
  }

  void Extra() {
    formatter_.flags = {};
    out_ += "%!(EXTRA ";
    for (size_t i = next_; i < values_.size() && !formatter_.full(); ++i) {
      if (i > next_) out_ += ", ";
      if (values_[i].is_nil()) {
        out_ += "<nil>";
      } else {
        out_.append(values_[i].type()).append("=");
        formatter_.Print(values_[i], 'v');
      }
    }
    out_ += ')';
  }

  const std::string_view format_;
  const std::span<const Value> values_;
  std::string out_;
  Formatter formatter_;
  size_t position_ = 0;
  size_t next_ = 0;  // Operand.
  bool good_index_ = true;
  bool reordered_ = false;
};

}  // namespace

Result<std::string> Sprint(std::span<const Value> values) {
  std::string out;
  Formatter formatter(&out);
  bool before = true;
  for (size_t i = 0; i < values.size() && !formatter.full(); ++i) {
    const bool text = IsText(values[i]);
    if (i > 0 && !text && !before) out += ' ';
    formatter.Print(values[i], 'v');
    before = text;
  }
  return Bounded(std::move(out));
}

Result<std::string> Sprintln(std::span<const Value> values) {
  std::string out;
  Formatter formatter(&out);
  for (size_t i = 0; i < values.size() && !formatter.full(); ++i) {
    if (i > 0) out += ' ';
    formatter.Print(values[i], 'v');
  }
  return Bounded(std::move(out) + "\n");
}

Result<std::string> Sprintf(std::string_view format, std::span<const Value> values) {
  return Printf(format, values).Run();
}

Status AppendPrinted(const Value& value, std::string* out) {
  if (const std::string_view* text = value.as_string()) {
    *out += *text;
  } else if (value.is_nil()) {
    *out += "<no value>";
  } else {
    const size_t before = out->size();
    Formatter formatter(out);
    formatter.Print(value, 'v');
    // An action prints what a pointer points at.
    if (value.type().starts_with("*") && (*out)[before] == '&') out->erase(before, 1);
  }
  if (out->size() > limits::kTemplateOutputBytes) return TooMuchOutput();
  return {};
}

std::string Shown(const Value& value) {
  std::string out;
  if (!AppendPrinted(value, &out)) return "a long value";
  return TruncateRunes(RepairUtf8(out), kShownBytes);
}

}  // namespace watchfire::templates
