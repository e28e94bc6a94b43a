// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/sns/sns.h"

#include <map>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using sns::Options;
using testing::HasSubstr;

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

Options Sample() {
  Options options;
  options.identity.region = "eu-central-1";
  options.identity.access_key = "AKIDSAMPLE";
  options.identity.secret_key = Secret("s3cret+key");
  options.topic_arn = Text("arn:aws:sns:eu-central-1:123456789012:{{ .GroupLabels.service }}");
  options.subject = Text("{{ template \"sns.default.subject\" . }}");
  options.message = Text("{{ template \"sns.default.message\" . }}");
  options.attributes.emplace_back(Text("{{ .Status }}-key"), Text("a&b"));
  return options;
}

// Options whose credentials are for the default chain to find.
Options Anonymous() {
  Options options = Sample();
  options.identity = sns::Identity();
  return options;
}

using Environment = std::map<std::string, std::string>;

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/srv/ada/.aws/credentials") {
    return "# a comment\n[default]\naws_access_key_id = AKIDDEFAULT\n"
           "aws_secret_access_key=defaultsecret\n\n[ops]\naws_access_key_id=AKIDOPS\n"
           "aws_secret_access_key=opssecret\naws_session_token=opstoken\n"
           "[other]\nrole_arn = arn:r\nsource_profile = ops\n";
  }
  if (path == "/srv/ada/.aws/config") return "[profile ops]\nregion = ap-south-1\n";
  if (path == "/var/run/token") return "j.w.t";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const std::shared_ptr<const Options>& options,
                                const Environment& environment = {}) {
  Context context = TestContext(ReadFile);
  context.environment = [environment](const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  return sns::Describe().start(options, context);
}
std::unique_ptr<Exchange> Start(const Options& options, const Environment& environment = {}) {
  return Start(std::make_shared<const Options>(options), environment);
}

net::OutResponse Answer(int status, const std::string& body) {
  net::OutResponse response;
  response.status = status;
  response.body = body;
  return response;
}

std::string ErrorXml(const std::string& code, const std::string& message) {
  return "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender"
         "</Type><Code>" +
         code + "</Code><Message>" + message +
         "</Message></Error><RequestId>r</RequestId></ErrorResponse>";
}

std::string RoleXml(const std::string& key) {
  return "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + key +
         "</AccessKeyId><SecretAccessKey>tempsecret</SecretAccessKey><SessionToken>temptoken"
         "</SessionToken><Expiration>2026-08-22T15:00:00Z</Expiration></Credentials>"
         "</AssumeRoleResult></AssumeRoleResponse>";
}

net::OutRequest Sent(Step step) {
  EXPECT_TRUE(std::holds_alternative<Send>(step)) << WhyOf(step);
  auto* send = std::get_if<Send>(&step);
  return send != nullptr ? std::move(send->request) : net::OutRequest();
}

std::string HeaderOf(const net::OutRequest& request, const char* name) {
  return std::string(net::FindHeader(request.headers, name));
}

std::map<std::string, std::string> Form(const net::OutRequest& request) {
  std::map<std::string, std::string> fields;
  for (const std::string_view pair : Split(request.body, '&')) {
    const size_t equals = pair.find('=');
    fields[std::string(pair.substr(0, equals))] = UrlDecode(pair.substr(equals + 1), true);
  }
  return fields;
}

std::map<std::string, std::string> Published(const Options& options) {
  return Form(BeginRequest(*Start(options), SampleFiring()));
}

// What a receiver of messages by SNS sees, and the headers.
std::string Shown(const net::OutRequest& request) {
  std::string out = request.method + " " + request.url.reveal() + "\n";
  for (const net::Header& header : request.headers) {
    out += header.name + ": " + header.value + "\n";
  }
  for (const auto& [name, value] : Form(request)) out += name + " = " + value + "\n";
  return out;
}

// Only its golden files are used here.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ConformanceTest);

TEST(SnsTest, TheRequestIsTheGoldenOne) {
  for (const bool resolved : {false, true}) {
    const std::string shown =
        Shown(BeginRequest(*Start(Sample()), resolved ? SampleResolved() : SampleFiring()));
    const std::string path =
        std::string("pkg/notify/sns/testdata/") + (resolved ? "resolved" : "firing") + ".txt";
    if (std::getenv("WF_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << shown;  // NOLINT
    std::ifstream file(path, std::ios::binary);
    const std::string wanted{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(shown, wanted) << path;
  }
}

TEST(SnsTest, EveryStatusIsDoneRetriedOrFinal) {
  for (int status = 100; status < 600; ++status) {
    const auto exchange = Start(Sample());
    BeginRequest(*exchange, SampleFiring());
    const Step step = exchange->OnResponse(Answer(status, ErrorXml("Some", "words")));
    EXPECT_EQ(std::holds_alternative<Done>(step), status / 100 == 2) << status;
    EXPECT_EQ(std::holds_alternative<Retry>(step), status / 100 == 5 || status == 429) << status;
    if (status / 100 != 2) {
      EXPECT_EQ(WhyOf(step), "unexpected status code " + std::to_string(status) + ": Some: words");
    }
  }
  const auto exchange = Start(Sample());
  BeginRequest(*exchange, SampleFiring());
  const Step cut = exchange->OnResponse(::watchfire::Fail(Code::kTimeout, "no answer"));
  ASSERT_TRUE(std::holds_alternative<Retry>(cut));
  EXPECT_EQ(std::get<Retry>(cut).failure, Failure::kDeadline);
}

TEST(SnsTest, ThrottlingIsRetriedWhateverTheStatus) {
  const auto exchange = Start(Sample());
  BeginRequest(*exchange, SampleFiring());
  const Step step = exchange->OnResponse(Answer(400, ErrorXml("Throttling", "Rate &amp; more")));
  ASSERT_TRUE(std::holds_alternative<Retry>(step));
  EXPECT_EQ(std::get<Retry>(step).failure, Failure::kRateLimited);
  EXPECT_EQ(WhyOf(step), "unexpected status code 400: Throttling: Rate & more");
}

TEST(SnsTest, TheSecretKeyIsNowhere) {
  const auto exchange = Start(Sample());
  const net::OutRequest request = BeginRequest(*exchange, SampleFiring());
  EXPECT_THAT(Shown(request), Not(HasSubstr("s3cret")));
  EXPECT_THAT(WhyOf(exchange->OnResponse(Answer(403, "your key s3cret+key is bad"))),
              Not(HasSubstr("s3cret")));
}

TEST(SnsTest, AFifoTopicGroupsByTheGroup) {
  Options options = Sample();
  EXPECT_FALSE(Published(options).contains("MessageGroupId"));
  options.topic_arn = Text("arn:aws:sns:eu-central-1:1:pages.fifo");
  std::map<std::string, std::string> form = Published(options);
  EXPECT_EQ(form["MessageGroupId"], Sha256Hex(SampleFiring().group_key));
  EXPECT_THAT(form["MessageDeduplicationId"], testing::MatchesRegex("[0-9a-f]{64}"));
}

// Amazon drops what it saw in the last five minutes.
TEST(SnsTest, OnlyARepetitionHasTheSameDeduplicationId) {
  Options options = Sample();
  options.topic_arn = Text("arn:aws:sns:eu-central-1:1:pages.fifo");
  const auto id = [&](const dispatch::Notification& what) {
    return Form(BeginRequest(*Start(options), what))["MessageDeduplicationId"];
  };
  const std::string page = id(SampleFiring());
  dispatch::Notification what = SampleFiring();
  what.at += std::chrono::seconds(20);  // After a crash.
  EXPECT_EQ(id(what), page);
  EXPECT_NE(id(SampleResolved()), page);
  what = SampleFiring();
  what.alerts.emplace_back(SampleAlert("Another", "openai"));
  EXPECT_NE(id(what), page);
  what = SampleFiring();
  what.alerts.Own(0).starts_at += std::chrono::minutes(2);  // It fires again.
  EXPECT_NE(id(what), page);
  what = SampleFiring();
  what.group_key = what.group_key.str() + "x";
  EXPECT_NE(id(what), page);
}

TEST(SnsTest, ALongMessageIsCutAndSaysSo) {
  Options options = Sample();
  options.message = Text(std::string(262'143, 'x') + "\u00fc");
  std::map<std::string, std::string> form = Published(options);
  EXPECT_EQ(form["Message"], std::string(262'143, 'x'));
  EXPECT_EQ(form["MessageAttributes.entry.2.Name"], "truncated");
  EXPECT_EQ(form["MessageAttributes.entry.2.Value.StringValue"], "true");
  options.message = Text(std::string(262'144, 'x'));
  EXPECT_FALSE(Published(options).contains("MessageAttributes.entry.2.Name"));

  options.topic_arn = {};
  options.phone_number = Text("+491701234567");
  form = Published(options);
  EXPECT_EQ(form["PhoneNumber"], "+491701234567");
  EXPECT_EQ(form["Message"], std::string(1600, 'x'));
}

TEST(SnsTest, ASubjectIsOneShortLine) {
  Options options = Sample();
  options.subject = Text("one\n two\x01" + std::string(200, 'x'));
  const std::string subject = Published(options)["Subject"];
  EXPECT_EQ(RuneCount(subject), 99U);
  EXPECT_THAT(subject, testing::StartsWith("one  two xxx"));
  options.subject = {};
  EXPECT_FALSE(Published(options).contains("Subject"));
  options.target_arn = Text("arn:t");
  EXPECT_EQ(Published(options)["TargetArn"], "arn:t");
}

TEST(SnsTest, TheUrlIsOfTheRegionUnlessItIsConfigured) {
  const auto url = [](const Options& options, const Environment& environment) {
    return BeginRequest(*Start(options, environment), SampleFiring()).url.reveal();
  };
  Options options = Sample();
  EXPECT_EQ(url(options, {}), "https://sns.eu-central-1.amazonaws.com/");
  EXPECT_EQ(url(options, {{"AWS_REGION", "us-east-1"}}), "https://sns.eu-central-1.amazonaws.com/");
  EXPECT_EQ(url(options, {{"AWS_ENDPOINT_URL_SNS", "http://h:1"}}), "http://h:1/");
  options.identity.region = "cn-north-1";
  EXPECT_EQ(url(options, {}), "https://sns.cn-north-1.amazonaws.com.cn/");
  options.identity.region = "";
  EXPECT_EQ(url(options, {{"AWS_REGION", "us-east-1"}}), "https://sns.us-east-1.amazonaws.com/");
  options.api_url = Text("https://{{ .GroupLabels.service }}.example.com/path");
  EXPECT_EQ(url(options, {{"AWS_DEFAULT_REGION", "x"}}), "https://victor-ai.example.com/path");

  const Step none = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Retry>(none));
  EXPECT_EQ(WhyOf(none),
            "region not configured in sns.sigv4.region or in default credentials chain");
  options = Sample();
  for (const char* bad : {"ftp://h", "h", "https://", "https://u@h/", "https://h/?x=1"}) {
    options.api_url = Text(bad);
    EXPECT_TRUE(std::holds_alternative<Fail>(Start(options)->Begin(SampleFiring()))) << bad;
  }
}

// Whose key signs the first request, and what token goes with it.
std::string Signer(const Options& options, const Environment& environment) {
  const net::OutRequest request = BeginRequest(*Start(options, environment), SampleFiring());
  const std::string text = HeaderOf(request, "Authorization");
  const size_t begin = text.find("Credential=") + 11;
  return text.substr(begin, text.find('/') - begin) + " " +
         HeaderOf(request, "X-Amz-Security-Token");
}

TEST(SnsTest, TheDefaultChainHasAnOrder) {
  const Environment keys = {{"AWS_REGION", "r"},
                            {"AWS_ACCESS_KEY_ID", "AKIDENV"},
                            {"AWS_SECRET_ACCESS_KEY", "x"},
                            {"AWS_SESSION_TOKEN", "envtoken"},
                            {"HOME", "/srv/ada"}};
  EXPECT_EQ(Signer(Sample(), keys), "AKIDSAMPLE ");
  EXPECT_EQ(Signer(Anonymous(), keys), "AKIDENV envtoken");
  EXPECT_EQ(Signer(Anonymous(), {{"AWS_REGION", "r"}, {"HOME", "/srv/ada"}}), "AKIDDEFAULT ");
  Environment named = keys;
  named["AWS_PROFILE"] = "ops";
  EXPECT_EQ(Signer(Anonymous(), named), "AKIDOPS opstoken");
  Options profile = Anonymous();
  profile.identity.profile = "ops";
  EXPECT_EQ(Signer(profile, keys), "AKIDOPS opstoken");
  EXPECT_EQ(BeginRequest(*Start(profile, {{"HOME", "/srv/ada"}}), SampleFiring()).url.reveal(),
            "https://sns.ap-south-1.amazonaws.com/");
}

TEST(SnsTest, AProfileThatIsNotThereOrWantsMoreIsSaid) {
  Options options = Anonymous();
  options.identity.region = "r";
  const auto why = [&](const std::string& profile, const Environment& environment) {
    options.identity.profile = profile;
    return WhyOf(Start(options, environment)->Begin(SampleFiring()));
  };
  EXPECT_EQ(why("nobody", {{"HOME", "/srv/ada"}}), "no AWS profile \"nobody\"");
  EXPECT_THAT(why("other", {{"HOME", "/srv/ada"}}), HasSubstr("role_arn is not supported"));
  EXPECT_THAT(why("", {{"AWS_EC2_METADATA_DISABLED", "true"}}), HasSubstr("no AWS credentials"));
}

TEST(SnsTest, ARoleIsTakenOnAndKeptUntilShortlyBeforeItEnds) {
  Options options = Sample();
  options.identity.role_arn = "arn:aws:iam::1:role/pager";
  options.identity.external_id = "ext 1";
  const auto shared = std::make_shared<const Options>(options);
  const auto exchange = Start(shared);
  const net::OutRequest assume = BeginRequest(*exchange, SampleFiring());
  EXPECT_EQ(assume.url.reveal(), "https://sts.eu-central-1.amazonaws.com/");
  EXPECT_THAT(HeaderOf(assume, "Authorization"), HasSubstr("/eu-central-1/sts/aws4_request"));
  EXPECT_EQ(assume.body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fpager"
            "&RoleSessionName=watchfire&ExternalId=ext%201");
  const net::OutRequest publish = Sent(exchange->OnResponse(Answer(200, RoleXml("AKIDTEMP"))));
  EXPECT_THAT(HeaderOf(publish, "Authorization"), HasSubstr("Credential=AKIDTEMP/"));
  EXPECT_EQ(HeaderOf(publish, "X-Amz-Security-Token"), "temptoken");
  EXPECT_THAT(HeaderOf(publish, "Authorization"), HasSubstr(";x-amz-security-token,"));

  EXPECT_EQ(BeginRequest(*Start(shared), SampleFiring()).body, publish.body);
  const Step expired = exchange->OnResponse(Answer(403, ErrorXml("ExpiredToken", "old")));
  ASSERT_TRUE(std::holds_alternative<Retry>(expired));
  EXPECT_EQ(BeginRequest(*Start(shared), SampleFiring()).body, assume.body);
}

TEST(SnsTest, ARoleThatIsRefusedIsFinal) {
  Options options = Sample();
  options.identity.role_arn = "arn:r";
  const auto exchange = Start(options);
  BeginRequest(*exchange, SampleFiring());
  const Step step = exchange->OnResponse(Answer(403, ErrorXml("AccessDenied", "not you")));
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_EQ(WhyOf(step), "AWS credentials: unexpected status code 403: AccessDenied: not you");
  const auto busy = Start(options);
  BeginRequest(*busy, SampleFiring());
  EXPECT_TRUE(std::holds_alternative<Retry>(busy->OnResponse(Answer(503, ""))));
}

TEST(SnsTest, AServiceAccountGivesItsTokenForKeys) {
  const Environment environment = {{"AWS_REGION", "eu-west-1"},
                                   {"AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"},
                                   {"AWS_ROLE_ARN", "arn:web"}};
  const auto exchange = Start(Anonymous(), environment);
  const net::OutRequest request = BeginRequest(*exchange, SampleFiring());
  EXPECT_EQ(request.url.reveal(), "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(HeaderOf(request, "Authorization"), "");
  EXPECT_THAT(request.body, testing::EndsWith("&WebIdentityToken=j.w.t"));
  const net::OutRequest publish = Sent(exchange->OnResponse(Answer(200, RoleXml("AKIDWEB"))));
  EXPECT_THAT(HeaderOf(publish, "Authorization"), HasSubstr("AKIDWEB"));
}

constexpr const char* kKeysJson =
    R"({"Code":"Success","AccessKeyId":"AKIDJSON","SecretAccessKey":"x","Token":"t",)"
    R"("Expiration":"2026-08-22T20:00:00Z"})";

TEST(SnsTest, AContainerIsAskedForItsKeys) {
  const auto exchange =
      Start(Anonymous(), {{"AWS_REGION", "r"},
                          {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/x"},
                          {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/token"}});
  const net::OutRequest request = BeginRequest(*exchange, SampleFiring());
  EXPECT_EQ(request.method + " " + request.url.reveal(), "GET http://169.254.170.23/v1/x");
  EXPECT_EQ(HeaderOf(request, "Authorization"), "j.w.t");
  EXPECT_THAT(HeaderOf(Sent(exchange->OnResponse(Answer(200, kKeysJson))), "Authorization"),
              HasSubstr("AKIDJSON"));
  const auto relative = Start(
      Anonymous(), {{"AWS_REGION", "r"}, {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"}});
  EXPECT_EQ(BeginRequest(*relative, SampleFiring()).url.reveal(), "http://169.254.170.2/v2/x");
}

TEST(SnsTest, AnInstanceIsAskedInThreeSteps) {
  const auto exchange = Start(Anonymous(), {{"AWS_REGION", "r"}});
  const net::OutRequest token = BeginRequest(*exchange, SampleFiring());
  EXPECT_EQ(token.method + " " + token.url.reveal(), "PUT http://169.254.169.254/latest/api/token");
  const net::OutRequest role = Sent(exchange->OnResponse(Answer(200, "imds-token")));
  EXPECT_EQ(role.url.reveal(), "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(HeaderOf(role, "X-aws-ec2-metadata-token"), "imds-token");
  const net::OutRequest keys = Sent(exchange->OnResponse(Answer(200, "pager\n")));
  EXPECT_THAT(keys.url.reveal(), testing::EndsWith("/security-credentials/pager"));
  EXPECT_THAT(HeaderOf(Sent(exchange->OnResponse(Answer(200, kKeysJson))), "Authorization"),
              HasSubstr("AKIDJSON"));

  const auto elsewhere = Start(Anonymous(), {{"AWS_REGION", "r"}});
  BeginRequest(*elsewhere, SampleFiring());
  const Step none = elsewhere->OnResponse(::watchfire::Fail(Code::kTimeout, "timed out"));
  EXPECT_EQ(WhyOf(none), "no AWS credentials, in sigv4 or in the default chain");
}

// The example of AWS' own test suite for signature version 4.
TEST(SigV4Test, AgreesWithTheVendorsVectors) {
  const sns::Credentials credentials{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
  const WallTime time = *ParseTime("2015-08-30T12:36:00Z");
  std::vector<net::Header> headers = {{"Host", "example.amazonaws.com"},
                                      {"X-Amz-Date", sns::AmzDate(time)}};
  EXPECT_EQ(sns::Signature(credentials, {"us-east-1", "service"}, "GET", "/", headers, ""),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  EXPECT_THAT(
      sns::Signature(credentials, {"us-east-1", "service"}, "POST", "/", headers, "Param1=value1"),
      testing::EndsWith("ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"));
}

TEST(SigV4Test, ThePortOfTheSchemeIsNotSigned) {
  const sns::Credentials credentials{"A", "S", ""};
  const auto signature = [&](const std::string& url) {
    return HeaderOf(*sns::SignedForm(credentials, {"r", "s"}, url, "x=1", SampleFiring().at),
                    "Authorization");
  };
  EXPECT_EQ(signature("https://h:443/"), signature("https://h"));
  EXPECT_NE(signature("https://h:80/"), signature("https://h"));
  EXPECT_EQ(signature("http://h:80/"), signature("http://h/"));
}

}  // namespace
}  // namespace watchfire::notify
