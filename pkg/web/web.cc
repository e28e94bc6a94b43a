// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/web/web.h"

#include "pkg/base/base64.h"
#include "pkg/base/check.h"
#include "pkg/base/digest.h"
#include "pkg/web/policy.h"

namespace watchfire::web {
namespace {

// The text between <tag> and </tag>.
std::string_view Inside(std::string_view html, const std::string& tag) {
  const size_t open = html.find("<" + tag + ">");
  const size_t close = html.find("</" + tag + ">");
  WF_CHECK(open != std::string_view::npos && close != std::string_view::npos);
  const size_t start = open + tag.size() + 2;
  return html.substr(start, close - start);
}

}  // namespace

std::string HashSource(std::string_view text) {
  return "'sha256-" + EncodeBase64(Sha256(text)) + "'";
}

std::string SecurityPolicy() {
  return "default-src 'none'; script-src " + HashSource(Inside(Index(), "script")) +
         "; style-src " + HashSource(Inside(Index(), "style")) +
         "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'none'";
}

}  // namespace watchfire::web
