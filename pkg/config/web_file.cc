// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/web_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/key_pair.h"
#include "pkg/config/problems.h"
#include "pkg/config/section.h"
#include "pkg/config/section_impl.h"
#include "pkg/config/yaml.h"

namespace watchfire::config {
namespace {

struct Name {
  std::string_view go;
  std::string_view openssl;
};

// Go's tls.CipherSuites(). Those of TLS 1.3 are known and, as in Go, not for choosing.
constexpr auto kCiphers = std::to_array<Name>({
    {"TLS_AES_128_GCM_SHA256", ""},
    {"TLS_AES_256_GCM_SHA384", ""},
    {"TLS_CHACHA20_POLY1305_SHA256", ""},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
});
constexpr auto kCurves = std::to_array<Name>(
    {{"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}});
constexpr auto kVersions =
    std::to_array<std::pair<std::string_view, TlsVersion>>({{"TLS10", TlsVersion::kTls10},
                                                            {"TLS11", TlsVersion::kTls11},
                                                            {"TLS12", TlsVersion::kTls12},
                                                            {"TLS13", TlsVersion::kTls13}});
constexpr auto kPolicies = std::to_array<std::pair<std::string_view, ClientAuth>>(
    {{"NoClientCert", ClientAuth::kNone},
     {"RequestClientCert", ClientAuth::kRequest},
     {"RequireAnyClientCert", ClientAuth::kRequireAny},
     {"RequireClientCert", ClientAuth::kRequireAny},  // Its name in old versions.
     {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
     {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify}});

// Headers that may be set, and which values they may have; none: any.
struct HeaderRule {
  std::string_view name;
  std::vector<std::string> values;
};
const std::vector<HeaderRule>& HeaderRules() {
  static const auto& rules =
      *new std::vector<HeaderRule>{{"Content-Security-Policy", {}},
                                   {"Strict-Transport-Security", {}},
                                   {"X-Content-Type-Options", {"nosniff"}},
                                   {"X-Frame-Options", {"deny", "sameorigin"}},
                                   {"X-XSS-Protection", {}}};
  return rules;
}

constexpr int kUsualCost = 14;  // Of bcrypt; takes about a second.

std::string Shown(std::string_view text) { return TruncateRunes(text, 60); }

std::string HintOf(const std::string& value, const std::vector<std::string>& known) {
  const std::string near = Nearest(value, known);
  return near.empty() ? "one of " + Join(known, ", ") : "did you mean " + near + "?";
}

std::vector<std::string> GoNames(const auto& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.go);
  return names;
}

// Reads tls_server_config.
class TlsReader {
 public:
  TlsReader(Section& section, const Source& source, const Files& files)
      : section_(section), source_(source), files_(files) {}

  // Nullopt when TLS is off, or after reporting why it cannot be on.
  std::optional<ServerTls> Read() {
    ServerTls tls;
    const std::string cert = section_.String("cert");
    const std::string cert_file = section_.String("cert_file");
    const Secret key = section_.SecretString("key");
    const std::string key_file = section_.String("key_file");
    const std::string ca = section_.String("client_ca");
    const std::string ca_file = section_.String("client_ca_file");
    const std::string policy = section_.String("client_auth_type");
    tls.client_auth = ReadPolicy(policy);
    if (section_.Has("client_allowed_sans")) {
      tls.client_allowed_sans = section_.Strings("client_allowed_sans");
    }
    tls.min_version = ReadVersion("min_version", tls.min_version);
    tls.max_version = ReadVersion("max_version", tls.max_version);
    tls.prefer_server_ciphers = section_.Bool("prefer_server_cipher_suites", true);
    tls.curves = ReadNames("curve_preferences", "unknown curve: ", kCurves);
    ReadCiphers(&tls);
    section_.Finish();

    const bool is_on = !cert.empty() || !cert_file.empty() || !key.empty() || !key_file.empty() ||
                       !ca.empty() || !ca_file.empty() || !policy.empty();
    if (!is_on) {
      if (!section_.impl().node.keys.empty()) {
        section_.Warn("", "TLS stays off: there is neither a certificate nor a key",
                      "set cert_file and key_file");
      }
      return std::nullopt;
    }
    if (cert.empty() && cert_file.empty()) {
      section_.Error("cert_file", "missing one of cert or cert_file");
    }
    if (key.empty() && key_file.empty()) {
      section_.Error("key_file", "missing one of key or key_file");
    }
    CheckPolicy(tls, !ca.empty() || !ca_file.empty());
    // Of a text and its file the file wins.
    tls.certificate = TextOrFile("cert", cert, cert_file);
    tls.key = Secret(TextOrFile("key", key.reveal(), key_file));
    tls.client_ca = TextOrFile("client_ca", ca, ca_file);
    CheckKeys(tls);
    return tls;
  }

 private:
  ClientAuth ReadPolicy(const std::string& value) {
    if (value.empty()) return ClientAuth::kNone;
    std::vector<std::string> known;
    for (const auto& [name, policy] : kPolicies) {
      if (name == value) return policy;
      known.emplace_back(name);
    }
    std::erase(known, "RequireClientCert");
    section_.Error("client_auth_type", "invalid client_auth_type: " + Shown(value),
                   HintOf(value, known));
    return ClientAuth::kNone;
  }

  TlsVersion ReadVersion(const std::string& key, TlsVersion fallback) {
    if (!section_.Has(key)) return fallback;
    const std::string value = section_.String(key);
    std::vector<std::string> known;
    for (const auto& [name, version] : kVersions) {
      if (name == value) return version;
      known.emplace_back(name);
    }
    section_.Error(key, "unknown TLS version: " + Shown(value), "one of " + Join(known, ", "));
    return fallback;
  }

  std::vector<std::string> ReadNames(const std::string& key, const std::string& unknown,
                                     const auto& rows) {
    std::vector<std::string> names;
    for (const Text& text : section_.impl().Texts(key)) {
      const auto row = std::ranges::find(rows, text.text, &Name::go);
      if (row != rows.end()) {
        names.emplace_back(row->openssl);
      } else {
        source_.Error(text.mark, unknown + Shown(text.text), HintOf(text.text, GoNames(rows)));
      }
    }
    return names;
  }

  void ReadCiphers(ServerTls* tls) {
    tls->ciphers = ReadNames("cipher_suites", "unknown cipher: ", kCiphers);
    const bool is_chosen = !tls->ciphers.empty();
    std::erase(tls->ciphers, "");
    // Nothing is left for older versions, as in Go.
    if (is_chosen && tls->ciphers.empty()) tls->min_version = TlsVersion::kTls13;
    if (tls->min_version <= tls->max_version) return;
    section_.Error("max_version", "max_version leaves no TLS version that clients could use",
                   is_chosen ? "it is below min_version, or cipher_suites are all of TLS 1.3"
                             : "min_version is TLS12 unless set");
  }

  void CheckPolicy(const ServerTls& tls, bool has_ca) {
    const std::string ca_key = section_.Has("client_ca_file") ? "client_ca_file" : "client_ca";
    if (has_ca && tls.client_auth == ClientAuth::kNone) {
      section_.Error(ca_key, "client CAs have been configured without a client_auth_type",
                     "client_auth_type: RequireAndVerifyClientCert");
    }
    const bool is_required = tls.client_auth == ClientAuth::kRequireAny ||
                             tls.client_auth == ClientAuth::kRequireAndVerify;
    if (tls.client_allowed_sans && !is_required) {
      section_.Error("client_allowed_sans",
                     "client_allowed_sans requires client_auth_type to be one of "
                     "RequireAnyClientCert or RequireAndVerifyClientCert",
                     "else a client without certificate would pass");
    }
    if (tls.client_auth == ClientAuth::kRequireAny) {
      section_.Warn("client_auth_type",
                    "RequireAnyClientCert takes certificates that anybody can make",
                    "RequireAndVerifyClientCert looks at who signed them");
    }
  }

  std::string TextOrFile(const std::string& key, const std::string& text, const std::string& file) {
    if (file.empty()) return text;
    if (!text.empty()) section_.Warn(key, key + " is ignored: " + key + "_file goes before it");
    const std::string path = source_.Resolve(file);
    Result<std::string> content = files_.read(path);
    if (content) return *std::move(content);
    section_.Error(key + "_file", "failed to read " + key + "_file: " + content.error().message,
                   "relative names start at this file's directory");
    return "";
  }

  void CheckKeys(const ServerTls& tls) {
    if (!tls.certificate.empty() && !tls.key.empty()) {
      const Status pair = CheckKeyPair(tls.certificate, tls.key.reveal());
      const std::string at = section_.Has("cert_file") ? "cert_file" : "cert";
      if (!pair) section_.Error(at, "failed to load the key pair: " + pair.error().message);
    }
    if (!tls.client_ca.empty() && CountCertificates(tls.client_ca) == 0) {
      section_.Error(section_.Has("client_ca_file") ? "client_ca_file" : "client_ca",
                     "no PEM certificate in it", "no client could be verified");
    }
  }

  Section& section_;
  const Source& source_;
  const Files& files_;
};

// A bcrypt hash is "$2y$10$" and 53 characters: a version, the logarithm of the rounds, salt and
// digest. Returns the second, or 0.
int CostOf(const std::string& hash) {
  const char* digits = hash.data() + (hash[2] == '$' ? 3 : 4);
  int cost = 0;
  const auto [end, error] = std::from_chars(digits, digits + 2, cost);
  return error == std::errc() && end == digits + 2 ? cost : 0;
}

// What golang.org/x/crypto/bcrypt has against `hash`, in its words; "" for nothing.
std::string WhyNoBcrypt(const std::string& hash) {
  if (hash.size() < 59) return "hashedSecret too short to be a bcrypted password";
  if (hash[0] != '$') return "bcrypt hashes must start with '$'";
  if (hash[1] != '2') return "bcrypt hashes must be of version 2";
  const int cost = CostOf(hash);
  if (cost >= 4 && cost <= 31) return "";
  return "cost " + std::to_string(cost) + " is outside allowed inclusive range 4..31";
}

std::map<std::string, Secret> ReadUsers(Section& section) {
  std::map<std::string, Secret> users;
  for (const Key& name : section.impl().node.keys) {
    const Secret hash = section.SecretString(name.text);
    const std::string why = WhyNoBcrypt(hash.reveal());
    if (!why.empty()) {
      section.Error(name.text, "crypto/bcrypt: " + why, "make one with: htpasswd -nBC 10 NAME");
      continue;
    }
    if (CostOf(hash.reveal()) > kUsualCost) {
      section.Warn(name.text, "a first request with this password takes seconds",
                   "cost 10 is usual; each further one takes twice the time");
    }
    users.emplace(name.text, hash);
  }
  return users;
}

std::map<std::string, std::string> ReadHeaders(Section& section) {
  std::map<std::string, std::string> headers;
  for (const Key& key : section.impl().node.keys) {
    const std::string& name = key.text;
    const auto rule = std::ranges::find(HeaderRules(), name, &HeaderRule::name);
    std::string value = section.String(name);
    if (rule == HeaderRules().end()) {
      std::vector<std::string> known;
      for (const HeaderRule& row : HeaderRules()) known.emplace_back(row.name);
      section.Error(name, "HTTP header " + GoQuote(Shown(name)) + " can not be configured",
                    HintOf(name, known));
    } else if (!rule->values.empty() && std::ranges::count(rule->values, value) == 0) {
      section.Error(name, "invalid value for " + name + ": " + GoQuote(Shown(value)),
                    "one of " + Join(rule->values, ", "));
    } else if (value.find_first_of("\r\n") != std::string::npos) {
      section.Error(name, name + " must be one line");
    } else if (!value.empty()) {
      headers.emplace(name, std::move(value));
    }
  }
  return headers;
}

RateLimit ReadRate(Section& section) {
  RateLimit rate;
  rate.interval = section.GoDuration("interval", {});
  rate.burst = section.Int("burst", 0);
  section.Finish();
  if (rate.interval > Duration::zero() && rate.burst <= 0) {
    section.Warn("burst", "burst is not above 0: every request will be answered 429",
                 "set burst to at least 1");
  }
  return rate;
}

WebConfig ReadWeb(Section& root, const Source& source, const Files& files) {
  WebConfig web;
  if (auto tls = root.Child("tls_server_config")) {
    web.tls = TlsReader(*tls, source, files).Read();
  }
  if (auto http = root.Child("http_server_config")) {
    (void)http->Bool("http2", true);  // We speak HTTP/1.1 whatever it says.
    if (auto headers = http->Child("headers")) web.headers = ReadHeaders(*headers);
    http->Finish();
  }
  if (auto users = root.Child("basic_auth_users")) web.users = ReadUsers(*users);
  if (auto rate = root.Child("rate_limit")) web.rate_limit = ReadRate(*rate);
  root.Finish();
  return web;
}

}  // namespace

WebFile LoadWebFile(const std::string& path, const Files& files) {
  WebFile file;
  Problems problems;
  const Source source(path, &problems);
  const Result<std::string> text = files.read(path);
  if (!text) {
    source.Error({}, Reason(text.error(), path));
  } else if (const std::optional<YamlNode> document = ParseYamlDocument(*text, source)) {
    auto root = MakeSection(*document, document->mark, source, nullptr, "the file");
    if (root) file.config = ReadWeb(*root, source, files);
  }
  if (problems.has_error()) file.config.reset();
  file.problems = problems.Take();
  return file;
}

}  // namespace watchfire::config
