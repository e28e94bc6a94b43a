// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/schema.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/section.h"

namespace watchfire::config {
namespace {

using testing::ElementsAre;

// "path: type = fallback <- globals", with a ! if it is needed.
std::vector<std::string> Shown(const std::vector<Field>& fields) {
  std::vector<std::string> lines;
  for (const Field& field : fields) {
    std::string line = field.path + (field.is_needed ? "!" : "") + ": " + field.type;
    if (!field.fallback.empty()) line += " = " + field.fallback;
    for (const std::string& key : field.globals) line += " <- " + key;
    for (const std::string& choice : field.choices) line += " / " + choice;
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> FieldsRead(
    const std::function<void(Section& section, const Global& global)>& read) {
  IntegrationKind kind;
  kind.kind = "pigeon";
  kind.parse = [&](Section& section, const Global& global) {
    read(section, global);
    section.Finish();
    return std::shared_ptr<const void>();
  };
  return Shown(FieldsOf(kind));
}

TEST(SchemaTest, FieldsHaveTheTypeAndDefaultTheyAreReadWith) {
  const auto fields = FieldsRead([](Section& section, const Global&) {
    section.String("name", "carrier");
    section.Template("text", "{{ .Status }}");
    section.Int("wings", 2);
    section.Bool("white", true);
    section.PromDuration("rest", std::chrono::minutes(90));
    section.Strings("route");
    section.String("ring_file");
  });
  EXPECT_THAT(fields,
              ElementsAre("name: text = carrier", "text: template = {{ .Status }}",
                          "wings: number = 2", "white: boolean = true", "rest: duration = 1h30m",
                          "route: list of texts", "ring_file: path"));
}

TEST(SchemaTest, WhatComesFromGlobalIsFoundOut) {
  const auto fields = FieldsRead([](Section& section, const Global& global) {
    section.SecretOrFile("key", global.victorops_api_key);
    section.Url("url", global.opsgenie_api_url);
    section.MaybeBool("tls", global.smtp_require_tls);
    section.Host("host", global.smtp_smarthost);
    section.Http("http_config", global.http);
  });
  EXPECT_THAT(
      fields,
      ElementsAre("key: secret <- victorops_api_key", "key_file: path <- victorops_api_key_file",
                  "url: URL = https://api.opsgenie.com/ <- opsgenie_api_url",
                  "tls: boolean = true <- smtp_require_tls", "host: host:port <- smtp_smarthost",
                  "http_config: `http_config` <- http_config"));
}

TEST(SchemaTest, WhatIsReportedMissingIsNeeded) {
  const auto fields = FieldsRead([](Section& section, const Global&) {
    if (section.String("to").empty()) section.Error("to", "missing to");
    section.OneOf("mode", section.String("mode", "fast"), {"", "fast", "safe"}, "bad mode");
  });
  EXPECT_THAT(fields, ElementsAre("to!: text", "mode: text = fast / fast / safe"));
}

TEST(SchemaTest, FieldsOfMappingsHaveTheirPath) {
  const auto fields = FieldsRead([](Section& section, const Global&) {
    if (auto child = section.Child("cage")) child->Bool("open", false);
    for (Section& entry : section.Children("birds")) entry.Template("name");
    if (section.HasMap("song")) {
      section.Child("song")->Int("volume", 3);
    } else {
      section.String("song");
    }
    section.Refuse("gps");
  });
  EXPECT_THAT(fields, ElementsAre("cage.open: boolean = false", "birds[].name: template",
                                  "song: text", "song.volume: number = 3"));
}

// Those that only one who looks for a key would find.
TEST(SchemaTest, AFieldThatIsOnlyLookedForHasNoType) {
  const auto fields = FieldsRead([](Section& section, const Global&) { section.Has("ghost"); });
  EXPECT_THAT(fields, ElementsAre("ghost: "));
}

TEST(SchemaTest, GlobalAndHttpConfigAreReadByTheirOwnReaders) {
  const std::vector<std::string> global = Shown(GlobalFields());
  EXPECT_EQ(global.front(), "resolve_timeout: duration = 5m");
  EXPECT_EQ(std::ranges::count(global, "smtp_hello: text = localhost"), 1);
  const std::vector<std::string> http = Shown(HttpFields());
  EXPECT_EQ(std::ranges::count(http, "oauth2.token_url!: URL"), 1);
  EXPECT_EQ(std::ranges::count(http, "follow_redirects: boolean = true"), 1);
  EXPECT_EQ(std::ranges::count_if(http, [](const auto& line) { return line.find("_ref") < 40; }),
            0);
}

}  // namespace
}  // namespace watchfire::config
