// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/yaml.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "pkg/base/limits.h"

namespace watchfire::config {
namespace {

constexpr size_t kNodesMax = 500'000;  // After alias expansion: no "billion laughs".

// Thrown inside the handler to leave yaml-cpp's parser; caught in ParseYaml.
struct Stop {
  YAML::Mark mark;
  std::string message;
};

bool IsNullText(const std::string& text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

class Builder : public YAML::EventHandler {
 public:
  Node TakeDocument() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {
    root_ = Node();
    stack_.clear();
    anchors_.clear();
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Close(Make(mark, Node::Kind::kNull), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Stop{mark, "an alias inside its own anchor"};
    count_ += Size(found->second);
    if (count_ > kNodesMax) throw Stop{mark, "too many nodes after expanding aliases"};
    Close(found->second, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = Make(mark, Node::Kind::kScalar);
    node.quoted = tag == "!";
    node.text = value;
    if (!node.quoted && IsNullText(value)) node.kind = Node::Kind::kNull;
    Close(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(Make(mark, Node::Kind::kList), anchor);
  }
  void OnSequenceEnd() override { CloseTop(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(Make(mark, Node::Kind::kMap), anchor);
  }
  void OnMapEnd() override { CloseTop(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    Node key;
  };

  Node Make(const YAML::Mark& mark, Node::Kind kind) {
    if (++count_ > kNodesMax) throw Stop{mark, "too many nodes"};
    Node node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }
  static size_t Size(const Node& node) {
    size_t size = 1;
    for (const Node& item : node.items) size += Size(item);
    for (const auto& [key, value] : node.entries) size += 1 + Size(value);
    return size;
  }
  void Open(Node node, YAML::anchor_t anchor) {
    if (stack_.size() >= limits::kYamlDepth) {
      throw Stop{YAML::Mark::null_mark(),
                 "nested deeper than " + std::to_string(limits::kYamlDepth) + " levels"};
    }
    stack_.push_back({std::move(node), anchor, false, {}});
  }
  void CloseTop() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    Close(std::move(frame.node), frame.anchor);
  }
  void Close(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& top = stack_.back();
    if (top.node.kind == Node::Kind::kList) {
      top.node.items.push_back(std::move(node));
    } else if (!top.has_key) {
      top.has_key = true;
      top.key = std::move(node);
    } else {
      top.has_key = false;
      top.node.entries.emplace_back(std::move(top.key), std::move(node));
    }
  }

  Node root_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  size_t count_ = 0;
};

void FindDuplicates(const std::string& file, const Node& node, Problems* problems) {
  std::map<std::string, int> lines;
  for (const auto& [key, value] : node.entries) {
    const auto [seen, fresh] = lines.try_emplace(key.text, key.line);
    if (!fresh) {
      problems->Error(file, key, "key \"" + key.text + "\" is already set in this mapping",
                      "first set at line " + std::to_string(seen->second));
    }
    FindDuplicates(file, value, problems);
  }
  for (const Node& item : node.items) FindDuplicates(file, item, problems);
}

// `<<: *base` lays the keys of another mapping under this one's own.
void ExpandMerges(const std::string& file, Node* node, Problems* problems) {
  for (Node& item : node->items) ExpandMerges(file, &item, problems);
  std::vector<std::pair<Node, Node>> own;
  std::vector<std::pair<Node, Node>> merged;
  for (auto& [key, value] : node->entries) {
    ExpandMerges(file, &value, problems);
    if (key.text != "<<" || key.quoted) {
      own.emplace_back(std::move(key), std::move(value));
    } else if (value.kind == Node::Kind::kMap) {
      merged.insert(merged.end(), value.entries.begin(), value.entries.end());
    } else {
      problems->Error(file, key, "\"<<\" wants a mapping, found " + value.Describe());
    }
  }
  for (auto& entry : merged) {
    const bool overridden = std::ranges::any_of(
        own, [&](const auto& mine) { return mine.first.text == entry.first.text; });
    if (!overridden) own.push_back(std::move(entry));
  }
  node->entries = std::move(own);
}

}  // namespace

const Node* Node::Find(const std::string& key) const {
  for (const auto& [name, value] : entries) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

std::string Node::Describe() const {
  switch (kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kScalar:
      return "\"" + (text.size() > 40 ? text.substr(0, 40) + "…" : text) + "\"";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a mapping";
  }
  return "something";
}

void Problems::Add(Problem problem) {
  if (problem.level == Problem::Level::kError) ++errors_;
  if (problems_.size() >= limits::kConfigProblems) {
    ++dropped_;
  } else {
    problems_.push_back(std::move(problem));
  }
}

void Problems::Error(const std::string& file, const Node& at, const std::string& message,
                     const std::string& hint) {
  Add({Problem::Level::kError, file, at.line, at.column, message, hint});
}

void Problems::Warn(const std::string& file, const Node& at, const std::string& message,
                    const std::string& hint) {
  Add({Problem::Level::kWarning, file, at.line, at.column, message, hint});
}

std::vector<Problem> Problems::Take() {
  if (dropped_ > 0) {
    problems_.push_back({errors_ > 0 ? Problem::Level::kError : Problem::Level::kWarning,
                         problems_.back().file, 0, 0,
                         "and " + std::to_string(dropped_) + " more problems", ""});
  }
  return std::move(problems_);
}

std::string Problem::ToString() const {
  std::string text = file;
  if (line > 0) text += ":" + std::to_string(line) + ":" + std::to_string(column);
  text += ": " + message;
  if (!hint.empty()) text += " (" + hint + ")";
  return text;
}

std::vector<Node> ParseYaml(const std::string& file, const std::string& text, Problems* problems) {
  std::vector<Node> documents;
  const auto fail = [&](const YAML::Mark& mark, const std::string& message) {
    const bool placed = mark.line >= 0;
    problems->Add({Problem::Level::kError, file, placed ? mark.line + 1 : 0,
                   placed ? mark.column + 1 : 0, "YAML: " + message, ""});
  };
  if (text.size() > limits::kConfigBytes) {
    fail(YAML::Mark::null_mark(),
         "the file is larger than " + std::to_string(limits::kConfigBytes) + " bytes");
    return {};
  }
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    Builder builder;
    while (parser.HandleNextDocument(builder)) documents.push_back(builder.TakeDocument());
  } catch (const Stop& stop) {
    fail(stop.mark, stop.message);
    return {};
  } catch (const YAML::Exception& error) {
    fail(error.mark, error.msg);
    return {};
  }
  for (Node& document : documents) {
    FindDuplicates(file, document, problems);
    ExpandMerges(file, &document, problems);
  }
  return documents;
}

}  // namespace watchfire::config
