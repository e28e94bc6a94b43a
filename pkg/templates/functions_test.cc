// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Every function that Alertmanager and Prometheus add, with the vectors of the references.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/templates/label_map.h"
#include "pkg/templates/template.h"
#include "pkg/templates/time_value.h"

namespace watchfire::templates {
namespace {

using ::testing::HasSubstr;

class StandardTime : public Zone {
 public:
  std::string_view name() const override { return "Europe/Berlin"; }
  Offset At(int64_t unix_seconds) const override {
    return unix_seconds < 1'600'000'000 ? Offset{3600, "CET"} : Offset{7200, "CEST"};
  }
};

Environment MakeEnvironment() {
  Environment environment;
  environment.now = FromNanos(1'500'000'000'123'456'789);
  environment.external_url = "https://watch.example.com:9093/fire?x=/y";
  environment.query = [](std::string_view expr) -> Result<Value> {
    if (expr == "none") return SamplesValue({});
    if (expr != "up") return InvalidArgument("no such metric");
    return SamplesValue({{labels::LabelSet{{"instance", "b"}, {"__value__", "x"}}, 2},
                         {labels::LabelSet{{"instance", "a"}}, 1.5}});
  };
  environment.route_label = [](std::string_view name) -> Result<std::string> {
    return std::string("<") + std::string(name) + ">";
  };
  environment.zone = [](std::string_view name) -> std::shared_ptr<const Zone> {
    if (name != "Europe/Berlin") return nullptr;
    return std::make_shared<StandardTime>();
  };
  environment.on_call = [](std::string_view schedule) -> std::vector<std::string> {
    if (schedule != "primary") return {};
    return {"Ada Lovelace", "bo"};
  };
  return environment;
}

std::string Render(FunctionTable functions, const std::string& action, const Value& dot) {
  TemplateSet set(functions, MissingKey::kZero);
  const Status parsed = set.Parse("t", "{{ " + action + " }}");
  if (!parsed) return "error: " + parsed.error().message;
  const Result<std::string> out = set.Execute("t", dot, MakeEnvironment());
  if (out) return *out;
  const std::string& message = out.error().message;
  return "error: " + message.substr(message.rfind(">: ") + 3);
}

std::string Am(const std::string& action) {
  GoTime time;
  time.seconds = 1'500'000'000;
  return Render(AlertmanagerFunctions(), action, TimeValue(time));
}
std::string Prom(const std::string& action) { return Render(PrometheusFunctions(), action, {}); }

TEST(AlertmanagerFunctionsTest, Text) {
  EXPECT_EQ(Am("toUpper \"straße\""), "STRAßE");
  EXPECT_EQ(Am("toLower \"ÄBC\""), "äbc");
  EXPECT_EQ(Am("trimSpace \"\\n x y\\t\\u00a0\""), "x y");
  EXPECT_EQ(Am("title \"hello WORLD of-words, don't foo_bar x.y 3com\""),
            "Hello World Of-Words, Don't Foo_bar X.y 3Com");
  EXPECT_EQ(Am("stringSlice \"a\" \"b\" | join \", \""), "a, b");
  EXPECT_EQ(Am("join \",\" (stringSlice)"), "");
  EXPECT_EQ(Am("join \",\" (stringSlice \"\" \"\")"), ",");
  EXPECT_EQ(Am("join \",\" (list 1 2.5 \"x\" true)"), "1,2.5,x,true");
  EXPECT_EQ(Am("join \",\" (list)"), "");
  EXPECT_EQ(Am("join \",\" nil"), "");
  EXPECT_EQ(Am("join \",\" \"abc\""),
            "error: error calling join: join expects a slice or array, got string");
  EXPECT_EQ(Am("safeHtml \"<b>\""), "<b>");
  EXPECT_EQ(Am("safeHtml \"<b>\" | toUpper"),
            "error: wrong type for value; expected string; got template.HTML");
  EXPECT_EQ(Am("safeUrl \"javascript:\""), "javascript:");
  EXPECT_EQ(Am("urlUnescape \"a%20b+c%2F\""), "a b c/");
  EXPECT_EQ(Am("urlUnescape \"%zz\""),
            "error: error calling urlUnescape: invalid URL escape \"%zz\"");
  EXPECT_EQ(Am("base64encode \"a?>~ÿ\""), "YT8-fsO_");
  EXPECT_EQ(Am("base64encode \"a\""), "YQ==");
  EXPECT_EQ(Am("base64decode \"YT8-fsO_\""), "a?>~ÿ");
  EXPECT_EQ(Am("base64decode \"YQ==\""), "a");
  EXPECT_EQ(Am("base64decode \"YT8+\""),
            "error: error calling base64decode: illegal base64 data at input byte 3");
  EXPECT_EQ(Am("base64decode \"YQ\""),
            "error: error calling base64decode: illegal base64 data at input byte 0");
}

TEST(AlertmanagerFunctionsTest, WhoIsOnCallIsAListOfNames) {
  EXPECT_EQ(Am("onCall \"primary\" | join \", \""), "Ada Lovelace, bo");
  EXPECT_EQ(Am("\"primary\" | onCall"), "[Ada Lovelace bo]");
  EXPECT_EQ(Am("index (onCall \"primary\") 1"), "bo");
  EXPECT_EQ(Am("onCall \"primary\" | toJson"), "[\"Ada Lovelace\",\"bo\"]");
  EXPECT_EQ(Am("onCall \"nights\" | join \", \""), "");
  EXPECT_EQ(Am("or (onCall \"nights\" | join \", \") \"nobody\""), "nobody");
  EXPECT_EQ(Am("onCall \"nights\" | toJson"), "[]");
  EXPECT_EQ(Am("onCall"), "error: wrong number of args for onCall: want 1 got 0");
  EXPECT_EQ(Am("onCall \"a\" \"b\""), "error: wrong number of args for onCall: want 1 got 2");
  EXPECT_EQ(Am("onCall 1"), "error: expected string; found 1");
  EXPECT_EQ(Am("list 1 | onCall"),
            "error: wrong type for value; expected string; got []interface {}");
  EXPECT_THAT(Prom("onCall \"primary\""), HasSubstr("function \"onCall\" not defined"))
      << "rules fire whoever is on call";
}

TEST(AlertmanagerFunctionsTest, WhereNoScheduleIsKnownNobodyIsOnCall) {
  TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  ASSERT_TRUE(
      set.Parse("t", "{{ with onCall \"primary\" }}{{ join \", \" . }}{{ else }}nobody{{ end }}"));
  EXPECT_EQ(*set.Execute("t", {}, Environment()), "nobody");
  EXPECT_EQ(*set.Execute("t", {}, MakeEnvironment()), "Ada Lovelace, bo");
}

TEST(AlertmanagerFunctionsTest, RegularExpressions) {
  EXPECT_EQ(Am("match \"a.c\" \"xabcx\""), "true");
  EXPECT_EQ(Am("match \"^a.c$\" \"xabcx\""), "false");
  EXPECT_EQ(Am("match \"a(\" \"\""),
            "error: error calling match: error parsing regexp: missing closing ): `a(`");
  EXPECT_EQ(Am("reReplaceAll \"(.*):(.*)\" \"$2-${1}_\" \"host:80\""), "80-host_");
  EXPECT_EQ(Am("reReplaceAll \"(?P<n>l+)\" \"<$n>\" \"hello\""), "he<ll>o");
  EXPECT_EQ(Am("reReplaceAll \"l\" \"$$$1x$\" \"hello\""), "he$$$$o");
  EXPECT_EQ(Am("reReplaceAll \"x*\" \"-\" \"axb\""), "-a-b-");
  EXPECT_EQ(Am("reReplaceAll \"é?\" \"-\" \"aéb\""), "-a-b-");
  EXPECT_EQ(Am("reReplaceAll \"[\" \"\" \"\""),
            "error: error calling reReplaceAll: regexp: Compile(`[`): error parsing regexp: "
            "missing closing ]: `[`");
}

TEST(AlertmanagerFunctionsTest, Containers) {
  EXPECT_EQ(Am("list 1 \"a\" nil"), "[1 a <nil>]");
  EXPECT_EQ(Am("append (list 1) 2 3"), "[1 2 3]");
  EXPECT_EQ(Am("append nil 1"), "[1]");
  EXPECT_EQ(Am("append (stringSlice \"a\") 1"),
            "error: wrong type for value; expected []interface {}; got []string");
  EXPECT_EQ(Am("dict \"b\" 1 \"a\" (list 2)"), "map[a:[2] b:1]");
  EXPECT_EQ(Am("(dict \"a\" \"x\").a"), "x");
  EXPECT_EQ(Am("(dict \"a\" \"x\").b"), "<no value>");
  EXPECT_EQ(Am("dict 1"), "error: error calling dict: dict requires an even number of arguments");
  EXPECT_EQ(Am("dict 1 2"), "error: error calling dict: dict keys must be strings");
  EXPECT_EQ(Am("toJson (dict \"b\" 1 \"a\" (list 1.5 true nil \"<&>\" 1e21 1e-7))"),
            R"({"a":[1.5,true,null,"\u003c\u0026\u003e",1e+21,1e-7],"b":1})");
  EXPECT_EQ(Am("toJson ."), "\"2017-07-14T02:40:00Z\"");
  EXPECT_EQ(Am("routeLabels \"team\""), "<team>");
}

TEST(AlertmanagerFunctionsTest, Times) {
  EXPECT_EQ(Am("date \"Mon, 02 Jan 2006 15:04:05 MST\" ."), "Fri, 14 Jul 2017 02:40:00 UTC");
  EXPECT_EQ(Am("tz \"Europe/Berlin\" ."), "2017-07-14 03:40:00 +0100 CET");
  EXPECT_EQ(Am(". | tz \"Europe/Berlin\" | date \"15:04 -07:00\""), "03:40 +01:00");
  EXPECT_EQ(Am("tz \"UTC\" ."), "2017-07-14 02:40:00 +0000 UTC");
  EXPECT_EQ(Am("tz \"Mars/Olympus\" ."), "error: error calling tz: unknown time zone Mars/Olympus");
  EXPECT_EQ(Am("now"), "2017-07-14 02:40:00.123456789 +0000 UTC");
  EXPECT_EQ(Am("since ."), "123.456789ms");
  EXPECT_EQ(Am("(now.Sub .).Milliseconds"), "123");
  EXPECT_EQ(Am("addDuration \"-30m\" ."), "1499998200000");
  EXPECT_EQ(Am(". | addDuration \"1.5ms\""), "1500000000001");
  EXPECT_EQ(Am("addDuration \"-1us\" ."), "1499999999999");
  EXPECT_THAT(Am("addDuration \"1d\" ."), HasSubstr("error calling addDuration: bad duration"));
  EXPECT_EQ(Am("toDate \"2006-01-02\" \"2020-02-29\""), "2020-02-29 00:00:00 +0000 UTC");
  EXPECT_EQ(Am("toDate \"2006-01-02\" \"x\""), "0001-01-01 00:00:00 +0000 UTC");
  EXPECT_EQ(Am("mustToDate \"2006-01-02\" \"x\""),
            "error: error calling mustToDate: parsing time \"x\" as \"2006-01-02\": cannot parse "
            "\"x\" as \"2006\"");
  EXPECT_EQ(Am("humanizeDuration (since .)"), "123.5ms");
}

TEST(PrometheusFunctionsTest, Humanize) {
  const std::pair<const char*, const char*> cases[] = {
      {"humanize 0.0", "0"},
      {"humanize 1.0", "1"},
      {"humanize 1234567.0", "1.235M"},
      {"humanize .12", "120m"},
      {"humanize 0.00234", "2.34m"},
      {"humanize \"1234567\"", "1.235M"},
      {"humanize -5e27", "-5000Y"},
      {"humanize 1e-30", "1e-06y"},
      {"humanize1024 0.0", "0"},
      {"humanize1024 1048576.0", "1Mi"},
      {"humanize1024 .12", "0.12"},
      {"humanize1024 \"-2048\"", "-2ki"},
      {"humanizeDuration 0", "0s"},
      {"humanizeDuration 1", "1s"},
      {"humanizeDuration 60", "1m 0s"},
      {"humanizeDuration 3600", "1h 0m 0s"},
      {"humanizeDuration 3661", "1h 1m 1s"},
      {"humanizeDuration 86400", "1d 0h 0m 0s"},
      {"humanizeDuration 899.99", "14m 59s"},
      {"humanizeDuration -3600", "-1h 0m 0s"},
      {"humanizeDuration 0.1", "100ms"},
      {"humanizeDuration .0001", "100us"},
      {"humanizeDuration 59.5", "59.5s"},
      {"humanizeDuration 12.345", "12.35s"},
      {"humanizeDuration \"90061\"", "1d 1h 1m 1s"},
      {"humanizePercentage -0.22222", "-22.22%"},
      {"humanizePercentage 0.0", "0%"},
      {"humanizePercentage 0.1234567", "12.35%"},
      {"humanizePercentage 1.23456", "123.5%"},
      {"humanizeTimestamp 1435065584.128", "2015-06-23 13:19:44.128 +0000 UTC"},
      // As in Go, the fraction is cut after a detour over nanoseconds in a float.
      {"humanizeTimestamp \"1435781451.781\"", "2015-07-01 20:10:51.78 +0000 UTC"},
      {"humanizeTimestamp \"NaN\"", "NaN"},
      {"humanize \"NaN\"", "NaN"},
      {"humanizeDuration \"+Inf\"", "+Inf"},
      {"(toTime 1435065584.128).Year", "2015"},
      {"toTime 0", "1970-01-01 00:00:00 +0000 UTC"},
      {"toDuration 1.5", "1.5s"},
      {"(toDuration 3600).Minutes", "60"},
      {"humanizeDuration (toDuration 3600)", "1h 0m 0s"},
  };
  for (const auto& [action, want] : cases) EXPECT_EQ(Prom(action), want) << action;
}

TEST(PrometheusFunctionsTest, NumbersThatAreNone) {
  EXPECT_EQ(Prom("humanize \"one\""),
            "error: error calling humanize: strconv.ParseFloat: parsing \"one\": invalid syntax");
  EXPECT_EQ(Prom("humanize true"), "error: error calling humanize: can't convert bool to float");
  EXPECT_EQ(Prom("toTime 1e300"),
            "error: error calling toTime: 1e+300 cannot be represented as a nanoseconds timestamp "
            "since it overflows int64");
  EXPECT_EQ(Prom("toDuration \"Inf\""), "error: error calling toDuration: value is NaN or Inf");
}

TEST(PrometheusFunctionsTest, Hosts) {
  EXPECT_EQ(Prom("stripPort \"host:80\""), "host");
  EXPECT_EQ(Prom("stripPort \"host\""), "host");
  EXPECT_EQ(Prom("stripPort \"[::1]:80\""), "::1");
  EXPECT_EQ(Prom("stripPort \"::1\""), "::1");
  EXPECT_EQ(Prom("stripDomain \"www.example.com\""), "www");
  EXPECT_EQ(Prom("stripDomain \"www.example.com:8080\""), "www:8080");
  EXPECT_EQ(Prom("stripDomain \"192.0.2.1:8080\""), "192.0.2.1:8080");
  EXPECT_EQ(Prom("stripDomain \"192.0.2.1\""), "192.0.2.1");
  EXPECT_EQ(Prom("stripDomain \"[2001:0DB8::1]:8080\""), "[2001:0DB8::1]:8080");
  EXPECT_EQ(Prom("stripDomain \"[2001:0DB8::1]::12345\""), "[2001:0DB8::1]::12345");
  EXPECT_EQ(Prom("stripDomain \"2001:0DB8::1\""), "2001:0DB8::1");
}

TEST(PrometheusFunctionsTest, TextAndLinks) {
  EXPECT_EQ(Prom("title \"aa bB CC a-b\""), "Aa BB CC A-B");
  EXPECT_EQ(Prom("toUpper \"aa bB\""), "AA BB");
  EXPECT_EQ(Prom("toLower \"aA bB\""), "aa bb");
  EXPECT_EQ(Prom("match \"a+\" \"aa\""), "true");
  EXPECT_EQ(Prom("reReplaceAll \"(a)b\" \"x$1\" \"ab\""), "xa");
  EXPECT_EQ(Prom("safeHtml \"<b>\""), "<b>");
  EXPECT_EQ(Prom("graphLink \"up == 1\""), "/graph?g0.expr=up+%3D%3D+1&g0.tab=0");
  EXPECT_EQ(Prom("tableLink \"up\""), "/graph?g0.expr=up&g0.tab=1");
  EXPECT_EQ(Prom("urlQueryEscape \"a b&c\""), "a+b%26c");
  EXPECT_EQ(Prom("externalURL"), "https://watch.example.com:9093/fire?x=/y");
  EXPECT_EQ(Prom("pathPrefix"), "/fire");
  EXPECT_EQ(Prom("parseDuration \"1h2m10ms\""), "3720.01");
  EXPECT_EQ(Prom("parseDuration \"-5m\""), "-300");
  EXPECT_THAT(Prom("parseDuration \"x\""), HasSubstr("error calling parseDuration: "));
  EXPECT_EQ(Prom("args 1 \"b\""), "map[arg0:1 arg1:b]");
  EXPECT_EQ(Prom("(args 1 \"b\").arg1"), "b");
  EXPECT_EQ(Prom("now"), "1.500000000123e+09");
}

TEST(PrometheusFunctionsTest, Queries) {
  EXPECT_EQ(Prom("query \"up\" | first | value"), "2");
  EXPECT_EQ(Prom("query \"up\" | first | label \"instance\""), "b");
  EXPECT_EQ(Prom("query \"up\" | first | label \"nope\""), "");
  EXPECT_EQ(Prom("query \"up\" | first | strvalue"), "x");
  EXPECT_EQ(Prom("query \"up\" | sortByLabel \"instance\" | first | value"), "1.5");
  EXPECT_EQ(Prom("range query \"up\" }}{{ .Labels.instance }}={{ .Value }};{{ end"), "b=2;a=1.5;");
  EXPECT_EQ(Prom("len (query \"up\")"), "2");
  EXPECT_EQ(Prom("with query \"none\" }}x{{ else }}y{{ end"), "y");
  EXPECT_EQ(Prom("query \"none\" | first"),
            "error: error calling first: first() called on vector with no elements");
  EXPECT_EQ(Prom("query \"down\""), "error: error calling query: no such metric");
  EXPECT_EQ(Prom("value 1"), "error: can't handle 1 for arg of type *template.sample");
  EXPECT_EQ(Prom("label \"a\" nil"), "error: cannot assign nil to *template.sample");
  EXPECT_EQ(Prom("first nil"),
            "error: error calling first: first() called on vector with no elements");
}

TEST(FunctionsTest, WithoutAWorldTheyFailInClearWords) {
  for (const char* action : {"now", "since ."}) {
    TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
    ASSERT_TRUE(set.Parse("t", std::string("{{ ") + action + " }}"));
    EXPECT_THAT(set.Execute("t", TimeValue({}), {}).error().message,
                HasSubstr("the time is not known here"));
  }
}

}  // namespace
}  // namespace watchfire::templates
