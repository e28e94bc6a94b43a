// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/section.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/scalar.h"
#include "pkg/config/section_impl.h"

namespace watchfire::config {
namespace {

constexpr size_t kKnownKeysMax = 12;  // Listed when none of them is near.

std::string Cut(const std::string& text) { return GoQuote(TruncateRunes(text, 60)); }

// Alertmanager takes 290y for an answer, and would compute with it.
Duration Bounded(Duration duration) {
  const Duration most = limits::kConfiguredDuration;
  return std::clamp(duration, -most, most);
}

}  // namespace

const YamlNode* Section::Impl::Find(const std::string& key) {
  asked.insert(key);
  if (survey != nullptr) survey->Ask(prefix + key);
  const YamlNode* found = node.Find(key);
  return found == nullptr || found->kind == YamlNode::Kind::kNull ? nullptr : found;
}

const YamlNode* Section::Impl::FindKind(const std::string& key, YamlNode::Kind kind) {
  const YamlNode* found = Find(key);
  if (found == nullptr || found->kind == kind) return found;
  source.Error(At(key), key + " must be " + KindName(kind) + ", found " + KindName(found->kind));
  return nullptr;
}

bool Section::Impl::IsNull(const std::string& key) const {
  const YamlNode* found = node.Find(key);
  return found != nullptr && found->kind == YamlNode::Kind::kNull;
}

Mark Section::Impl::At(const std::string& key) const {
  return node.Find(key) == nullptr ? mark : node.At(key);
}

std::vector<Text> Section::Impl::Texts(const std::string& key) {
  std::vector<Text> texts;
  const YamlNode* found = FindKind(key, YamlNode::Kind::kList);
  if (found == nullptr) return texts;
  for (const YamlNode& item : found->items) {
    if (item.kind == YamlNode::Kind::kScalar || item.kind == YamlNode::Kind::kNull) {
      texts.push_back({item.text, item.mark});
    } else {
      source.Error(item.mark,
                   "an entry of " + key + " must be a text, found " + KindName(item.kind));
    }
  }
  return texts;
}

std::vector<Pair> Section::Impl::Pairs(const std::string& key) {
  std::vector<Pair> pairs;
  const YamlNode* found = FindKind(key, YamlNode::Kind::kMap);
  if (found == nullptr) return pairs;
  for (size_t i = 0; i < found->keys.size(); ++i) {
    const YamlNode& value = found->items[i];
    const bool is_null = value.kind == YamlNode::Kind::kNull;
    if (is_null || value.kind == YamlNode::Kind::kScalar) {
      pairs.push_back({found->keys[i].text, value.text, found->keys[i].mark, is_null});
    } else {
      source.Error(found->keys[i].mark, key + "." + found->keys[i].text +
                                            " must be a text, found " + KindName(value.kind));
    }
  }
  return pairs;
}

std::optional<Section> MakeSection(const YamlNode& node, Mark mark, const Source& source,
                                   Echo* echo, const std::string& what) {
  if (node.kind != YamlNode::Kind::kMap && node.kind != YamlNode::Kind::kNull) {
    source.Error(mark, what + " must be a mapping, found " + KindName(node.kind));
    return std::nullopt;
  }
  if (echo != nullptr) echo->SetMap();
  return Section(std::make_shared<Section::Impl>(Section::Impl{node, mark, source, echo, {}, {}}));
}

Section::Section(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

bool Section::Has(const std::string& key) { return impl_->Find(key) != nullptr; }

std::string Section::String(const std::string& key, const std::string& fallback) {
  impl_->Note(key, "text", fallback);
  if (impl_->Marked(key)) return Survey::kMarked;
  const YamlNode* node = impl_->FindKind(key, YamlNode::Kind::kScalar);
  std::string value = node != nullptr ? node->text : impl_->IsNull(key) ? "" : fallback;
  if (Echo* echo = impl_->ShowUnlessZero(key, value.empty())) echo->SetText(value);
  return value;
}

Secret Section::SecretString(const std::string& key) {
  Secret secret = Conceal(key);
  if (secret.reveal() != Secret::masked() && IsPlaceholder(secret.reveal(), /*is_url=*/false)) {
    Warn(key, key + " looks like a placeholder that was left in", "write the real one");
  }
  return secret;
}

Secret Section::Conceal(const std::string& key) {
  impl_->Note(key, "secret");
  if (impl_->Marked(key)) return Secret(Survey::kMarked);
  impl_->secrets.insert(key);
  const YamlNode* node = impl_->FindKind(key, YamlNode::Kind::kScalar);
  if (node == nullptr || node->text.empty()) return Secret();
  if (Echo* echo = impl_->Show(key)) echo->Mask();
  impl_->source.problems->Keep(Secret(node->text));
  return Secret(node->text);
}

// Reads what `parse` makes of a plain scalar; nothing of it is a problem. `want` says what was due.
template <typename T>
T Section::Plain(const std::string& key, T fallback, const std::string& want,
                 std::optional<T> (*parse)(const std::string&)) {
  const YamlNode* node = impl_->FindKind(key, YamlNode::Kind::kScalar);
  if (node == nullptr) return impl_->IsNull(key) ? T{} : fallback;
  const std::optional<T> value = node->plain ? parse(node->text) : std::nullopt;
  if (!value) Error(key, key + " must be " + want + ", found " + Cut(node->text));
  return value.value_or(fallback);
}

bool Section::Bool(const std::string& key, bool fallback) {
  impl_->Note(key, "boolean", fallback ? "true" : "false");
  if (impl_->Marked(key)) return !fallback;
  const bool value = Plain<bool>(key, fallback, "true or false", ParseYamlBool);
  if (Echo* echo = impl_->ShowUnlessZero(key, !value)) echo->SetRaw(value ? "true" : "false");
  return value;
}

std::optional<bool> Section::MaybeBool(const std::string& key, std::optional<bool> fallback) {
  impl_->Note(key, "boolean", !fallback ? "" : *fallback ? "true" : "false");
  if (impl_->Marked(key)) return !fallback.value_or(false);
  if (Has(key)) return Bool(key, false);
  if (fallback && impl_->echo != nullptr) impl_->Show(key)->SetRaw(*fallback ? "true" : "false");
  return fallback;
}

int Section::Int(const std::string& key, int fallback) {
  impl_->Note(key, "number", std::to_string(fallback));
  const int value = Plain<int>(key, fallback, "a whole number", [](const std::string& text) {
    const std::optional<int64_t> wide = ParseYamlInt(text);
    return wide && *wide == static_cast<int>(*wide) ? std::optional(static_cast<int>(*wide))
                                                    : std::nullopt;
  });
  if (Echo* echo = impl_->ShowUnlessZero(key, value == 0)) echo->SetRaw(std::to_string(value));
  return value;
}

int64_t Section::Int64(const std::string& key, int64_t fallback) {
  impl_->Note(key, "number", std::to_string(fallback));
  const int64_t value = Plain<int64_t>(key, fallback, "a whole number", ParseYamlInt);
  if (Echo* echo = impl_->ShowUnlessZero(key, value == 0)) echo->SetRaw(std::to_string(value));
  return value;
}

double Section::Double(const std::string& key, double fallback) {
  impl_->Note(key, "number", FormatGoFloat(fallback));
  const double value = Plain<double>(key, fallback, "a number", ParseYamlNumber);
  if (Echo* echo = impl_->ShowUnlessZero(key, value == 0)) echo->SetRaw(FormatGoFloat(value));
  return value;
}

Duration Section::PromDuration(const std::string& key, Duration fallback) {
  impl_->Note(key, "duration", FormatDuration(fallback));
  const YamlNode* node = impl_->FindKind(key, YamlNode::Kind::kScalar);
  Duration value = impl_->IsNull(key) ? Duration::zero() : fallback;
  if (node != nullptr) {
    const Result<Duration> parsed = ParseDuration(node->text);
    if (!parsed) Error(key, key + ": " + parsed.error().message, "write it like 30s, 5m or 1h30m");
    value = parsed.value_or(fallback);
  }
  Echo* echo = impl_->ShowUnlessZero(key, value == Duration::zero());
  if (echo != nullptr) echo->SetRaw(FormatDuration(value));
  return Bounded(value);
}

Duration Section::GoDuration(const std::string& key, Duration fallback) {
  impl_->Note(key, "duration", FormatDuration(fallback));
  const YamlNode* node = impl_->FindKind(key, YamlNode::Kind::kScalar);
  Duration value = impl_->IsNull(key) ? Duration::zero() : fallback;
  if (node != nullptr) {
    const Result<Duration> parsed = ParseGoDuration(node->text);
    if (!parsed) Error(key, key + ": " + parsed.error().message, "write it like 1.5s or 300ms");
    value = parsed.value_or(fallback);
  }
  Echo* echo = impl_->ShowUnlessZero(key, value == Duration::zero());
  if (echo != nullptr) echo->SetRaw(FormatGoDuration(value));
  return Bounded(value);
}

HostPort Section::Host(const std::string& key, const HostPort& fallback) {
  impl_->Note(key, "host:port", fallback.ToString());
  if (impl_->Marked(key)) return {Survey::kMarked, "1"};
  HostPort value = fallback;
  const std::string text = Has(key) ? String(key) : "";
  if (!text.empty()) {
    Result<HostPort> parsed = ParseHostPort(text);
    if (!parsed) Error(key, key + ": " + parsed.error().message, "write it like mail.example:25");
    value = parsed.value_or(HostPort{});
  }
  if (Echo* echo = value.empty() ? nullptr : impl_->Show(key)) echo->SetText(value.ToString());
  return value;
}

std::vector<std::string> Section::Strings(const std::string& key) {
  impl_->Note(key, "list of texts");
  std::vector<std::string> values;
  for (Text& text : impl_->Texts(key)) values.push_back(std::move(text.text));
  if (Echo* echo = Has(key) ? impl_->Show(key) : nullptr) echo->SetTexts(values);
  return values;
}

std::vector<Secret> Section::Secrets(const std::string& key) {
  impl_->Note(key, "list of secrets");
  impl_->secrets.insert(key);
  std::vector<Secret> values;
  for (Text& text : impl_->Texts(key)) {
    values.emplace_back(std::move(text.text));
    impl_->source.problems->Keep(values.back());
  }
  if (Echo* echo = Has(key) ? impl_->Show(key) : nullptr) {
    echo->StartList();
    for (size_t i = 0; i < values.size(); ++i) echo->Append().Mask();
  }
  return values;
}

std::map<std::string, std::vector<Secret>> Section::SecretLists(const std::string& key) {
  impl_->Note(key, "lists of secrets by name");
  std::map<std::string, std::vector<Secret>> lists;
  std::optional<Section> section = Child(key);
  if (!section) return lists;
  for (const Key& name : section->impl().node.keys) {
    lists.emplace(name.text, section->Secrets(name.text));
  }
  return lists;
}

std::map<std::string, std::string> Section::StringMap(const std::string& key) {
  impl_->Note(key, "texts by name");
  std::map<std::string, std::string> values;
  for (const Pair& pair : impl_->Pairs(key)) values.emplace(pair.name, pair.text);
  if (Echo* echo = Has(key) ? impl_->Show(key) : nullptr) {
    echo->SetMap();
    for (const auto& [name, text] : values) echo->Put(name).SetText(text);
  }
  return values;
}

bool Section::HasMap(const std::string& key) {
  const YamlNode* node = impl_->Find(key);
  if (impl_->survey != nullptr) return impl_->survey->options().maps;
  return node != nullptr && node->kind == YamlNode::Kind::kMap;
}

// An empty section below this one.
Section Section::Surveyed(const std::string& prefix) const {
  auto impl = std::make_shared<Impl>(Impl{impl_->node, {}, impl_->source, nullptr, {}, {}});
  impl->survey = impl_->survey;
  impl->prefix = impl_->prefix + prefix;
  return Section(std::move(impl));
}

std::optional<Section> Section::Child(const std::string& key) {
  const YamlNode* node = impl_->Find(key);
  impl_->Note(key, "mapping");
  if (impl_->survey != nullptr) return Surveyed(key + ".");
  if (node == nullptr) return std::nullopt;
  return MakeSection(*node, impl_->At(key), impl_->source, impl_->Show(key), key);
}

std::vector<Section> Section::Children(const std::string& key) {
  std::vector<Section> sections;
  const YamlNode* node = impl_->FindKind(key, YamlNode::Kind::kList);
  impl_->Note(key, "list of mappings");
  if (impl_->survey != nullptr) return {Surveyed(key + "[].")};
  if (node == nullptr) return sections;
  Echo* echo = impl_->Show(key);
  if (echo != nullptr) echo->SetList();
  for (const YamlNode& item : node->items) {
    Echo* const entry = echo != nullptr ? &echo->Append() : nullptr;
    auto section = MakeSection(item, item.mark, impl_->source, entry, "an entry of " + key);
    if (section) sections.push_back(*std::move(section));
  }
  return sections;
}

void Section::ShowDefault(const std::string& key, const std::string& yaml) {
  if (Echo* echo = impl_->Absent(key) ? impl_->Show(key) : nullptr) echo->SetRaw(yaml);
}

void Section::ShowDefaultEntry(const std::string& key, const std::string& name,
                               const std::string& text) {
  if (Echo* echo = impl_->Show(key)) echo->PutDefault(name, text);
}

void Section::ShowText(const std::string& key, const std::string& text) {
  if (Echo* echo = impl_->Show(key)) echo->SetText(text);
}

void Section::ShowTexts(const std::string& key, const std::map<std::string, std::string>& texts) {
  Echo* echo = impl_->Show(key);
  if (echo == nullptr) return;
  echo->StartMap();
  for (const auto& [name, text] : texts) echo->Put(name).SetText(text);
}

void Section::Own(const std::string& key) {
  if (Echo* echo = impl_->Show(key)) echo->Hide();
}

void Section::Default(const std::string& key, const char* type, const std::string& text) const {
  impl_->Note(key, type, text);
}

void Section::Refuse(const std::string& key) {
  impl_->Note(key, Survey::kRefused);
  const YamlNode* node = impl_->Find(key);
  const bool is_scalar = node != nullptr && node->kind == YamlNode::Kind::kScalar;
  if (node == nullptr || (is_scalar ? node->text.empty() : node->items.empty())) return;
  Error(key, key + " is not supported yet", "remove it; nothing here would act on it");
}

void Section::Error(const std::string& key, const std::string& message, const std::string& hint) {
  if (impl_->survey != nullptr) return impl_->survey->Need(impl_->prefix + key);
  impl_->source.Error(impl_->At(key), message, hint);
}

void Section::Warn(const std::string& key, const std::string& message, const std::string& hint) {
  if (impl_->survey != nullptr) return;
  impl_->source.Warn(impl_->At(key), message, hint);
}

void Section::ReportUnknown(bool is_error) {
  const std::vector<std::string> known(impl_->asked.begin(), impl_->asked.end());
  for (const Key& key : impl_->node.keys) {
    if (impl_->asked.contains(key.text)) continue;
    const std::string name = TruncateRunes(key.text, 60);
    const bool is_searched = !impl_->source.problems->full();
    const std::string nearest = is_searched ? Nearest(name, known) : "";
    std::string hint = nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?";
    if (hint.empty() && known.size() <= kKnownKeysMax) hint = "known here: " + Join(known, ", ");
    const std::string what = "unknown key " + GoQuote(name);
    is_error ? impl_->source.Error(key.mark, what, hint)
             : impl_->source.Warn(key.mark, what + " has no effect", hint);
  }
}

void Section::Finish() { ReportUnknown(/*is_error=*/true); }

void Section::FinishLeniently() { ReportUnknown(/*is_error=*/false); }

}  // namespace watchfire::config
