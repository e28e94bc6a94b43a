// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Overrides that people make here: stored before they are answered, and laid over the schedules of
// the files. Whoever asks who is on call asks roster_.

#include <utility>

#include "pkg/core/core.h"

namespace watchfire::core {

void Core::On(OverrideCommand event) {
  Reply reply{event.reply_to, {}, nullptr, {}, {}};
  CountTimeOnCall();  // By the schedules that held.
  std::optional<Record> record;
  std::string by;
  if (auto* draft = std::get_if<oncall::OverrideDraft>(&event.what)) {
    by = draft->made_by;
    Result<oncall::Overrides::Written> written =
        overrides_.Add(config_->oncall.roster.get(), std::move(*draft), now_.wall);
    if (written) {
      reply.override_id = written->id;
      record = std::move(written->record);
    } else {
      reply.status = Fail(std::move(written.error()));
    }
  } else {
    const auto& end = std::get<EndOverride>(event.what);
    by = end.by;
    Result<Record> ended = overrides_.End(end.id, end.by, now_.wall);
    if (ended) {
      reply.override_id = end.id;
      record = *std::move(ended);
    } else {
      reply.status = Fail(std::move(ended.error()));
    }
  }
  if (!record) {
    Emit(std::move(reply));
    return;
  }
  const oncall::MadeOverride& made = overrides_.all().at(reply.override_id);
  const bool is_made = made.ended_at == kNoTime;
  Emit(Log{Log::Level::kInfo,
           is_made ? "on-call: override made" : "on-call: override ended",
           {{"override", std::to_string(made.id)},
            {"schedule", made.draft.schedule},
            {"who", made.draft.who},
            {"from", FormatRfc3339(made.draft.from)},
            {"to", FormatRfc3339(made.draft.to)},
            {"by", by}}});
  const Ticket ticket = outbox_.AddUrgent(*std::move(record), now_.mono);
  Store(overrides_.Collect(now_.wall, IncidentRetention()));
  LayOverrides();
  RefreshGaps();
  reply_waits_.emplace(ticket, std::move(reply));
}

void Core::LayOverrides() {
  roster_ = overrides_.Over(config_->oncall.roster);
  clocks_ = oncall::ClocksOf(roster_.get());
  summaries_.LookAgain();
}

void Core::WarnOfOverrides() {
  for (const auto& [id, made] : overrides_.all()) {
    const bool is_live = made.ended_at == kNoTime && made.draft.to > now_.wall;
    if (!is_live || oncall::Overrides::IsOf(config_->oncall.roster.get(), made)) continue;
    Emit(Log{Log::Level::kWarn,
             "on-call: an override covers nothing: the files have its schedule or person no more",
             {{"override", std::to_string(id)},
              {"schedule", made.draft.schedule},
              {"who", made.draft.who}}});
  }
}

}  // namespace watchfire::core
