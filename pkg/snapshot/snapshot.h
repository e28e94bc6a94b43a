// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The files in which Alertmanager keeps its state between runs, `silences` and `nflog`: messages of
// protocol buffers, each behind its length, in any order. Pure decoding, of what 0.25 writes as
// well as of what 0.34 does; fields that neither knows are passed over. Source: silencepb and
// nflogpb of Alertmanager 0.25 (Debian) and reference §5.10.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/nflog/nflog.h"
#include "pkg/silence/silence.h"

namespace watchfire::snapshot {

template <typename T>
struct Decoded {
  std::vector<T> items;  // In the order of the file; one may come twice.
  // Whole messages that are of no use, as "byte 512: silence 3f8a…: why".
  std::vector<std::string> skipped;
  // Why reading stopped before the end of the file: "byte 4096: …". What came before is in `items`.
  std::optional<Error> damage;
};

// Reads `silences`. Skips those that nobody can tell whom they mute: without id, start or matchers,
// with a regex that does not compile, or for some receivers only, and those over
// limits::kSilenceBytes. Stops at limits::kSilences.
//
// Alertmanager 0.34 has a field for the receivers (silencepb, receiver_matcher_sets), but nothing
// in it sets or reads that, so only a newer one can have written it; to obey the rest of such a
// silence would keep pages from receivers that it does not name. Source: Alertmanager pull request
// 5292 and issue 4962.
Decoded<silence::Silence> DecodeSilences(std::string_view file);

// One entry of the notification log.
struct Told {
  nflog::Key key;
  nflog::Entry entry;  // With `foreign`; its `until` is for the importer to set.
};

// Reads `nflog`. Skips entries that do not name group, receiver and time. Stops at
// limits::kActiveAlerts entries.
Decoded<Told> DecodeNflog(std::string_view file);

}  // namespace watchfire::snapshot
