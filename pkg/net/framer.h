// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Cuts requests out of a byte stream, whatever packets they come in. Pure: no sockets, no clock.
// It reads strictly what decides where a request ends (RFC 9112 sections 2, 6 and 7), because a
// front that disagrees with a proxy about that lets one client's bytes become another's request:
// lines end in CR LF, no folded headers, no second opinion on the length.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/net/http.h"
#include "pkg/net/refusal.h"

namespace watchfire::net {

struct Framed {
  std::string request_line;     // Without its line end: "GET /-/healthy HTTP/1.1".
  std::vector<Header> headers;  // In order, values as sent, surrounding blanks cut.
  std::string body;             // Transfer coding removed.
  bool close = false;           // The client ends the connection after this one.
};

class Framer {
 public:
  // Consumes bytes up to the end of one request and returns how many; what is left belongs to the
  // next one. Consumes nothing once complete() or refused.
  size_t Feed(std::string_view bytes);

  // A byte of a request has been seen (empty lines before it do not count).
  bool started() const { return part_ != Part::kRequestLine || !line_.empty(); }
  bool complete() const { return part_ == Part::kComplete; }
  // "GET"; of a complete request.
  std::string_view method() const;
  // Of a complete request.
  const std::vector<Header>& headers() const { return framed_.headers; }
  // Why this can never become a request: 400, 413, 414, 417, 431, 501 or 505.
  const std::optional<Refusal>& refusal() const { return refusal_; }
  // Returns true once, when the client waits for "100 Continue" before it sends the body.
  bool TakeContinue();
  // Memory held, roughly.
  size_t bytes() const { return head_bytes_ + framed_.body.capacity(); }

  // Returns the complete request and starts over.
  Framed Take();

 private:
  enum class Part {
    kRequestLine,
    kHeader,
    kBody,
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailer,
    kComplete,
    kRefused
  };

  size_t FeedLine(std::string_view bytes);
  size_t FeedData(std::string_view bytes);
  void OnLine();
  void OnRequestLine();
  void OnHeader();
  void OnFramingHeader(const Header& header);
  void OnLength(const std::string& value);
  void OnHeadEnd();
  void OnChunkSize();
  void Refuse(int status, std::string message);

  Part part_ = Part::kRequestLine;
  std::string line_;       // The unfinished line.
  size_t head_bytes_ = 0;  // Request line, headers and trailers.
  uint64_t missing_ = 0;   // Bytes of the body or chunk still to come.
  std::optional<uint64_t> length_;
  bool http10_ = false;
  bool keep_alive_ = false;
  bool chunked_ = false;
  bool expects_continue_ = false;
  bool has_host_ = false;
  std::optional<Refusal> refusal_;
  Framed framed_;
};

}  // namespace watchfire::net
