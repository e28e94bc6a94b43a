// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/notify/receiver.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/samples_for_test.h"
#include "pkg/templates/default_templates.h"

namespace watchfire::notify {
namespace {

Failure FailureOf(int status) {
  net::OutResponse response;
  response.status = status;
  const Step step = Classify(response, {}, {});
  if (const auto* retry = std::get_if<Retry>(&step)) return retry->failure;
  return std::get<Fail>(step).failure;
}

TEST(ReceiverTest, EveryFailureHasAlertmanagersReason) {
  EXPECT_STREQ(FailureName(FailureOf(401)), "authError");
  EXPECT_STREQ(FailureName(FailureOf(403)), "authError");
  EXPECT_STREQ(FailureName(FailureOf(404)), "clientError");
  EXPECT_STREQ(FailureName(FailureOf(429)), "rateLimited");
  EXPECT_STREQ(FailureName(FailureOf(503)), "serverError");
  EXPECT_STREQ(FailureName(FailureOf(302)), "other");
  EXPECT_STREQ(FailureName(Failure::kCanceled), "contextCanceled");
  EXPECT_STREQ(FailureName(Failure::kDeadline), "contextDeadlineExceeded");
}

TEST(ReceiverTest, ASecretUrlShowsItsHostOnly) {
  const SecretUrl url =
      SplitSecretUrl("https://bot:pa55@hooks.example.com:8443/T0/B1?token=abcdefgh");
  EXPECT_EQ(url.shown, "https://hooks.example.com:8443/<secret>");
  EXPECT_EQ(Excerpt("bot:pa55 \\/T0\\/B1?token=abcdefgh", url.secrets),
            "<secret> \\/T0\\/B1?token=<secret>");
  EXPECT_EQ(Excerpt("no route /T0/B1?token=abcdefgh", url.secrets), "no route <secret>");
  EXPECT_EQ(SplitSecretUrl("http://localhost:5001").shown, "http://localhost:5001/<secret>");
  EXPECT_EQ(SplitSecretUrl("http:///path").shown, "");
  EXPECT_EQ(SplitSecretUrl("ftp://host/path").shown, "");
  EXPECT_EQ(SplitSecretUrl("").shown, "");
}

TEST(ReceiverTest, AShortSecretIsMaskedAsAWordAndALongOneAnywhere) {
  EXPECT_EQ(Excerpt("a bad key k: kk, k8s_k or the key \"k\"", {"k"}),
            "a bad key <secret>: kk, k8s_k or the key \"<secret>\"");
  EXPECT_EQ(Excerpt("page=pa55 pa55word \u00fcpa55", {"pa55"}),
            "page=<secret> pa55word \u00fcpa55");
  EXPECT_EQ(Excerpt("pa55", {"pa55"}), "<secret>");
  EXPECT_EQ(Excerpt("xxpa55w0rdxx", {"pa55w0rd"}), "xx<secret>xx");
  EXPECT_EQ(Excerpt("the secret", {"secret"}), "the <secret>");
}

TEST(ReceiverTest, AUrlIsShownWithoutItsUser) {
  EXPECT_EQ(ShownUrl("https://h.example.com/p?q=a@b"), "https://h.example.com/p?q=a@b");
  EXPECT_EQ(ShownUrl("https://ada:s3@cret@h.example.com:8443/p"),
            "https://<secret>@h.example.com:8443/p");
  EXPECT_EQ(ShownUrl("http://u@h"), "http://<secret>@h");
}

templates::Snippet Field(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

TEST(RenderingTest, FieldsAreRenderedWithTheDataAndTheSetOfTheConfiguration) {
  Context context;
  const dispatch::Notification what = SampleFiring();
  EXPECT_EQ(Rendering(context, what).Text(Field("{{ template \"__alertmanager\" . }}")),
            "Alertmanager");
  templates::TemplateSet set = templates::DefaultTemplates();
  ASSERT_TRUE(set.Parse("f", "{{ define \"__alertmanager\" }}Mine {{ .Status }}{{ end }}"));
  context.templates = std::make_shared<const templates::TemplateSet>(std::move(set));
  Rendering message(context, what);
  EXPECT_EQ(message.Text(Field("{{ template \"__alertmanager\" . }}")), "Mine firing");
  EXPECT_EQ(message.Text({}), "");
  EXPECT_EQ(message.Text(Field("{{ (.Alerts.Firing | len) }} {{ .CommonLabels.nope }}")), "1 ");
  EXPECT_EQ(message.Text(Field("{{ now.Unix }}")), "1787407500");
  EXPECT_EQ(message.SecretText("key_file", "k-{{ .Status }}"), "k-firing");
  EXPECT_TRUE(message.status());
}

TEST(RenderingTest, WhoIsOnCallIsWhoWasWhenTheMessageWasPlanned) {
  dispatch::Notification what = SampleFiring();
  what.route_labels = labels::LabelSet{{"who", "{{ onCall \"primary\" | join \"+\" }}"}};
  Context context;
  context.now = [&] { return what.at + std::chrono::hours(1); };
  context.on_call = [&](std::string_view schedule, WallTime at) -> std::vector<std::string> {
    EXPECT_EQ(at, what.at);
    if (schedule != "primary") return {};
    return {"<ada>", "bo"};
  };
  Rendering message(context, what);
  EXPECT_EQ(message.Text(Field("{{ onCall \"primary\" | join \", \" }}")), "<ada>, bo");
  EXPECT_EQ(message.Text(Field("{{ onCall \"nights\" | join \", \" }}")), "");
  EXPECT_EQ(message.Html(Field("{{ range onCall \"primary\" }}<p>{{ . }}</p>{{ end }}")),
            "<p>&lt;ada&gt;</p><p>bo</p>");
  EXPECT_EQ(message.Text(Field("{{ routeLabels \"who\" }}")), "<ada>+bo");
  EXPECT_TRUE(message.status());
  Rendering without({}, what);
  EXPECT_EQ(without.Text(Field("[{{ onCall \"primary\" | join \", \" }}]")), "[]");
  EXPECT_TRUE(without.status()) << "a page is never lost for it";
}

TEST(RenderingTest, HtmlIsEscapedForItsPlace) {
  const dispatch::Notification what = SampleFiring();
  Rendering message({}, what);
  EXPECT_EQ(message.Html(Field("<b title=\"{{ (index .Alerts 0).Annotations.summary }}\">"
                               "{{ (index .Alerts 0).Annotations.summary }}</b>")),
            "<b title=\"openai fails &lt;60 %&gt; of its calls &amp; more\">"
            "openai fails &lt;60 %&gt; of its calls &amp; more</b>");
  EXPECT_EQ(message.Html(Field("<a href=\"{{ \"javascript:x\" }}\">")), "<a href=\"#ZgotmplZ\">");
  EXPECT_TRUE(message.status());
}

TEST(RenderingTest, TheFirstErrorStaysAndNothingIsRenderedAfterIt) {
  const dispatch::Notification what = SampleFiring();
  Rendering message({}, what);
  EXPECT_EQ(message.Text(Field("a{{ .One }}")), "");
  EXPECT_EQ(message.Text(Field("b")), "");
  EXPECT_EQ(message.Text(Field("{{ .Two }}")), "");
  ASSERT_FALSE(message.status());
  EXPECT_EQ(message.Failed("oh").why,
            "oh: template: field:1:4: executing \"field\" at <.One>: can't evaluate field One in "
            "type *template.Data");
}

TEST(RenderingTest, AMessageIsBoundedAsAWholeAndRepaired) {
  const dispatch::Notification what = SampleFiring();
  Rendering message({}, what);
  const std::string large(limits::kTemplateOutputBytes / 2 + 1, 'x');
  EXPECT_EQ(message.Text(Field("\xff{{ .Status }}")), "\ufffdfiring");
  EXPECT_EQ(message.Text(Field(large)).size(), large.size());
  EXPECT_EQ(message.Text(Field(large)), "");
  ASSERT_FALSE(message.status());
  EXPECT_EQ(message.status().error().code, Code::kExhausted);
}

}  // namespace
}  // namespace watchfire::notify
