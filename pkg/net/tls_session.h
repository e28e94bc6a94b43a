// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The TLS of one connection, as a translator of bytes: what came from the wire goes in, what the
// client said comes out, and the other way round. No sockets, no clock, nothing blocks; a client
// that dawdles over its handshake is an object that waits.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "pkg/net/tls_context.h"

namespace watchfire::net {

class TlsSession {
 public:
  enum class State {
    kHandshake,
    kOpen,
    kEnded,      // The client will say no more.
    kBroken,     // TLS failed; the wire bytes that are left tell the client why.
    kPlainHttp,  // This is no TLS but a request: kPlainHttpAnswer is due, as it stands.
  };

  // What Go's server answers to HTTP on a TLS port (net/http, http.badRequestError).
  static constexpr std::string_view kPlainHttpAnswer =
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

  explicit TlsSession(std::shared_ptr<const TlsContext> context);

  // Takes bytes from the wire, in whatever pieces, and appends what they say to `plain`.
  State Receive(std::string_view wire, std::string* plain);
  // Says something to the client. Nothing happens unless the handshake is over.
  void Send(std::string_view plain);
  // Says that nothing else follows.
  void Close();
  // Returns what is to be put on the wire, after any of the above.
  std::string TakeWire();

  State state() const { return state_; }

 private:
  void TakeSlice(std::string_view slice, std::string* plain);
  void Drain();

  const std::shared_ptr<const TlsContext> context_;
  const std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  BIO* const in_;  // Owned by ssl_, as is the other.
  BIO* const out_;
  State state_ = State::kHandshake;
  std::string wire_;  // For TakeWire().
  std::string head_;  // The first bytes, until they tell what is spoken here.
};

}  // namespace watchfire::net
