// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `enrichment` in a configuration.

#include "pkg/config/enrichment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

// `value` gives `annotation`: of each look-up "label value annotation=text …".
std::vector<std::string> Shown(const Loaded& loaded) {
  std::vector<std::string> lines;
  if (!loaded.config) return World::Print(loaded.problems);
  for (const Enrichment& lookup : loaded.config->enrichments) {
    if (lookup.entries.empty()) lines.push_back(lookup.label + " (none)");
    for (const auto& [value, annotations] : lookup.entries) {
      std::string line = lookup.label + " " + value;
      for (const auto& [name, text] : annotations) line += " " + name + "=" + text;
      lines.push_back(line);
    }
  }
  return lines;
}

TEST(EnrichmentTest, LookUpsAreReadFromFilesAndFromTheConfiguration) {
  World world;
  world.options.path = "etc/w.yml";
  world.files["etc/w.yml"] = Minimal(R"(enrichment:
  - {label: service, file: catalogue/services.yml}
  - label: alertname
    entries: {DiskFull: {runbook_url: 'https://r/disk', level: 5}, Idle: {runbook_url: ''}, Nil: }
  - {label: team, file: /abs.yml}
)");
  world.files["etc/catalogue/services.yml"] =
      "checkout: {runbook_url: 'https://r/checkout', owner: payments}\n8080: {on: yes}\n";
  world.files["/abs.yml"] = "# nobody yet\n";
  const Loaded loaded = world.Load();
  EXPECT_THAT(World::Print(loaded.problems), IsEmpty());
  EXPECT_THAT(Shown(loaded),
              ElementsAre("service 8080 on=yes",
                          "service checkout owner=payments runbook_url=https://r/checkout",
                          "alertname DiskFull level=5 runbook_url=https://r/disk", "team (none)"));
  EXPECT_THAT(loaded.config->original, Not(HasSubstr("enrichment")));
  EXPECT_THAT(loaded.config->original, Not(HasSubstr("checkout")));
  EXPECT_THAT(loaded.config->file_errors,
              ElementsAre(Pair("/abs.yml", 0), Pair("etc/catalogue/services.yml", 0)));
  EXPECT_THAT(World(Minimal()).Load().config->enrichments, IsEmpty());
}

// Each file names its own, from where it stands.
TEST(EnrichmentTest, LookUpsOfFilesBesideTheMainOneComeBehindItsOwn) {
  World world(Minimal("enrichment: [{label: a, entries: {x: {n: t}}}]\n"));
  world.options.extra_paths = {"own/more.yml"};
  world.files["own/more.yml"] = "enrichment: [{label: b, file: c.yml}]\n";
  world.files["own/c.yml"] = "y: {n: t}\n";
  EXPECT_THAT(Shown(world.Load()), ElementsAre("a x n=t", "b y n=t"));
}

TEST(EnrichmentTest, EachMistakeIsSaidWithItsPlace) {
  EXPECT_THAT(
      World(Minimal(R"(enrichment:
  - entries: {x: {n: t}}
  - {label: '', file: c.yml}
  - {label: a}
  - {label: a, file: c.yml, entries: {x: {n: t}}}
  - {label: a, entries: [x]}
  - label: a
    entries:
      x: text
      y: {'': t, n: [t], m: {k: t}}
      '': {n: t}
      x: {n: t}
  - {label: a, labels: {}, entries: {}}
)"))
          .Problems(),
      ElementsAre(
          "w.yml:4:5: a look-up needs a label, whose value is looked up (such as service)",
          "w.yml:5:6: a look-up needs a label, whose value is looked up (such as service)",
          "w.yml:6:5: a look-up needs entries, or a file of them (VALUE: {ANNOTATION: TEXT, ...})",
          "w.yml:7:29: a look-up has a file or entries, not both (make it two look-ups by the same "
          "label: the first wins)",
          "w.yml:8:16: entries must be a mapping, found a list",
          "w.yml:11:7: \"x\" must be a mapping of annotations, found a text (VALUE: {ANNOTATION: "
          "TEXT, ...})",
          "w.yml:12:11: invalid annotation name \"\"",
          "w.yml:12:18: annotation \"n\" must be a text, found a list",
          "w.yml:12:26: annotation \"m\" must be a text, found a mapping",
          "w.yml:13:7: a label of an alert is never empty (VALUE: {ANNOTATION: TEXT, ...})",
          "w.yml:14:7: duplicate key \"x\" (first set on line 11)",
          "w.yml:15:16: unknown key \"labels\" (did you mean \"label\"?)",
          "c.yml: No such file or directory (named in w.yml:5)"));
}

TEST(EnrichmentTest, NamesAreThoseThatAlertsMayHave) {
  const std::string text =
      Minimal("enrichment: [{label: 'in stance', entries: {x: {'run book': t}}}]\n");
  EXPECT_THAT(World(text).Problems(), IsEmpty());
  World classic(text);
  classic.options.matcher_mode = matcher::Mode::kClassic;
  EXPECT_THAT(classic.Problems(), ElementsAre("w.yml:3:15: invalid label name \"in stance\"",
                                              "w.yml:3:49: invalid annotation name \"run book\""));
}

TEST(EnrichmentTest, TextsAreNoTemplates) {
  EXPECT_THAT(
      World(Minimal("enrichment: [{label: a, entries: {x: {n: '{{ $labels.b }}'}}}]\n")).Problems(),
      ElementsAre("warning w.yml:3:42: annotation \"n\" is given as it stands here (texts of a "
                  "catalogue are no templates)"));
}

TEST(EnrichmentTest, MistakesOfAFileAreThoseOfThatFile) {
  World world(
      Minimal("enrichment: [{label: a, file: c.yml}, {label: b, file: c.yml},\n"
              "  {label: a, file: list.yml}, {label: a, file: bad.yml}]\n"));
  world.files["c.yml"] = "x: {n: t}\nx: {n: u}\ny: {'': t}\n";
  world.files["list.yml"] = "- x\n";
  world.files["bad.yml"] = "x: {n: t\n";
  EXPECT_THAT(world.Problems(),
              ElementsAre(HasSubstr("c.yml:2:1: "), "c.yml:3:5: invalid annotation name \"\"",
                          "list.yml:1:1: a catalogue must be a mapping, found a list "
                          "(VALUE: {ANNOTATION: TEXT, ...})",
                          HasSubstr("bad.yml:")));
}

// Nobody goes without pages for a text.
TEST(EnrichmentTest, AServerStartsWithoutACatalogueThatIsBroken) {
  World world(
      Minimal("enrichment: [{label: a, file: c.yml}, {label: b, file: gone.yml},\n"
              "  {label: c, entries: {x: {n: t}}}]\n"));
  world.files["c.yml"] = "x: {n: t}\ny: text\n";
  world.options.leaves_out_bad_files = true;
  const Loaded loaded = world.Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(Shown(loaded), ElementsAre("a (none)", "b (none)", "c x n=t"));
  EXPECT_THAT(loaded.config->file_errors, ElementsAre(Pair("c.yml", 1), Pair("gone.yml", 1)));
  EXPECT_THAT(World::Print(loaded.problems),
              ElementsAre(HasSubstr("c.yml:2:1: "), HasSubstr("gone.yml: No such file")));
}

TEST(EnrichmentTest, AReloadKeepsWhatACatalogueHadBeforeItBroke) {
  World world(
      Minimal("enrichment: [{label: a, file: 1.yml}, {label: b, file: 2.yml},\n"
              "  {label: a, file: 3.yml}]\n"));
  world.files["1.yml"] = "x: {n: '1'}\n";
  world.files["2.yml"] = "x: {n: '2'}\n";
  world.files["3.yml"] = "x: {n: '3'}\n";
  world.options.leaves_out_bad_files = true;
  for (int reload = 0; reload < 2; ++reload) {
    const Loaded loaded = world.Load();
    ASSERT_NE(loaded.config, nullptr);
    EXPECT_THAT(Shown(loaded), ElementsAre("a x n=1", "b x n=2", "a x n=3"));
    world.options.previous = loaded.config;
    world.files.erase("2.yml");
    world.files["3.yml"] = "x: {n: [3]}\n";
  }
  world.files["3.yml"] = "y: {n: '4'}\n";
  EXPECT_THAT(Shown(world.Load()), ElementsAre("a x n=1", "b x n=2", "a y n=4"));
  // What is broken has nothing of a look-up by another label.
  world.files["w.yml"] = Minimal("enrichment: [{label: c, file: 2.yml}]\n");
  EXPECT_THAT(Shown(world.Load()), ElementsAre("c (none)"));
}

TEST(EnrichmentTest, AnEntryIsNoLongerThanAnAlertMayBe) {
  const auto of = [](size_t bytes) {
    return World(Minimal("enrichment: [{label: a, entries: {x: {n: " + std::string(bytes, 't') +
                         "}}}]\n"))
        .Problems();
  };
  EXPECT_THAT(of(limits::kAnnotationBytesPerAlert - 1), IsEmpty());
  EXPECT_THAT(of(limits::kAnnotationBytesPerAlert),
              ElementsAre("w.yml:3:35: annotations of \"x\" have 65537 bytes, and an alert at most "
                          "65536"));
}

TEST(EnrichmentTest, AHundredLookUpsAreEnough) {
  std::string text = "enrichment:\n";
  for (size_t i = 0; i < limits::kEnrichments; ++i) text += "  - {label: a, entries: {}}\n";
  EXPECT_THAT(World(Minimal(text)).Problems(), IsEmpty());
  EXPECT_THAT(World(Minimal(text + "  - {label: a, entries: {}}\n")).Problems(),
              ElementsAre("w.yml:104:5: more than 100 look-ups"));
}

TEST(EnrichmentTest, EntriesOfAllLookUpsAreBounded) {
  std::string half = "first: &a {n: t}\n";
  for (size_t i = 1; i < limits::kEnrichmentEntries / 2; ++i) {
    half += "v" + std::to_string(i) + ": *a\n";
  }
  World world(
      Minimal("enrichment: [{label: a, file: 1.yml}, {label: b, file: 2.yml},\n"
              "  {label: c, file: 3.yml}]\n"));
  world.files["1.yml"] = world.files["2.yml"] = half;
  world.files["3.yml"] = "# a comment\nmore: {n: t}\n";
  world.options.leaves_out_bad_files = true;
  const Loaded loaded = world.Load();
  EXPECT_THAT(World::Print(loaded.problems),
              ElementsAre("3.yml:2:1: more than 100000 entries of all look-ups together"));
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(loaded.config->enrichments[0].entries, SizeIs(limits::kEnrichmentEntries / 2));
  EXPECT_THAT(loaded.config->enrichments[1].entries, SizeIs(limits::kEnrichmentEntries / 2));
  EXPECT_THAT(loaded.config->enrichments[2].entries, IsEmpty());
}

}  // namespace
}  // namespace watchfire::config
