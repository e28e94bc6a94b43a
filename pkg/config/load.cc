// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <openssl/evp.h>

#include "pkg/base/check.h"
#include "pkg/base/strings.h"
#include "pkg/config/config.h"
#include "pkg/config/expression.h"
#include "pkg/config/loader.h"
#include "pkg/config/slo_inhibition.h"

namespace watchfire::config {
namespace {

// The first six bytes of the text's MD5, little-endian: alertmanager_config_hash. Source:
// Alertmanager config/coordinator.go, md5HashAsMetricValue.
uint64_t Hash(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  WF_CHECK(EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr) == 1);
  uint64_t hash = 0;
  for (size_t i = 6; i > 0; --i) hash = hash << 8 | digest[i - 1];
  return hash;
}

// Reads one configuration file; nullopt after reporting why it cannot be read.
std::optional<Section> Open(const std::string& path, std::string* text, Loader* loader) {
  const Source& source = loader->sources.emplace_back(path, &loader->problems);
  Result<std::string> read = loader->files.read(path);
  if (!read) {
    source.Error({}, Reason(read.error(), path));
    return std::nullopt;
  }
  std::optional<YamlNode> document = ParseYamlDocument(*read, source);
  loader->own_texts[path] = *read;
  *text = *std::move(read);
  if (!document) return std::nullopt;
  const YamlNode& node = loader->documents.emplace_back(*std::move(document));
  return MakeSection(node, node.mark, source, &loader->original, "the file");
}

void LoadExtra(const std::string& path, Loader* loader) {
  std::string text;
  std::optional<Section> root = Open(path, &text, loader);
  if (!root) return;
  LoadOwnKeys(*root, loader);
  for (const std::string& key : AlertmanagerKeys()) {
    if (root->Has(key)) root->Error(key, key + " belongs in the main file");
  }
  root->Finish();
}

bool IsPlainName(const std::string& glob) { return glob.find_first_of("*?[") == std::string::npos; }

// Says what is wrong with a file that `pattern` names, as a mistake of that file: the others go on.
void ReportUnreadable(const std::string& path, const Error& error, const Pattern& pattern,
                      Loader* loader) {
  const bool is_missing = error.code == Code::kNotFound && IsPlainName(pattern.glob);
  std::string place = pattern.source->file;
  if (pattern.mark.line > 0) place += ":" + std::to_string(pattern.mark.line);
  const Source& source = loader->sources.emplace_back(path, &loader->problems);
  source.Error({}, is_missing ? "matches no file" : Reason(error, path), "named in " + place);
}

// Calls `use(text, source)` for every file that `patterns` name, once each.
template <typename Use>
void ForEachFile(const std::vector<Pattern>& patterns, Loader* loader, Use use) {
  std::set<std::string> seen(loader->left_out.begin(), loader->left_out.end());
  for (const Pattern& pattern : patterns) {
    std::vector<std::string> paths = loader->files.glob(pattern.glob);
    if (paths.empty() && IsPlainName(pattern.glob)) paths = {pattern.glob};
    if (paths.empty()) pattern.source->Warn(pattern.mark, pattern.glob + " matches no file");
    for (const std::string& path : paths) {
      if (!seen.insert(path).second) continue;
      loader->config.file_errors[path] = 0;
      Result<std::string> text = loader->files.read(path);
      if (text) {
        const std::string& kept = loader->texts.emplace_back(*std::move(text));
        use(kept, loader->sources.emplace_back(path, &loader->problems, kept));
      } else {
        ReportUnreadable(path, text.error(), pattern, loader);
      }
    }
  }
}

void AddPatterns(const std::vector<std::string>& globs, const std::string& flag,
                 std::vector<Pattern>* patterns, Loader* loader) {
  if (globs.empty()) return;
  const Source& flags = loader->sources.emplace_back(flag, &loader->problems);
  for (const std::string& glob : globs) patterns->push_back({glob, &flags, {}});
}

// Errors by file.
std::map<std::string, size_t> ErrorsOf(const std::vector<Problem>& problems) {
  std::map<std::string, size_t> errors;
  for (const Problem& problem : problems) {
    if (problem.level == Problem::Level::kError) ++errors[problem.file];
  }
  return errors;
}

bool AllIn(const std::map<std::string, size_t>& errors, const std::set<std::string>& files) {
  return std::ranges::all_of(errors, [&](const auto& one) { return files.contains(one.first); });
}

// What `previous` has of the files with errors goes on.
void CarryOver(const Config& previous, Config* config) {
  const auto is_bad = [&](const std::string& file) {
    const auto found = config->file_errors.find(file);
    return found != config->file_errors.end() && found->second > 0;
  };
  for (const RuleGroup& group : previous.rule_groups) {
    if (is_bad(group.file)) config->rule_groups.push_back(group);
  }
  for (const Slo& slo : previous.slos) {
    const bool moved = std::ranges::find(config->slos, slo.id, &Slo::id) != config->slos.end();
    if (is_bad(slo.file) && !moved) config->slos.push_back(slo);
  }
}

// Loads everything but the rule and SLO files of `left_out`. `rule_files`: gets the names of the
// others.
Loaded LoadWithout(const std::set<std::string>& left_out, const LoadOptions& options,
                   const Files& files, const std::vector<IntegrationKind>& kinds,
                   std::map<std::string, size_t> left_out_errors,
                   std::set<std::string>* rule_files) {
  Loader loader{options, files, kinds, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}};
  loader.left_out = left_out;
  // A server, which starts without bad rule files, is where certificates are within reach.
  if (options.leaves_out_bad_files) loader.problems.set_read_tls_file(files.read);
  loader.config.matcher_mode = options.matcher_mode;
  for (const std::string& key : AlertmanagerKeys()) loader.original.Put(key);
  std::string text;
  std::optional<Section> root = Open(options.path, &text, &loader);
  if (root) LoadOwnKeys(*root, &loader);
  for (const std::string& path : options.extra_paths) LoadExtra(path, &loader);
  if (root) {
    LoadAlertmanagerKeys(*root, &loader);
    LoadRoutes(*root, &loader);
    root->Finish();
    FinishOwnKeys(&loader);
    LoadOncall(&loader);
  }
  AddPatterns(options.rule_globs, "--rules.files", &loader.rule_patterns, &loader);
  AddPatterns(options.slo_globs, "--slo.files", &loader.slo_patterns, &loader);
  Config* config = &loader.config;
  ForEachFile(loader.rule_patterns, &loader, [&](const std::string& file, const Source& source) {
    ReadRuleFile(file, source, config);
  });
  SloBatch batch;
  batch.speaks_metricsql = SpeaksMetricsql(*config);
  batch.alert_labels = loader.slo_alert_labels;
  batch.is_alone = options.is_stand_in;
  // The table that it names may stand in a file that is left out.
  const bool may_lack_tables =
      std::ranges::any_of(loader.slo_patterns, [&](const Pattern& pattern) {
        const std::vector<std::string> paths = files.glob(pattern.glob);
        return left_out.contains(pattern.glob) || std::ranges::any_of(paths, [&](const auto& path) {
                 return left_out.contains(path);
               });
      });
  if (!may_lack_tables) batch.default_source = loader.slo_windows_source;
  batch.default_mark = loader.slo_windows_mark;
  ForEachFile(loader.slo_patterns, &loader, [&](const std::string& file, const Source& source) {
    ReadSloFile(file, source, &batch);
  });
  for (const auto& [file, errors] : config->file_errors) rule_files->insert(file);
  // A file that is to be left out takes no names from the others: they are joined without it.
  const bool is_in_vain = options.leaves_out_bad_files && loader.problems.has_error() &&
                          AllIn(ErrorsOf(loader.problems.all()), *rule_files);
  if (!is_in_vain) SettleSlos(std::move(batch), config);

  Loaded loaded;
  const bool is_good = !loader.problems.has_error();
  loaded.problems = loader.problems.Take();
  if (!is_good) return loaded;
  config->file_errors.merge(left_out_errors);
  if (options.previous) CarryOver(*options.previous, config);
  AddSloInhibition(config);
  AddDatasourceHeartbeat(config);
  config->original = loader.original.ToYaml();
  config->secrets = loader.problems.TakeSecrets();
  config->hash = Hash(text);
  loaded.config = std::make_shared<const Config>(std::move(loader.config));
  return loaded;
}

}  // namespace

Loaded Load(const LoadOptions& options, const Files& files,
            const std::vector<IntegrationKind>& kinds) {
  std::set<std::string> left_out;
  std::map<std::string, size_t> left_out_errors;
  std::vector<Problem> left_out_problems;
  while (true) {
    std::set<std::string> rule_files;
    Loaded loaded = LoadWithout(left_out, options, files, kinds, left_out_errors, &rule_files);
    const std::map<std::string, size_t> errors = ErrorsOf(loaded.problems);
    const bool again =
        loaded.config == nullptr && options.leaves_out_bad_files && AllIn(errors, rule_files);
    std::vector<Problem>& problems = again ? left_out_problems : loaded.problems;
    if (again) {
      for (Problem& problem : loaded.problems) {
        if (errors.contains(problem.file)) problems.push_back(std::move(problem));
      }
      for (const auto& [file, count] : errors) left_out.insert(file);
      left_out_errors.insert(errors.begin(), errors.end());
      continue;
    }
    problems.insert(problems.begin(), left_out_problems.begin(), left_out_problems.end());
    return loaded;
  }
}

std::vector<Problem> LoadRuleFile(const std::string& path, const std::string& text,
                                  Config* config) {
  Problems problems;
  ReadRuleFile(text, Source(path, &problems, text), config);
  return problems.Take();
}

std::vector<Problem> LoadSloFile(const std::string& path, const std::string& text, Config* config) {
  Problems problems;
  const Source source(path, &problems, text);
  SloBatch batch;
  batch.is_alone = true;
  batch.speaks_metricsql = SpeaksMetricsql(*config);
  ReadSloFile(text, source, &batch);
  SettleSlos(std::move(batch), config);
  return problems.Take();
}

}  // namespace watchfire::config
