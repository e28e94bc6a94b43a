// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/headers.h"

namespace watchfire::net {

void AddHeaders(const std::vector<Header>& headers, Response* response) {
  for (const Header& header : headers) {
    if (!SameHeaderName(header.name, "Content-Security-Policy")) {
      std::erase_if(response->headers,
                    [&](const Header& theirs) { return SameHeaderName(theirs.name, header.name); });
    }
    response->headers.push_back(header);
  }
}

}  // namespace watchfire::net
