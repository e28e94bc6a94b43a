// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/evaluate.h"

#include <iterator>
#include <utility>

#include "pkg/base/limits.h"

namespace watchfire::rules {
namespace {

using Templates = std::vector<std::pair<std::string, templates::Template>>;

labels::LabelSet::Pairs Expand(const Templates& templates, const promql::Sample& sample,
                               WallTime slot) {
  labels::LabelSet::Pairs out;
  out.reserve(templates.size() + 1);
  for (const auto& [name, text] : templates) {
    Result<std::string> value = text.Execute({sample.labels, sample.value, slot});
    // A page with a hole beats no page.
    out.emplace_back(name, value ? *std::move(value)
                                 : "<error expanding template: " + value.error().message + ">");
  }
  return out;
}

// The sample's labels without its metric name, under the rule's, under the rule's name.
labels::LabelSet FinalLabels(const config::Rule& rule, const promql::Sample& sample,
                             WallTime slot) {
  labels::LabelSet::Pairs pairs = Expand(rule.label_templates, sample, slot);
  pairs.insert(pairs.begin(), {"__name__", ""});
  pairs.emplace_back("alertname", rule.alert);
  return sample.labels.With(pairs);
}

Result<Instances> Fresh(const config::Rule& rule, const promql::Vector& vector, WallTime slot) {
  if (vector.size() > limits::kAlertsPerRule) {
    return Fail(Code::kExhausted, "the result has " + std::to_string(vector.size()) +
                                      " alerts, more than " +
                                      std::to_string(limits::kAlertsPerRule));
  }
  Instances fresh;
  for (const promql::Sample& sample : vector) {
    Instance instance;
    instance.labels = FinalLabels(rule, sample, slot);
    instance.annotations = labels::LabelSet(Expand(rule.annotation_templates, sample, slot));
    instance.value = sample.value;
    instance.active_at = slot;
    std::string key = instance.labels.ToString();
    if (!fresh.emplace(std::move(key), std::move(instance)).second) {
      return Fail(Code::kConflict,
                  "vector contains metrics with the same labelset after applying alert labels");
    }
  }
  return fresh;
}

// What became of an instance that is missing from the result; kGone: erase it.
enum class Absence { kGone, kKeepsFiring, kResolved };

Absence SettleMissing(const config::Rule& rule, WallTime slot, Instance* instance) {
  if (instance->state == State::kPending) return Absence::kGone;
  if (instance->state == State::kInactive) {
    const bool told = slot - instance->resolved_at > kResolvedRetention;
    return told ? Absence::kGone : Absence::kResolved;
  }
  if (rule.keep_firing_for > Duration::zero()) {
    if (instance->keep_firing_since == kNoTime) instance->keep_firing_since = slot;
    if (slot - instance->keep_firing_since < rule.keep_firing_for) return Absence::kKeepsFiring;
  }
  instance->state = State::kInactive;
  instance->resolved_at = slot;
  return Absence::kResolved;
}

// Takes over what the result says of an instance; a resolved one starts anew.
void SettlePresent(Instance fresh, Instance* instance) {
  if (instance->state == State::kInactive) {
    *instance = std::move(fresh);
    return;
  }
  instance->value = fresh.value;
  instance->annotations = std::move(fresh.annotations);
  instance->keep_firing_since = kNoTime;
}

bool SameStage(const Instance& a, const Instance& b) {
  return a.state == b.state && a.active_at == b.active_at &&
         a.keep_firing_since == b.keep_firing_since;
}

// Pending to firing and, when a reload made `for` longer, back.
void Promote(const config::Rule& rule, WallTime slot, Instance* instance) {
  if (instance->state == State::kPending) {
    // A wall clock set back must not make anybody wait for the time it was set back by.
    if (instance->active_at > slot) instance->active_at = slot;
    if (slot - instance->active_at < rule.hold) return;
    instance->state = State::kFiring;
    instance->fired_at = slot;
    return;
  }
  // The first condition follows from the second unless the wall clock was set back, which must
  // not silence a firing alert.
  if (instance->fired_at - instance->active_at < rule.hold &&
      slot - instance->active_at < rule.hold) {
    instance->state = State::kPending;
    instance->fired_at = kNoTime;
    instance->last_sent_at = kNoTime;
    instance->keep_firing_since = kNoTime;
  }
}

}  // namespace

Result<bool> Advance(const config::Rule& rule, int limit, const promql::Vector& vector,
                     WallTime slot, Instances* active) {
  Result<Instances> fresh = Fresh(rule, vector, slot);
  if (!fresh) return Fail(std::move(fresh.error()));
  bool changed = false;
  size_t count = 0;
  for (auto it = active->begin(); it != active->end();) {
    Instance& instance = it->second;
    const Instance before = instance;
    const auto found = fresh->find(it->first);
    Absence absence = Absence::kKeepsFiring;
    if (found != fresh->end()) {
      SettlePresent(std::move(found->second), &instance);
      fresh->erase(found);
    } else {
      absence = SettleMissing(rule, slot, &instance);
    }
    if (absence == Absence::kKeepsFiring) {
      Promote(rule, slot, &instance);
      ++count;
    }
    changed |= absence == Absence::kGone || !SameStage(before, instance);
    it = absence == Absence::kGone ? active->erase(it) : std::next(it);
  }
  for (auto& [key, instance] : *fresh) {
    Promote(rule, slot, &instance);
    ++count;
    changed = true;
  }
  active->merge(*fresh);
  if (limit > 0 && count > static_cast<size_t>(limit)) {
    active->clear();
    return Fail(Code::kExhausted, "exceeded limit of " + std::to_string(limit) + " with " +
                                      std::to_string(count) + " alerts");
  }
  return changed;
}

std::vector<const Instance*> TakeDue(Duration resend_delay, WallTime slot, Instances* active) {
  std::vector<const Instance*> due;
  for (auto& [key, instance] : *active) {
    if (instance.state == State::kPending) continue;
    const bool resolved_now = instance.resolved_at > instance.last_sent_at;
    if (!resolved_now && instance.last_sent_at + resend_delay >= slot) continue;
    instance.last_sent_at = slot;
    due.push_back(&instance);
  }
  return due;
}

}  // namespace watchfire::rules
