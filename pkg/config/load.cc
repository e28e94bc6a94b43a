// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <optional>

#include <openssl/evp.h>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/config.h"
#include "pkg/config/loader.h"
#include "pkg/config/section_impl.h"

namespace watchfire::config {
namespace {

// alertmanager_config_hash: the first six bytes of the text's MD5, little-endian, so that every
// replica shows one number that a double holds exactly.
uint64_t HashText(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  WF_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr) == 1);
  uint64_t hash = 0;
  for (size_t i = 6; i-- > 0;) hash = (hash << 8) | digest[i];
  return hash;
}

std::string Directory(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

std::vector<std::string> Resolve(const std::vector<std::string>& globs, const std::string& file) {
  std::vector<std::string> out;
  for (const std::string& glob : globs) {
    out.push_back(glob.starts_with('/') ? glob : Directory(file) + glob);
  }
  return out;
}

// Keys that Alertmanager has and this version does not serve: refused, because a mute that is
// ignored pages somebody, and a template that is ignored says the wrong thing.
void RefuseUnserved(Section& root) {
  for (const char* key :
       {"time_intervals", "mute_time_intervals", "templates", "tracing", "event_recorder"}) {
    if (root.Has(key)) {
      root.Error(key, std::string("\"") + key + "\" is not supported in this version",
                 "remove it, or keep Alertmanager for now");
    }
  }
}

class Loading {
 public:
  Loading(const LoadOptions& options, const Files& files, const std::vector<IntegrationKind>& kinds)
      : options_(options), files_(files), kinds_(kinds), config_(std::make_shared<Config>()) {}

  Loaded Run() {
    OwnKeys own;
    own.rule_globs = options_.rule_globs;
    own.slo_globs = options_.slo_globs;
    ReadMain(&own);
    for (const std::string& path : options_.extra_paths) ReadExtra(path, &own);
    if (config_->datasources.empty()) {
      Datasource datasource;
      if (!options_.prometheus_url.empty()) datasource.url = options_.prometheus_url;
      while (datasource.url.ends_with('/')) datasource.url.pop_back();
      config_->datasources.push_back(std::move(datasource));
    }
    ReadKeyFiles(own.inbound_key_files);
    ReadRuleFiles(own.rule_globs);
    ReadSloFiles(own.slo_globs);
    Loaded loaded;
    if (!problems_.has_errors()) loaded.config = std::move(config_);
    loaded.problems = problems_.Take();
    return loaded;
  }

 private:
  std::optional<std::string> Read(const std::string& path) {
    Result<std::string> text = files_.read(path);
    if (text) return *std::move(text);
    problems_.Add({Problem::Level::kError, path, 0, 0, text.error().message, ""});
    return std::nullopt;
  }

  void Merge(const OwnKeys& keys, const std::string& file, OwnKeys* own) {
    for (std::string& glob : Resolve(keys.rule_globs, file)) own->rule_globs.push_back(glob);
    for (std::string& glob : Resolve(keys.slo_globs, file)) own->slo_globs.push_back(glob);
    for (std::string& path : Resolve(keys.inbound_key_files, file)) {
      own->inbound_key_files.push_back(path);
    }
  }

  void ReadMain(OwnKeys* own) {
    const std::optional<std::string> text = Read(options_.path);
    if (!text) return;
    const std::vector<Node> documents = ParseYaml(options_.path, *text, &problems_);
    if (documents.empty() || documents[0].kind != Node::Kind::kMap) {
      if (!problems_.has_errors()) {
        problems_.Add({Problem::Level::kError, options_.path, 0, 0, "no route provided in config",
                       "the smallest file: route: {receiver: x}, receivers: [{name: x}]"});
      }
      return;
    }
    Section root = MakeSection(options_.path, documents[0], "the configuration", &problems_);
    RefuseUnserved(root);
    config_->global = ReadGlobal(root);
    ReadReceivers(root, kinds_, config_.get());
    ReadInhibitRules(root, options_.matcher_mode, config_.get());
    ReadRoute(root, options_.matcher_mode, config_.get());
    Merge(ReadOwnKeys(root, config_.get()), options_.path, own);
    root.Finish();
    config_->hash = HashText(*text);
    config_->original = Original(documents[0], *config_);
  }

  void ReadExtra(const std::string& path, OwnKeys* own) {
    const std::optional<std::string> text = Read(path);
    if (!text) return;
    const std::vector<Node> documents = ParseYaml(path, *text, &problems_);
    if (documents.empty()) return;
    Section root = MakeSection(path, documents[0], "the extra configuration", &problems_);
    Merge(ReadOwnKeys(root, config_.get()), path, own);
    root.Finish();
  }

  // A glob without a match is fine (rules may come later); a plain name without a file is not.
  template <typename Use>
  void ForEachFile(const std::vector<std::string>& globs, Use use) {
    std::vector<std::string> seen;
    for (const std::string& glob : globs) {
      for (const std::string& path : files_.glob(glob)) {
        if (std::ranges::find(seen, path) != seen.end()) continue;
        seen.push_back(path);
        if (const std::optional<std::string> text = Read(path)) use(path, *text);
      }
    }
  }

  void ReadKeyFiles(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      const std::optional<std::string> text = Read(path);
      if (!text) continue;
      const std::string key(Trim(*text));
      if (key.size() < kInboundKeyBytesMin) {
        problems_.Add(
            {Problem::Level::kError, path, 0, 0,
             "the key is shorter than " + std::to_string(kInboundKeyBytesMin) + " characters", ""});
      }
      config_->inbound.victorops_keys.emplace_back(key);
    }
  }

  void ReadRuleFiles(const std::vector<std::string>& globs) {
    ForEachFile(globs, [&](const std::string& path, const std::string& text) {
      ReadRuleFile(path, text, &problems_, config_.get());
    });
  }

  void ReadSloFiles(const std::vector<std::string>& globs) {
    std::optional<SloWindows> windows;
    ForEachFile(globs, [&](const std::string& path, const std::string& text) {
      ReadSloFile(path, text, &problems_, config_.get(), &windows);
    });
    FinishSlos(windows, &problems_, config_.get());
  }

  const LoadOptions& options_;
  const Files& files_;
  const std::vector<IntegrationKind>& kinds_;
  Problems problems_;
  std::shared_ptr<Config> config_;
};

}  // namespace

Loaded Load(const LoadOptions& options, const Files& files,
            const std::vector<IntegrationKind>& kinds) {
  return Loading(options, files, kinds).Run();
}

std::vector<Problem> LoadRuleFile(const std::string& path, const std::string& text,
                                  Config* config) {
  Problems problems;
  ReadRuleFile(path, text, &problems, config);
  return problems.Take();
}

std::vector<Problem> LoadSloFile(const std::string& path, const std::string& text, Config* config) {
  Problems problems;
  std::optional<SloWindows> windows;
  ReadSloFile(path, text, &problems, config, &windows);
  FinishSlos(windows, &problems, config);
  return problems.Take();
}

}  // namespace watchfire::config
