// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Section's readers of http_config and tls_config. Texts and rules: Prometheus' common library,
// config/http_config.go (reference §3.9). As there, an empty value is as good as none.

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/key_pair.h"
#include "pkg/config/section.h"
#include "pkg/config/section_impl.h"
#include "pkg/config/show_http.h"

namespace watchfire::config {
namespace {

constexpr const char* kOneAuth =
    "at most one of basic_auth, oauth2 & authorization must be configured";
constexpr const char* kOneAuthOrBearer =
    "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured";
constexpr const char* kClientCredentials = "client_credentials";

// A token of RFC 9110 section 5.6.2.
bool IsHeaderName(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    const char lower = static_cast<char>(c | 32);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
  });
}

// "x-api-KEY" -> "X-Api-Key", as Go prints header names.
std::string CanonicalHeader(const std::string& name) {
  std::string out = ToLower(name);
  for (size_t i = 0; i < out.size(); ++i) {
    const bool starts_word = i == 0 || out[i - 1] == '-';
    if (starts_word && out[i] >= 'a' && out[i] <= 'z') out[i] = static_cast<char>(out[i] - 32);
  }
  return out;
}

// Reads one http_config.
class HttpReader {
 public:
  HttpReader(const Source& source, FilePaths paths) : source_(source), paths_(paths) {}

  HttpConfig Read(Section& section) const {
    HttpConfig http;
    if (auto basic = section.Child("basic_auth")) http.basic_auth = ReadBasicAuth(*basic);
    if (auto header = section.Child("authorization")) http.authorization = ReadHeader(*header);
    if (auto oauth2 = section.Child("oauth2")) http.oauth2 = ReadOAuth2(*oauth2);
    const int ways = int{http.basic_auth.has_value()} + int{http.authorization.has_value()} +
                     int{http.oauth2.has_value()};
    if (ways > 1) section.Error(http.oauth2 ? "oauth2" : "authorization", kOneAuth);
    ReadBearer(section, &http);
    const Complain complain =
        source_.problems->needs_tls_files() ? &Section::Error : &Section::Warn;
    if (auto tls = section.Child("tls_config")) http.tls = ReadTls(*tls, complain);
    http.follow_redirects = section.Bool("follow_redirects", true);
    http.enable_http2 = section.Bool("enable_http2", true);
    http.proxy = ReadProxy(section);
    if (auto headers = section.Child("http_headers")) http.headers = ReadHeaders(*headers);
    section.Finish();
    return http;
  }

  // `complain`: of files that are not there or hold something else. Alertmanager reads those of
  // http_config when it starts, and those of mail and of oauth2 when it sends.
  using Complain = void (Section::*)(const std::string& key, const std::string& message,
                                     const std::string& hint);
  TlsConfig ReadTls(Section& section, Complain complain) const {
    TlsConfig tls;
    tls.ca = section.String("ca");
    tls.ca_file = File(section, "ca_file");
    tls.cert = section.String("cert");
    tls.cert_file = File(section, "cert_file");
    tls.key = section.SecretString("key");
    tls.key_file = File(section, "key_file");
    tls.server_name = section.String("server_name");
    tls.insecure_skip_verify = section.Bool("insecure_skip_verify", false);
    tls.min_version = ReadVersion(section, "min_version");
    tls.max_version = ReadVersion(section, "max_version");
    for (const char* key : {"ca_ref", "cert_ref", "key_ref"}) section.Refuse(key);
    CheckTls(section, tls);
    if (source_.problems->read_tls_file()) CheckTlsFiles(section, tls, complain);
    section.Finish();
    return tls;
  }

 private:
  std::string File(Section& section, const std::string& key) const {
    std::string path = section.String(key);
    return paths_ == FilePaths::kFromConfig && !path.empty() ? source_.Resolve(path) : path;
  }

  BasicAuth ReadBasicAuth(Section& section) const {
    BasicAuth basic;
    basic.username = section.String("username");
    basic.username_file = File(section, "username_file");
    basic.password = section.SecretString("password");
    basic.password_file = File(section, "password_file");
    if (!basic.username.empty() && !basic.username_file.empty()) {
      section.Error("username_file",
                    "at most one of basic_auth username, username_file & username_ref must be "
                    "configured");
    }
    if (!basic.password.empty() && !basic.password_file.empty()) {
      section.Error("password_file",
                    "at most one of basic_auth password, password_file & password_ref must be "
                    "configured");
    }
    for (const char* key : {"username_ref", "password_ref"}) section.Refuse(key);
    section.Finish();
    return basic;
  }

  Authorization ReadHeader(Section& section) const {
    Authorization header;
    const std::string type(Trim(section.String("type", header.type)));
    if (!type.empty()) header.type = type;
    header.credentials = section.SecretString("credentials");
    header.credentials_file = File(section, "credentials_file");
    if (ToLower(type) == "basic") {
      section.Error("type",
                    "authorization type cannot be set to \"basic\", use \"basic_auth\" instead");
    }
    if (!header.credentials.empty() && !header.credentials_file.empty()) {
      section.Error(
          "credentials_file",
          "at most one of authorization credentials & credentials_file must be configured");
    }
    section.Refuse("credentials_ref");
    section.Finish();
    return header;
  }

  // The old way to write authorization.
  void ReadBearer(Section& section, HttpConfig* http) const {
    const Secret token = section.SecretString("bearer_token");
    const std::string file = File(section, "bearer_token_file");
    if (token.empty() && file.empty()) return;
    if (!token.empty() && !file.empty()) {
      section.Error("bearer_token_file",
                    "at most one of bearer_token & bearer_token_file must be configured");
    }
    const std::string key = token.empty() ? "bearer_token_file" : "bearer_token";
    if (http->basic_auth || http->oauth2) section.Error(key, kOneAuthOrBearer);
    if (http->authorization) {
      section.Error("authorization",
                    "authorization is not compatible with bearer_token & bearer_token_file");
    } else {
      section.Warn(key, key + " is deprecated", "use authorization");
      http->authorization = Authorization{"Bearer", token, file};
    }
  }

  OAuth2 ReadOAuth2(Section& section) const {
    OAuth2 oauth2;
    oauth2.client_id = section.String("client_id");
    oauth2.client_secret = section.SecretString("client_secret");
    oauth2.client_secret_file = File(section, "client_secret_file");
    oauth2.scopes = section.Strings("scopes");
    oauth2.token_url = section.TokenUrl("token_url");
    oauth2.endpoint_params = section.StringMap("endpoint_params");
    if (auto tls = section.Child("tls_config")) oauth2.tls = ReadTls(*tls, &Section::Warn);
    oauth2.proxy = ReadProxy(section);
    if (oauth2.client_id.empty()) {
      section.Error("client_id", "oauth2 client_id must be configured");
    }
    if (oauth2.token_url.empty()) {
      section.Error("token_url", "oauth2 token_url must be configured");
    }
    section.Refuse("client_secret_ref");
    ReadGrant(section, &oauth2);
    section.Finish();
    return oauth2;
  }

  // What proves who the client is. Other grants than the two that there are count as the first, as
  // in Alertmanager, and what the grant at hand has no use for is read over.
  static void ReadGrant(Section& section, OAuth2* oauth2) {
    Assertion assertion = ReadAssertion(section);
    const std::string grant = section.String("grant_type", kClientCredentials);
    if (grant == kJwtBearer) {
      if (!assertion.key.empty() && !assertion.key_file.empty()) {
        section.Error("client_certificate_key_file",
                      "at most one of oauth2 client_certificate_key, client_certificate_key_file & "
                      "client_certificate_key_ref must be configured using grant-type=" +
                          grant);
      } else if (assertion.key.empty() && assertion.key_file.empty()) {
        section.Warn("grant_type", "there is no client_certificate_key to sign with",
                     "no token can be got");
      }
      if (assertion.algorithm.empty()) assertion.algorithm = "RS256";
      section.OneOf("signature_algorithm", assertion.algorithm, {"RS256", "RS384", "RS512"},
                    "valid signature algorithms are RS256, RS384 and RS512");
      oauth2->assertion = std::move(assertion);
      return;
    }
    if (!grant.empty() && grant != kClientCredentials) {
      section.Warn(
          "grant_type",
          "grant_type " + GoQuote(TruncateRunes(grant, 60)) + " counts as " + kClientCredentials,
          std::string("one of ") + kClientCredentials + ", " + kJwtBearer);
    }
    if (!oauth2->client_secret.empty() && !oauth2->client_secret_file.empty()) {
      section.Error("client_secret_file",
                    "at most one of oauth2 client_secret, client_secret_file & client_secret_ref "
                    "must be configured using grant-type=client_credentials");
    }
  }

  static Assertion ReadAssertion(Section& section) {
    Assertion assertion;
    assertion.key = section.SecretString("client_certificate_key");
    // As written: of OAuth2's files Alertmanager resolves client_secret_file alone.
    assertion.key_file = section.String("client_certificate_key_file");
    assertion.key_id = section.String("client_certificate_key_id");
    section.Refuse("client_certificate_key_ref");
    assertion.algorithm = section.String("signature_algorithm", assertion.algorithm);
    assertion.issuer = section.String("iss");
    assertion.audience = section.String("audience");
    Any claims = section.Value("claims");
    if (auto* map = std::get_if<Any::Map>(&claims.value)) {
      assertion.claims = std::move(*map);
    } else if (!claims.is_null()) {
      section.Error("claims", "claims must be a mapping");
    }
    return assertion;
  }

  static ProxyConfig ReadProxy(Section& section) {
    ProxyConfig proxy;
    proxy.url = section.ProxyUrl("proxy_url");
    proxy.no_proxy = section.String("no_proxy");
    proxy.from_environment = section.Bool("proxy_from_environment", false);
    proxy.connect_header = section.SecretLists("proxy_connect_header");
    if (!proxy.connect_header.empty() && !proxy.from_environment && proxy.url.empty()) {
      section.Error("proxy_connect_header",
                    "if proxy_connect_header is configured, proxy_url or proxy_from_environment "
                    "must also be configured");
    }
    if (proxy.from_environment && !proxy.url.empty()) {
      section.Error("proxy_url",
                    "if proxy_from_environment is configured, proxy_url must not be configured");
    }
    if (proxy.from_environment && !proxy.no_proxy.empty()) {
      section.Error("no_proxy",
                    "if proxy_from_environment is configured, no_proxy must not be configured");
    } else if (!proxy.no_proxy.empty() && proxy.url.empty()) {
      section.Error("no_proxy", "if no_proxy is configured, proxy_url must also be configured");
    }
    return proxy;
  }

  // A mapping of header names to {values, secrets, files}.
  std::map<std::string, HttpHeader> ReadHeaders(Section& section) const {
    static constexpr std::array<std::string_view, 18> kReserved = {
        "authorization", "host", "content-encoding", "content-length", "content-type", "user-agent",
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "www-authenticate",
        "accept-encoding", "x-prometheus-remote-write-version", "x-prometheus-remote-read-version",
        "x-prometheus-scrape-timeout-seconds",
        // What signs a request for AWS.
        "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"};
    std::map<std::string, HttpHeader> headers;
    for (const Key& key : section.impl().node.keys) {
      const std::string& name = key.text;
      for (const std::string_view reserved : kReserved) {
        if (ToLower(name) != reserved) continue;
        section.Error(name, "setting header " + GoQuote(CanonicalHeader(name)) + " is not allowed");
      }
      if (!IsHeaderName(name)) section.Error(name, "invalid header name " + GoQuote(name));
      std::optional<Section> entry = section.Child(name);
      if (!entry) continue;
      HttpHeader header;
      header.values = entry->Strings("values");
      header.secrets = entry->Secrets("secrets");
      header.files = entry->Strings("files");
      for (std::string& file : header.files) {
        if (paths_ == FilePaths::kFromConfig) file = source_.Resolve(file);
      }
      entry->Finish();
      headers.emplace(name, std::move(header));
    }
    return headers;
  }

  static TlsVersion ReadVersion(Section& section, const std::string& key) {
    static constexpr std::array<std::string_view, 4> kNames = {"TLS10", "TLS11", "TLS12", "TLS13"};
    const std::string name = section.String(key);
    if (!section.Has(key)) return TlsVersion::kDefault;
    for (size_t i = 0; i < kNames.size(); ++i) {
      if (name == kNames[i]) return static_cast<TlsVersion>(i + 1);
    }
    section.Error(key, "unknown TLS version: " + TruncateRunes(name, 60),
                  "one of " + Join({kNames.begin(), kNames.end()}, ", "));
    return TlsVersion::kDefault;
  }

  static void CheckTls(Section& section, const TlsConfig& tls) {
    const bool has_cert = !tls.cert.empty() || !tls.cert_file.empty();
    const bool has_key = !tls.key.empty() || !tls.key_file.empty();
    if (!tls.ca.empty() && !tls.ca_file.empty()) {
      section.Error("ca_file", "at most one of ca, ca_file & ca_ref must be configured");
    }
    if (!tls.cert.empty() && !tls.cert_file.empty()) {
      section.Error("cert_file", "at most one of cert, cert_file & cert_ref must be configured");
    }
    if (!tls.key.empty() && !tls.key_file.empty()) {
      section.Error("key_file", "at most one of key and key_file must be configured");
    }
    if (has_cert && !has_key) {
      section.Error(tls.cert.empty() ? "cert_file" : "cert",
                    "exactly one of key or key_file must be configured when a client certificate "
                    "is configured");
    }
    if (has_key && !has_cert) {
      section.Error(tls.key.empty() ? "key_file" : "key",
                    "exactly one of cert or cert_file must be configured when a client key is "
                    "configured");
    }
    if (tls.max_version != TlsVersion::kDefault && tls.max_version < LeastVersion(tls)) {
      section.Warn("max_version", "max_version is below min_version, which is TLS12 unless set",
                   "no connection can be made");
    }
  }

  // Texts that stand in the configuration itself are looked at as well.
  void CheckTlsFiles(Section& section, const TlsConfig& tls, Complain complain) const {
    const auto text_of = [&](const std::string& text, const std::string& key,
                             const std::string& path) -> std::optional<std::string> {
      if (path.empty()) return text;
      Result<std::string> read = source_.problems->read_tls_file()(path);
      if (read) return *std::move(read);
      (section.*complain)(key, "cannot read " + GoQuote(path) + ": " + Reason(read.error(), path),
                          "without it no connection can be made");
      return std::nullopt;
    };
    const std::string ca_key = tls.ca_file.empty() ? "ca" : "ca_file";
    if (const auto ca = text_of(tls.ca, ca_key, tls.ca_file);
        ca && !(tls.ca + tls.ca_file).empty() && CountCertificates(*ca) == 0) {
      (section.*complain)(ca_key, "no PEM certificate in it", "");
    }
    const auto certificate = text_of(tls.cert, "cert_file", tls.cert_file);
    const auto key = text_of(tls.key.reveal(), "key_file", tls.key_file);
    const bool has_pair =
        !(tls.cert + tls.cert_file).empty() && !(tls.key.reveal() + tls.key_file).empty();
    if (!certificate || !key || !has_pair) return;
    const Status pair = CheckKeyPair(*certificate, *key);
    if (!pair) {
      (section.*complain)(tls.cert_file.empty() ? "cert" : "cert_file", pair.error().message, "");
    }
  }

  // Without min_version that is 1.2, as in Go.
  static TlsVersion LeastVersion(const TlsConfig& tls) {
    return tls.min_version == TlsVersion::kDefault ? TlsVersion::kTls12 : tls.min_version;
  }

  const Source& source_;
  const FilePaths paths_;
};

}  // namespace

HttpConfig Section::Http(const std::string& key, const HttpConfig& fallback, FilePaths paths) {
  impl_->Note(key, Survey::kHttp, fallback.tls.server_name);
  if (impl_->survey != nullptr && !impl_->survey->options().enters_http) {
    HttpConfig http = fallback;
    if (impl_->Marked(key)) http.tls.server_name = Survey::kMarked;
    return http;
  }
  Echo* const echo = impl_->Show(key);
  HttpConfig http = fallback;
  {
    const Unshown unshown(*this);
    if (auto section = Child(key)) http = HttpReader(impl_->source, paths).Read(*section);
  }
  if (echo != nullptr) ShowHttp(http, echo);
  return http;
}

TlsConfig Section::Tls(const std::string& key, const TlsConfig& fallback, FilePaths paths) {
  impl_->Note(key, Survey::kTls, fallback.server_name);
  if (impl_->survey != nullptr) {
    TlsConfig tls = fallback;
    if (impl_->Marked(key)) tls.server_name = Survey::kMarked;
    return tls;
  }
  Echo* const echo = impl_->Show(key);
  TlsConfig tls = fallback;
  {
    const Unshown unshown(*this);
    if (auto section = Child(key)) {
      tls = HttpReader(impl_->source, paths).ReadTls(*section, &Section::Warn);
    }
  }
  // Alertmanager 0.25 has no such key in `global`, so an empty one is not shown.
  if (echo != nullptr && (Has(key) || tls != TlsConfig{})) ShowTls(tls, echo);
  return tls;
}

}  // namespace watchfire::config
