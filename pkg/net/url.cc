// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/url.h"

#include <utility>

namespace watchfire::net {
namespace {

std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string out = text;
  curl_free(text);
  return out;
}

}  // namespace

Url::Url(Parts parts, std::string text)
    : parts_(std::move(parts)),
      text_(std::move(text)),
      scheme_(Part(parts_.get(), CURLUPART_SCHEME)),
      host_(Part(parts_.get(), CURLUPART_HOST)),
      port_(Part(parts_.get(), CURLUPART_PORT)),
      has_zone_(!Part(parts_.get(), CURLUPART_ZONEID).empty()) {}

Result<std::shared_ptr<const Url>> Url::Parse(const std::string& text) {
  Parts parts(curl_url());
  const CURLUcode code = curl_url_set(parts.get(), CURLUPART_URL, text.c_str(), 0);
  if (code != CURLUE_OK) return InvalidArgument(curl_url_strerror(code));
  return std::shared_ptr<const Url>(new Url(std::move(parts), text));
}

std::shared_ptr<const Url> Url::Follow(const std::string& location) const {
  Parts parts(curl_url());
  if (curl_url_set(parts.get(), CURLUPART_URL, text_.c_str(), 0) != CURLUE_OK ||
      curl_url_set(parts.get(), CURLUPART_URL, location.c_str(),
                   CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) != CURLUE_OK) {
    return nullptr;
  }
  std::string text = Part(parts.get(), CURLUPART_URL);
  return std::shared_ptr<const Url>(new Url(std::move(parts), std::move(text)));
}

std::string Url::WithHost(const std::string& host) const {
  const Parts renamed(curl_url_dup(parts_.get()));
  curl_url_set(renamed.get(), CURLUPART_HOST, host.c_str(), 0);
  return Part(renamed.get(), CURLUPART_URL);
}

Result<std::shared_ptr<const Url>> UrlCache::Get(const std::string& text) {
  const auto found = urls_.find(text);
  if (found != urls_.end()) return found->second;
  Result<std::shared_ptr<const Url>> url = Url::Parse(text);
  if (!url || text.size() > kBytes) return url;
  if (urls_.size() >= kUrls) urls_.clear();  // Those of messages, most likely, which differ each.
  urls_.emplace(text, *url);
  return url;
}

}  // namespace watchfire::net
