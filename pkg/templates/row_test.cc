// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Loops that only print fields of their elements say what any other loop says.

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/templates/template.h"

namespace watchfire::templates {
namespace {

using ::testing::HasSubstr;

// An object whose fields are as given.
class Thing : public Object {
 public:
  Thing(std::span<const Field> fields, std::vector<Value> values)
      : fields_(fields), values_(std::move(values)) {}

  std::string_view type() const override { return "test.Thing"; }
  std::span<const Field> fields() const override { return fields_; }
  Value Get(size_t field) const override { return values_[field]; }

 private:
  const std::span<const Field> fields_;
  const std::vector<Value> values_;
};

constexpr Field kPoint[] = {{"X", "x"}, {"Y", "y"}};
constexpr Field kTurned[] = {{"Y", "y"}, {"X", "x"}};
constexpr Field kLine[] = {{"X", "x"}};

Value Make(std::span<const Field> fields, std::vector<Value> values) {
  return Value::Of(std::make_shared<Thing>(fields, std::move(values)));
}

Value Point(std::string x, int64_t y) {
  return Make(kPoint, {Value::String(std::move(x)), Value::Int(y)});
}

// A list of texts in pairs, which shows its rows without being built.
class Pairs : public Object {
 public:
  explicit Pairs(std::vector<std::array<std::string_view, 2>> rows) : rows_(std::move(rows)) {}

  std::string_view type() const override { return "test.Pairs"; }
  Value Underlying() const override {
    std::vector<Value> items;
    for (const auto& row : rows_) {
      items.push_back(Make(kPoint, {Value::View(row[0]), Value::View(row[1])}));
    }
    return Value::Of(std::move(items), "[]test.Thing");
  }
  std::span<const Field> text_fields() const override { return kPoint; }
  void EachTexts(const VisitTexts& visit) const override {
    for (const auto& row : rows_) {
      if (!visit(row)) return;
    }
  }

 private:
  const std::vector<std::array<std::string_view, 2>> rows_;
};

std::string RenderPairs(const std::string& text, std::vector<std::array<std::string_view, 2>> rows,
                        bool html = false) {
  TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  if (const Status parsed = set.Parse("t", text); !parsed) return parsed.error().message;
  const Value dot = Value::Of(std::make_shared<Pairs>(std::move(rows)));
  const Result<std::string> out = html ? set.ExecuteHtml("t", dot, {}) : set.Execute("t", dot, {});
  return out ? *out : "error: " + out.error().message;
}

Result<std::string> Execute(const std::string& text, std::vector<Value> items,
                            std::string_view type, bool html) {
  TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  WF_RETURN_IF_ERROR(set.Parse("t", text));
  const Value dot = Value::Of(std::move(items), type);
  return html ? set.ExecuteHtml("t", dot, {}) : set.Execute("t", dot, {});
}

std::string Render(const std::string& text, std::vector<Value> items,
                   std::string_view type = "[]test.Thing", bool html = false) {
  const Result<std::string> out = Execute(text, std::move(items), type, html);
  return out ? *out : "error: " + out.error().message;
}

constexpr const char* kRow = "{{ range . }}{{ .X }}={{ .Y }};{{ else }}none{{ end }}";

TEST(RowTest, PrintsTextsAndFieldsOfEachElement) {
  EXPECT_EQ(Render(kRow, {Point("a", 1), Point("b", 2)}), "a=1;b=2;");
  EXPECT_EQ(Render(kRow, {}), "none");
  EXPECT_EQ(Render("{{ range $i, $p := . }}{{ .X }}{{ end }}", {Point("a", 1), Point("b", 2)}),
            "ab");
  EXPECT_EQ(Render("{{ $p := 0 }}{{ range $p = . }}{{ .X }}{{ end }}{{ $p.Y }}",
                   {Point("a", 1), Point("b", 2)}),
            "ab2");
}

TEST(RowTest, ElementsNeedNotBeOfOneType) {
  const Value turned = Make(kTurned, {Value::Int(3), Value::View("c")});
  const Value map =
      Value::Of(std::vector<std::pair<std::string, Value>>{{"X", Value::View("m")}}, kAnyMapType);
  const std::vector<Value> items = {Point("a", 1), turned, map, Point("b", 2), turned};
  EXPECT_EQ(Render(kRow, items), "a=1;c=3;m=<no value>;b=2;c=3;");
  EXPECT_EQ(Render(kRow, items, kAnyListType), "a=1;c=3;m=<no value>;b=2;c=3;");
}

TEST(RowTest, AMissingFieldIsTheSameErrorAsElsewhere) {
  const Value line = Make(kLine, {Value::View("l")});
  EXPECT_EQ(Render(kRow, {Point("a", 1), line}),
            "error: template: t:1:25: executing \"t\" at <.Y>: can't evaluate field Y in type "
            "test.Thing");
}

TEST(RowTest, ValuesOfAnHtmlDocumentAreEscapedForTheirPlace) {
  EXPECT_EQ(Render("{{ range . }}<a href=\"/?q={{ .X }}\" title='{{ .X }}'>{{ .X }}</a>{{ end }}",
                   {Point("<&>", 1), Point("a b", 2)}, "[]test.Thing", /*html=*/true),
            "<a href=\"/?q=%3c%26%3e\" title='&lt;&amp;&gt;'>&lt;&amp;&gt;</a>"
            "<a href=\"/?q=a%20b\" title='a b'>a b</a>");
}

TEST(RowTest, ATextBecomesWhatItsPlaceAsksForEachTime) {
  EXPECT_EQ(
      Render("{{ define \"less\" }}1 < 2{{ end }}{{ range . }}<a title=\"{{ template \"less\" "
             "}}\">{{ template \"less\" }}</a>{{ end }}",
             {Point("", 1), Point("", 2)}, "[]test.Thing", /*html=*/true),
      "<a title=\"1 < 2\">1 &lt; 2</a><a title=\"1 < 2\">1 &lt; 2</a>");
}

TEST(RowTest, ListsOfTextsSayTheSameWithoutBeingBuilt) {
  EXPECT_EQ(RenderPairs(kRow, {{"a", "1"}, {"b", "2"}}), "a=1;b=2;");
  EXPECT_EQ(RenderPairs(kRow, {}), "none");
  EXPECT_EQ(RenderPairs("{{ range . }}-{{ else }}none{{ end }}", {{"a", "1"}, {"b", "2"}}), "--");
  EXPECT_EQ(RenderPairs("{{ range $i, $p := . }}{{ .Y }}{{ end }}", {{"a", "1"}, {"b", "2"}}),
            "12");
  EXPECT_EQ(RenderPairs("{{ range . }}{{ .X | toUpper }}{{ end }}", {{"a", "1"}, {"b", "2"}}),
            "AB");
  EXPECT_EQ(RenderPairs("{{ range . }}<i>{{ .X }}</i>{{ end }}", {{"<", "1"}, {"b", "2"}}, true),
            "<i>&lt;</i><i>b</i>");
  EXPECT_EQ(RenderPairs("{{ range . }}{{ .X }}{{ .Z }}{{ end }}", {{"a", "1"}}),
            "error: template: t:1:24: executing \"t\" at <.Z>: can't evaluate field Z in type "
            "test.Thing");
}

TEST(RowTest, BoundsHoldForTextsToo) {
  const std::string kilo(1024, 'x');
  const std::vector<std::array<std::string_view, 2>> rows(1100, {kilo, "1"});
  EXPECT_THAT(RenderPairs("{{ range . }}-{{ .X }}{{ end }}", rows),
              HasSubstr("at <{{.X}}>: output is larger than"));
  EXPECT_THAT(RenderPairs("{{ range . }}" + kilo + "{{ .Y }}{{ end }}", rows),
              HasSubstr("output is larger than"));
  EXPECT_THAT(RenderPairs("{{ $all := . }}{{ range list 1 2 3 4 5 6 7 8 9 }}{{ range 100 }}"
                          "{{ range $all }}{{ .Y }}{{ end }}{{ end }}{{ end }}",
                          rows),
              HasSubstr("steps of work"));
}

TEST(RowTest, BoundsHoldAsElsewhere) {
  const std::string kilo(1024, 'x');
  EXPECT_THAT(Render("{{ range . }}-{{ .X }}{{ end }}", std::vector<Value>(1100, Point(kilo, 1))),
              HasSubstr("at <{{.X}}>: output is larger than"));
  EXPECT_THAT(
      Render("{{ range . }}" + kilo + "{{ .X }}{{ end }}", std::vector<Value>(1100, Point("", 1))),
      HasSubstr("output is larger than"));
  EXPECT_THAT(Render("{{ $all := . }}{{ range . }}{{ range $all }}{{ .X }}{{ end }}{{ end }}",
                     std::vector<Value>(1000, Point("", 1))),
              HasSubstr("steps of work"));
}

}  // namespace
}  // namespace watchfire::templates
