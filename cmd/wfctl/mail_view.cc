// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/mail_view.h"

#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

constexpr std::string_view kBlankLine = "\r\n\r\n";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Decodes =XX and, at the end of a line, =; with `is_word` also _ for a blank.
std::string Unquote(std::string_view text, bool is_word) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (is_word && c == '_') {
      out += ' ';
    } else if (c != '=') {
      out += c;
    } else if (text.substr(i + 1, 2) == "\r\n") {
      i += 2;
    } else if (i + 2 < text.size() && HexValue(text[i + 1]) >= 0 && HexValue(text[i + 2]) >= 0) {
      out += static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
      i += 2;
    } else {
      out += c;
    }
  }
  return out;
}

// Words like =?utf-8?q?…?=, and no blank between two of them.
std::string DecodeWords(std::string_view value) {
  constexpr std::string_view kBegin = "=?utf-8?q?";
  std::string out;
  bool after_word = false;
  while (!value.empty()) {
    const size_t begin = value.find(kBegin);
    const size_t end =
        begin == std::string_view::npos ? begin : value.find("?=", begin + kBegin.size());
    if (end == std::string_view::npos) break;
    const std::string_view before = value.substr(0, begin);
    if (!after_word || !Trim(before).empty()) out += before;
    out += Unquote(value.substr(begin + kBegin.size(), end - begin - kBegin.size()), true);
    value.remove_prefix(end + 2);
    after_word = true;
  }
  return out.append(value);
}

std::vector<net::Header> ReadHeaders(std::string_view block) {
  std::vector<net::Header> headers;
  for (std::string_view line : Split(block, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!headers.empty() && (line.starts_with(' ') || line.starts_with('\t'))) {
      headers.back().value += line;
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    headers.push_back(
        {std::string(line.substr(0, colon)), std::string(Trim(line.substr(colon + 1)))});
  }
  for (net::Header& header : headers) header.value = DecodeWords(header.value);
  return headers;
}

MailPart ReadPart(std::string_view part) {
  const size_t blank = part.find(kBlankLine);
  if (blank == std::string_view::npos) return {"", std::string(part)};
  const std::vector<net::Header> headers = ReadHeaders(part.substr(0, blank));
  std::string_view text = part.substr(blank + kBlankLine.size());
  if (text.ends_with("\r\n")) text.remove_suffix(2);  // The boundary's own.
  const bool is_quoted =
      net::FindHeader(headers, "Content-Transfer-Encoding") == "quoted-printable";
  return {std::string(net::FindHeader(headers, "Content-Type")),
          is_quoted ? Unquote(text, false) : std::string(text)};
}

}  // namespace

MailView ViewMail(const std::string& message) {
  MailView view;
  const size_t blank = message.find(kBlankLine);
  view.headers = ReadHeaders(std::string_view(message).substr(0, blank));
  if (blank == std::string::npos) return view;
  std::string_view body = std::string_view(message).substr(blank + kBlankLine.size());
  const std::string type(net::FindHeader(view.headers, "Content-Type"));
  const size_t boundary = type.find("boundary=\"");
  if (boundary == std::string::npos) {
    view.parts.push_back({type, std::string(body)});
    return view;
  }
  const size_t start = boundary + 10;
  const std::string mark = "--" + type.substr(start, type.find('"', start) - start);
  for (size_t at = body.find(mark); at != std::string_view::npos;) {
    const size_t begin = at + mark.size();
    if (body.substr(begin, 2) == "--") break;
    const size_t end = body.find(mark, begin);
    view.parts.push_back(ReadPart(body.substr(begin + 2, end - begin - 2)));
    at = end;
  }
  return view;
}

}  // namespace watchfire::wfctl
