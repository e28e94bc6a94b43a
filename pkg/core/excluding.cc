// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Time that people exclude from the budgets of SLOs: stored before it is answered. The engine reads
// it at its next evaluation.

#include <utility>

#include "pkg/base/strings.h"
#include "pkg/core/core.h"

namespace watchfire::core {

void Core::On(ExclusionCommand event) {
  Reply reply{event.reply_to, {}, nullptr, {}, {}};
  std::optional<Record> record;
  const char* what = "";
  std::string by;
  if (auto* draft = std::get_if<slo::ExclusionDraft>(&event.what)) {
    by = draft->author;
    Result<slo::Exclusions::Written> written =
        exclusions_.Add(slos_->slos(), std::move(*draft), now_.wall);
    if (written) {
      reply.exclusion_id = written->id;
      record = std::move(written->record);  // Asked for again it may not be on the disk yet.
      if (written->is_new) what = "slo: time excluded";
    } else {
      reply.status = Fail(std::move(written.error()));
    }
  } else {
    const auto& end = std::get<EndExclusion>(event.what);
    by = end.by;
    Result<Record> ended = end.keeps_past ? exclusions_.Shorten(end.id, end.by, now_.wall)
                                          : exclusions_.End(end.id, end.by, now_.wall);
    if (ended) {
      reply.exclusion_id = end.id;
      record = *std::move(ended);
      what = end.keeps_past ? "slo: exclusion over early" : "slo: exclusion taken back";
    } else {
      reply.status = Fail(std::move(ended.error()));
    }
  }
  if (!record) {
    Emit(std::move(reply));
    return;
  }
  const slo::ExclusionDraft& draft = exclusions_.all().at(reply.exclusion_id).draft;
  if (*what != '\0') {
    Emit(Log{Log::Level::kInfo,
             what,
             {{"exclusion", std::to_string(reply.exclusion_id)},
              {draft.service.empty() ? "slo" : "service",
               draft.service.empty() ? Join(draft.slos, ",") : draft.service},
              {"start", FormatRfc3339(draft.start)},
              {"end", FormatRfc3339(draft.end)},
              {"reason", draft.reason},
              {"by", by}}});
  }
  reply_waits_.emplace(outbox_.AddUrgent(*std::move(record), now_.mono), std::move(reply));
}

}  // namespace watchfire::core
