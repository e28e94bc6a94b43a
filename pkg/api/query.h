// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Query parameters of API v2, with the leniency and the texts of Alertmanager (reference §2.1,
// §2.6). Private to pkg/api.

#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/config/config.h"
#include "pkg/core/view.h"
#include "pkg/labels/labels.h"
#include "pkg/matcher/matcher.h"
#include "pkg/net/http.h"

namespace watchfire::api {

// Returns `fallback` for an absent or empty parameter; every value that does not say yes is false.
// Source: go-openapi/swag ConvertBool.
bool ReadFlag(const net::Request& request, std::string_view name, bool fallback = true);

// Reads a repeatable parameter of one matcher each. Errors: kInvalidArgument, the parser's text.
// `mode`, here and below, is that of the configuration.
Result<matcher::Matchers> ReadMatchers(const net::Request& request, std::string_view name,
                                       matcher::Mode mode);

// What `receiver_matchers` is about: the receiver's labels, its name among them.
labels::LabelSet LabelsOf(const config::Receiver& receiver);
// Reads `receiver_matchers`; all of them must match. Errors: kInvalidArgument.
Result<matcher::Matchers> ReadReceiverMatchers(const net::Request& request, matcher::Mode mode);

// Which alerts a reader wants to see.
struct AlertQuery {
  bool active = true;
  bool silenced = true;
  bool inhibited = true;
  bool muted = true;  // Of groups only.
  matcher::Matchers filter;
  std::optional<matcher::Matcher> receiver;
  // Names of those that all receiver_matchers match; unset without any.
  std::optional<std::set<std::string>> labelled_receivers;

  bool WantsReceiver(const std::string& name) const;
  // As Alertmanager: one receiver may have the name and another one the labels.
  bool WantsAnyOf(const std::vector<std::string>& receivers) const;
  // By state and filter, not by receiver.
  bool Wants(const core::AlertRow& row) const;
  // Whether an alert of a group with `labels` can be wanted.
  bool MayWantAlertsOf(const labels::LabelSet& labels) const;
  // core::PairMark() of all pairs that the filter demands.
  uint64_t marks = 0;
};

// Errors: kInvalidArgument, the text of the answer.
Result<AlertQuery> ReadAlertQuery(const net::Request& request, const config::Config& config);

// Reads a parameter that must be a number of at least 1. Errors: kInvalidArgument.
Result<std::optional<size_t>> ReadCount(const net::Request& request, std::string_view name);

// Reads a parameter that is a time; kNoTime when absent or empty. Errors: kInvalidArgument.
Result<WallTime> ReadTime(const net::Request& request, std::string_view name);

}  // namespace watchfire::api
