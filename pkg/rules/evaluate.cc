// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/evaluate.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/templates/label_map.h"

namespace watchfire::rules {
namespace {

using Templates = std::vector<std::pair<std::string, templates::Template>>;

// Everything the texts of one evaluation are made from.
struct Scene {
  const config::Rule& rule;
  WallTime slot;
  const Surroundings& around;
  const Answers& answers;
  std::set<std::string>* wanted = nullptr;  // Collects what has no answer, if not null.
  Texts* texts = nullptr;                   // What is known already, if not null.
};

Result<templates::Value> Answer(const Scene& scene, std::string_view expr) {
  const auto found = scene.answers.find(expr);
  if (found == scene.answers.end()) {
    const size_t asked = scene.answers.size() + (scene.wanted ? scene.wanted->size() : 0);
    if (scene.wanted && asked < limits::kQueriesPerEvaluation) scene.wanted->emplace(expr);
    return Fail(Code::kExhausted, "templates of one rule ask more than " +
                                      std::to_string(limits::kQueriesPerEvaluation) + " queries");
  }
  if (!found->second) return Fail(found->second.error());
  std::vector<std::pair<labels::LabelSet, double>> samples;
  for (const promql::Sample& sample : *found->second) {
    samples.emplace_back(sample.labels, sample.value);
  }
  return templates::SamplesValue(samples);
}

// `is_steady`, if not null, becomes false where not only the sample decides.
labels::LabelSet::Pairs Expand(const Templates& templates, const promql::Sample& sample,
                               const Scene& scene, bool* is_steady = nullptr) {
  labels::LabelSet::Pairs out;
  out.reserve(templates.size() + 1);
  templates::RuleData data{sample.labels, sample.value, scene.slot, scene.around.external_labels,
                           scene.around.external_url};
  for (const auto& [name, text] : templates) {
    if (text.may_query() && !data.query) {
      data.query = [&scene](std::string_view expr) { return Answer(scene, expr); };
    }
    Result<std::string> value = Fail(Code::kUnavailable, "");
    if (is_steady != nullptr) {
      data.at = kNoTime;  // What reads the time fails then.
      if (!text.may_query()) value = text.Execute(data);
      *is_steady &= value.has_value();
      data.at = scene.slot;
    }
    if (!value) value = text.Execute(data);
    // A page with a hole beats no page.
    out.emplace_back(name, value ? *std::move(value)
                                 : "<error expanding template: " + value.error().message + ">");
  }
  return out;
}

// The sample's labels without its metric name, under the rule's, under the rule's name.
labels::LabelSet FinalLabels(const promql::Sample& sample, const Scene& scene, bool* is_steady) {
  labels::LabelSet::Pairs pairs = Expand(scene.rule.label_templates, sample, scene, is_steady);
  pairs.insert(pairs.begin(), {"__name__", ""});
  pairs.emplace_back("alertname", scene.rule.alert);
  return sample.labels.With(pairs);
}

Text MakeText(const promql::Sample& sample, const Scene& scene) {
  bool is_steady = true;
  bool* const asks = scene.texts != nullptr ? &is_steady : nullptr;
  Text text{sample.labels, sample.value, FinalLabels(sample, scene, asks), {}, {}, false};
  text.annotations = labels::LabelSet(Expand(scene.rule.annotation_templates, sample, scene, asks));
  text.key = text.labels.ToString();
  text.is_steady = is_steady;
  return text;
}

bool IsOf(const Text& text, const promql::Sample& sample) {
  return text.is_steady && text.sample == sample.labels &&
         std::bit_cast<uint64_t>(text.value) == std::bit_cast<uint64_t>(sample.value);
}

Result<Instances> Fresh(const promql::Vector& vector, const Scene& scene) {
  WF_RETURN_IF_ERROR(CheckSize(scene.rule, vector.size()));
  Texts made;
  Texts& texts = scene.texts != nullptr ? *scene.texts : made;
  texts.resize(vector.size());
  Instances fresh;
  for (size_t i = 0; i < vector.size(); ++i) {
    Text& text = texts[i];
    if (!IsOf(text, vector[i])) text = MakeText(vector[i], scene);
    Instance instance;
    instance.labels = text.labels;
    instance.annotations = text.annotations;
    instance.value = text.value;
    instance.active_at = scene.slot;
    if (!fresh.emplace(text.key, std::move(instance)).second) {
      return Fail(Code::kConflict,
                  "vector contains metrics with the same labelset after applying alert labels");
    }
  }
  return fresh;
}

bool MayQuery(const Templates& templates) {
  return std::ranges::any_of(templates, [](const auto& text) { return text.second.may_query(); });
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
    // In the future after the wall clock was set back, which must not make it fire for longer.
    if (instance->keep_firing_since == kNoTime || instance->keep_firing_since > slot) {
      instance->keep_firing_since = slot;
    }
    if (slot - instance->keep_firing_since < rule.keep_firing_for) return Absence::kKeepsFiring;
  }
  instance->state = State::kInactive;
  instance->resolved_at = slot;
  // It may have been held beyond the slot while the answer was awaited: the end is news still.
  instance->last_sent_at = std::min(instance->last_sent_at, slot - Duration(1));
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

// What of an instance must be stored when it changes.
std::tuple<State, WallTime, WallTime> Stage(const Instance& instance) {
  return {instance.state, instance.active_at, instance.keep_firing_since};
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

bool MayPass(const Error& error) {
  return error.code == Code::kUnavailable || error.code == Code::kTimeout;
}

Status CheckSize(const config::Rule& rule, size_t size) {
  if (rule.alert.empty() || size <= limits::kAlertsPerRule) return {};
  return Fail(Code::kExhausted, "the result has " + std::to_string(size) + " alerts, more than " +
                                    std::to_string(limits::kAlertsPerRule));
}

std::vector<std::string> Wanted(const config::Rule& rule, const promql::Vector& vector,
                                WallTime slot, const Surroundings& around, const Answers& answers) {
  if (!MayQuery(rule.label_templates) && !MayQuery(rule.annotation_templates)) return {};
  std::set<std::string> wanted;
  const Scene scene{rule, slot, around, answers, &wanted};
  for (const promql::Sample& sample : vector) {
    Expand(rule.label_templates, sample, scene);
    Expand(rule.annotation_templates, sample, scene);
    if (wanted.size() + answers.size() >= limits::kQueriesPerEvaluation) break;
  }
  return {wanted.begin(), wanted.end()};
}

Result<bool> Advance(const config::Rule& rule, int limit, const promql::Vector& vector,
                     WallTime slot, Instances* active, const Surroundings& around,
                     const Answers& answers, Texts* texts) {
  if (vector.empty() && active->empty()) return false;
  Result<Instances> fresh = Fresh(vector, {rule, slot, around, answers, nullptr, texts});
  if (!fresh) return Fail(std::move(fresh.error()));
  bool changed = false;
  size_t count = 0;
  for (auto it = active->begin(); it != active->end();) {
    Instance& instance = it->second;
    const auto before = Stage(instance);
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
    changed |= absence == Absence::kGone || before != Stage(instance);
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
