// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/checkers.h"

#include <algorithm>
#include <map>

#include "tests/sim/timelines.h"

namespace watchfire::sim {
namespace {

constexpr Duration kRepeat = std::chrono::hours(1);

using Stream = std::pair<std::string, std::string>;  // receiver/integration, group key

std::map<Stream, std::vector<const fakes::Accepted*>> Streams(const World& world) {
  std::map<Stream, std::vector<const fakes::Accepted*>> streams;
  for (const fakes::Accepted& message : world.vendor().accepted) {
    streams[{message.receiver, message.group_key}].push_back(&message);
  }
  return streams;
}

// True when something may have been heard between the two times: telling again is right then.
bool InDoubt(const World& world, const Stream& stream, MonoTime from, MonoTime to) {
  const auto found = world.doubts().find(stream);
  return found != world.doubts().end() &&
         std::ranges::any_of(found->second, [&](MonoTime at) { return from <= at && at <= to; });
}

std::string Name(const Stream& stream) { return stream.first + " " + stream.second; }

// {}:{service="api"} -> api
std::string ServiceOf(const std::string& group_key) {
  const size_t at = group_key.find("service=\"") + 9;
  return group_key.substr(at, group_key.find('"', at) - at);
}

// What the alerts of `service` should look like to the receiver on-call.
std::set<std::string> FiringOf(const World& world, const std::string& service) {
  std::set<std::string> names;
  for (const auto& [name, truth] : world.truths()) {
    if (truth.firing && truth.labels.Get("service") == service) names.insert(name);
  }
  return names;
}

// True when one of the message's firing alerts ended or began since then: a message that was
// accepted late may have told of what was over by that time.
bool BeganAnew(const World& world, const fakes::Accepted& message, MonoTime from) {
  const auto is_since = [&](const World::Times& times, const std::string& name) {
    const auto found = times.find(name);
    return found != times.end() &&
           std::ranges::any_of(found->second, [&](MonoTime at) { return from <= at; });
  };
  return std::ranges::any_of(message.firing, [&](const std::string& name) {
    return is_since(world.ends(), name) || is_since(world.begins(), name);
  });
}

// True when one of them was muted meanwhile: said again when that is over (strict).
bool WasMuted(const World& world, const fakes::Accepted& message, MonoTime from) {
  return std::ranges::any_of(message.firing, [&](const std::string& name) {
    return world.WasMuted(name, from, message.at);
  });
}

// True when its incident came back to those on call meanwhile. People hear of it under the key by
// which they know it, though the group of that key may be over.
bool CameBack(const World& world, const fakes::Accepted& message, MonoTime from) {
  const auto is_about = [&](const std::string& group_key) {
    if (group_key == message.group_key) return true;
    return !message.receiver.starts_with("on-call/") &&
           std::ranges::any_of(message.firing, [&](const std::string& name) {
             const auto truth = world.truths().find(name);
             return truth != world.truths().end() &&
                    ServiceOf(group_key) == truth->second.labels.Get("service");
           });
  };
  return std::ranges::any_of(world.group_returns(), [&](const auto& group) {
    return is_about(group.first) && std::ranges::any_of(group.second, [&](MonoTime at) {
             return from <= at && at <= message.at;
           });
  });
}

// True when it went to a person who may have been called for an incident with a group more, or to
// the fallback, which hears of each policy and call that ran out. Loose: of whatever incident that
// was, for it may have been told under the key of a group that is over by now.
bool WasCalledAnew(const World& world, const fakes::Accepted& message, MonoTime from) {
  const auto is_within = [&](MonoTime at) { return from <= at && at <= message.at; };
  const bool is_fallback = message.receiver.starts_with(world.config().oncall.fallback + "/");
  return !message.receiver.starts_with("on-call/") &&
         (std::ranges::any_of(world.joins(), is_within) ||
          (is_fallback && std::ranges::any_of(world.unanswered(), is_within)));
}

// True when a step told that contact once more because a run of its policy joined another by a
// merge: of the two the one that was less far sets the pace. (CheckStepsOnce looks at steps.)
bool WasToldByMerge(World& world, const fakes::Accepted& message, WallTime from) {
  const std::string contact = message.receiver.substr(0, message.receiver.find('/'));
  const std::set<std::string> own = world.OwnPolicies();
  timelines::Timelines all;
  for (const auto& [id, incident] : world.Read(core::kViewIncidents)->incidents) {
    all.emplace(id, incident->timeline);
  }
  return std::ranges::any_of(all, [&](const auto& entry) {
    const auto steps = timelines::StepsOfJoined(all, entry.first, own);
    return std::ranges::any_of(steps, [&](const incident::Event& step) {
      return from < step.at && step.at <= message.wall && timelines::NamesContact(step, contact);
    });
  });
}

// Somebody has acknowledged or snoozed an open incident of the service.
bool IsHeld(World& world, const std::string& service) {
  const auto view = world.Read(core::kViewIncidents);
  return std::ranges::any_of(view->incidents, [&](const auto& entry) {
    const incident::Incident& incident = *entry.second;
    if (!IsOpen(incident.state) || (!incident.ack && !incident.snooze)) return false;
    return std::ranges::any_of(incident.groups, [&](const incident::Group& group) {
      return ServiceOf(group.group_key) == service;
    });
  });
}

// Who has it in hand is not paged again: he knows what the vendor is known to have taken, and what
// it took since without our hearing so.
std::set<std::string> FiringToHolder(const std::vector<const fakes::Accepted*>& messages) {
  std::set<std::string> told;
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    told.insert((*message)->firing.begin(), (*message)->firing.end());
    if ((*message)->answered) break;
  }
  return told;
}

bool HasFallback(const World& world) {
  return std::ranges::any_of(world.config().receivers, [](const config::Receiver& receiver) {
    return !receiver.fallback.empty();
  });
}

bool Subset(const std::set<std::string>& part, const std::set<std::string>& whole) {
  return std::ranges::includes(whole, part);
}

// What `check` finds on the timelines of all incidents.
template <typename Check>
std::vector<std::string> OnTimelines(World& world, const Check& check) {
  std::vector<std::string> violations;
  for (const auto& [id, incident] : world.Read(core::kViewIncidents)->incidents) {
    for (const std::string& what : check(incident->timeline)) {
      violations.push_back("incident " + std::to_string(id) + ", " + what);
    }
  }
  return violations;
}

}  // namespace

std::vector<std::string> CheckCalls(World& world) {
  return OnTimelines(world, [&](const std::vector<incident::Event>& timeline) {
    return timelines::WrongCalls(timeline, *world.config().oncall.roster);
  });
}

std::vector<std::string> CheckStepsOnce(World& world) {
  const std::set<std::string> own = world.OwnPolicies();
  return OnTimelines(world, [&](const std::vector<incident::Event>& timeline) {
    return timelines::StepsTwice(timeline, own);
  });
}

bool IsClosedByHand(const World& world, const std::string& group_key,
                    const std::set<std::string>& firing) {
  const auto end = world.hand_ends().find(group_key);
  if (end == world.hand_ends().end()) return false;
  return std::ranges::all_of(firing, [&](const std::string& name) {
    const auto begins = world.begins().find(name);
    if (begins == world.begins().end()) return false;
    // What came and went while nobody could send it core took for the same.
    return begins->second.back() <= end->second || world.truths().at(name).since <= end->second;
  });
}

std::vector<std::string> CheckNoLostPage(World& world) {
  std::vector<std::string> violations;
  const auto streams = Streams(world);
  const char* pager = HasFallback(world) ? "spare/webhook" : "on-call/victorops";
  for (const char* integration : {pager, "on-call/webhook"}) {
    for (const char* service : {"api", "batch", "rules"}) {
      std::set<std::string> want = FiringOf(world, service);
      const bool inhibiting = want.contains("NodeGone");
      if (inhibiting) want = {"NodeGone"};  // The warnings of its service are inhibited.
      const fakes::Accepted* last = nullptr;
      std::set<std::string> held;
      std::string group_key;
      for (const auto& [stream, messages] : streams) {
        const bool ours = stream.first == integration &&
                          stream.second.ends_with(std::string("{service=\"") + service + "\"}");
        if (!ours || (last != nullptr && messages.back()->at <= last->at)) continue;
        last = messages.back();
        held = FiringToHolder(messages);
        group_key = stream.second;
      }
      const std::set<std::string> told = last == nullptr ? std::set<std::string>() : last->firing;
      const bool forgotten = last != nullptr && world.doubtful_lives().upper_bound(last->life) !=
                                                    world.doubtful_lives().end();
      // What a full disk never recorded of its end is somebody's still, who is not paged again, or
      // who has called it over.
      const bool in_hand = ((forgotten || Subset(want, held)) && IsHeld(world, service)) ||
                           (forgotten && IsClosedByHand(world, group_key, want));
      if (!in_hand && !Subset(want, told)) {
        violations.push_back(std::string(integration) + ": an alert of " + service +
                             " fires and was not paged");
      }
      // An alert that ends while inhibited ends in silence (Alertmanager's rule), so the other
      // direction holds only where nothing inhibits, or under the delivery contract.
      // Nor can an end be told of what a full disk never recorded and the next life never saw.
      const bool is_owed = world.is_strict() || std::string_view(service) != "batch";
      // What it was told of before the inhibition, it rightly goes on believing.
      if (world.is_strict() && inhibiting) want = FiringOf(world, service);
      if (is_owed && !forgotten && !Subset(told, want)) {
        violations.push_back(std::string(integration) + ": an alert of " + service +
                             " is over and its end was not told");
      }
    }
  }
  return violations;
}

// The wall clock was set back so far between the two that the log's entry of the first was of the
// future: how old it is nobody knew.
bool WasSetBack(const fakes::Accepted& first, const fakes::Accepted& second) {
  return (second.at - first.at) - (second.wall - first.wall) > std::chrono::minutes(1);
}

std::vector<std::string> CheckNoDuplicate(World& world) {
  std::vector<std::string> violations;
  for (const auto& [stream, messages] : Streams(world)) {
    const fakes::Accepted* previous = nullptr;
    for (const fakes::Accepted* message : messages) {
      const bool pair = previous != nullptr && previous->answered && message->answered &&
                        previous->life == message->life && !message->firing.empty();
      if (pair && message->at - previous->at < kRepeat &&
          Subset(message->firing, previous->firing) &&
          Subset(message->resolved, previous->resolved) &&
          !InDoubt(world, stream, previous->at, message->at) &&
          !BeganAnew(world, *message, previous->at) && !WasMuted(world, *message, previous->at) &&
          !CameBack(world, *message, previous->at) &&
          !WasCalledAnew(world, *message, previous->at) &&
          !WasToldByMerge(world, *message, previous->wall) && !WasSetBack(*previous, *message) &&
          !world.doubtful_lives().contains(message->life)) {
        violations.push_back(Name(stream) + ": said the same twice within " +
                             FormatDuration(message->at - previous->at));
      }
      previous = message;
    }
  }
  return violations;
}

std::vector<std::string> CheckResolvedAfterFiring(World& world) {
  std::vector<std::string> violations;
  for (const auto& [stream, messages] : Streams(world)) {
    std::set<std::string> heard;
    for (const fakes::Accepted* message : messages) {
      heard.insert(message->firing.begin(), message->firing.end());
      if (!message->firing.empty() || message->life > 1) continue;
      const bool known = std::ranges::any_of(
          message->resolved, [&](const std::string& name) { return heard.contains(name); });
      // A request that hung or was cut may have been heard.
      const bool maybe = InDoubt(world, stream, MonoTime(), message->at);
      if (!known && !maybe) violations.push_back(Name(stream) + ": resolved before firing");
    }
  }
  return violations;
}

std::vector<std::string> CheckNoPageAfterAck(World& world) {
  std::vector<std::string> violations;
  const auto streams = Streams(world);
  for (const World::PageRequest& request : world.page_requests()) {
    const fakes::Accepted& said = request.said;
    const auto stream = streams.find({said.receiver, said.group_key});
    if (!request.is_in_hand || !said.resolved.empty() || stream == streams.end()) continue;
    const fakes::Accepted* known = nullptr;
    for (const fakes::Accepted* message : stream->second) {
      if (message->at < said.at) known = message;
    }
    if (known == nullptr || !known->answered || known->life != said.life) continue;
    if (!Subset(said.firing, known->firing) || BeganAnew(world, said, known->at)) continue;
    violations.push_back(Name(stream->first) + ": paged after an ack");
  }
  return violations;
}

std::vector<std::string> CheckPromisedActs(World& world) {
  std::vector<std::string> violations;
  const auto view = world.Read(core::kViewIncidents);
  for (const World::Promise& promise : world.promises()) {
    const std::string what = "incident " + std::to_string(promise.id) + ", " + promise.kind + ": ";
    const auto found = view->incidents.find(promise.id);
    if (found == view->incidents.end()) {
      violations.push_back(what + "it is gone");
      continue;
    }
    const bool is_kept =
        std::ranges::any_of(found->second->timeline, [&](const incident::Event& event) {
          return event.kind == promise.kind && event.at == promise.at;
        });
    if (!is_kept) violations.push_back(what + "the promise is broken");
  }
  return violations;
}

std::vector<std::string> CheckReturnsArePaged(World& world) {
  std::vector<std::string> violations;
  const auto view = world.Read(core::kViewIncidents);
  const auto streams = Streams(world);
  for (const auto& [id, at] : world.returns()) {
    const auto found = view->incidents.find(id);
    if (found == view->incidents.end()) continue;  // It died with a process before it was stored.
    const incident::Incident& incident = *found->second;
    // Somebody took it up again, or it opened anew.
    constexpr std::string_view kTurns[] = {"acked", "snoozed", "reopened", "returned"};
    const auto last = std::find_if(
        incident.timeline.rbegin(), incident.timeline.rend(), [&](const incident::Event& event) {
          return std::ranges::find(kTurns, event.kind) != std::end(kTurns);
        });
    const bool is_back = last != incident.timeline.rend() && last->kind == "returned";
    if (incident.state != incident::State::kTriggered || !is_back) continue;
    for (const incident::Group& group : incident.groups) {
      // Others were merged with it later.
      const auto came = world.group_returns().find(group.group_key);
      if (came == world.group_returns().end()) continue;
      if (std::ranges::find(came->second, at) == came->second.end()) continue;
      std::set<std::string> want = FiringOf(world, ServiceOf(group.group_key));
      if (want.contains("NodeGone")) want = {"NodeGone"};
      std::set<std::string> told;
      const auto stream = streams.find({"on-call/victorops", group.group_key});
      if (stream != streams.end()) {
        for (const fakes::Accepted* message : stream->second) {
          if (message->at >= at) told.insert(message->firing.begin(), message->firing.end());
        }
      }
      if (!Subset(want, told)) {
        violations.push_back("incident " + std::to_string(id) + " came back and " +
                             group.group_key + " was not paged");
      }
    }
  }
  return violations;
}

std::vector<std::string> CheckQuietRestart(World& world) {
  std::vector<std::string> violations;
  const size_t before = world.vendor().accepted.size();
  world.Crash();
  world.Run(std::chrono::minutes(3));
  world.Reload();
  world.Run(std::chrono::minutes(3));
  for (const auto& [stream, messages] : Streams(world)) {
    for (size_t i = 0; i < messages.size(); ++i) {
      if (messages[i] < &world.vendor().accepted[before]) continue;
      bool is_due = false;
      for (size_t j = i; j-- > 0 && !is_due;) {
        // A life that ended left the times of its wall clock, which may have been wrong: an hour by
        // either clock is a repeat that was due.
        is_due = messages[i]->at - messages[j]->at >= kRepeat ||
                 messages[i]->wall - messages[j]->wall >= kRepeat;
        // What a full disk never recorded, or nobody heard was taken, is counted from before.
        if (messages[j]->answered && !world.doubtful_lives().contains(messages[j]->life)) break;
      }
      if (is_due) continue;
      violations.push_back(Name(stream) + ": a restart or a reload made it speak");
    }
  }
  return violations;
}

std::vector<std::string> CheckPromptAfterSilence(World& world) {
  const std::string name = "ApiDown";
  const size_t before = world.vendor().accepted.size();
  world.Silence(name, std::chrono::hours(1));
  world.SetAlert(name, true);
  world.Run(std::chrono::minutes(4));
  const MonoTime end = world.mono();
  world.EndSilence(name);
  world.Run(std::chrono::seconds(2));
  const auto& accepted = world.vendor().accepted;
  const auto is_said = [&](const fakes::Accepted& message) {
    return message.receiver == "on-call/webhook" && message.firing.contains(name);
  };
  std::vector<std::string> violations;
  const auto first =
      std::find_if(accepted.begin() + static_cast<long>(before), accepted.end(), is_said);
  if (first == accepted.end()) {
    violations.push_back(name + ": its silence ended and nobody was paged at once");
  } else if (first->at < end) {
    violations.push_back(name + ": paged while it was silenced");
  }
  return violations;
}

std::vector<std::string> CheckEndsAfterRerouting(World& world) {
  for (const auto& [name, truth] : world.truths()) world.SetAlert(name, name != "NodeGone");
  world.Run(std::chrono::minutes(4));
  world.Reload(SimConfig({config::Delivery::kStrict, /*is_rerouted=*/true, HasFallback(world)}));
  const size_t before = world.vendor().accepted.size();
  world.Run(std::chrono::minutes(2));
  world.Crash();
  world.Run(std::chrono::minutes(2));
  std::vector<std::string> violations;
  const auto& accepted = world.vendor().accepted;
  for (size_t i = before; i < accepted.size(); ++i) {
    if (accepted[i].receiver.starts_with("audit/")) continue;
    violations.push_back(accepted[i].receiver + ": told again, though everything is led elsewhere");
  }
  for (const auto& [name, truth] : world.truths()) world.SetAlert(name, false);
  world.Run(std::chrono::minutes(12));
  for (const auto& [stream, messages] : Streams(world)) {
    // Chat wants no ends; and nobody knows of what a full disk never recorded.
    const bool is_forgotten =
        world.doubtful_lives().upper_bound(messages.back()->life) != world.doubtful_lives().end();
    if (stream.first.starts_with("chat/") || is_forgotten) continue;
    if (messages.back()->firing.empty()) continue;
    violations.push_back(Name(stream) + ": what was led elsewhere is over and was not told");
  }
  return violations;
}

std::vector<std::string> CheckFallbackInTime(World& world, bool is_refusing) {
  for (const auto& [name, truth] : world.truths()) world.SetAlert(name, false);
  world.Run(std::chrono::minutes(12));
  const std::string name = "ApiDown";
  const size_t before = world.vendor().accepted.size();
  const MonoTime begin = world.mono();
  world.SetAlert(name, true);
  world.Run(std::chrono::seconds(100));
  world.Crash();
  world.Run(kPatience + std::chrono::minutes(1));
  std::vector<std::string> violations;
  const auto& accepted = world.vendor().accepted;
  size_t told = 0;
  for (size_t i = before; i < accepted.size(); ++i) {
    if (accepted[i].receiver != "spare/webhook" || !accepted[i].firing.contains(name)) continue;
    ++told;
    const Duration after = accepted[i].at - begin;
    // Its sender repeats itself every 15 s, and the group, if there is one, flushes each minute.
    const Duration soonest = is_refusing ? Duration::zero() : kPatience;
    if (after < soonest) violations.push_back("spare: told while on-call still had time");
    if (after > soonest + std::chrono::seconds(90)) violations.push_back("spare: told late");
  }
  if (told != 1) violations.push_back("spare: told " + std::to_string(told) + " times, not once");
  return violations;
}

std::vector<std::string> CheckHungHoldsUpNobody(World& world) {
  std::vector<std::string> violations;
  for (int round = 0; round < 6; ++round) {
    const size_t before = world.vendor().accepted.size();
    const MonoTime begin = world.mono();
    world.SetAlert("ApiSlow", true);  // Told to chat as well as to on-call.
    world.Run(std::chrono::seconds(90));
    bool is_told = false;
    const auto& accepted = world.vendor().accepted;
    for (size_t i = before; i < accepted.size(); ++i) {
      is_told |= accepted[i].receiver == "chat/webhook" && accepted[i].firing.contains("ApiSlow") &&
                 accepted[i].at - begin <= std::chrono::seconds(27);
    }
    if (!is_told) violations.push_back("chat: waited for a vendor that is not its own");
    world.SetAlert("ApiSlow", false);
    world.Run(std::chrono::minutes(8));
  }
  return violations;
}

std::vector<std::string> CheckDrained(World& world) {
  std::vector<std::string> violations;
  // What has begun this moment is no deadlock.
  if (world.Read(core::kViewStats)->stats->deliveries != 0) world.Run(std::chrono::seconds(10));
  const auto view = world.Read(core::kViewStats | core::kViewIncidents);
  if (view->stats->deliveries != 0) violations.push_back("deliveries are stuck");
  if (view->stats->store_failing) violations.push_back("the store is still failing");
  const WallTime late = world.wall() - std::chrono::seconds(5);
  std::set<std::pair<std::string, std::string>> groups;
  for (const auto& [id, incident] : view->incidents) {
    for (const incident::Group& group : incident->groups) {
      const bool fires = std::ranges::any_of(world.truths(), [&](const auto& entry) {
        return entry.second.firing && world.IsOf(entry.first, group.group_key);
      });
      if (!fires) {
        violations.push_back("incident " + std::to_string(id) + " waits for " + group.group_key +
                             ", of which nothing fires");
      }
      if (!groups.insert({group.receiver, group.group_key}).second) {
        violations.push_back("two open incidents are about " + group.group_key);
      }
    }
    if (IsOpen(incident->state) == incident->groups.empty()) {
      violations.push_back("incident " + std::to_string(id) + " is open without groups, or not");
    }
    if (incident->ack && incident->ack->until != kNoTime && incident->ack->until < late) {
      violations.push_back("the ack of incident " + std::to_string(id) + " never expired");
    }
    if (incident->snooze && incident->snooze->until < late) {
      violations.push_back("the snooze of incident " + std::to_string(id) + " never ended");
    }
  }
  return violations;
}

}  // namespace watchfire::sim
