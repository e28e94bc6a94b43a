// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Fields that are templates, files of templates, and texts that say something as YAML.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"
#include "pkg/config/template_tree.h"
#include "pkg/templates/to_json.h"

namespace watchfire::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Fields {
  templates::Snippet title;
  templates::Snippet token;
  std::map<std::string, templates::Snippet> more;
  templates::Snippet words;
  bool has_map = false;
  Any payload_as_written;
  std::optional<TemplateTree> named;
  std::optional<TemplateTree> payload;
};

std::vector<IntegrationKind> Kinds() {
  const auto parse = [](Section& section, const Global& /*global*/) {
    auto fields = std::make_shared<Fields>();
    fields->title = section.Template("title", "{{ .Status }} by default");
    fields->token = section.SecretTemplate("token");
    fields->more = section.TemplateMap("more");
    fields->words = section.TemplateWords("words");
    fields->has_map = section.HasMap("payload");
    fields->payload_as_written = section.Value("payload");
    fields->named = section.Tree("named", Section::TreeOf::kNames);
    fields->payload = section.Tree("payload");
    return fields;
  };
  return {{"pager", true, false, parse}};
}

struct Given {
  std::map<std::string, std::string> files;

  explicit Given(const std::string& main) {
    files["etc/w.yml"] = "route: {receiver: a}\nreceivers:\n  - name: a\n" + main;
  }

  Loaded Load() const {
    Files access;
    access.read = [this](const std::string& path) -> Result<std::string> {
      const auto found = files.find(path);
      if (found == files.end()) return Fail(Code::kNotFound, path + ": No such file or directory");
      if (found->second == "locked") return Fail(Code::kPermission, path + ": Permission denied");
      return found->second;
    };
    access.glob = [this](const std::string& pattern) {
      if (pattern != "etc/t/*.tmpl") return std::vector<std::string>{pattern};
      std::vector<std::string> paths;
      for (const auto& [path, text] : files) {
        if (path.starts_with("etc/t/")) paths.push_back(path);
      }
      return paths;
    };
    LoadOptions options;
    options.path = "etc/w.yml";
    return config::Load(options, access, Kinds());
  }

  std::vector<std::string> Problems() const {
    std::vector<std::string> texts;
    for (const Problem& problem : Load().problems) texts.push_back(problem.ToString());
    return texts;
  }
};

std::string Show(const templates::TemplateSet& set, const templates::Snippet& snippet) {
  const auto dot = templates::Value::Of({{"Status", templates::Value::String("firing")}},
                                        templates::kStringMapType);
  const Result<std::string> out = set.Execute(snippet, dot, {});
  return out ? *out : out.error().message;
}

std::string Show(const Config& config, const std::string& text) {
  return Show(config.templates, templates::Snippet::Parse("t", text).value());
}

// What the fields of the only integration are.
const Fields& FieldsOf(const Loaded& loaded) {
  return *static_cast<const Fields*>(loaded.config->receivers[0].integrations[0].options.get());
}

TEST(TemplateWordsTest, AListIsTakenForATextWithCommasAndAWarning) {
  const Given text("    pager_configs: [{words: 'a, {{ .Status }}', payload: x}]\n");
  EXPECT_THAT(text.Problems(), IsEmpty());
  const Loaded as_text = text.Load();
  EXPECT_EQ(Show(as_text.config->templates, FieldsOf(as_text).words), "a, firing");
  EXPECT_FALSE(FieldsOf(as_text).has_map);

  const Given list("    pager_configs: [{words: [a, '{{ .Status }}', 5], payload: {x: y}}]\n");
  EXPECT_THAT(list.Problems(),
              ElementsAre(AllOf(HasSubstr("w.yml:4:22: "), HasSubstr("words is a list"),
                                HasSubstr("a,{{ .Status }},5"))));
  const Loaded as_list = list.Load();
  EXPECT_EQ(Show(as_list.config->templates, FieldsOf(as_list).words), "a,firing,5");
  EXPECT_THAT(as_list.config->original, HasSubstr("words: \"a,{{ .Status }},5\"\n"));
  EXPECT_TRUE(FieldsOf(as_list).has_map);

  for (const char* wrong : {"{a: b}", "[[a]]", "['{{']", "'{{'"}) {
    const Given given("    pager_configs: [{words: " + std::string(wrong) + "}]\n");
    EXPECT_FALSE(given.Load().config) << wrong;
  }
}

TEST(TemplateFilesTest, FilesReplaceTheDefaultsAndEachOtherInOrder) {
  Given given("templates: ['t/*.tmpl', /abs/c.tmpl]\n");
  given.files["etc/t/a.tmpl"] = "{{ define \"x\" }}a{{ end }}{{ define \"__alertmanager\" }}A";
  given.files["etc/t/a.tmpl"] += "{{ end }}{{ define \"y\" }}y{{ end }}";
  given.files["etc/t/b.tmpl"] = "{{ define \"x\" }}b{{ end }}";
  given.files["/abs/c.tmpl"] = "{{ define \"y\" }}{{ template \"x\" . }}c{{ end }}";
  const Loaded loaded = given.Load();
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(Show(*loaded.config, "{{ template \"x\" }} {{ template \"y\" . }}"), "b bc");
  EXPECT_EQ(Show(*loaded.config, "{{ template \"victorops.default.monitoring_tool\" . }}"), "A");
  EXPECT_THAT(loaded.config->original, HasSubstr("- etc/t/*.tmpl\n"));
}

TEST(TemplateFilesTest, WithoutFilesTheDefaultsAreThere) {
  for (const char* keys : {"", "templates: []\n", "templates: ['t/*.tmpl', none.tmpl]\n"}) {
    const Given given(keys);
    EXPECT_THAT(given.Problems(), IsEmpty());
    EXPECT_EQ(Show(*given.Load().config, "{{ template \"victorops.default.monitoring_tool\" . }}"),
              "Alertmanager");
  }
}

TEST(TemplateFilesTest, AMistakeInAFileIsNamedWithItsPlace) {
  Given given("templates: ['t/*.tmpl']\n");
  given.files["etc/t/a.tmpl"] = "ok\n{{ define \"x\" }}\n{{ nosuch }}{{ end }}";
  given.files["etc/t/b.tmpl"] = "locked";
  given.files["etc/t/c.tmpl"] = "{{ define \"z\" }}{{ 1a }}{{ end }}";
  EXPECT_THAT(
      given.Problems(),
      ElementsAre("etc/w.yml:4:13: failed to parse templates: etc/t/b.tmpl: Permission denied",
                  "etc/t/a.tmpl:3:4: failed to parse templates: function \"nosuch\" not defined",
                  "etc/t/c.tmpl:1:20: failed to parse templates: bad number syntax: \"1a\""));
}

TEST(TemplateFieldsTest, FieldsAreParsedAndKeepTheirDefaults) {
  const Given given(
      "    pager_configs:\n"
      "      - {title: '{{ .Status }}!', token: 's3cr3t {{ .Status }}', more: {k: '{{ 1 }}'}}\n"
      "      - {}\n");
  const Loaded loaded = given.Load();
  ASSERT_TRUE(loaded.config);
  const auto& integrations = loaded.config->receivers[0].integrations;
  const auto& fields = *static_cast<const Fields*>(integrations[0].options.get());
  const templates::TemplateSet& set = loaded.config->templates;
  EXPECT_EQ(Show(set, fields.title), "firing!");
  EXPECT_EQ(Show(set, fields.token), "s3cr3t firing");
  EXPECT_EQ(Show(set, fields.more.at("k")), "1");
  EXPECT_FALSE(fields.payload);
  const auto& defaults = *static_cast<const Fields*>(integrations[1].options.get());
  EXPECT_EQ(Show(set, defaults.title), "firing by default");
  EXPECT_TRUE(defaults.token.empty());
  EXPECT_THAT(loaded.config->original,
              AllOf(HasSubstr("by default"), HasSubstr("{{ 1 }}"), Not(HasSubstr("s3cr3t"))));
}

TEST(TemplateFieldsTest, SyntaxErrorsAreProblemsAndShowNoSecret) {
  const Given given(
      "    pager_configs:\n"
      "      - title: '{{ .Status '\n"
      "        token: '{{ s3cr3t }}'\n"
      "        more: {k: '{{ end }}'}\n"
      "        payload: {a: ['{{ if }}'], '{{': 1}\n");
  EXPECT_THAT(
      given.Problems(),
      ElementsAre("etc/w.yml:5:9: invalid template syntax: template: title:1: unclosed action",
                  "etc/w.yml:6:9: invalid template syntax: token, line 1",
                  "etc/w.yml:7:9: invalid template syntax: template: more.k:1: unexpected {{end}}",
                  HasSubstr("etc/w.yml:8:23: invalid template syntax: template: payload:1: "),
                  HasSubstr("etc/w.yml:8:36: invalid template syntax: template: payload:1: ")));
}

TEST(TemplateFieldsTest, ATreeKeepsItsShape) {
  const Given given(
      "    pager_configs:\n"
      "      - payload: {c: 1, s: '2', l: [yes, null, {}], 3: x, '4': {t: '{{ .Status }}'}}\n");
  EXPECT_THAT(given.Problems(),
              ElementsAre("etc/w.yml:5:53: payload: the key \"3\" is not a text and is left out "
                          "(put it in quotes)"));
  const Loaded loaded = given.Load();
  ASSERT_TRUE(loaded.config);
  const auto& integration = loaded.config->receivers[0].integrations[0];
  const auto& fields = *static_cast<const Fields*>(integration.options.get());
  ASSERT_TRUE(fields.payload);
  const TemplateTree& tree = *fields.payload;
  ASSERT_EQ(tree.kind, TemplateTree::Kind::kMap);
  ASSERT_EQ(tree.keys.size(), 4U);
  ASSERT_EQ(tree.items.size(), 4U);
  EXPECT_EQ(*tree.items[0].value.as_int(), 1);
  EXPECT_EQ(tree.items[1].kind, TemplateTree::Kind::kText);
  EXPECT_EQ(*tree.items[2].items[0].value.as_bool(), true);
  EXPECT_TRUE(tree.items[2].items[1].value.is_nil());
  EXPECT_EQ(tree.items[2].items[2].kind, TemplateTree::Kind::kMap);
  EXPECT_EQ(Show(loaded.config->templates, tree.items[3].items[0].text), "firing");
  EXPECT_THAT(loaded.config->original, HasSubstr("{{ .Status }}"));
}

TEST(TemplateFieldsTest, NamesMayLookLikeAnything) {
  const Given given("    pager_configs: [{named: {on: a, 5: b, n: {no: c, k: d}}}]\n");
  EXPECT_THAT(given.Problems(),
              ElementsAre(HasSubstr("named: the key \"no\" is not a text and is left out")));
  const Loaded loaded = given.Load();
  ASSERT_TRUE(loaded.config);
  const TemplateTree& tree = *FieldsOf(loaded).named;
  ASSERT_EQ(tree.keys.size(), 3U);
  const auto shown = [&](const templates::Snippet& key) {
    return Show(loaded.config->templates, key);
  };
  EXPECT_EQ(shown(tree.keys[0]) + shown(tree.keys[1]) + shown(tree.keys[2]), "on5n");
  ASSERT_EQ(tree.items[2].keys.size(), 1U);
  EXPECT_EQ(shown(tree.items[2].keys[0]), "k");
}

TEST(TemplateFieldsTest, WhatIsReadTwiceIsShownOnce) {
  const Given given("    pager_configs: [{payload: {l: [1, {m: ['{{ .Status }}']}]}}]\n");
  const Loaded loaded = given.Load();
  ASSERT_TRUE(loaded.config);
  EXPECT_NE(FieldsOf(loaded).payload_as_written.As<Any::Map>(), nullptr);
  EXPECT_THAT(loaded.config->original,
              HasSubstr("payload:\n      l:\n      - 1\n      - m:\n        - "
                        "\"{{ .Status }}\"\ntemplates:"));
}

std::string AsJson(const std::string& text) {
  const std::optional<templates::Value> value = ParseYamlValue(text);
  return value ? templates::ToJson(*value).value_or("?") : "text";
}

TEST(YamlValueTest, NumbersBooleansNullListsAndMapsAreWhatTheySay) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "null"},
      {"~", "null"},
      {"Null", "null"},
      {"true", "true"},
      {"yes", "true"},
      {"ON", "true"},
      {"n", "false"},
      {"12", "12"},
      {"-0x1F", "-31"},
      {"0b101", "5"},
      {"0o17", "15"},
      {"017", "15"},
      {"08", "8"},
      {"1_000", "1000"},
      {"+7", "7"},
      {"1.50", "1.5"},
      {".5e1", "5"},
      {"9223372036854775807", "9223372036854775807"},
      {"[1, a, '2', {b: no}]", R"([1,"a","2",{"b":false}])"},
      {"-", "[null]"},
      {"# 7", "null"},
      {"a: 1\n2: b\nn: c\n", R"({"a":1})"},
      {R"(["12", "yes", "latency: 5s", "[1]", ""])", R"(["12","yes","latency: 5s","[1]",""])"},
      {R"({"code": "500", "ok": "true"})", R"({"code":"500","ok":"true"})"},
      {"\"12\"", "\"12\""},
      {" \"a: b\\n\" ", "\"a: b\\n\""},
      {"\"\"", "\"\""},
      {"- x\n- '{{ .Status }}'\n", R"(["x","{{ .Status }}"])"},
  };
  for (const auto& [text, json] : kCases) EXPECT_EQ(AsJson(text), json) << text;
}

TEST(YamlValueTest, OtherTextsStayAsTheyAre) {
  for (const char* text :
       {"hello",   "\"12\" a", "'yes'", "\"a",  "'12'",        "2026-08-22", "1.2.3",
        "a: b: c", "[1",       "@x",    "+-1",  "0x",          "--1",        "[FIRING:1] disk (eu)",
        "tRue",    "1m",       "%v",    "\x01", "&a [*a, *a]", "!",          " ! "}) {
    EXPECT_EQ(AsJson(text), "text") << text;
  }
}

}  // namespace
}  // namespace watchfire::config
