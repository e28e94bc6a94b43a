// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// A main file below etc/ whose global http_config is `http`, a flow mapping at line 4, column 3.
World With(const std::string& http) {
  World world;
  world.options.path = "etc/w.yml";
  world.files["etc/w.yml"] = Minimal("global:\n  http_config: " + http + "\n");
  return world;
}

HttpConfig Read(const std::string& http) {
  const Loaded loaded = With(http).Load();
  EXPECT_NE(loaded.config, nullptr) << http << World::Print(loaded.problems).front();
  return loaded.config ? loaded.config->global.http : HttpConfig();
}

std::string Reveal(const std::vector<Secret>& secrets) {
  std::string all;
  for (const Secret& secret : secrets) all += secret.reveal() + ";";
  return all;
}

TEST(SectionHttpTest, DefaultsAreThoseOfPrometheus) {
  for (const char* empty :
       {"{}", "", "{basic_auth: , oauth2: , authorization: , tls_config: , http_headers: }"}) {
    const HttpConfig http = Read(empty);
    EXPECT_FALSE(http.basic_auth || http.authorization || http.oauth2);
    EXPECT_EQ(http.tls, TlsConfig());
    EXPECT_TRUE(http.follow_redirects && http.enable_http2);
    EXPECT_EQ(http.proxy.url + http.proxy.no_proxy, "");
    EXPECT_FALSE(http.proxy.from_environment);
    EXPECT_THAT(http.headers, IsEmpty());
  }
}

TEST(SectionHttpTest, ReadsEveryField) {
  HttpConfig http = Read("{basic_auth: {username: u, password: p}, follow_redirects: false}");
  EXPECT_EQ(http.basic_auth->username, "u");
  EXPECT_EQ(http.basic_auth->password.reveal(), "p");
  EXPECT_FALSE(http.follow_redirects);

  http = Read("{basic_auth: {username_file: u, password_file: /p}, enable_http2: false}");
  EXPECT_EQ(http.basic_auth->username_file, "etc/u");
  EXPECT_EQ(http.basic_auth->password_file, "/p");
  EXPECT_FALSE(http.enable_http2);

  http = Read("{authorization: {type: ' Token ', credentials: c}}");
  EXPECT_EQ(http.authorization->type, "Token");
  EXPECT_EQ(http.authorization->credentials.reveal(), "c");
  http = Read("{authorization: {type: '', credentials_file: c}}");
  EXPECT_EQ(http.authorization->type, "Bearer");
  EXPECT_EQ(http.authorization->credentials_file, "etc/c");

  http = Read("{bearer_token: t}");
  EXPECT_EQ(http.authorization->type, "Bearer");
  EXPECT_EQ(http.authorization->credentials.reveal(), "t");
  http = Read("{bearer_token_file: t, bearer_token: ''}");
  EXPECT_EQ(http.authorization->credentials_file, "etc/t");

  http = Read(
      "{tls_config: {ca: A, cert: C, key: K, server_name: s, insecure_skip_verify: true, "
      "min_version: TLS10, max_version: TLS13}}");
  EXPECT_EQ(http.tls.ca + http.tls.cert + http.tls.key.reveal(), "ACK");
  EXPECT_EQ(http.tls.server_name, "s");
  EXPECT_TRUE(http.tls.insecure_skip_verify);
  EXPECT_EQ(http.tls.min_version, TlsVersion::kTls10);
  EXPECT_EQ(http.tls.max_version, TlsVersion::kTls13);
  http = Read("{tls_config: {ca_file: a, cert_file: c, key_file: k, min_version: TLS11}}");
  EXPECT_EQ(http.tls.ca_file + http.tls.cert_file + http.tls.key_file, "etc/aetc/cetc/k");
  EXPECT_EQ(http.tls.min_version, TlsVersion::kTls11);
}

TEST(SectionHttpTest, ReadsProxiesHeadersAndOAuth2) {
  HttpConfig http = Read(
      "{proxy_url: 'http://u:p@proxy:3128', no_proxy: 'a.example,10.0.0.0/8', "
      "proxy_connect_header: {X-Proxy: [one, two]}, "
      "http_headers: {X-A: {values: [v, w], secrets: [s], files: [f, /g]}, x-b: {}, X-C: }}");
  EXPECT_EQ(http.proxy.url, "http://u:p@proxy:3128");
  EXPECT_EQ(http.proxy.no_proxy, "a.example,10.0.0.0/8");
  EXPECT_EQ(Reveal(http.proxy.connect_header.at("X-Proxy")), "one;two;");
  const HttpHeader& header = http.headers.at("X-A");
  EXPECT_THAT(header.values, ElementsAre("v", "w"));
  EXPECT_EQ(Reveal(header.secrets), "s;");
  EXPECT_THAT(header.files, ElementsAre("etc/f", "/g"));
  EXPECT_TRUE(http.headers.contains("x-b"));
  EXPECT_TRUE(Read("{proxy_from_environment: true, proxy_connect_header: {X: [y]}}")
                  .proxy.from_environment);
  EXPECT_EQ(Read("{proxy_url: ''}").proxy.url, "");

  http = Read(
      "{oauth2: {client_id: i, client_secret: s, scopes: [a, b], token_url: 'https://t/x', "
      "endpoint_params: {audience: z}, tls_config: {ca_file: a}, proxy_url: 'socks5://p:1', "
      "no_proxy: n, proxy_connect_header: {X: [y]}, grant_type: client_credentials}}");
  const OAuth2& oauth2 = *http.oauth2;
  EXPECT_EQ(oauth2.client_id + oauth2.client_secret.reveal() + oauth2.token_url, "ishttps://t/x");
  EXPECT_THAT(oauth2.scopes, ElementsAre("a", "b"));
  EXPECT_EQ(oauth2.endpoint_params.at("audience"), "z");
  EXPECT_EQ(oauth2.tls.ca_file, "etc/a");
  EXPECT_EQ(oauth2.proxy.url + oauth2.proxy.no_proxy, "socks5://p:1n");
  EXPECT_EQ(Reveal(oauth2.proxy.connect_header.at("X")), "y;");
  http = Read(
      "{oauth2: {client_id: i, client_secret_file: s, token_url: 'http://t', "
      "proxy_from_environment: true}}");
  EXPECT_EQ(http.oauth2->client_secret_file, "etc/s");
  EXPECT_TRUE(http.oauth2->proxy.from_environment);
}

const std::string kOAuth2 = "oauth2: {client_id: i, token_url: 'http://t'";
const std::string kJwt =
    "{" + kOAuth2 + ", grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer'";
const std::string kRefused = " is not supported yet (remove it; nothing here would act on it)";
const std::string kNoKey =
    "exactly one of key or key_file must be configured when a client certificate is configured";
const std::string kNoCert =
    "exactly one of cert or cert_file must be configured when a client key is configured";

TEST(SectionHttpTest, AnEmptyReferenceIsNone) {
  EXPECT_TRUE(Read("{basic_auth: {username_ref: '', password_ref: }}").basic_auth);
  EXPECT_EQ(Read("{tls_config: {ca_ref: ''}}").tls, TlsConfig());
  EXPECT_TRUE(Read("{" + kOAuth2 + ", client_secret_ref: ''}}").oauth2);
}

TEST(SectionHttpTest, AnAssertionIsReadWhereItsGrantIsNamed) {
  const HttpConfig http = Read(
      kJwt +
      ", client_certificate_key_file: k, client_certificate_key_id: i, signature_algorithm: RS512, "
      "iss: s, audience: a, claims: {n: 1, list: [true, ~], map: {x: y}}, client_secret: b, "
      "client_secret_file: c}}");
  const std::optional<Assertion>& assertion = http.oauth2->assertion;
  ASSERT_TRUE(assertion);
  EXPECT_EQ(assertion->key_file, "k") << "as Alertmanager, not resolved";
  EXPECT_EQ(assertion->key_id + assertion->algorithm + assertion->issuer + assertion->audience,
            "iRS512sa");
  EXPECT_EQ(assertion->claims.at("n"), Any{int64_t{1}});
  EXPECT_EQ(assertion->claims.size(), 3U);
  EXPECT_EQ(Read(kJwt + ", client_certificate_key: s3cr3t, signature_algorithm: ''}}")
                .oauth2->assertion->algorithm,
            "RS256");
  // Of no use to the other grant, and no mistake.
  EXPECT_FALSE(Read("{" + kOAuth2 +
                    ", client_certificate_key: a, client_certificate_key_file: b, "
                    "signature_algorithm: x, iss: i, audience: a, claims: {a: b}}}")
                   .oauth2->assertion);
}

TEST(SectionHttpTest, AnAssertionIsShownAndItsKeyMasked) {
  World world = With(kJwt + ", client_certificate_key: s3cr3t, claims: {n: 1, l: [a, ~]}}}");
  const Loaded first = world.Load();
  ASSERT_NE(first.config, nullptr);
  EXPECT_THAT(first.config->original, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(first.config->original, HasSubstr("client_certificate_key: <secret>\n"));
  EXPECT_THAT(first.config->original,
              HasSubstr("grant_type: urn:ietf:params:oauth:grant-type:jwt-bearer\n"));
  world.files["etc/w.yml"] = first.config->original;
  const Loaded second = world.Load();
  ASSERT_THAT(World::Print(second.problems), IsEmpty());
  EXPECT_EQ(second.config->original, first.config->original);
}

struct Case {
  std::string http;
  std::string problem;  // The only error, without its place.
};

void ExpectErrors(const std::vector<Case>& cases) {
  for (const Case& test : cases) {
    const Loaded loaded = With(test.http).Load();
    EXPECT_EQ(loaded.config, nullptr) << test.http;
    std::vector<std::string> errors;
    for (const Problem& problem : loaded.problems) {
      if (problem.level == Problem::Level::kWarning) continue;
      EXPECT_EQ(problem.file, "etc/w.yml");
      EXPECT_EQ(problem.line, 4) << test.http;
      EXPECT_GT(problem.column, 3) << test.http;
      errors.push_back(problem.hint.empty() ? problem.message
                                            : problem.message + " (" + problem.hint + ")");
    }
    EXPECT_THAT(errors, ElementsAre(test.problem)) << test.http;
  }
}

TEST(SectionHttpTest, MistakesInCredentialsHaveTheirText) {
  const std::string one_auth =
      "at most one of basic_auth, oauth2 & authorization must be configured";
  const std::string or_bearer =
      "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured";
  ExpectErrors({
      {"{basic_auth: {}, authorization: {}}", one_auth},
      {"{basic_auth: {}, " + kOAuth2 + "}}", one_auth},
      {"{authorization: {}, " + kOAuth2 + "}}", one_auth},
      {"{basic_auth: {}, authorization: {}, " + kOAuth2 + "}}", one_auth},
      {"{basic_auth: {username: a, username_file: b}}",
       "at most one of basic_auth username, username_file & username_ref must be configured"},
      {"{basic_auth: {password: a, password_file: b}}",
       "at most one of basic_auth password, password_file & password_ref must be configured"},
      {"{basic_auth: {username_ref: a}}", "username_ref" + kRefused},
      {"{basic_auth: {password_ref: a}}", "password_ref" + kRefused},
      {"{basic_auth: {user: a}}",
       "unknown key \"user\" (known here: password, password_file, password_ref, username, "
       "username_file, username_ref)"},
      {"{basic_auth: a}", "basic_auth must be a mapping, found a text"},
      {"{authorization: {type: Basic}}",
       "authorization type cannot be set to \"basic\", use \"basic_auth\" instead"},
      {"{authorization: {type: ' BASIC '}}",
       "authorization type cannot be set to \"basic\", use \"basic_auth\" instead"},
      {"{authorization: {credentials: a, credentials_file: b}}",
       "at most one of authorization credentials & credentials_file must be configured"},
      {"{authorization: {credentials_ref: a}}", "credentials_ref" + kRefused},
      {"{authorization: {credential: a}}",
       "unknown key \"credential\" (did you mean \"credentials\"?)"},
      {"{bearer_token: a, bearer_token_file: b}",
       "at most one of bearer_token & bearer_token_file must be configured"},
      {"{bearer_token: a, basic_auth: {}}", or_bearer},
      {"{bearer_token_file: a, basic_auth: {}}", or_bearer},
      {"{bearer_token: a, " + kOAuth2 + "}}", or_bearer},
      {"{bearer_token: a, authorization: {}}",
       "authorization is not compatible with bearer_token & bearer_token_file"},
      {"{bearer_token_file: a, authorization: {}}",
       "authorization is not compatible with bearer_token & bearer_token_file"},
      {"{bearer_token: [a]}", "bearer_token must be a text, found a list"},
  });
}

TEST(SectionHttpTest, MistakesInOAuth2HaveTheirText) {
  ExpectErrors({
      {"{oauth2: {token_url: 'http://t'}}", "oauth2 client_id must be configured"},
      {"{oauth2: {client_id: '', token_url: 'http://t'}}", "oauth2 client_id must be configured"},
      {"{oauth2: {client_id: i}}", "oauth2 token_url must be configured"},
      {"{" + kOAuth2 + ", client_secret: a, client_secret_file: b}}",
       "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be "
       "configured using grant-type=client_credentials"},
      {"{" + kOAuth2 + ", client_secret_ref: a}}", "client_secret_ref" + kRefused},
      {"{" + kOAuth2 + ", client_certificate_key_ref: a}}",
       "client_certificate_key_ref" + kRefused},
      {"{" + kOAuth2 + ", claims: [a]}}", "claims must be a mapping"},
      {"{" + kOAuth2 + ", grant_type: [a]}}", "grant_type must be a text, found a list"},
      {kJwt + ", client_certificate_key: a, client_certificate_key_file: b}}",
       "at most one of oauth2 client_certificate_key, client_certificate_key_file & "
       "client_certificate_key_ref must be configured using "
       "grant-type=urn:ietf:params:oauth:grant-type:jwt-bearer"},
      {kJwt + ", client_certificate_key: a, signature_algorithm: ES256}}",
       "valid signature algorithms are RS256, RS384 and RS512 (one of RS256, RS384, RS512)"},
      {"{" + kOAuth2 + ", scopes: a}}", "scopes must be a list, found a text"},
      {"{" + kOAuth2 + ", endpoint_params: [a]}}",
       "endpoint_params must be a mapping, found a list"},
      {"{" + kOAuth2 + ", no_proxy: a}}",
       "if no_proxy is configured, proxy_url must also be configured"},
      {"{" + kOAuth2 + ", tls_config: {key: a}}}", kNoCert},
      {"{" + kOAuth2 + ", token: a}}", "unknown key \"token\""},
  });
}

TEST(SectionHttpTest, MistakesInTlsHaveTheirText) {
  ExpectErrors({
      {"{tls_config: {ca: a, ca_file: b}}",
       "at most one of ca, ca_file & ca_ref must be configured"},
      {"{tls_config: {cert: a, cert_file: b, key: k}}",
       "at most one of cert, cert_file & cert_ref must be configured"},
      {"{tls_config: {key: a, key_file: b, cert: c}}",
       "at most one of key and key_file must be configured"},
      {"{tls_config: {cert: a}}", kNoKey},
      {"{tls_config: {cert_file: a}}", kNoKey},
      {"{tls_config: {key: a}}", kNoCert},
      {"{tls_config: {key_file: a}}", kNoCert},
      {"{tls_config: {ca_ref: a}}", "ca_ref" + kRefused},
      {"{tls_config: {cert_ref: a}}", "cert_ref" + kRefused},
      {"{tls_config: {key_ref: a}}", "key_ref" + kRefused},
      {"{tls_config: {min_version: TLS14}}",
       "unknown TLS version: TLS14 (one of TLS10, TLS11, TLS12, TLS13)"},
      {"{tls_config: {max_version: '1.2'}}",
       "unknown TLS version: 1.2 (one of TLS10, TLS11, TLS12, TLS13)"},
      {"{tls_config: {min_version: ''}}",
       "unknown TLS version:  (one of TLS10, TLS11, TLS12, TLS13)"},
      {"{tls_config: {insecure_skip_verify: maybe}}",
       "insecure_skip_verify must be true or false, found \"maybe\""},
      {"{tls_config: {cafile: a}}", "unknown key \"cafile\" (did you mean \"ca_file\"?)"},
  });
}

TEST(SectionHttpTest, OtherMistakesHaveTheirText) {
  const std::string connect_alone =
      "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be "
      "configured";
  ExpectErrors({
      {"{follow_redirects: 1}", "follow_redirects must be true or false, found \"1\""},
      {"{enable_http2: 'true'}", "enable_http2 must be true or false, found \"true\""},
      {"{proxy_url: 'http://p:x'}",
       "proxy_url: invalid port in URL (write it like http://host/path)"},
      {"{no_proxy: a}", "if no_proxy is configured, proxy_url must also be configured"},
      {"{proxy_from_environment: true, no_proxy: a}",
       "if proxy_from_environment is configured, no_proxy must not be configured"},
      {"{proxy_from_environment: true, proxy_url: 'http://p'}",
       "if proxy_from_environment is configured, proxy_url must not be configured"},
      {"{proxy_connect_header: {X: [y]}}", connect_alone},
      {"{proxy_url: 'http://p', proxy_connect_header: {X: y}}", "X must be a list, found a text"},
      {"{http_headers: {authorization: {values: [a]}}}",
       "setting header \"Authorization\" is not allowed"},
      {"{http_headers: {content-TYPE: {}}}", "setting header \"Content-Type\" is not allowed"},
      {"{http_headers: {X-Amz-Date: {}}}", "setting header \"X-Amz-Date\" is not allowed"},
      {"{http_headers: {'a b': {}}}", "invalid header name \"a b\""},
      {"{http_headers: {X: v}}", "X must be a mapping, found a text"},
      {"{http_headers: {X: {values: v}}}", "values must be a list, found a text"},
      {"{http_headers: {X: {value: [v]}}}", "unknown key \"value\" (did you mean \"values\"?)"},
      {"{proxy: a}", "unknown key \"proxy\""},
  });
}

TEST(SectionHttpTest, RemarksOnWhatIsOldOrCannotWork) {
  EXPECT_THAT(
      With("{bearer_token: s3cr3t}").Problems(),
      ElementsAre("warning etc/w.yml:4:17: bearer_token is deprecated (use authorization)"));
  EXPECT_THAT(With("{" + kOAuth2 + ", grant_type: password}}").Problems(),
              ElementsAre(HasSubstr(": grant_type \"password\" counts as client_credentials")));
  EXPECT_THAT(With(kJwt + "}}").Problems(),
              ElementsAre(HasSubstr("there is no client_certificate_key to sign with")));
  EXPECT_THAT(With("{tls_config: {max_version: TLS11}}").Problems(),
              ElementsAre(HasSubstr("max_version is below min_version")));
  EXPECT_THAT(With("{proxy_url: 'ftp://p'}").Problems(),
              ElementsAre("warning etc/w.yml:4:17: proxy_url: unsupported scheme \"ftp\" for URL, "
                          "so nothing will be sent (write it like http://host/path)"));
}

TEST(SectionHttpTest, SecretsAreMaskedAndWhatIsShownLoadsAgain) {
  World world = With(
      "{authorization: {credentials: s3cr3t}, tls_config: {ca: \"A\\nB\", cert: C, key: s3cr3t}, "
      "proxy_url: 'http://u:s3cr3t@p', proxy_connect_header: {X-P: [s3cr3t, s3cr3t]}, "
      "http_headers: {X-A: {values: [v], secrets: [s3cr3t], files: [/f]}}}");
  const Loaded first = world.Load();
  ASSERT_NE(first.config, nullptr);
  const std::string original = first.config->original;
  EXPECT_THAT(original, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(original, HasSubstr("credentials: <secret>\n"));
  EXPECT_THAT(original, HasSubstr("X-P:\n      - <secret>\n      - <secret>\n"));
  EXPECT_THAT(original, HasSubstr("proxy_url: \"http://u:xxxxx@p\"\n"));
  EXPECT_THAT(original, HasSubstr("ca: \"A\\nB\"\n"));
  EXPECT_THAT(original, HasSubstr("files:\n        - /f\n"));
  world.files["etc/w.yml"] = original;
  const Loaded second = world.Load();
  ASSERT_THAT(World::Print(second.problems), IsEmpty());
  EXPECT_EQ(second.config->original, original);

  const Loaded oauth2 = With(
                            "{oauth2: {client_id: i, client_secret: s3cr3t, token_url: "
                            "'http://t', tls_config: {cert: c, key: s3cr3t}}}")
                            .Load();
  ASSERT_NE(oauth2.config, nullptr);
  EXPECT_THAT(oauth2.config->original, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(oauth2.config->original, HasSubstr("client_secret: <secret>\n"));
  const Loaded bearer = With("{bearer_token: s3cr3t}").Load();
  EXPECT_THAT(bearer.config->original, HasSubstr("credentials: <secret>\n"));
  // Not even in what is said about a mistake.
  for (const char* wrong :
       {"{proxy_url: 'x://u:s3cr3t@'}", "{http_headers: {A: {secrets: [[s3cr3t]]}}}",
        "{tls_config: {key: [s3cr3t]}}", "{proxy_connect_header: {A: [s3cr3t]}}"}) {
    for (const std::string& problem : With(wrong).Problems()) {
      EXPECT_THAT(problem, Not(HasSubstr("s3cr3t"))) << wrong;
    }
  }
}

TEST(SectionHttpTest, TlsStandsAloneAndTakesFilesAsWritten) {
  World world;
  world.options.path = "etc/w.yml";
  world.files["etc/w.yml"] = Minimal("global:\n  http_config: {}\n");
  TlsConfig tls;
  HttpConfig http;
  IntegrationKind kind{"mail", true, false, [&](Section& section, const Global&) {
                         TlsConfig fallback;
                         fallback.server_name = "inherited";
                         tls = section.Tls("tls_config", fallback, FilePaths::kAsWritten);
                         http = section.Http("http_config", {}, FilePaths::kAsWritten);
                         return nullptr;
                       }};
  Files files;
  std::string entry;
  files.read = [&](const std::string&) -> Result<std::string> {
    return "route: {receiver: a}\nreceivers: [{name: a, mail_configs: [" + entry + "]}]\n";
  };
  entry =
      "{tls_config: {ca_file: a, cert_file: b, key_file: c}, "
      "http_config: {authorization: {credentials_file: d}}}";
  EXPECT_NE(config::Load(world.options, files, {kind}).config, nullptr);
  EXPECT_EQ(tls.ca_file + tls.cert_file + tls.key_file, "abc");
  EXPECT_EQ(tls.server_name, "");
  EXPECT_EQ(http.authorization->credentials_file, "d");
  entry = "{}";
  EXPECT_NE(config::Load(world.options, files, {kind}).config, nullptr);
  EXPECT_EQ(tls.server_name, "inherited");
}

}  // namespace
}  // namespace watchfire::config
