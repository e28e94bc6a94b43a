// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One outbound request with its redirects, as a libcurl easy handle. Lives on the net thread.
//
//   wants_token() ──yes──> the loop gets one, UseToken() ──┐
//        │ no                                              │
//        └──> Prepare() ──> libcurl ──> Finish() ──────────┤ one hop; again for a redirect
//                                          │               │ or a token that was refused
//                                        Reply() <─────────┘

#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/net/client.h"
#include "pkg/net/http.h"
#include "pkg/net/proxy.h"
#include "pkg/net/url.h"

namespace watchfire::net {

class Exchange {
 public:
  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  using Easy = std::unique_ptr<CURL, FreeEasy>;

  Exchange(OutRequest request, Client::Callback callback, MonoTime sent);
  Exchange(const Exchange&) = delete;  // libcurl holds pointers into it.
  Exchange& operator=(const Exchange&) = delete;

  // Gives it the handle that it runs on, before anything but Reply(), which may be used before.
  void Open(Easy easy);
  // Gives the handle back, after Reply(), with nothing of this request left in it.
  Easy Close();

  // Whether the current hop lacks an OAuth2 token that it should carry.
  bool wants_token() const;
  // The next hop carries `authorization`, until the request leaves the host.
  void UseToken(std::string authorization) { token_ = std::move(authorization); }
  // After Finish(): the token that the server did not take, once; "" otherwise. A new one is
  // wanted then, and the hop repeated.
  std::string TakeRefusedToken() { return std::exchange(refused_token_, {}); }

  // Sets the handle up for the current hop. Errors: kInvalidArgument.
  Status Prepare(const Client::Options& options, const ProxyEnvironment& environment,
                 UrlCache& urls);

  // Judges the end of one hop. Returns nothing when there is another one: call Prepare() and run
  // the handle again.
  std::optional<Result<OutResponse>> Finish(CURLcode code);

  // Runs the callback, once. An error is marked never_sent if that is sure.
  void Reply(Result<OutResponse> result);
  // Returns an error that names the request by its shown URL.
  Error Named(Code code, const std::string& why) const;
  // What to say at the deadline().
  Error TimedOut() const;

  CURL* easy() const { return easy_.get(); }
  // When it is to be given up as things stand: each byte may put that off, if there is an
  // idle_timeout.
  MonoTime deadline() const;
  // A transfer under way ends soon after `flag` is set.
  void CancelWith(const std::atomic<bool>* flag) { cancelled_ = flag; }
  const OutRequest& request() const { return request_; }
  const config::HttpConfig& http() const { return http_; }

  // Owned by the loop: the deadline it waits for.
  MonoTime armed{};
  // Owned by the loop: the grant whose token this waits for; "" when it waits for none.
  std::string awaited_grant;

 private:
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  void Touch();  // A byte came or went.
  Status SetUrl(UrlCache& urls);
  void SetMethod();
  Status SetHeaders();
  Status SetCredentials();
  Status SetProxy(const Client::Options& options, const ProxyEnvironment& environment);
  bool NeverSent() const;
  Status AddHeader(const std::string& name, const std::string& value);
  bool HasHeader(const char* name) const;
  Error FromCurl(CURLcode code) const;
  bool Redirect();
  // Mail, exchange_mail.cc.
  Status SetMail();
  Result<OutResponse> FinishMail(CURLcode code);
  void TakeReplyLine(std::string_view line);
  static size_t OnRead(char* data, size_t size, size_t count, void* self);
  static int OnSocket(void* self, curl_socket_t socket, curlsocktype purpose);
  static int OnDebug(CURL* easy, curl_infotype type, char* data, size_t size, void* self);
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t uploaded);
  static size_t OnHeader(char* data, size_t size, size_t count, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* self);

  OutRequest request_;  // Method, headers and body change as redirects say.
  const Client::Callback callback_;
  const config::HttpConfig& http_;
  const MonoTime sent_;

  Easy easy_;                       // Null before Open().
  std::shared_ptr<const Url> url_;  // The current hop's.
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<curl_slist, FreeList> connect_to_;
  std::unique_ptr<curl_slist, FreeList> proxy_headers_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  bool is_prepared_ = false;  // Once.
  bool credentials_allowed_ = true;
  int redirects_ = 0;
  std::string token_;  // The value of Authorization.
  std::string refused_token_;
  bool token_renewed_ = false;
  OutResponse response_;
  size_t header_bytes_ = 0;
  MonoTime active_ = MonoTime::max();  // The last byte either way, where that counts; max: none.
  curl_off_t uploaded_ = 0;
  bool too_large_ = false;
  const std::atomic<bool>* cancelled_ = nullptr;

  // Mail only.
  std::unique_ptr<curl_slist, FreeList> recipients_;
  std::vector<curl_socket_t> sockets_;  // All that were opened; most likely one.
  size_t read_ = 0;                     // Bytes of the body that libcurl has.
  std::string command_;                 // The last one, without its arguments.
  int reply_ = 0;                       // The last code; its text is the response's body.
  bool reply_ended_ = true;
  bool quitting_ = false;
  bool data_begun_ = false;  // The server waits for the message, or has it.
  std::string offered_;      // What it said after AUTH.
};

}  // namespace watchfire::net
