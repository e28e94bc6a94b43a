// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One outbound request with its redirects, as a libcurl easy handle. Lives on the net thread.

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include <curl/curl.h>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/net/client.h"
#include "pkg/net/http.h"

namespace watchfire::net {

class Exchange {
 public:
  Exchange(OutRequest request, Client::Callback callback, MonoTime sent);
  Exchange(const Exchange&) = delete;  // libcurl holds pointers into it.
  Exchange& operator=(const Exchange&) = delete;

  // Sets the handle up for the current hop. Errors: kInvalidArgument.
  Status Prepare(const Client::Options& options);

  // Judges the end of one hop. Returns nothing when the answer is a redirect to follow: call
  // Prepare() and run the handle again.
  std::optional<Result<OutResponse>> Finish(CURLcode code);

  // Runs the callback, once.
  void Reply(Result<OutResponse> result);
  // Returns an error that names the request by its shown URL.
  Error Named(Code code, const std::string& why) const;

  CURL* easy() const { return easy_.get(); }
  MonoTime deadline() const { return sent_ + request_.timeout; }
  const OutRequest& request() const { return request_; }

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
  };

  Status SetUrl();
  void SetMethod();
  Status SetHeaders();
  Status SetCredentials();
  void SetTls();
  Status AddHeader(const std::string& name, const std::string& value);
  bool HasHeader(const char* name) const;
  Error FromCurl(CURLcode code) const;
  bool Redirect();
  static size_t OnHeader(char* data, size_t size, size_t count, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* self);

  OutRequest request_;  // Method, headers and body change as redirects say.
  const Client::Callback callback_;
  const config::HttpConfig http_;
  const MonoTime sent_;

  std::unique_ptr<CURL, FreeEasy> easy_;
  std::unique_ptr<CURLU, FreeUrl> url_;  // The current hop's.
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<curl_slist, FreeList> connect_to_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  std::string host_;
  bool credentials_allowed_ = true;
  int redirects_ = 0;
  OutResponse response_;
  size_t header_bytes_ = 0;
  bool too_large_ = false;
};

}  // namespace watchfire::net
