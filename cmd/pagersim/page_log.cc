// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/page_log.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "pkg/base/json.h"

namespace watchfire::pagersim {

uint64_t PageLog::Add(Page page) {
  page.seq = ++last_seq_;
  bytes_ += page.body.size();
  pages_.push_back(std::move(page));
  while (pages_.size() > kMaxPages || (bytes_ > kMaxBytes && pages_.size() > 1)) {
    bytes_ -= pages_.front().body.size();
    pages_.pop_front();
  }
  return last_seq_;
}

void PageLog::SetStatus(uint64_t seq, int status) {
  const auto page = std::ranges::lower_bound(pages_, seq, {}, &Page::seq);
  if (page != pages_.end() && page->seq == seq) page->status = status;
}

std::string PageLog::Json(uint64_t after) const {
  simdjson::dom::parser parser;
  JsonWriter json;
  json.StartArray();
  for (auto page = std::ranges::upper_bound(pages_, after, {}, &Page::seq); page != pages_.end();
       ++page) {
    json.StartObject();
    json.Field("seq", static_cast<int64_t>(page->seq));
    json.Field("received_at", FormatRfc3339(page->received_at));
    json.Field("method", page->method).Field("path", page->path);
    json.Field("status", page->status).Key("body");
    simdjson::dom::element body;
    const bool is_json = parser.parse(page->body).get(body) == simdjson::SUCCESS;
    is_json ? json.Raw(simdjson::minify(body)) : json.String(page->body);
    json.EndObject();
  }
  json.EndArray();
  return json.Take();
}

}  // namespace watchfire::pagersim
