// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// URLs taken apart, once for all the requests that go there: to parse one and put it together again
// takes libcurl as long as half of everything else that is done for a small request.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

#include <curl/curl.h>

#include "pkg/base/result.h"

namespace watchfire::net {

class Url {
 public:
  // Errors: kInvalidArgument, with libcurl's words, which quote nothing of `text`.
  static Result<std::shared_ptr<const Url>> Parse(const std::string& text);
  // Where a redirect to `location` leads from here; its scheme may be any. Null when that is no
  // URL.
  std::shared_ptr<const Url> Follow(const std::string& location) const;
  // The same place by the name `host`.
  std::string WithHost(const std::string& host) const;

  const std::string& text() const { return text_; }
  const std::string& scheme() const { return scheme_; }  // In lower case.
  const std::string& host() const { return host_; }      // An IPv6 address in brackets.
  const std::string& port() const { return port_; }      // "" where the text says none.
  // For CURLOPT_CURLU beside CURLOPT_URL, as long as this lives. Null when libcurl has to parse the
  // text itself: its copies of what is parsed lack the zone of an IPv6 address.
  CURLU* parts() const { return has_zone_ ? nullptr : parts_.get(); }

 private:
  struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
  };
  using Parts = std::unique_ptr<CURLU, FreeUrl>;

  Url(Parts parts, std::string text);

  const Parts parts_;
  const std::string text_;
  const std::string scheme_;
  const std::string host_;
  const std::string port_;
  const bool has_zone_;
};

// The last ones that were asked for, unless they are long. Owned by one thread.
class UrlCache {
 public:
  // As Url::Parse().
  Result<std::shared_ptr<const Url>> Get(const std::string& text);

 private:
  static constexpr size_t kUrls = 256;
  static constexpr size_t kBytes = 1024;  // Of one of them.

  std::unordered_map<std::string, std::shared_ptr<const Url>> urls_;
};

}  // namespace watchfire::net
