// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Pipelines, commands and calls. The order of At() calls is Go's: errors show the last node.

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/templates/executor.h"
#include "pkg/templates/format.h"

namespace watchfire::templates {
namespace {

// Can a nil be passed for this parameter?
bool CanBeNil(char parameter) {
  return std::string_view("avALQ").find(parameter) != std::string_view::npos;
}

// The nil that such a parameter gets.
Value NilOf(char parameter) {
  if (parameter == 'A' || parameter == 'L' || parameter == 'Q') {
    return Value::Of(std::vector<Value>(), ParameterType(parameter));
  }
  return {};
}

// Go's assignability: the same type, or the unnamed list type that a named one is made of.
bool IsAssignable(const Value& value, char parameter) {
  if (parameter == 'a' || parameter == 'v') return true;
  const std::string_view wanted = ParameterType(parameter);
  if (value.type() == wanted) return true;
  if (wanted[0] != '[' || value.as_object() == nullptr) return false;
  const Value base = value.Base();
  return base.as_list() != nullptr && base.type() == wanted;
}

}  // namespace

bool Executor::EvalPipe(const Value& dot, const Pipe& pipe, Value* out) {
  At(pipe);
  if (pipe.is_path) {
    if (!Spend() || !EvalOperand(pipe.commands[0].operands[0], {dot}, out)) return false;
    if (out->boxed()) *out = out->Unboxed();
    return true;
  }
  if (!Enter()) return false;
  *out = Value();
  for (size_t i = 0; i < pipe.commands.size(); ++i) {
    if (i == 0) {
      if (!EvalCommand(dot, pipe.commands[0], nullptr, out)) return false;
    } else {
      const Value final = std::exchange(*out, Value());
      if (!EvalCommand(dot, pipe.commands[i], &final, out)) return false;
    }
    if (out->boxed()) *out = out->Unboxed();
  }
  for (const std::string& name : pipe.variables) {
    if (!pipe.assigns) {
      variables_.emplace_back(name, *out);
    } else if (!Assign(name, *out)) {
      return false;
    }
  }
  --depth_;
  return true;
}

bool Executor::EvalCommand(const Value& dot, const Command& command, const Value* final,
                           Value* out) {
  const Operand& first = command.operands[0];
  if (!Spend()) return false;
  switch (first.kind) {
    case Node::Kind::kField:
    case Node::Kind::kVariable:
    case Node::Kind::kChain:
      return EvalOperand(first, {dot, std::span(command.operands).subspan(1), final}, out);
    case Node::Kind::kIdentifier: {
      At(first);
      const Callee callee{*first.function, nullptr, first.is_builtin, command};
      return Invoke(dot, callee, std::span(command.operands).subspan(1), final, out);
    }
    case Node::Kind::kPipeOperand:
      if (command.operands.size() > 1 || final != nullptr) {
        return Fail("can't give argument to non-function " + ToString(*first.pipe));
      }
      return EvalPipe(dot, *first.pipe, out);
    default:
      return EvalConstant(dot, command, final, out);
  }
}

bool Executor::EvalConstant(const Value& dot, const Command& command, const Value* final,
                            Value* out) {
  const Operand& first = command.operands[0];
  At(first);
  if (command.operands.size() > 1 || final != nullptr) {
    return Fail("can't give argument to non-function " + ToString(first));
  }
  switch (first.kind) {
    case Node::Kind::kDot:
      *out = dot;
      return true;
    case Node::Kind::kNil:
      return Fail("nil is not a command");
    case Node::Kind::kNumber:
      return EvalNumber(first, out);
    default:
      *out = first.constant;
      return true;
  }
}

// A number whose type nobody asks for has the one that it is written as.
bool Executor::EvalNumber(const Operand& operand, Value* out) {
  At(operand);
  if (operand.number.looks_float) {
    *out = Value::Float(operand.number.real);
    return true;
  }
  if (!operand.number.is_int) return Fail(operand.text + " overflows int");
  *out = Value::Int(operand.number.integer);
  return true;
}

// The dot, a field, a variable or a chain, which a method at its end may take arguments.
bool Executor::EvalOperand(const Operand& operand, const Surroundings& around, Value* out) {
  At(operand);
  if (operand.kind == Node::Kind::kField) {
    return EvalFieldChain(around.dot, operand, 0, around, out);
  }
  if (operand.kind == Node::Kind::kDot) {
    *out = around.dot;
    return true;
  }
  if (operand.kind == Node::Kind::kChain) {
    Value receiver;
    return EvalArgument(around.dot, '\0', *operand.inner, &receiver) &&
           EvalFieldChain(receiver, operand, 0, around, out);
  }
  const Value* variable = Find(operand.idents[0]);
  if (variable == nullptr) return Fail("undefined variable: " + operand.idents[0]);
  if (operand.idents.size() > 1) {
    const Value start = *variable;  // Arguments may assign to it.
    return EvalFieldChain(start, operand, 1, around, out);
  }
  if (around.has_arguments()) {
    return Fail("can't give argument to non-function " + ToString(operand));
  }
  *out = *variable;
  return true;
}

bool Executor::EvalFieldChain(const Value& start, const Operand& node, size_t first,
                              const Surroundings& around, Value* out) {
  Value held;
  const Value* receiver = &start;
  for (size_t i = first; i + 1 < node.idents.size(); ++i) {
    if (!Spend()) return false;
    Value value;
    if (!EvalField(*receiver, node.idents[i], node, {around.dot}, &value)) return false;
    held = std::move(value);
    receiver = &held;
  }
  return Spend() && EvalField(*receiver, node.idents.back(), node, around, out);
}

// The field of a struct, a method or the entry of a map. No type has a field and a method of one
// name, and fields are asked for more often.
bool Executor::EvalField(const Value& receiver, const std::string& name, const Node& node,
                         const Surroundings& around, Value* out) {
  const Object* object = receiver.as_object();
  if (object == nullptr) return EvalFieldOfPlain(receiver, name, around, out);
  const std::span<const Field> fields = object->fields();
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name != name) continue;
    if (around.has_arguments()) {
      return Fail(name + " has arguments but cannot be invoked as function");
    }
    *out = object->Get(i);
    return true;
  }
  if (const Function* method = FindFunction(object->methods(), name)) {
    const Callee callee{*method, object, false, node};
    return Invoke(around.dot, callee, around.arguments, around.final, out);
  }
  if (!around.has_arguments()) {
    if (std::optional<Value> entry = object->Entry(name)) {
      if (entry->is_nil()) return EvalMissing(name, Value::View(""), out);
      *out = *std::move(entry);
      return true;
    }
  }
  return EvalFieldOfPlain(receiver, name, around, out);
}

bool Executor::EvalFieldOfPlain(const Value& receiver, const std::string& name,
                                const Surroundings& around, Value* out) {
  if (receiver.is_nil()) {
    if (receiver.boxed()) return Fail("nil pointer evaluating interface {}." + name);
    *out = Value();
    if (run_.missing_key != MissingKey::kError) return true;
    return Fail("nil data; no entry for key " + GoQuote(name));
  }
  const Value base = receiver.Base();
  if (base.as_map() == nullptr) {
    const std::string_view type = receiver.boxed() ? kAnyType : receiver.type();
    return Fail("can't evaluate field " + name + " in type " + std::string(type));
  }
  if (around.has_arguments()) return Fail(name + " is not a method but has arguments");
  return EvalEntry(*base.as_map(), name, out);
}

bool Executor::EvalEntry(const Map& map, const std::string& name, Value* out) {
  if (const Value* found = map.Find(name)) {
    *out = map.holds_strings() ? *found : found->Boxed();
    return true;
  }
  return EvalMissing(name, map.Zero(), out);
}

bool Executor::EvalMissing(const std::string& name, Value zero, Value* out) {
  if (run_.missing_key == MissingKey::kError) {
    return Fail("map has no entry for key " + GoQuote(name));
  }
  *out = run_.missing_key == MissingKey::kZero ? std::move(zero) : Value();
  return true;
}

bool Executor::EvalArgument(const Value& dot, char parameter, const Operand& operand, Value* out) {
  At(operand);
  if (!Spend()) return false;
  switch (operand.kind) {
    case Node::Kind::kDot:
      *out = dot;
      break;
    case Node::Kind::kNil:
      if (!CanBeNil(parameter)) {
        return Fail("cannot assign nil to " + std::string(ParameterType(parameter)));
      }
      *out = NilOf(parameter);
      return true;
    case Node::Kind::kField:
    case Node::Kind::kVariable:
    case Node::Kind::kChain:
      if (!EvalOperand(operand, {dot}, out)) return false;
      break;
    case Node::Kind::kPipeOperand:
      if (!EvalPipe(dot, *operand.pipe, out)) return false;
      break;
    case Node::Kind::kIdentifier: {
      const Callee callee{*operand.function, nullptr, operand.is_builtin, operand};
      if (!Invoke(dot, callee, {}, nullptr, out)) return false;
      break;
    }
    default:
      return EvalLiteral(parameter, operand, out);
  }
  return parameter == '\0' || CheckType(parameter, out);
}

// A constant becomes what the parameter wants, if it can.
bool Executor::EvalLiteral(char parameter, const Operand& operand, Value* out) {
  const bool number = operand.kind == Node::Kind::kNumber;
  const auto found = [&](const char* wanted) {
    return Fail(std::string("expected ") + wanted + "; found " + ToString(operand));
  };
  switch (parameter) {
    case 'a':
    case 'v':
      if (number) return EvalNumber(operand, out);
      *out = operand.constant;
      return true;
    case 'b':
      *out = operand.constant;
      return operand.kind == Node::Kind::kBool || found("bool");
    case 's':
      *out = operand.constant;
      return operand.kind == Node::Kind::kString || found("string");
    case 'f':
      *out = Value::Float(operand.number.real);
      return (number && operand.number.is_float) || found("float");
    case 'i':
    case 'l':
    case 'd':
      *out = Value::Int(operand.number.integer, parameter == 'i' ? IntType::kInt : IntType::kInt64);
      return (number && operand.number.is_int) || found("integer");
    default:
      return Fail("can't handle " + ToString(operand) + " for arg of type " +
                  std::string(ParameterType(parameter)));
  }
}

bool Executor::CheckType(char parameter, Value* value) {
  if (value->is_nil() && !value->boxed()) {
    if (!CanBeNil(parameter)) {
      return Fail("invalid value; expected " + std::string(ParameterType(parameter)));
    }
    *value = NilOf(parameter);
    return true;
  }
  if (IsAssignable(*value, parameter)) {
    if (parameter != 'v' && value->boxed()) *value = value->Unboxed();
    return true;
  }
  return Fail("wrong type for value; expected " + std::string(ParameterType(parameter)) + "; got " +
              std::string(value->type()));
}

bool Executor::CheckCount(const Callee& callee, size_t arguments, bool has_final) {
  const std::string_view parameters = callee.function.parameters;
  const bool variadic = parameters.ends_with("*");
  const size_t given = arguments + (has_final ? 1 : 0);
  const size_t wanted = variadic ? parameters.size() - 2 : parameters.size();
  if (variadic ? given >= wanted : given == wanted) return true;
  return Fail("wrong number of args for " + std::string(callee.function.name) + ": want " +
              (variadic ? "at least " : "") + std::to_string(wanted) + " got " +
              std::to_string(variadic ? arguments : given));
}

bool Executor::Invoke(const Value& dot, const Callee& callee, std::span<const Operand> arguments,
                      const Value* final, Value* out) {
  if (!CheckCount(callee, arguments.size(), final != nullptr)) return false;
  const std::string_view parameters = callee.function.parameters;
  const bool variadic = parameters.ends_with("*");
  const auto parameter = [&](size_t i) {
    return variadic ? parameters[std::min(i, parameters.size() - 2)] : parameters[i];
  };
  const std::string_view name = callee.function.name;
  if (callee.is_builtin && (name == "and" || name == "or")) {
    return EvalAndOr(dot, callee, arguments, final, out);
  }
  const size_t first = arguments_.size();
  for (size_t i = 0; i < arguments.size(); ++i) {
    Value value;
    if (!EvalArgument(dot, parameter(i), arguments[i], &value)) return false;
    arguments_.push_back(std::move(value));
  }
  if (final != nullptr) {
    Value value = *final;
    if (!CheckType(parameter(arguments.size()), &value)) return false;
    arguments_.push_back(std::move(value));
  }
  if (callee.is_builtin && name == "call") {
    return EvalCall(callee, arguments, final, arguments_[first]);
  }
  const Call call{std::span(arguments_).subspan(first), callee.self, run_.environment, run_.budget};
  Result<Value> result = callee.function.call(call);
  Status paid = result ? run_.budget.SpendCall(callee.function, call, *result)
                       : watchfire::Fail(std::move(result.error()));
  if (!paid) {
    At(callee.node);
    return Fail("error calling " + std::string(name) + ": " + paid.error().message,
                paid.error().code);
  }
  arguments_.resize(first);
  *out = *std::move(result);
  return true;
}

// Both stop at the first argument that decides, and give that argument.
bool Executor::EvalAndOr(const Value& dot, const Callee& callee, std::span<const Operand> arguments,
                         const Value* final, Value* out) {
  const bool stop_at = callee.function.name == "or";
  for (const Operand& argument : arguments) {
    if (!EvalArgument(dot, 'v', argument, out)) return false;
    if (Truth(*out) == stop_at) return true;
  }
  if (final != nullptr) *out = *final;
  return true;
}

// `call` calls a function value; there are none, so this only says what it was given instead.
bool Executor::EvalCall(const Callee& callee, std::span<const Operand> arguments,
                        const Value* final, const Value& first) {
  At(callee.node);
  if (first.is_nil()) return Fail("error calling call: call of nil");
  std::string name;
  if (!arguments.empty()) {
    name = ToString(arguments[0]);
  } else if (final->as_string() != nullptr) {
    name = *final->as_string();
  } else {
    name = "<" + std::string(final->type()) + " Value>";
  }
  return Fail("error calling call: non-function " + name + " of type " + std::string(first.type()));
}

}  // namespace watchfire::templates
