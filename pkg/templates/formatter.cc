// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/formatter.h"

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

// The verbs that a String() method answers.
bool TakesText(char32_t verb) {
  return verb == 'v' || verb == 's' || verb == 'x' || verb == 'X' || verb == 'q';
}

// Rune by rune with only ASCII left as it is, as %+q shows text.
std::string QuoteToAscii(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    char32_t rune = 0;
    const size_t length = DecodeRune(text, &rune);
    std::string quoted = GoQuote(text.substr(0, length));
    if (rune >= 0x80 && quoted.find('\\') == std::string::npos) {
      static constexpr std::string_view kHex = "0123456789abcdef";
      quoted = rune < 0x10000 ? "\"\\u" : "\"\\U";
      for (int shift = rune < 0x10000 ? 12 : 28; shift >= 0; shift -= 4) {
        quoted += kHex[(rune >> shift) & 15];
      }
      quoted += "\"";
    }
    out.append(quoted, 1, quoted.size() - 2);
    text.remove_prefix(length);
  }
  return out + "\"";
}

// Can `text` stand between back quotes?
bool CanBackquote(std::string_view text) {
  while (!text.empty()) {
    char32_t rune = 0;
    const size_t length = DecodeRune(text, &rune);
    if (rune == 0xfeff || rune == '`' || rune == 0x7f || (rune < ' ' && rune != '\t')) return false;
    if (rune == kReplacementRune && length == 1) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

bool Formatter::full() const { return out_.size() > limits::kTemplateOutputBytes; }

void Formatter::Print(const Value& value, char32_t verb) {
  shown_ = &value;
  if (value.is_nil()) {
    if (verb == 'T' || verb == 'v') return Pad("<nil>");
    return BadVerb(verb);
  }
  if (verb == 'T') return Pad(Cut(value.type()));
  const Object* object = value.as_object();
  const bool pointer = object != nullptr && object->type().starts_with("*");
  if (pointer && object->Underlying().is_nil() && !object->String()) out_ += '&';
  PrintNested(value, verb, 0);
}

// A value with its String() method, if that is wanted.
void Formatter::PrintNested(const Value& value, char32_t verb, int depth) {
  if (full()) return;
  shown_ = &value;
  const Object* object = value.as_object();
  if (object == nullptr) return PrintPlain(value, value.type(), verb, depth);
  if (!in_error_ && !flags.sharp_v && TakesText(verb)) {
    if (const std::optional<std::string> text = object->String()) {
      return String(*text, verb);
    }
  }
  const Value base = value.Base();
  if (base.as_object() != nullptr) return PrintStruct(*object, verb, depth);
  PrintPlain(base, object->type(), verb, depth);
}

// `type` is the name that %#v shows: that of the object, if `value` is what underlies one.
void Formatter::PrintPlain(const Value& value, std::string_view type, char32_t verb, int depth) {
  if (const bool* truth = value.as_bool()) {
    Bool(*truth, verb);
  } else if (const int64_t* integer = value.as_int()) {
    Integer(*integer, value.int_type(), verb);
  } else if (const double* real = value.as_float()) {
    Float(*real, verb);
  } else if (const std::string_view* text = value.as_string()) {
    String(*text, verb);
  } else if (const List* list = value.as_list()) {
    PrintList(*list, type, verb, depth);
  } else if (const Map* map = value.as_map()) {
    PrintMap(*map, type, verb, depth);
  } else {
    out_ += flags.sharp_v ? "interface {}(nil)" : "<nil>";
  }
}

void Formatter::BadVerb(char32_t verb) {
  const Value& value = *shown_;
  out_ += "%!";
  AppendRune(verb, &out_);
  out_ += '(';
  if (value.is_nil()) {
    out_ += "<nil>";
  } else {
    out_.append(value.type()).append("=");
    in_error_ = true;
    PrintNested(value, 'v', 0);
    in_error_ = false;
  }
  out_ += ')';
}

void Formatter::Bool(bool truth, char32_t verb) {
  if (verb != 't' && verb != 'v') return BadVerb(verb);
  Pad(truth ? "true" : "false");
}

void Formatter::String(std::string_view text, char32_t verb) {
  switch (verb) {
    case 'v':
      return flags.sharp_v ? Quoted(text) : Pad(Cut(text));
    case 's':
      return Pad(Cut(text));
    case 'x':
    case 'X':
      return HexBytes(text, verb == 'X');
    case 'q':
      return Quoted(text);
    default:
      return BadVerb(verb);
  }
}

void Formatter::Quoted(std::string_view text) {
  text = Cut(text);
  if (flags.sharp && CanBackquote(text)) return Pad("`" + std::string(text) + "`");
  Pad(flags.plus ? QuoteToAscii(text) : GoQuote(text));
}

void Formatter::HexBytes(std::string_view text, bool upper) {
  const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  const std::string prefix = upper ? "0X" : "0x";
  if (flags.has_precision) text = text.substr(0, static_cast<size_t>(flags.precision));
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (flags.space && i > 0) out += ' ';
    if (flags.sharp && (i == 0 || flags.space)) out += prefix;
    const auto byte = static_cast<unsigned char>(text[i]);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  Pad(out);
}

void Formatter::Separate(size_t index) {
  if (index > 0) out_ += flags.sharp_v ? ", " : " ";
}

void Formatter::PrintList(const List& list, std::string_view type, char32_t verb, int depth) {
  if (flags.sharp_v) out_ += type;
  out_ += flags.sharp_v ? '{' : '[';
  for (size_t i = 0; i < list.items.size() && !full(); ++i) {
    Separate(i);
    PrintNested(list.items[i], verb, depth + 1);
  }
  out_ += flags.sharp_v ? '}' : ']';
}

void Formatter::PrintMap(const Map& map, std::string_view type, char32_t verb, int depth) {
  out_ += flags.sharp_v ? std::string(type) + "{" : "map[";
  for (size_t i = 0; i < map.entries.size() && !full(); ++i) {
    Separate(i);
    PrintNested(Value::View(map.entries[i].first), verb, depth + 1);
    out_ += ':';
    PrintNested(map.entries[i].second, verb, depth + 1);
  }
  out_ += flags.sharp_v ? '}' : ']';
}

void Formatter::PrintStruct(const Object& object, char32_t verb, int depth) {
  const std::string_view type = object.type();
  if (flags.sharp_v) out_ += type.substr(type.starts_with("*") ? 1 : 0);
  out_ += '{';
  const std::span<const Field> fields = object.fields();
  for (size_t i = 0; i < fields.size() && !full(); ++i) {
    Separate(i);
    if (flags.plus_v || flags.sharp_v) out_.append(fields[i].name).append(":");
    PrintNested(object.Get(i), verb, depth + 1);
  }
  out_ += '}';
}

// At most the precision's number of code points.
std::string_view Formatter::Cut(std::string_view text) const {
  if (!flags.has_precision) return text;
  size_t bytes = 0;
  char32_t rune = 0;
  for (int i = 0; i < flags.precision && bytes < text.size(); ++i) {
    bytes += DecodeRune(text.substr(bytes), &rune);
  }
  return text.substr(0, bytes);
}

void Formatter::Fill(int count) {
  if (count > 0) out_.append(static_cast<size_t>(count), flags.zero && !flags.minus ? '0' : ' ');
}

// Fills up to the width, with zeros if the flag says so and nothing stands behind the text.
void Formatter::Pad(std::string_view text) {
  int missing = 0;
  if (flags.has_width) {
    size_t runes = 0;
    char32_t rune = 0;
    for (std::string_view rest = text; !rest.empty(); ++runes) {
      rest.remove_prefix(DecodeRune(rest, &rune));
    }
    missing = flags.width - static_cast<int>(runes);
  }
  if (!flags.minus) Fill(missing);
  out_ += text;
  if (flags.minus) Fill(missing);
}

}  // namespace watchfire::templates
