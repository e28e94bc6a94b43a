// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Section's readers of secrets that may stand in a file, and what several keys must not be at once.

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/scalar.h"
#include "pkg/config/section.h"
#include "pkg/config/section_impl.h"

namespace watchfire::config {
namespace {

// Shows what an integration has from `global` as if it stood there.
SecretSource OrElse(Section& section, const std::string& key, SecretSource own,
                    const SecretSource& fallback) {
  if (!own.empty()) return own;
  Section::Impl& impl = section.impl();
  if (!fallback.value.empty() && impl.echo != nullptr) impl.Show(key)->Mask();
  if (!fallback.file.empty() && impl.echo != nullptr) {
    impl.Show(key + "_file")->SetText(fallback.file);
  }
  return fallback;
}

}  // namespace

SecretSource Section::SecretOrFile(const std::string& key, const SecretSource& fallback) {
  impl_->Note(key, "secret", fallback.value.reveal());
  impl_->Note(key + "_file", "path", fallback.file);
  SecretSource own{SecretString(key), String(key + "_file")};
  Exclusive(key, key + "_file");
  return OrElse(*this, key, std::move(own), fallback);
}

SecretSource Section::SecretUrlOrFile(const std::string& key, const SecretSource& fallback) {
  impl_->Note(key, "secret URL", fallback.value.reveal());
  impl_->Note(key + "_file", "path", fallback.file);
  SecretSource own{SecretUrl(key), String(key + "_file")};
  Exclusive(key, key + "_file");
  return OrElse(*this, key, std::move(own), fallback);
}

Any Section::Value(const std::string& key) {
  impl_->Note(key, Survey::kAnything);
  const YamlNode* node = impl_->Find(key);
  if (node == nullptr) return {};
  Any value = ToAny(*node);
  if (Echo* echo = impl_->Show(key)) echo->SetValue(value);
  return value;
}

void Section::Exclusive(const std::string& a, const std::string& b) {
  const auto is_set = [&](const std::string& key) {
    const YamlNode* node = impl_->Find(key);
    return node != nullptr && (node->kind != YamlNode::Kind::kScalar || !node->text.empty());
  };
  if (is_set(a) && is_set(b)) Error(b, "at most one of " + a + " & " + b + " must be configured");
}

void Section::OneOf(const std::string& key, const std::string& value,
                    const std::vector<std::string>& known, const std::string& message) {
  if (impl_->survey != nullptr) impl_->survey->Choose(impl_->prefix + key, known);
  if (std::ranges::count(known, value) > 0) return;
  std::vector<std::string> named;
  for (const std::string& name : known) {
    if (!name.empty()) named.push_back(name);
  }
  Error(key, message, "one of " + Join(named, ", "));
}

}  // namespace watchfire::config
