// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/framer.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::net {
namespace {

constexpr size_t kRequestLineBytes = 8190;  // httplib 0.11.4 refuses 8,193 and more.
constexpr size_t kChunkLineBytes = 1024;    // A chunk size with its extensions.
constexpr size_t kReserveBytes = size_t{64} * 1024;
// Whoever parses JSON looks so far past its end, or else has to copy it; what comes in pieces or is
// larger than kReserveBytes has such room mostly, but need not.
constexpr size_t kPastEnd = 64;

// RFC 9110 section 5.6.2.
bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

}  // namespace

size_t Framer::Feed(std::string_view bytes) {
  size_t used = 0;
  while (used < bytes.size() && part_ != Part::kComplete && part_ != Part::kRefused) {
    const std::string_view rest = bytes.substr(used);
    const bool data = part_ == Part::kBody || part_ == Part::kChunkData;
    used += data ? FeedData(rest) : FeedLine(rest);
  }
  return used;
}

size_t Framer::FeedLine(std::string_view bytes) {
  const size_t end = bytes.find('\n');
  const size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
  line_.append(bytes.substr(0, taken));
  if (part_ == Part::kChunkSize || part_ == Part::kChunkEnd) {
    if (line_.size() > kChunkLineBytes) Refuse(400, "chunk size line too long");
  } else {
    head_bytes_ += taken;
    if (part_ == Part::kRequestLine && line_.size() > kRequestLineBytes + 2) {
      Refuse(414, "request line longer than " + std::to_string(kRequestLineBytes) + " bytes");
    } else if (head_bytes_ > limits::kHeaderBytes) {
      Refuse(431, "headers larger than " + std::to_string(limits::kHeaderBytes) + " bytes");
    }
  }
  // Anything but HTTP (a TLS hello, say) is told so at once instead of being waited for.
  if (part_ == Part::kRequestLine && line_[0] != '\r' && line_[0] != '\n' &&
      !IsTokenChar(line_[0])) {
    Refuse(400, "not an HTTP request");
  }
  if (end == std::string_view::npos || part_ == Part::kRefused) return taken;
  if (line_.size() < 2 || line_[line_.size() - 2] != '\r') {
    Refuse(400, "line does not end in CR LF");
    return taken;
  }
  line_.resize(line_.size() - 2);
  OnLine();
  line_.clear();
  return taken;
}

size_t Framer::FeedData(std::string_view bytes) {
  const size_t taken = static_cast<size_t>(std::min<uint64_t>(bytes.size(), missing_));
  framed_.body.append(bytes.substr(0, taken));
  missing_ -= taken;
  if (missing_ == 0) part_ = part_ == Part::kBody ? Part::kComplete : Part::kChunkEnd;
  return taken;
}

void Framer::OnLine() {
  switch (part_) {
    case Part::kRequestLine:
      if (!line_.empty()) OnRequestLine();
      return;
    case Part::kHeader:
      return line_.empty() ? OnHeadEnd() : OnHeader();
    case Part::kChunkSize:
      return OnChunkSize();
    case Part::kChunkEnd:
      if (!line_.empty()) return Refuse(400, "chunk longer than its size");
      part_ = Part::kChunkSize;
      return;
    case Part::kTrailer:
      if (line_.empty()) part_ = Part::kComplete;
      return;
    default:
      return;
  }
}

// Only the version is needed here; httplib judges the rest.
void Framer::OnRequestLine() {
  if (std::any_of(line_.begin(), line_.end(), IsControl)) {
    return Refuse(400, "control character in request line");
  }
  const size_t space = line_.rfind(' ');
  const std::string_view version =
      space == std::string::npos ? std::string_view() : std::string_view(line_).substr(space + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return version.substr(0, 5) == "HTTP/" ? Refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken")
                                           : Refuse(400, "malformed request line");
  }
  http10_ = version == "HTTP/1.0";
  framed_.request_line = std::move(line_);
  part_ = Part::kHeader;
}

void Framer::OnHeader() {
  const size_t colon = line_.find(':');
  const std::string_view name = std::string_view(line_).substr(0, colon);
  if (colon == std::string::npos || name.empty() ||
      !std::all_of(name.begin(), name.end(), IsTokenChar)) {
    return Refuse(400, "malformed header line");
  }
  if (std::any_of(line_.begin(), line_.end(), [](char c) { return IsControl(c) && c != '\t'; })) {
    return Refuse(400, "control character in a header");
  }
  const std::string_view value = Trim(std::string_view(line_).substr(colon + 1));
  framed_.headers.push_back({std::string(name), std::string(value)});
  OnFramingHeader(framed_.headers.back());
}

void Framer::OnFramingHeader(const Header& header) {
  if (SameHeaderName(header.name, "Content-Length")) return OnLength(header.value);
  const std::string value = ToLower(header.value);
  if (SameHeaderName(header.name, "Transfer-Encoding")) {
    if (value != "chunked" || chunked_) return Refuse(501, "transfer coding not supported");
    chunked_ = true;
  } else if (SameHeaderName(header.name, "Expect")) {
    if (value != "100-continue") return Refuse(417, "expectation not supported");
    expects_continue_ = true;
  } else if (SameHeaderName(header.name, "Connection")) {
    for (std::string_view option : Split(value, ',')) {
      option = Trim(option);
      if (option == "close") framed_.close = true;
      if (option == "keep-alive") keep_alive_ = true;
    }
  } else if (SameHeaderName(header.name, "Host")) {
    if (has_host_) return Refuse(400, "more than one Host header");
    has_host_ = true;
  }
}

void Framer::OnLength(const std::string& value) {
  uint64_t length = 0;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, length);
  if (value.empty() || stop != end || error != std::errc() || length_.value_or(length) != length) {
    return Refuse(400, "malformed Content-Length");
  }
  length_ = length;
}

void Framer::OnHeadEnd() {
  if (!http10_ && !has_host_) return Refuse(400, "missing Host header");
  if (chunked_ && (length_ || http10_)) return Refuse(400, "two opinions on the body's length");
  if (length_.value_or(0) > limits::kBodyBytes) {
    return Refuse(413, "body larger than " + std::to_string(limits::kBodyBytes) + " bytes");
  }
  framed_.close = framed_.close || (http10_ && !keep_alive_);
  if (chunked_) {
    part_ = Part::kChunkSize;
  } else if (length_.value_or(0) > 0) {
    missing_ = *length_;
    // A promise of bytes is not bytes: beyond this the buffer grows with what really comes.
    framed_.body.reserve(std::min<size_t>(missing_, kReserveBytes) + kPastEnd);
    part_ = Part::kBody;
  } else {
    part_ = Part::kComplete;
  }
}

void Framer::OnChunkSize() {
  const std::string_view digits = Trim(std::string_view(line_).substr(0, line_.find(';')));
  uint64_t size = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, size, 16);
  if (digits.empty() || stop != end || error != std::errc()) {
    return Refuse(400, "malformed chunk size");
  }
  if (size > limits::kBodyBytes - framed_.body.size()) {
    return Refuse(413, "body larger than " + std::to_string(limits::kBodyBytes) + " bytes");
  }
  missing_ = size;
  part_ = size == 0 ? Part::kTrailer : Part::kChunkData;
}

void Framer::Refuse(int status, std::string message) {
  if (part_ == Part::kRefused) return;
  part_ = Part::kRefused;
  refusal_ = Refusal{status, std::move(message)};
}

bool Framer::TakeContinue() {
  const bool waits = part_ == Part::kBody || part_ == Part::kChunkSize;
  return waits && std::exchange(expects_continue_, false) && framed_.body.empty() && !http10_;
}

std::string_view Framer::method() const {
  const std::string_view line = framed_.request_line;
  return line.substr(0, line.find(' '));
}

Framed Framer::Take() {
  Framed framed = std::move(framed_);
  *this = Framer();
  return framed;
}

}  // namespace watchfire::net
