// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/row.h"

#include <algorithm>
#include <utility>

namespace watchfire::templates {
namespace {

bool IsText(const Statement& statement) { return statement.kind == Node::Kind::kText; }

// An action of the element's field spends a step as a statement, a command and a field.
constexpr size_t kTextSteps = 1;
constexpr size_t kActionSteps = 3;

}  // namespace

std::optional<Row> Row::Of(const Statements& body, std::span<const Field> known) {
  if (known.empty()) return std::nullopt;
  Row row(body);
  for (const Statement& part : body) {
    row.steps_ += IsText(part) ? kTextSteps : kActionSteps;
    if (IsText(part)) continue;
    const std::string& name = part.pipe->commands[0].operands[0].idents[0];
    const auto found = std::ranges::find(known, name, &Field::name);
    if (found == known.end()) return std::nullopt;
    row.fields_.push_back(static_cast<size_t>(found - known.begin()));
  }
  return row;
}

const Statement* Row::Print(std::span<const std::string_view> texts, Output* output,
                            Error* error) const {
  const size_t* field = fields_.data();
  for (const Statement& part : body_) {
    Status written = IsText(part) ? output->Literal(part.text)
                                  : output->Print(Value::View(texts[*field++]), Escaped::kNo);
    if (written) continue;
    *error = std::move(written.error());
    return &part;
  }
  return nullptr;
}

}  // namespace watchfire::templates
