// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Commands from people and vendors: what they do to incidents and silences.

#include <algorithm>
#include <iterator>

#include "pkg/core/calls.h"
#include "pkg/core/core.h"
#include "pkg/core/vendor_ends.h"

namespace watchfire::core {

void Core::On(IncidentCommand event) {
  std::vector<uint64_t> ids;
  std::map<uint64_t, std::vector<std::string>> ended;  // Entity ids, by incident.
  auto* resolve = std::get_if<incident::Resolve>(&event.act);
  if (event.incident != 0) {
    ids.push_back(event.incident);
  } else {
    ids = incidents_.FindOpenByEntity(event.entity_id);
    const VendorEnds ends(this);
    if (ids.empty()) ids = ends.OpenByLead(event.entity_id);
    // A vendor knows what it was told of under that name; others that are part of it may go on.
    for (const uint64_t id : ids) ended[id] = ends.EndedBy(event, *incidents_.Find(id));
    if (resolve != nullptr) std::erase_if(ids, [&](uint64_t id) { return ended[id].empty(); });
  }
  if (ids.empty()) {
    Emit(Reply{event.reply_to,
               Fail(Code::kNotFound, "no open incident with entity id \"" + event.entity_id + "\""),
               nullptr,
               {},
               {}});
    return;
  }
  Reply reply{event.reply_to, {}, nullptr, {}, {}};
  Ticket ticket = 0;
  for (const uint64_t id : ids) {
    const auto before = incidents_.Find(id);
    if (resolve != nullptr && event.incident == 0) resolve->entity_ids = ended[id];
    if (before != nullptr && IsEcho(*before, event)) {
      reply.incidents.push_back(id);
      continue;
    }
    const Result<Ticket> done = Do(id, event, &reply.remark);
    if (!done) {
      reply.status = Fail(done.error());
      continue;
    }
    ticket = *done;
    reply.incidents.push_back(id);
  }
  SyncEscalations();  // Before anybody else is paged for it.
  if (reply.incidents.empty()) {
    Emit(std::move(reply));
    return;
  }
  reply.status = {};
  reply_waits_.emplace(ticket, std::move(reply));
}

Result<Ticket> Core::Do(uint64_t id, IncidentCommand event, std::string* remark) {
  const auto before = incidents_.Find(id);
  auto* reassign = std::get_if<incident::Reassign>(&event.act);
  if (reassign != nullptr && before != nullptr) calls_->LookAtOwner(*before, event.ack, reassign);
  auto* escalate = std::get_if<incident::Escalate>(&event.act);
  if (escalate != nullptr && before != nullptr && IsOpen(before->state)) {
    WF_RETURN_IF_ERROR(calls_->LookAtCall(*before, escalate));
  }
  const auto* merge = std::get_if<incident::Merge>(&event.act);
  const auto into = merge == nullptr ? nullptr : incidents_.Find(merge->into);
  Result<std::vector<Record>> records = incidents_.Apply(id, event.act, event.ack, now_.wall);
  if (!records) return Fail(std::move(records.error()));
  Ticket ticket = 0;
  for (Record& record : *records) ticket = outbox_.AddUrgent(std::move(record), now_.mono);
  const auto goes_on_in = into == nullptr ? nullptr : incidents_.Find(into->id);
  if (goes_on_in != nullptr && goes_on_in->cycle != into->cycle) {
    Emit(Log{Log::Level::kWarn,
             "incident: graver than what was in hand → triggered",
             {{"incident", std::to_string(into->id)}, {"by", event.ack.actor}}});
    // Its own groups, which somebody had in hand. The others go on as they were.
    Repage(*into);
    TellOfReturn(*goes_on_in, event.ack.actor, "graver than what was in hand");
  }
  const bool ends_ack = escalate != nullptr && escalate->ends_ack;
  if ((reassign != nullptr || ends_ack) && before->ack) calls_->GoOnAfterAck(id);
  SyncEscalations();  // First: what Spare() takes away may be owed to people.
  if (escalate != nullptr) WF_RETURN_IF_ERROR(calls_->CallNow(*before, escalate->to));
  if (std::holds_alternative<incident::Acknowledge>(event.act)) {
    calls_->NoteAck(*before, event.ack.actor);
  }
  Spare(id);
  if (reassign != nullptr) {
    const std::string said = calls_->CallOwner(*before, event);
    if (remark != nullptr && !said.empty()) *remark = said;
  }
  TellOfAct(*before, event);
  CountRerouted(*before, event.act);
  CountForeignAck(*before, event);
  const bool resolves = std::holds_alternative<incident::Resolve>(event.act);
  if (resolves && EndWithIncident(*before)) ticket = outbox_.UrgentTicket();
  if (resolves) VendorEnds(this).ReturnTheRest(*before, event);
  const bool goes_on = resolves && IsOpen(incidents_.Find(id)->state);
  Emit(Log{
      Log::Level::kInfo,
      std::string("incident: ") + incident::ActName(event.act) +
          (goes_on ? ", but for its other groups" : ""),
      {{"incident", std::to_string(id)}, {"by", event.ack.actor}, {"channel", event.ack.channel}}});
  return ticket;
}

// What a person made up to call for help, and no monitoring watches, is over with its incident:
// nobody would say so, and it would page again.
bool Core::EndWithIncident(const incident::Incident& before) {
  if (IsOpen(incidents_.Find(before.id)->state)) return false;
  std::vector<alert::Alert> ended;
  for (const incident::Group& group : before.groups) {
    for (const dispatch::GroupId id : dispatcher_->FindByKey(group.group_key, group.receiver)) {
      for (const auto& [fingerprint, alert] : dispatcher_->Find(id)->alerts) {
        const bool ends_too = alert->annotations.Get(kEndsWithIncident) == "true";
        if (!ends_too || alert->Resolved(now_.wall)) continue;
        ended.push_back(*alert);
        ended.back().ends_at = now_.wall;
        ended.back().updated_at = std::max(now_.wall, alert->updated_at + Duration(1));
        ended.back().timeout = false;
      }
    }
  }
  const bool has_any = !ended.empty();
  for (alert::Alert& alert : ended) Ingest(std::move(alert), "victorops");
  return has_any;
}

void Core::On(SilenceCommand event) {
  Reply reply{event.reply_to, {}, nullptr, {}, {}};
  std::vector<Record> records;
  if (const auto* draft = std::get_if<silence::Draft>(&event.what)) {
    Result<silence::Set::Written> written = silences_.Put(*draft, now_.wall, &rng_);
    if (written) {
      reply.silence_id = written->id;
      const bool is_new = draft->id != written->id;
      LogSilence(is_new ? "silence: created" : "silence: updated", written->id);
      const auto is_old = [&](const Record& record) { return record.key == draft->id; };
      if (is_new && std::ranges::any_of(written->records, is_old)) {
        LogSilence("silence: expired", draft->id);
      }
      records = std::move(written->records);
    } else {
      if (written.error().code == Code::kExhausted) ++stats_.limit_exceeded[{"silences"}];
      reply.status = Fail(std::move(written.error()));
    }
  } else if (const auto* followed = std::get_if<FollowedSilences>(&event.what)) {
    for (const silence::Draft& there : followed->silences) {
      Result<std::vector<Record>> adopted = silences_.Adopt(there, now_.wall);
      if (adopted) {
        std::ranges::move(*adopted, std::back_inserter(records));
      } else if (reply.status) {
        reply.status = Fail(adopted.error().code, there.id + ": " + adopted.error().message);
      }
    }
  } else {
    const std::string& id = std::get<std::string>(event.what);
    Result<std::vector<Record>> ended = silences_.Expire(id, now_.wall);
    if (ended) {
      records = *std::move(ended);
      if (!records.empty()) LogSilence("silence: expired", id);
      // It had ended, but that may not be stored yet: whoever asks again waits as well.
      if (records.empty()) records.push_back(silence::Encode(*silences_.Find(id)));
    } else {
      reply.status = Fail(std::move(ended.error()));
    }
  }
  if (records.empty()) {
    Emit(std::move(reply));
    return;
  }
  Ticket ticket = 0;
  for (Record& record : records) {
    silences_changed_.insert(record.key);
    ticket = outbox_.AddUrgent(std::move(record), now_.mono);
  }
  mutes_ended_ = true;
  NoteSilences();
  reply_waits_.emplace(ticket, std::move(reply));
}

// --log.silences
void Core::LogSilence(const char* what, const std::string& id) {
  const silence::Silence* silence = silences_.Find(id);
  if (!options_.log_silences || silence == nullptr) return;
  std::string matchers;
  for (const matcher::Matchers& set : silence->matcher_sets) {
    matchers += (matchers.empty() ? "" : " or ") + matcher::ToString(set);
  }
  Emit(Log{Log::Level::kInfo,
           what,
           {{"silence", id},
            {"by", silence->created_by},
            {"comment", silence->comment},
            {"matchers", matchers},
            {"from", FormatRfc3339(silence->starts_at)},
            {"until", FormatRfc3339(silence->ends_at)}}});
}

}  // namespace watchfire::core
