// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/http.h"

#include <algorithm>

namespace watchfire::net {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

bool SameHeaderName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view FindHeader(const std::vector<Header>& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (SameHeaderName(header.name, name)) return header.value;
  }
  return {};
}

std::string_view Request::header(std::string_view name) const { return FindHeader(headers, name); }

const std::string* Request::param(std::string_view name) const {
  for (auto it = query.rbegin(); it != query.rend(); ++it) {
    if (it->first == name) return &it->second;
  }
  return nullptr;
}

std::string WholeBody(const Response& response) {
  if (!response.write_body) return response.body;
  std::string whole;
  whole.reserve(response.body_bytes);
  response.write_body([&whole](std::string_view piece) { whole += piece; });
  return whole;
}

std::string_view OutResponse::header(std::string_view name) const {
  return FindHeader(headers, name);
}

}  // namespace watchfire::net
