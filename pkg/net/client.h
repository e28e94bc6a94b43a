// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The one outbound HTTP client: a libcurl multi loop on its own thread. Keep-alive per host, HTTP/2
// where offered, bounded time and bytes. Requests are posted from any thread; the callback runs on
// the net thread, which has others to serve: no more than some microseconds of work, and then the
// result is moved into a Channel.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/net/http.h"

namespace watchfire::net {

class Client {
 public:
  using Callback = std::function<void(Result<OutResponse>)>;

  struct Options {
    std::string user_agent;
    int connections_per_host = 64;  // More wait for a free one, within their own timeout.
    Duration connect_timeout = std::chrono::seconds(10);
  };
  explicit Client(Options options);
  // Aborts what is under way; every callback still runs (kUnavailable "shutting down").
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Never blocks. Errors handed to the callback: kTimeout, kUnavailable (connect, TLS, cut, more
  // than 10 redirects), kExhausted (response larger than response_bytes_max or with headers larger
  // than limits::kHeaderBytes, more than limits::kEventQueue requests at once), kInvalidArgument
  // (bad URL, header with a control character, unreadable credential or TLS file); texts name
  // shown_url, never the URL or a credential. Any HTTP status is a value, not an error.
  //
  // An error's never_sent tells a request that surely reached nobody (name unknown, connection
  // refused, TLS or proxy failed, no token) from one that may have been taken.
  //
  // Mail (see net::Mail) is sent over a connection and on a thread of its own. Besides the above:
  // kPermission when the server offers authentication, but by none of the mechanisms. A message
  // that was cut never arrives; one whose connection ended after its last line may have, and is not
  // marked never_sent.
  //
  // Only http and https otherwise. Everything in HttpConfig is obeyed. Redirects are followed when
  // http->follow_redirects, as Go's net/http does: 301, 302 and 303 turn anything but HEAD into a
  // GET without body, 307 and 308 repeat the request; credentials, secret headers and Cookie go no
  // further than the host they were meant for. Credential files are read anew for each request; an
  // Authorization header in `request` wins over them all. An OAuth2 token is kept until it expires;
  // one that is answered with 401 is replaced and the request repeated, once. The environment's
  // proxies, as they were when the client was made, count only with proxy.from_environment.
  void Send(OutRequest request, Callback callback);

  struct Outgoing {
    OutRequest request;
    Callback callback;
  };
  // The same for several, which begin in this order: to wake the net thread costs more than to
  // hand it one more.
  void SendAll(std::vector<Outgoing> all);

  // The same for what `make` returns. It runs on the net thread, once, so it must not block:
  // whoever has much else to do hands over what requests are made of. (On this one when the client
  // is going down.) Their time counts from this call.
  using Maker = std::function<std::vector<Outgoing>()>;
  void SendMade(Maker make);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace watchfire::net
