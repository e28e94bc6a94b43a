// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What three vendors' APIs are asked, and what their answers say that people did. Pure. Private to
// pkg/responder. Sources: reference paging-backends §1.3, §2.1, §3.3, §5; docs.opsgenie.com "List
// alerts", "List alert notes"; PagerDuty/api-schema, GET /log_entries.

#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/ack_polling.h"
#include "pkg/inbound/responder.h"

namespace watchfire::responder {

// One look through what changed at a vendor, by its clock.
struct Look {
  WallTime since = kNoTime;
  WallTime until = kNoTime;
  size_t offset = 0;  // Of the page that is asked for.
};

// An alert or incident there, whose notes another request gets.
struct Subject {
  std::string id;
  std::string entity_id;
  std::string version;  // Another one when something changed; "": it does not say.
};

struct Page {
  std::vector<inbound::ResponderAct> acts;  // The oldest first.
  std::vector<Subject> subjects;            // Those that are not over.
  size_t size = 0;                          // Entries, of use or not.
  bool has_more = false;                    // Another page of this look.
  // By page of theirs (ResponderAct): when its last ack was over. Acks of before are none.
  std::map<std::string, WallTime> given_back = {};
};

// When something was done, kNoTime if `text` is no time. Of whole seconds it was at any instant, of
// which the last one counts: else an ack in the second in which something broke would be of before.
inline WallTime TimeOfAct(const std::string& text) {
  const Result<WallTime> time = ParseTime(text);
  if (!time) return kNoTime;
  return text.find('.') == std::string::npos ? *time + std::chrono::milliseconds(999) : *time;
}

// Whether it can be an id at VictorOps (numbers, short names) or PagerDuty (at most 26 bytes):
// marks and paths are made of them.
inline bool IsId(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.find_first_of(", ") == std::string_view::npos;
}

// One vendor. All are values that know nothing of accounts.
class VendorApi {
 public:
  virtual ~VendorApi() = default;
  virtual std::vector<std::pair<std::string, std::string>> Headers(
      const config::AckPolling& account) const = 0;
  // What is asked: path and query, behind the account's URL.
  virtual std::string List(const Look& look) const = 0;
  // Errors: kInvalidArgument: it is not what the vendor answers.
  virtual Result<Page> ReadList(std::string_view body, const Look& look) const = 0;
  // Only for subjects of its own lists.
  virtual std::string Notes(const Subject& subject) const = 0;
  virtual Result<std::vector<inbound::ResponderAct>> ReadNotes(std::string_view body,
                                                               const Subject& subject,
                                                               WallTime now) const = 0;
};

std::unique_ptr<VendorApi> VictorOpsApi();  // api_victorops.cc
std::unique_ptr<VendorApi> OpsgenieApi();   // api_opsgenie.cc
std::unique_ptr<VendorApi> PagerDutyApi();  // api_pagerduty.cc

}  // namespace watchfire::responder
