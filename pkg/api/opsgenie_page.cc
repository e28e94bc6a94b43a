// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/api/opsgenie_page.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

using inbound::OpsgenieAlert;
using inbound::OpsgenieFault;

constexpr size_t kPageMax = 100;
constexpr size_t kReachMax = 20'000;  // The vendor's, of offset and limit together.

// All that the vendor sorts by; what we have no value of is all alike.
constexpr std::array<std::string_view, 20> kSorts = {"createdAt",
                                                     "updatedAt",
                                                     "tinyId",
                                                     "alias",
                                                     "message",
                                                     "status",
                                                     "acknowledged",
                                                     "isSeen",
                                                     "snoozed",
                                                     "snoozedUntil",
                                                     "count",
                                                     "lastOccurredAt",
                                                     "source",
                                                     "owner",
                                                     "integration.name",
                                                     "integration.type",
                                                     "report.ackTime",
                                                     "report.closeTime",
                                                     "report.acknowledgedBy",
                                                     "report.closedBy"};

using Fault = tl::unexpected<OpsgenieFault>;

Fault Refuse(const char* field, const std::string& reason) {
  return Fault(OpsgenieFault{422, field, reason});
}

// What a text or a moment sorts by.
std::string TextKey(const OpsgenieAlert& alert, const std::string& sort) {
  if (sort == "tinyId") return std::string(12 - alert.tiny_id.size(), '0') + alert.tiny_id;
  if (sort == "alias") return alert.alias;
  if (sort == "message") return alert.message;
  if (sort == "status") return alert.is_open ? "open" : "closed";
  if (sort == "acknowledged" || sort == "isSeen") return alert.is_acknowledged ? "1" : "0";
  if (sort == "snoozed") return alert.is_snoozed ? "1" : "0";
  if (sort == "source") return alert.source;
  if (sort == "owner") return alert.owner;
  return sort == "report.acknowledgedBy" ? alert.acked_by : "";
}
WallTime TimeKey(const OpsgenieAlert& alert, const std::string& sort) {
  if (sort == "updatedAt" || sort == "lastOccurredAt") return alert.updated_at;
  if (sort == "snoozedUntil") return alert.snoozed_until;
  if (sort == "report.ackTime") return alert.acked_at;
  return sort == "report.closeTime" ? alert.closed_at : alert.created_at;
}

bool IsBefore(const OpsgenieAlert& a, const OpsgenieAlert& b, const std::string& sort) {
  const std::string left = TextKey(a, sort);
  const std::string right = TextKey(b, sort);
  if (left != right) return left < right;
  const WallTime first = TimeKey(a, sort);
  const WallTime second = TimeKey(b, sort);
  return first != second ? first < second : a.id < b.id;
}

}  // namespace

inbound::OpsgenieResult<OpsgeniePage> OpsgeniePage::Read(const net::Request& request) {
  OpsgeniePage page;
  for (const auto& [name, number, least, most] :
       {std::tuple{"offset", &page.offset, size_t{0}, kReachMax},
        std::tuple{"limit", &page.limit, size_t{1}, kPageMax}}) {
    const std::string* text = request.param(name);
    if (text == nullptr || text->empty()) continue;
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, *number);
    if (error != std::errc() || stop != end || *number < least || *number > most) {
      return Refuse(
          name, "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
  }
  if (page.offset + page.limit > kReachMax) {
    return Refuse("offset", "offset and limit together must not exceed 20000");
  }
  if (const std::string* sort = request.param("sort"); sort != nullptr && !sort->empty()) {
    if (std::ranges::find(kSorts, *sort) == kSorts.end()) {
      return Refuse("sort", GoQuote(*sort) + " is no field to sort by");
    }
    page.sort = *sort;
  }
  if (const std::string* order = request.param("order"); order != nullptr && !order->empty()) {
    if (*order != "asc" && *order != "desc") return Refuse("order", "must be asc or desc");
    page.is_ascending = *order == "asc";
  }
  return page;
}

void SortOpsgenie(const OpsgeniePage& page, std::vector<OpsgenieAlert>* alerts) {
  std::ranges::sort(*alerts, [&](const OpsgenieAlert& a, const OpsgenieAlert& b) {
    return page.is_ascending ? IsBefore(a, b, page.sort) : IsBefore(b, a, page.sort);
  });
}

void WritePaging(const OpsgeniePage& page, size_t total, const Call& call, JsonWriter* json) {
  const std::string* query = call.request.param("query");
  const auto at = [&](size_t offset) {
    std::string url = call.backend.info().external_url + "/v2/alerts?";
    if (query != nullptr) url += "query=" + UrlEncode(*query) + "&";
    return url + "limit=" + std::to_string(page.limit) + "&sort=" + page.sort +
           "&offset=" + std::to_string(offset) + "&order=" + (page.is_ascending ? "asc" : "desc");
  };
  json->Key("paging").StartObject();
  if (page.offset > 0) {
    json->Field("prev", at(page.offset - std::min(page.offset, page.limit)));
  }
  const size_t next = page.offset + page.limit;
  if (next < total && next + page.limit <= kReachMax) json->Field("next", at(next));
  json->Field("first", at(0));
  json->Field("last", at(total == 0 ? 0 : (total - 1) / page.limit * page.limit)).EndObject();
}

}  // namespace watchfire::api
