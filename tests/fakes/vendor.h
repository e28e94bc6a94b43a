// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A paging vendor at the far end of the wire: remembers every message it accepted and can answer
// late, with 404, 5xx or 429, hang, or accept and lose the answer.

#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/net/http.h"

namespace watchfire::fakes {

struct Accepted {
  MonoTime at{};
  std::string receiver;  // Which of our receivers sent it.
  std::string group_key;
  std::set<std::string> firing;  // Fingerprints, or alert names.
  std::set<std::string> resolved;
  bool answered = true;  // The sender heard of it.
  int life = 0;          // Which life of the process sent it.
  WallTime wall{};       // What its clock said, by which the next life counts.
};

enum class Mood { kHealthy, kServerError, kRateLimited, kHang, kLoseAnswer, kSlow, kRefuse };

class Vendor {
 public:
  Mood mood = Mood::kHealthy;
  std::map<std::string, Mood> moods;  // Of single ones, by "receiver/integration"; they stay so.
  std::vector<Accepted> accepted;

  // Returns the answer, and whether it accepted the message.
  struct Answer {
    Result<net::OutResponse> response;
    Duration delay{};
    bool accepted = false;
    bool answered = true;
  };
  Answer OnRequest(const std::string& who, Duration timeout) const {
    const auto own = moods.find(who);
    net::OutResponse ok;
    ok.status = 200;
    ok.body = "{\"result\":\"success\",\"entity_id\":\"x\"}";
    const auto status = [](int code) {
      net::OutResponse response;
      response.status = code;
      return response;
    };
    switch (own == moods.end() ? mood : own->second) {
      case Mood::kHealthy:
        return {ok, std::chrono::milliseconds(80), true, true};
      case Mood::kSlow:
        return {ok, std::chrono::seconds(4), true, true};
      case Mood::kServerError:
        return {status(503), std::chrono::milliseconds(20), false, true};
      case Mood::kRateLimited:
        return {status(429), std::chrono::milliseconds(20), false, true};
      case Mood::kRefuse:
        return {status(404), std::chrono::milliseconds(20), false, true};
      case Mood::kHang:
        return {Fail(Code::kTimeout, "no answer"), timeout, false, true};
      case Mood::kLoseAnswer:
        return {Fail(Code::kUnavailable, "connection cut"), std::chrono::milliseconds(50), true,
                false};
    }
    return {Fail(Code::kUnavailable, "unreachable"), Duration::zero(), false, true};
  }
};

}  // namespace watchfire::fakes
