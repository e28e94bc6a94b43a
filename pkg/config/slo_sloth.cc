// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Sloth's prometheus/v1 and its Kubernetes resource (reference slo-and-rules §2.1, §2.2), and
// watchfire/v1, which is the first with a few keys more.

#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/slo_query.h"
#include "pkg/config/slo_reader.h"

namespace watchfire::config {
namespace {

// What the same thing is called in each of them.
struct Words {
  const char* error_query = "error_query";
  const char* total_query = "total_query";
  const char* error_ratio_query = "error_ratio_query";
  const char* page_alert = "page_alert";
  const char* ticket_alert = "ticket_alert";
  const char* plugins = "slo_plugins";
  bool is_own = false;  // The keys of watchfire/v1 are known, too.
};

constexpr Words kResourceWords = {
    "errorQuery", "totalQuery", "errorRatioQuery", "pageAlert", "ticketAlert", "sloPlugins", false};

struct Reader {
  const Words& words;
  SloBatch* batch;
  SloBatch::Item common;
  bool waits = false;  // `for` of an alert counts.

  // Sloth reads over keys that it does not know.
  void Finish(Section& section) const {
    words.is_own ? section.Finish() : section.FinishLeniently();
  }
  size_t least() const { return words.is_own ? 1 : 2; }  // The length of a name.

  std::string Query(Section& section, const std::string& key) const {
    const auto query =
        ReadQuery(section, key, {batch->speaks_metricsql, false, /*needs_window=*/true});
    return query ? query->text : "";
  }

  void ReadSli(Section& section, Slo* slo) const {
    std::optional<Section> events = section.Child("events");
    std::optional<Section> raw = section.Child("raw");
    ReadSliPlugin(section);
    if (events) {
      slo->error_query = Query(*events, words.error_query);
      slo->total_query = Query(*events, words.total_query);
      if (!slo->error_query.empty() && slo->error_query == slo->total_query) {
        events->Error(words.error_query, std::string(words.error_query) + " and " +
                                             words.total_query + " must differ");
      }
      Finish(*events);
    }
    if (raw) {
      slo->error_ratio_query = Query(*raw, words.error_ratio_query);
      Finish(*raw);
    }
    if (events.has_value() == raw.has_value() && !section.Has("plugin")) {
      section.Error("", "exactly one of events and raw must be set in sli");
    }
    Finish(section);
  }

  SloAlert ReadAlert(Section& alerting, const std::string& key, const SloAlert& all,
                     bool may_wait) const {
    SloAlert alert = all;
    std::optional<Section> section = alerting.Child(key);
    if (!section) return alert;
    alert.disabled = section->Bool("disable", false);
    alert.labels = Over(all.labels, ReadFixedLabels(*section, "labels"));
    alert.annotations = Over(all.annotations, ReadAnnotations(*section, "annotations"));
    const Duration hold = section->PromDuration("for", {});
    if (may_wait) alert.hold = hold;
    if (!may_wait && hold > Duration::zero()) {
      section->Warn("for", "for has no effect",
                    "nor has it in Sloth without the plugin sloth.dev/contrib/alert_for/v1");
    }
    Finish(*section);
    return alert;
  }

  void ReadAlerting(Section& section, Slo* slo, bool may_wait) const {
    slo->alert_name = section.String("name");
    SloAlert all;
    all.labels = ReadFixedLabels(section, "labels");
    all.annotations = ReadAnnotations(section, "annotations");
    slo->page = ReadAlert(section, words.page_alert, all, may_wait);
    slo->ticket = ReadAlert(section, words.ticket_alert, all, may_wait);
    Finish(section);
  }

  static void ReadCalendar(Section& section, Slo* slo);
  void ReadOwn(Section& section, SloBatch::Item* item) const;

  SloBatch::Item ReadSlo(Section& section) const {
    SloBatch::Item item = common;
    item.source = &section.impl().source;
    item.id = section.impl().At("name");
    item.objective = section.impl().At("objective");
    Slo& slo = item.slo;
    slo.name = ReadSloName(section, "name", least());
    slo.id = slo.service + "-" + slo.name;
    section.String("description");
    slo.objective = ReadObjective(section, "objective");
    slo.labels = Over(common.slo.labels, ReadFixedLabels(section, "labels"));
    bool may_wait = waits;
    ReadSlothPlugins(section, "plugins", &may_wait);
    if (words.is_own) ReadOwn(section, &item);
    if (auto sli = section.Child("sli")) {
      ReadSli(*sli, &slo);
    } else if (!section.Has("sli")) {
      section.Error("sli", "sli must be set");
    }
    if (auto alerting = section.Child("alerting"))
      ReadAlerting(*alerting, &slo, may_wait || words.is_own);
    if (slo.alert_name.empty() && !(slo.page.disabled && slo.ticket.disabled)) {
      section.Error(
          "alerting", "alerting.name must be set",
          std::string("or disable both ") + words.page_alert + " and " + words.ticket_alert);
    }
    Finish(section);
    return item;
  }

  void ReadSlos(Section& section) {
    common.slo.service = ReadSloName(section, "service", least());
    common.slo.labels = ReadFixedLabels(section, "labels");
    ReadSlothPlugins(section, words.plugins, &waits);
    if (words.is_own) {
      common.scrape_interval = {section.String("scrape_interval"),
                                section.impl().At("scrape_interval")};
    }
    const YamlNode* slos = section.impl().Find("slos");
    const bool may_be_none = words.is_own && section.Has("tables");
    if (slos == nullptr ? !may_be_none
                        : slos->kind == YamlNode::Kind::kList && slos->items.empty()) {
      section.Error("slos", "slos must hold at least one SLO");
    }
    for (Section& slo : section.Children("slos")) {
      batch->items.push_back(ReadSlo(slo));
      batch->items.back().slo.file = section.impl().source.file;
    }
  }
};

// calendar: {every: month, time_zone: Europe/Berlin}
void Reader::ReadCalendar(Section& section, Slo* slo) {
  CalendarPeriod period;
  const std::string every = section.String("every", "month");
  section.OneOf("every", every, {"day", "week", "month", "quarter", "year"},
                "unknown period " + GoQuote(every));
  if (const CalendarUnit* unit = FindCalendarUnit(every)) {
    period.unit = unit->unit;
    period.count = unit->count;
    slo->period = std::chrono::hours(24 * unit->days);
  }
  // The first of January, and for weeks one that is a Monday.
  period.start = cctz::civil_second(every == "week" ? 2024 : 2020, 1, 1);
  period.location = ReadZone(section, "time_zone");
  section.Finish();
  slo->calendar = period;
}

// What neither Sloth nor anybody else can say of such an SLO.
void Reader::ReadOwn(Section& section, SloBatch::Item* item) const {
  if (section.Has("period")) {
    item->period = section.PromDuration("period", {});
    if (*item->period == Duration::zero()) section.Error("period", "period cannot be zero");
  }
  if (auto calendar = section.Child("calendar")) {
    if (item->period) section.Error("calendar", "only one of period and calendar may be set");
    ReadCalendar(*calendar, &item->slo);
    item->period = item->slo.period;
  }
  item->windows = {section.String("windows"), section.impl().At("windows")};
  item->alert_labels = {section.String("alert_labels"), section.impl().At("alert_labels")};
  item->policy = {section.String("policy"), section.impl().At("policy")};
  item->mode = {section.String("mode"), section.impl().At("mode")};
  const auto read_least = [&section](const char* key) -> Text {
    const YamlNode* node = section.impl().FindKind(key, YamlNode::Kind::kScalar);
    section.Double(key, 0);
    return node == nullptr ? Text() : Text{node->text, node->mark};
  };
  item->min_total = read_least("min_total");
  item->min_bad = read_least("min_bad");
  item->no_data = {section.String("no_data"), section.impl().At("no_data")};
  item->no_data_for = {section.String("no_data_for"), section.impl().At("no_data_for")};
  if (section.Has("scrape_interval")) {
    item->scrape_interval = {section.String("scrape_interval"),
                             section.impl().At("scrape_interval")};
  }
  item->excluded = section.impl().Texts("exclude");
}

}  // namespace

void ReadSloth(Section& root, SloBatch* batch) {
  Words words;
  const std::string version = root.String("version");
  words.is_own = version == "watchfire/v1";
  if (version != "prometheus/v1" && !words.is_own) {
    root.Error("version", "unknown version " + GoQuote(version),
               "prometheus/v1 and watchfire/v1 are supported");
  }
  if (words.is_own) ReadTables(root, batch);
  // A document of tables alone is of no service.
  const bool has_slos = !words.is_own || root.Has("slos") || !root.Has("tables");
  Reader reader{words, batch, {}};
  if (has_slos) reader.ReadSlos(root);
  reader.Finish(root);
}

void ReadSlothResource(Section& root, SloBatch* batch) {
  root.String("kind");
  root.String("apiVersion");
  root.Value("status");
  const Metadata metadata = ReadMetadata(root);
  std::optional<Section> spec = root.Child("spec");
  if (spec) {
    Reader reader{kResourceWords, batch, {}};
    ReadOwnAnnotations(metadata, &reader.common);
    reader.ReadSlos(*spec);
    reader.Finish(*spec);
  } else if (!root.Has("spec")) {
    root.Error("spec", "spec must be set");
  }
  root.Finish();
}

}  // namespace watchfire::config
