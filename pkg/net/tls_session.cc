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
// What OpenSSL gets at a time: a record's worth. Its buffers grow to what they once held and stay
// so, for as long as a connection idles.
constexpr size_t kSliceBytes = size_t{16} * 1024;

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
  for (; !wire.empty(); wire.remove_prefix(std::min(wire.size(), kSliceBytes))) {
    TakeSlice(wire.substr(0, kSliceBytes), plain);
    if (state_ == State::kEnded || state_ == State::kBroken) break;
  }
  return state_;
}

void TlsSession::TakeSlice(std::string_view slice, std::string* plain) {
  ERR_clear_error();
  BIO_write(in_, slice.data(), static_cast<int>(slice.size()));
  std::array<char, kSliceBytes> bytes;
  size_t count = 0;
  while (SSL_read_ex(ssl_.get(), bytes.data(), bytes.size(), &count) == 1) {
    plain->append(bytes.data(), count);
  }
  const int reason = SSL_get_error(ssl_.get(), 0);
  ERR_clear_error();
  Drain();
  if (reason == SSL_ERROR_ZERO_RETURN) {
    state_ = State::kEnded;
  } else if (reason != SSL_ERROR_WANT_READ) {
    state_ = State::kBroken;
  } else if (SSL_is_init_finished(ssl_.get()) == 1) {
    state_ = State::kOpen;
  }
}

void TlsSession::Send(std::string_view plain) {
  if (SSL_is_init_finished(ssl_.get()) != 1) return;
  ERR_clear_error();
  for (; !plain.empty() && state_ != State::kBroken;
       plain.remove_prefix(std::min(plain.size(), kSliceBytes))) {
    const std::string_view slice = plain.substr(0, kSliceBytes);
    size_t written = 0;
    // Into memory: all of it, or the session is of no more use.
    if (SSL_write_ex(ssl_.get(), slice.data(), slice.size(), &written) != 1) {
      state_ = State::kBroken;
    }
    Drain();
  }
  ERR_clear_error();
}

void TlsSession::Close() {
  if (SSL_is_init_finished(ssl_.get()) == 1 && state_ != State::kBroken) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  Drain();
}

void TlsSession::Drain() {
  const size_t size = wire_.size();
  const auto more = static_cast<size_t>(BIO_pending(out_));
  if (more == 0) return;
  wire_.resize(size + more);
  BIO_read(out_, wire_.data() + size, static_cast<int>(more));
}

std::string TlsSession::TakeWire() { return std::exchange(wire_, {}); }

}  // namespace watchfire::net
