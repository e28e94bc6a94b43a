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

Row::Row(const Statements& body) : body_(body) {
  for (const Statement& part : body) steps_ += IsText(part) ? kTextSteps : kActionSteps;
}

bool Row::Fits(const Value& element) {
  const Object* object = element.as_object();
  if (object == nullptr) return false;
  const std::span<const Field> known = object->fields();
  if (known.empty()) return false;
  if (known.data() != std::exchange(type_, known.data())) fits_ = LookUp(known);
  return fits_;
}

bool Row::LookUp(std::span<const Field> known) {
  fields_.clear();
  for (const Statement& part : body_) {
    if (IsText(part)) continue;
    const std::string& name = part.pipe->commands[0].operands[0].idents[0];
    const auto found = std::ranges::find(known, name, &Field::name);
    if (found == known.end()) return false;
    fields_.push_back(static_cast<size_t>(found - known.begin()));
  }
  return true;
}

const Statement* Row::Print(const Value& element, Output* output, Error* error) const {
  const Object& object = *element.as_object();
  const size_t* field = fields_.data();
  for (const Statement& part : body_) {
    Status written = IsText(part) ? output->Literal(part.text)
                                  : output->Print(object.Get(*field++), Escaped::kNo);
    if (written) continue;
    *error = std::move(written.error());
    return &part;
  }
  return nullptr;
}

}  // namespace watchfire::templates
