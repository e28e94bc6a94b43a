// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// WeCom on the wire: access tokens and the messages sent with them. Errors come with HTTP 200.
// Owned by one thread. Source: developer.work.weixin.qq.com/document/path/90236, 2026-08.

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "cmd/pagersim/reply.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

class WechatDesk {
 public:
  // GET /cgi-bin/gettoken. Any secret is a company's own but "wrong" and "".
  Reply GetToken(const std::string& company, const std::string& secret, WallTime now);
  // POST /cgi-bin/message/send.
  Reply Send(const std::string& token, std::string_view body, WallTime now) const;

 private:
  std::map<std::string, WallTime> tokens_;  // When each ends.
  uint64_t issued_ = 0;
};

}  // namespace watchfire::pagersim
