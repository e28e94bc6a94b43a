// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/yaml.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/scalar.h"
#include "pkg/templates/escape.h"

namespace watchfire::config {
namespace {

Mark Place(const YAML::Mark& mark) {
  return mark.is_null() ? Mark{} : Mark{mark.line + 1, mark.column + 1};
}

[[noreturn]] void Refuse(const YAML::Mark& mark, const std::string& message) {
  throw YAML::ParserException(mark, message);
}

[[noreturn]] void RefuseDepth(const YAML::Mark& mark) {
  Refuse(mark, "nested deeper than " + std::to_string(limits::kYamlDepth) + " levels");
}

bool IsMergeKey(const Key& key) { return key.plain && key.text == "<<"; }

void DropDuplicates(YamlNode* map, const Source& source) {
  std::map<std::string, int> lines;
  size_t kept = 0;
  for (size_t i = 0; i < map->keys.size(); ++i) {
    const Key& key = map->keys[i];
    const auto [first, is_new] = lines.emplace(key.text, key.mark.line);
    if (!is_new && !IsMergeKey(key)) {
      source.Error(key.mark, "duplicate key " + GoQuote(TruncateRunes(key.text, 60)),
                   "first set on line " + std::to_string(first->second));
      continue;
    }
    if (kept != i) {
      map->keys[kept] = std::move(map->keys[i]);
      map->items[kept] = std::move(map->items[i]);
    }
    ++kept;
  }
  map->keys.resize(kept);
  map->items.resize(kept);
}

// `<<: *defaults` or a list of such: keys that are set here win, then earlier entries.
void Merge(YamlNode* map, const Source& source) {
  std::set<std::string> present;
  for (const Key& key : map->keys) {
    if (!IsMergeKey(key)) present.insert(key.text);
  }
  for (auto merge = std::ranges::find_if(map->keys, IsMergeKey); merge != map->keys.end();
       merge = std::ranges::find_if(map->keys, IsMergeKey)) {
    const auto at = merge - map->keys.begin();
    const Mark mark = merge->mark;
    std::vector<YamlNode> parts;
    parts.push_back(std::move(map->items[static_cast<size_t>(at)]));
    map->keys.erase(merge);
    map->items.erase(map->items.begin() + at);
    if (parts.front().kind == YamlNode::Kind::kList) {
      const YamlNode list = std::move(parts.front());
      parts = list.items;
    }
    for (YamlNode& part : parts) {
      if (part.kind != YamlNode::Kind::kMap) {
        source.Error(mark, std::string("<< takes a mapping or a list of mappings, found ") +
                               KindName(part.kind));
      }
      for (size_t i = 0; i < part.keys.size(); ++i) {
        if (!present.insert(part.keys[i].text).second) continue;
        map->keys.push_back(std::move(part.keys[i]));
        map->items.push_back(std::move(part.items[i]));
      }
    }
  }
}

// What `!!bool yes` and the like say about a text. Throws YAML::ParserException.
void ApplyTag(const YAML::Mark& mark, std::string_view tag, YamlNode* node) {
  constexpr std::string_view kStandard = "tag:yaml.org,2002:";
  if (!tag.starts_with(kStandard)) return;
  tag.remove_prefix(kStandard.size());
  const std::string& text = node->text;
  bool fits = true;
  if (tag == "bool") {
    fits = node->plain = ParseYamlBool(text).has_value();
  } else if (tag == "int") {
    fits = node->plain = ParseYamlInt(text).has_value();
  } else if (tag == "float") {
    fits = node->plain = ParseYamlNumber(text).has_value();
  } else if (tag == "null") {
    fits = text.empty() || text == "~" || ToLower(text) == "null";
    *node = YamlNode();
  } else if (tag == "binary") {
    std::string packed;
    for (const char c : text) {
      if (c > ' ') packed += c == '+' ? '-' : c == '/' ? '_' : c;
    }
    Result<std::string> bytes = templates::DecodeBase64Url(packed);
    if (!bytes) Refuse(mark, "!!binary value contains invalid base64 data");
    node->text = *std::move(bytes);
  }
  if (!fits) Refuse(mark, "what has the tag !!" + std::string(tag) + " must be one");
}

// Builds the documents. Throws YAML::ParserException, as the parser that calls it does.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const Source& source) : source_(source) {}

  std::vector<YamlNode> Take() { return std::move(documents_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override { anchors_.clear(); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Leaf(mark, anchor, YamlNode());
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.plain = tag == "?";  // "!" when quoted.
    node.text = value;
    ApplyTag(mark, tag, &node);
    Leaf(mark, anchor, std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) Refuse(mark, "an alias inside the thing it stands for");
    Spend(mark, found->second.size);
    Attach(mark, found->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(mark, anchor, YamlNode::Kind::kList);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(mark, anchor, YamlNode::Kind::kMap);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapEnd() override {
    DropDuplicates(&open_.back().node, source_);
    Merge(&open_.back().node, source_);
    Close();
  }

 private:
  struct Frame {
    YamlNode node;
    YAML::Mark mark;
    YAML::anchor_t anchor = YAML::NullAnchor;
    bool has_key = false;  // A mapping whose last key waits for its value.
  };

  void Spend(const YAML::Mark& mark, size_t nodes) {
    spent_ += nodes;
    if (spent_ <= limits::kYamlNodes) return;
    Refuse(mark, "more than " + std::to_string(limits::kYamlNodes) + " values in one file");
  }

  void Leaf(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode node) {
    Spend(mark, 1);
    node.mark = Place(mark);
    Remember(mark, anchor, node);
    Attach(mark, std::move(node));
  }

  void Open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind) {
    Spend(mark, 1);
    if (open_.size() >= limits::kYamlDepth) RefuseDepth(mark);
    Frame frame;
    frame.node.kind = kind;
    frame.node.mark = Place(mark);
    frame.mark = mark;
    frame.anchor = anchor;
    open_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(open_.back());
    open_.pop_back();
    for (const YamlNode& item : frame.node.items) {
      frame.node.size += item.size;
      frame.node.height = std::max(frame.node.height, item.height + 1);
    }
    Remember(frame.mark, frame.anchor, frame.node);
    Attach(frame.mark, std::move(frame.node));
  }

  // The copy costs as much as a use of it, or anchors around anchors would be free.
  void Remember(const YAML::Mark& mark, YAML::anchor_t anchor, const YamlNode& node) {
    if (anchor == YAML::NullAnchor) return;
    Spend(mark, node.size);
    anchors_[anchor] = node;
  }

  void Attach(const YAML::Mark& mark, YamlNode node) {
    if (open_.size() + static_cast<size_t>(node.height) > limits::kYamlDepth) RefuseDepth(mark);
    if (open_.empty()) {
      documents_.push_back(std::move(node));
      return;
    }
    Frame& frame = open_.back();
    const bool is_key = frame.node.kind == YamlNode::Kind::kMap && !frame.has_key;
    if (!is_key) {
      frame.node.items.push_back(std::move(node));
    } else if (node.kind == YamlNode::Kind::kScalar) {
      frame.node.keys.push_back({std::move(node.text), Place(mark), node.plain});
    } else {
      Refuse(mark, std::string("a key must be a text, found ") + KindName(node.kind));
    }
    frame.has_key = is_key;
  }

  const Source& source_;
  std::vector<Frame> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::vector<YamlNode> documents_;
  size_t spent_ = 0;
};

// Reports the first byte that YAML does not allow. The parser would take some of these for the end
// of the file and ignore what follows.
bool IsText(const std::string& text, const Source& source) {
  int number = 0;
  for (const std::string_view line : Split(text, '\n')) {
    ++number;
    const auto bad = std::ranges::find_if(line, [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte < 0x20 && c != '\t' && c != '\r') || byte == 0x7f;
    });
    if (bad != line.end()) {
      source.Error({number, static_cast<int>(bad - line.begin()) + 1},
                   "a control character is not allowed in YAML");
      return false;
    }
    if (!IsValidUtf8(line)) {
      source.Error({number, 1}, "this line is not valid UTF-8");
      return false;
    }
  }
  return true;
}

}  // namespace

const YamlNode* YamlNode::Find(const std::string& key) const {
  const auto found = std::ranges::find(keys, key, &Key::text);
  return found == keys.end() ? nullptr : &items[static_cast<size_t>(found - keys.begin())];
}

Mark YamlNode::At(const std::string& key) const {
  const auto found = std::ranges::find(keys, key, &Key::text);
  return found == keys.end() ? mark : found->mark;
}

std::optional<std::vector<YamlNode>> ParseYaml(const std::string& text, const Source& source) {
  if (text.size() > limits::kConfigBytes) {
    source.Error({}, "larger than " + std::to_string(limits::kConfigBytes) + " bytes");
    return std::nullopt;
  }
  if (!IsText(text, source)) return std::nullopt;
  Builder builder(source);
  try {
    // The parser takes an unclosed quote for closed when the file ends in a line break, and would
    // read the rest of the file as one text. A last comment without line break makes it an error.
    std::istringstream stream(text + (text.ends_with('\n') ? "#" : "\n#"));
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    source.Error(Place(e.mark), "YAML: " + e.msg);
    return std::nullopt;
  }
  return builder.Take();
}

std::optional<YamlNode> ParseYamlDocument(const std::string& text, const Source& source) {
  auto documents = ParseYaml(text, source);
  if (!documents) return std::nullopt;
  if (documents->empty()) documents->emplace_back();
  if (documents->size() > 1) {
    source.Warn((*documents)[1].mark, "only the first YAML document of this file is used");
  }
  YamlNode& document = documents->front();
  if (document.mark.line == 0) document.mark = {1, 1};
  return std::move(document);
}

const char* KindName(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a text";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a mapping";
  }
  WF_CHECK(false);
}

}  // namespace watchfire::config
