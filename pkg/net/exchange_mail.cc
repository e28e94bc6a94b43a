// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The part of an exchange that speaks SMTP: one message over one connection.

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

#include "pkg/base/strings.h"
#include "pkg/net/curl_tls.h"
#include "pkg/net/exchange.h"

namespace watchfire::net {
namespace {

// What may be remembered of a command: everything else may be an answer to a challenge.
constexpr std::array<std::string_view, 7> kCommands = {"EHLO", "HELO", "STARTTLS", "AUTH",
                                                       "MAIL", "RCPT", "DATA"};

bool HasControl(const std::string& text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

uint16_t LocalPort(curl_socket_t socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// "AUTH=PLAIN;AUTH=LOGIN", libcurl's way to say which ones.
std::string LoginOptions(const std::vector<std::string>& mechanisms) {
  std::vector<std::string> options;
  for (const std::string& mechanism : mechanisms) options.push_back("AUTH=" + mechanism);
  return Join(options, ";");
}

}  // namespace

Status Exchange::SetMail() {
  const Mail& mail = *request_.mail;
  recipients_.reset();
  sockets_.clear();
  read_ = 0;
  command_.clear();
  reply_ = 0;
  reply_ended_ = true;
  quitting_ = false;
  offered_.clear();
  for (const std::string& to : mail.to) {
    if (to.empty() || HasControl(to)) {
      return Fail(Named(Code::kInvalidArgument, "bad recipient " + GoQuote(to)));
    }
    recipients_.reset(curl_slist_append(recipients_.release(), ("<" + to + ">").c_str()));
  }
  if (HasControl(mail.from) || recipients_ == nullptr) {
    return Fail(Named(Code::kInvalidArgument, "bad sender, or no recipients"));
  }
  CURL* easy = easy_.get();
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(sent_ + request_.timeout -
                                                                 std::chrono::steady_clock::now());
  // 0 would be no limit.
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max(left.count(), 1L)));
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients_.get());
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Exchange::OnRead);
  curl_easy_setopt(easy, CURLOPT_READDATA, this);
  curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  // A kept connection would be found closed by the server at the next message.
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &Exchange::OnSocket);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, this);
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);  // Otherwise OnDebug is not called.
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &Exchange::OnDebug);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, this);
  curl_easy_setopt(easy, CURLOPT_USE_SSL,
                   static_cast<long>(mail.require_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  if (!mail.username.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, mail.username.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, mail.password.reveal().c_str());
    curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, LoginOptions(mail.mechanisms).c_str());
    if (!mail.identity.empty()) {
      curl_easy_setopt(easy, CURLOPT_SASL_AUTHZID, mail.identity.c_str());
    }
  }
  ApplyTls(easy, http_.tls);
  return {};
}

Result<OutResponse> Exchange::FinishMail(CURLcode code) {
  response_.took = std::chrono::steady_clock::now() - sent_;
  response_.status = reply_;
  response_.headers = {{"Command", command_}};
  if (code == CURLE_OK || (reply_ >= 400 && reply_ended_)) return std::move(response_);
  if (code == CURLE_ABORTED_BY_CALLBACK && *cancelled_) {
    return Fail(Named(Code::kUnavailable, "shutting down"));
  }
  if (std::chrono::steady_clock::now() >= deadline()) return Fail(TimedOut());
  if (code == CURLE_LOGIN_DENIED && command_ != "AUTH") {
    return Fail(Named(Code::kPermission, "find auth mechanism: none of " +
                                             Join(request_.mail->mechanisms, ", ") +
                                             " is among those offered: " + offered_));
  }
  if (code == CURLE_USE_SSL_FAILED && command_ != "STARTTLS") {
    return Fail(Named(Code::kUnavailable,
                      "'require_tls' is true (default), but the server does not advertise the "
                      "STARTTLS extension"));
  }
  return Fail(FromCurl(code));
}

// "250-SIZE 1000" or "250 ok"; the space ends the reply.
void Exchange::TakeReplyLine(std::string_view line) {
  line = Trim(line);
  if (quitting_) return;  // Nothing that matters.
  if (line.size() < 3 || !std::ranges::all_of(line.substr(0, 3), [](unsigned char c) {
        return std::isdigit(c) != 0;
      })) {
    return;
  }
  if (std::exchange(reply_ended_, line.size() == 3 || line[3] == ' ')) response_.body.clear();
  reply_ = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  const std::string_view text = line.substr(std::min<size_t>(line.size(), 4));
  if (!response_.body.empty()) response_.body += '\n';
  response_.body += text;
  if (command_ == "EHLO" && text.starts_with("AUTH ")) offered_ = text.substr(5);
  if (reply_ == 354) data_begun_ = true;
}

size_t Exchange::OnRead(char* data, size_t size, size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  const std::string& body = exchange.request_.body;
  const size_t bytes = std::min(size * count, body.size() - exchange.read_);
  body.copy(data, bytes, exchange.read_);
  exchange.read_ += bytes;
  return bytes;
}

int Exchange::OnSocket(void* self, curl_socket_t socket, curlsocktype) {
  static_cast<Exchange*>(self)->sockets_.push_back(socket);
  return CURL_SOCKOPT_OK;
}

int Exchange::OnDebug(CURL* easy, curl_infotype type, char* data, size_t size, void* self) {
  if (type != CURLINFO_HEADER_OUT) return 0;
  auto& exchange = *static_cast<Exchange*>(self);
  const std::string_view line = Trim(std::string_view(data, size));
  if (line == "QUIT") {
    exchange.quitting_ = true;
    // libcurl waits for the answer, for two minutes. Nobody needs it, so the connection is made to
    // look as if the server had closed it.
    long port = 0;  // NOLINT(google-runtime-int): what libcurl writes to.
    curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &port);
    for (const curl_socket_t socket : exchange.sockets_) {
      if (port != 0 && LocalPort(socket) == port) shutdown(socket, SHUT_RD);
    }
    return 0;
  }
  const std::string_view command = line.substr(0, line.find(' '));
  if (std::ranges::count(kCommands, command) > 0) exchange.command_ = command;
  return 0;
}

}  // namespace watchfire::net
