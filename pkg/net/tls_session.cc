// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/tls_session.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/err.h>

#include "pkg/base/check.h"

namespace watchfire::net {
namespace {

constexpr size_t kRecordHeaderBytes = 5;

// The first bytes of a TLS record never look like this.
bool LooksLikeHttp(std::string_view head) {
  constexpr std::array<std::string_view, 6> kStarts = {"GET /", "HEAD ", "POST ",
                                                       "PUT /", "OPTIO", "DELET"};
  return std::ranges::find(kStarts, head.substr(0, kRecordHeaderBytes)) != kStarts.end();
}

}  // namespace

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context)
    : context_(std::move(context)),
      ssl_(SSL_new(context_->get()), SSL_free),
      in_(BIO_new(BIO_s_mem())),
      out_(BIO_new(BIO_s_mem())) {
  WF_CHECK(ssl_ != nullptr && in_ != nullptr && out_ != nullptr);
  SSL_set_bio(ssl_.get(), in_, out_);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::State TlsSession::Receive(std::string_view wire, std::string* plain) {
  std::string first;
  if (head_.size() < kRecordHeaderBytes) {
    head_.append(wire);
    if (head_.size() < kRecordHeaderBytes) return state_;
    if (LooksLikeHttp(head_)) return state_ = State::kPlainHttp;
    first = head_;
    head_.resize(kRecordHeaderBytes);
    wire = first;
  }
  ERR_clear_error();
  BIO_write(in_, wire.data(), static_cast<int>(wire.size()));
  std::array<char, size_t{16} * 1024> bytes;  // A record's worth.
  size_t count = 0;
  while (SSL_read_ex(ssl_.get(), bytes.data(), bytes.size(), &count) == 1) {
    plain->append(bytes.data(), count);
  }
  const int reason = SSL_get_error(ssl_.get(), 0);
  ERR_clear_error();
  if (reason == SSL_ERROR_ZERO_RETURN) return state_ = State::kEnded;
  if (reason != SSL_ERROR_WANT_READ) return state_ = State::kBroken;
  if (SSL_is_init_finished(ssl_.get()) == 1) state_ = State::kOpen;
  return state_;
}

void TlsSession::Send(std::string_view plain) {
  if (plain.empty() || SSL_is_init_finished(ssl_.get()) != 1 || state_ == State::kBroken) return;
  ERR_clear_error();
  size_t written = 0;
  // Into memory: all of it, or the session is of no more use.
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1) {
    state_ = State::kBroken;
    ERR_clear_error();
  }
}

void TlsSession::Close() {
  if (SSL_is_init_finished(ssl_.get()) == 1 && state_ != State::kBroken) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::string TlsSession::TakeWire() {
  std::string wire(static_cast<size_t>(BIO_pending(out_)), '\0');
  if (!wire.empty()) BIO_read(out_, wire.data(), static_cast<int>(wire.size()));
  return wire;
}

}  // namespace watchfire::net
