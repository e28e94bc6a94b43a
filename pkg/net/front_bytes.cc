// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes of a connection: from the socket, through TLS, to the framer, and back.

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <sys/socket.h>

#include "pkg/base/limits.h"
#include "pkg/net/front_loop.h"

namespace watchfire::net {
namespace {

// Read from one connection, or sent, before the next has a go.
constexpr size_t kTurnBytes = size_t{256} * 1024;
// Put through TLS at once: with what that adds it is sent in one turn.
constexpr size_t kSealedBytes = kTurnBytes - size_t{16} * 1024;
// What TLS may have to say to a client that does not listen, a long chain of certificates included.
constexpr size_t kTlsUnsentBytes = size_t{128} * 1024;
constexpr size_t kDiscardBytes = 2 * limits::kBodyBytes;
constexpr std::chrono::seconds kLingerTime{5};

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

void FrontLoop::Read(Connection& connection) {
  if (!connection.extra.empty()) Feed(connection, std::exchange(connection.extra, {}));
  size_t budget = kTurnBytes;
  while (connection.phase == Phase::kReading && connection.readable) {
    if (budget == 0) return ResumeLater(connection);
    const ssize_t count = recv(connection.fd.get(), scratch_.data(), scratch_.size(), 0);
    if (count < 0 && WouldBlock()) {
      connection.readable = false;
    } else if (count <= 0) {
      return Close(connection.id);
    } else if (!Take(connection, {scratch_.data(), static_cast<size_t>(count)})) {
      return Close(connection.id);
    } else {
      budget -= std::min(budget, static_cast<size_t>(count));
    }
  }
}

// Takes bytes from the wire. Returns false when the connection is over.
bool FrontLoop::Take(Connection& connection, std::string_view wire) {
  if (connection.tls) return TakeTls(connection, wire);
  Feed(connection, wire);
  return true;
}

bool FrontLoop::TakeTls(Connection& connection, std::string_view wire) {
  TlsSession& tls = *connection.tls;
  const bool was_open = tls.state() != TlsSession::State::kHandshake;
  std::string plain;
  const TlsSession::State state = tls.Receive(wire, &plain);
  const bool is_refused =
      state == TlsSession::State::kPlainHttp || state == TlsSession::State::kBroken;
  if (is_refused && !was_open) ++counters_.refused_tls;
  if (state == TlsSession::State::kPlainHttp) connection.tls.reset();
  Put(connection, connection.tls ? "" : std::string(TlsSession::kPlainHttpAnswer));
  if (!was_open && state == TlsSession::State::kOpen) {
    SetDeadline(connection, now_ + options_.request_time);
  }
  if (!plain.empty()) Feed(connection, plain);
  if (connection.phase != Phase::kReading) return true;
  if (is_refused) {
    End(connection);
    return true;
  }
  Flush(connection);
  return state != TlsSession::State::kEnded &&
         connection.unsent.size() - connection.sent <= kTlsUnsentBytes;
}

void FrontLoop::Feed(Connection& connection, std::string_view bytes) {
  Framer& framer = connection.framer;
  const bool started = framer.started();
  const size_t used = framer.Feed(bytes);
  connection.extra.append(bytes.substr(used));
  Account(connection);
  if (framer.refusal()) return Refuse(connection, *framer.refusal());
  if (framer.complete()) return Enqueue(connection);
  if (asked_ > options_.request_bytes_max) {
    return Refuse(connection, {503, "too many bytes at once"});
  }
  if (!started && framer.started()) SetDeadline(connection, now_ + options_.request_time);
  // Best effort: a client that misses it sends its body after a second anyway.
  if (!framer.TakeContinue()) return;
  Put(connection, "HTTP/1.1 100 Continue\r\n\r\n");
  Flush(connection);
}

// Puts an answer behind what is still to be sent, through TLS and with what TLS has to say itself.
void FrontLoop::Put(Connection& connection, std::string bytes) {
  std::string& rest = connection.tls ? connection.unsealed : connection.unsent;
  if (rest.empty()) {
    rest = std::move(bytes);
  } else {
    rest += bytes;
  }
  if (connection.tls) Seal(connection);
}

// Puts the next part of what there is through TLS: all of a large answer would take as long as to
// make it.
void FrontLoop::Seal(Connection& connection) {
  TlsSession& tls = *connection.tls;
  const std::string_view part =
      std::string_view(connection.unsealed).substr(connection.sealed, kSealedBytes);
  tls.Send(part);
  connection.sealed += part.size();
  if (connection.sealed == connection.unsealed.size()) {
    connection.unsealed = std::string();
    connection.sealed = 0;
    if (connection.close_after) tls.Close();
  }
  connection.unsent += tls.TakeWire();
}

// Sends what the socket takes. A client that takes a large answer as fast as it is sent would keep
// all others waiting for as long as that lasts.
SendOutcome FrontLoop::Flush(Connection& connection) {
  const SendOutcome outcome = SendSome(
      connection.fd.get(), std::string_view(connection.unsent).substr(connection.sent, kTurnBytes));
  connection.sent += outcome.sent;
  if (connection.sent < connection.unsent.size()) {
    // No event would tell of room that is there already.
    if (outcome.sent == kTurnBytes) ResumeLater(connection);
    return outcome;
  }
  connection.unsent = std::string();
  connection.sent = 0;
  if (connection.unsealed.empty()) return outcome;
  Seal(connection);
  ResumeLater(connection);
  return outcome;
}

void FrontLoop::Write(Connection& connection) {
  if (Flush(connection).broken) return Close(connection.id);
  if (!connection.unsent.empty() || !connection.unsealed.empty()) return;
  Account(connection);
  if (draining_) return Close(connection.id);
  if (connection.close_after) {
    shutdown(connection.fd.get(), SHUT_WR);
    connection.phase = Phase::kLingering;
    SetDeadline(connection, now_ + kLingerTime);
    return Discard(connection);
  }
  connection.phase = Phase::kReading;
  SetDeadline(connection, now_ + options_.idle_time);
  Read(connection);
}

void FrontLoop::Discard(Connection& connection) {
  size_t budget = kTurnBytes;
  while (connection.readable) {
    if (budget == 0) return ResumeLater(connection);
    const ssize_t count = recv(connection.fd.get(), scratch_.data(), scratch_.size(), 0);
    if (count < 0 && WouldBlock()) {
      connection.readable = false;
      return;
    }
    connection.discarded += count > 0 ? static_cast<size_t>(count) : 0;
    if (count <= 0 || connection.discarded > kDiscardBytes) return Close(connection.id);
    budget -= std::min(budget, static_cast<size_t>(count));
  }
}

}  // namespace watchfire::net
