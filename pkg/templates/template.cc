// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/template.h"

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/templates/format.h"
#include "pkg/templates/html_output.h"
#include "pkg/templates/label_map.h"
#include "pkg/templates/parser.h"

namespace watchfire::templates {
namespace {

constexpr std::string_view kRuleName = "rule";

// Text as it is; only its beginning when no more is wanted.
class TextOutput : public Output {
 public:
  explicit TextOutput(size_t runes_max = kAllRunes) : runes_max_(runes_max) {}

  Status Literal(std::string_view text) override {
    text_ += text;
    return Check();
  }
  Status Print(const Value& value, Escaped /*escaped*/) override {
    if (const std::string_view* text = value.as_string()) return Literal(*text);
    WF_RETURN_IF_ERROR(AppendPrinted(value, &text_));
    return Check();
  }
  bool is_full() const override { return runes_ > runes_max_; }

  std::string Take() { return std::move(text_); }

 private:
  Status Check() {
    if (text_.size() > limits::kTemplateOutputBytes) return TooMuchOutput();
    if (text_.size() <= runes_max_) return {};
    // A rune that has begun ends where the next one begins.
    for (; counted_ < text_.size(); ++counted_) {
      const bool starts = (static_cast<unsigned char>(text_[counted_]) & 0xc0) != 0x80;
      if (starts && runes_++ == runes_max_) return Fail(Code::kInvalidArgument, "is full");
    }
    return {};
  }

  const size_t runes_max_;
  size_t counted_ = 0;  // Bytes.
  size_t runes_ = 0;    // In those.
  std::string text_;
};

// The dot of a rule's template.
class RuleDot : public Object {
 public:
  explicit RuleDot(const RuleData& data)
      : labels_(LabelMapValue(data.labels)),
        external_labels_(LabelMapValue(data.external_labels)),
        external_url_(Value::String(data.external_url)),
        value_(Value::Float(data.value)) {}

  std::string_view type() const override {
    return "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL "
           "string; Value interface {} }";
  }
  std::span<const Field> fields() const override {
    static constexpr Field kFields[] = {{"Labels", "Labels"},
                                        {"ExternalLabels", "ExternalLabels"},
                                        {"ExternalURL", "ExternalURL"},
                                        {"Value", "Value"}};
    return kFields;
  }
  Value Get(size_t field) const override {
    const Value* const values[] = {&labels_, &external_labels_, &external_url_, &value_};
    return *values[field];
  }

 private:
  const Value labels_;
  const Value external_labels_;
  const Value external_url_;
  const Value value_;
};

}  // namespace

Result<Snippet> Snippet::Parse(std::string name, std::string_view text) {
  Snippet snippet;
  snippet.name_ = name;
  if (text.empty()) return snippet;
  auto source = std::make_shared<const Source>(Source{std::move(name), std::string(text)});
  Result<TreeMap> trees = templates::Parse(std::move(source), {AlertmanagerFunctions(), {}});
  if (!trees) return Fail(std::move(trees.error()));
  snippet.trees_ = std::make_shared<const TreeMap>(*std::move(trees));
  return snippet;
}

Status TemplateSet::Parse(std::string name, std::string_view text, int* column) {
  auto source = std::make_shared<const Source>(Source{std::move(name), std::string(text)});
  Result<TreeMap> parsed = templates::Parse(std::move(source), {functions_, {}}, column);
  if (!parsed) return Fail(std::move(parsed.error()));
  Overlay(*parsed, &trees_);
  return {};
}

void TemplateSet::Overlay(const TreeMap& defined, TreeMap* trees) {
  for (const auto& [name, tree] : defined) {
    std::shared_ptr<const Tree>& slot = (*trees)[name];
    if (slot == nullptr || !tree->IsEmpty()) slot = tree;
  }
}

std::vector<std::string> TemplateSet::names() const {
  std::vector<std::string> out;
  out.reserve(trees_.size());
  for (const auto& [name, tree] : trees_) out.push_back(name);
  return out;
}

Status TemplateSet::Run(std::string_view name, const Value& dot, const Environment& environment,
                        Output* output) const {
  const auto found = trees_.find(name);
  if (found == trees_.end()) {
    return Fail(Code::kNotFound, "template: no template " + GoQuote(name));
  }
  return Run(*found->second, trees_, dot, environment, output);
}

Status TemplateSet::Run(const Snippet& snippet, const Value& dot, const Environment& environment,
                        Output* output) const {
  if (snippet.empty()) return {};
  const Tree& tree = *snippet.trees_->find(snippet.name_)->second;
  if (snippet.trees_->size() == 1) return Run(tree, trees_, dot, environment, output);
  TreeMap trees = trees_;
  TreeMap defined = *snippet.trees_;
  defined.erase(snippet.name_);  // A template of that name is another one.
  Overlay(defined, &trees);
  return Run(tree, trees, dot, environment, output);
}

Status TemplateSet::Run(const Tree& tree, const TreeMap& trees, const Value& dot,
                        const Environment& environment, Output* output) const {
  Budget budget;
  const Execution run{trees, missing_key_, environment, budget, *output, {}};
  Status done = Executor(run).Execute(tree, dot);
  return output->is_full() ? Status() : done;
}

Result<std::string> TemplateSet::Execute(std::string_view name, const Value& dot,
                                         const Environment& environment) const {
  TextOutput output;
  WF_RETURN_IF_ERROR(Run(name, dot, environment, &output));
  return output.Take();
}

Result<std::string> TemplateSet::ExecuteHtml(std::string_view name, const Value& dot,
                                             const Environment& environment) const {
  HtmlOutput output(name);
  WF_RETURN_IF_ERROR(Run(name, dot, environment, &output));
  return output.Take();
}

Result<std::string> TemplateSet::Execute(const Snippet& snippet, const Value& dot,
                                         const Environment& environment, size_t runes_max) const {
  TextOutput output(runes_max);
  WF_RETURN_IF_ERROR(Run(snippet, dot, environment, &output));
  return output.Take();
}

Result<std::string> TemplateSet::ExecuteHtml(const Snippet& snippet, const Value& dot,
                                             const Environment& environment) const {
  HtmlOutput output(snippet.name());
  WF_RETURN_IF_ERROR(Run(snippet, dot, environment, &output));
  return output.Take();
}

Result<Template> Template::Parse(std::string_view text) {
  auto source = std::make_shared<const Source>(Source{std::string(kRuleName), std::string(text)});
  Result<TreeMap> trees = templates::Parse(
      std::move(source),
      {PrometheusFunctions(), {"$labels", "$externalLabels", "$externalURL", "$value"}});
  // Whether the word stands in an action or in plain text does not matter to anybody.
  const bool may_query = text.find("query") != std::string_view::npos;
  if (trees) return Template(std::make_shared<const TreeMap>(*std::move(trees)), may_query);
  // Whoever reads this knows which file it is about, and rules have no names for templates.
  std::string message = std::move(trees.error().message);
  const std::string prefix = "template: " + std::string(kRuleName) + ":";
  if (message.starts_with(prefix)) message.replace(0, prefix.size(), "line ");
  return Fail(trees.error().code, std::move(message));
}

Result<std::string> Template::Execute(const RuleData& data) const {
  const Value dot = Value::Of(std::make_shared<RuleDot>(data));
  const Object& fields = *dot.as_object();
  Environment environment;
  environment.now = data.at;
  environment.external_url = data.external_url;
  environment.query = data.query;
  Budget budget;
  TextOutput output;
  const Execution run{*trees_,
                      MissingKey::kZero,
                      environment,
                      budget,
                      output,
                      {{"$labels", fields.Get(0)},
                       {"$externalLabels", fields.Get(1)},
                       {"$externalURL", fields.Get(2)},
                       {"$value", fields.Get(3)}}};
  WF_RETURN_IF_ERROR(Executor(run).Execute(*trees_->find(kRuleName)->second, dot));
  return output.Take();
}

}  // namespace watchfire::templates
