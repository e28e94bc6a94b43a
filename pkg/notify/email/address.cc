// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/email/address.h"

#include <optional>
#include <utility>

namespace watchfire::notify::email {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// RFC 5322 section 3.2.3, and everything beyond ASCII (RFC 6532).
bool IsAtomChar(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80) return true;
  if (byte <= ' ' || byte == 0x7f) return false;
  return std::string_view("()<>[]:;@\\,.\"").find(c) == std::string_view::npos;
}

class AddressReader {
 public:
  explicit AddressReader(std::string_view text) : left_(text) {}

  Result<std::vector<Address>> ReadList() {
    std::vector<Address> list;
    while (true) {
      if (Status skipped = SkipCommas(); !skipped) return Fail(skipped.error());
      if (left_.empty()) break;
      if (Status read = ReadEntry(&list, /*in_group=*/false); !read) return Fail(read.error());
      WF_RETURN_IF_ERROR(SkipBlanks());
      if (!left_.empty() && left_.front() != ',') return InvalidArgument("mail: expected comma");
    }
    if (list.empty()) return InvalidArgument("mail: no address");
    return list;
  }

 private:
  // One address, or a group of them.
  Status ReadEntry(std::vector<Address>* list, bool in_group) {
    const std::string_view start = left_;
    if (std::optional<std::string> plain = ReadAddrSpec()) {
      list->push_back({"", *std::move(plain)});
      return {};
    }
    left_ = start;
    WF_RETURN_IF_ERROR(SkipBlanks());
    Result<std::string> name = ReadPhrase();
    if (!name) return Fail(name.error());
    if (!in_group && Take(':')) return ReadGroup(list);
    if (!Take('<')) return InvalidArgument("mail: missing '@' or angle-addr");
    std::optional<std::string> address = ReadAddrSpec();
    if (!address) return InvalidArgument("mail: no angle-addr");
    if (!Take('>')) return InvalidArgument("mail: unclosed angle-addr");
    list->push_back({*std::move(name), *std::move(address)});
    return {};
  }

  Status ReadGroup(std::vector<Address>* list) {
    while (true) {
      WF_RETURN_IF_ERROR(SkipCommas());
      if (Take(';')) return {};
      if (left_.empty()) return InvalidArgument("mail: unclosed group");
      WF_RETURN_IF_ERROR(ReadEntry(list, /*in_group=*/true));
    }
  }

  // "local@domain"; nothing when there is something else.
  std::optional<std::string> ReadAddrSpec() {
    if (!SkipBlanks()) return std::nullopt;
    std::string local;
    if (!left_.empty() && left_.front() == '"') {
      const std::string_view quoted = left_;
      if (!ReadQuoted()) return std::nullopt;
      local = std::string(quoted.substr(0, quoted.size() - left_.size()));  // With its quotes.
    } else {
      local = ReadDotAtom();
    }
    if (local.empty() || !Take('@')) return std::nullopt;
    if (!SkipBlanks()) return std::nullopt;
    std::string domain;
    if (!left_.empty() && left_.front() == '[') {
      const size_t end = left_.find(']');
      if (end == std::string_view::npos) return std::nullopt;
      domain = std::string(left_.substr(0, end + 1));
      left_.remove_prefix(end + 1);
    } else {
      domain = ReadDotAtom();
    }
    if (domain.empty()) return std::nullopt;
    return local + "@" + domain;
  }

  // Atoms with single dots between them; "" when it begins or ends otherwise.
  std::string ReadDotAtom() {
    size_t end = 0;
    while (end < left_.size() && (IsAtomChar(left_[end]) || left_[end] == '.')) ++end;
    const std::string atom(left_.substr(0, end));
    if (atom.starts_with('.') || atom.ends_with('.') || atom.find("..") != std::string::npos) {
      return "";
    }
    left_.remove_prefix(end);
    return atom;
  }

  std::optional<std::string> ReadQuoted() {
    std::string text;
    for (size_t i = 1; i < left_.size(); ++i) {
      if (left_[i] == '"') {
        left_.remove_prefix(i + 1);
        return text;
      }
      if (left_[i] == '\\' && ++i == left_.size()) break;
      if (left_[i] == '\r' || left_[i] == '\n') break;
      text += left_[i];
    }
    return std::nullopt;
  }

  // Words and quoted strings, a space between them.
  Result<std::string> ReadPhrase() {
    std::string phrase;
    while (true) {
      WF_RETURN_IF_ERROR(SkipBlanks());
      std::string word;
      if (!left_.empty() && left_.front() == '"') {
        std::optional<std::string> quoted = ReadQuoted();
        if (!quoted) return InvalidArgument("mail: unclosed quoted-string");
        word = *std::move(quoted);
      } else {
        size_t end = 0;
        while (end < left_.size() && (IsAtomChar(left_[end]) || left_[end] == '.')) ++end;
        word = std::string(left_.substr(0, end));
        left_.remove_prefix(end);
        if (word.empty()) return phrase;
      }
      if (!phrase.empty()) phrase += ' ';
      phrase += word;
    }
  }

  bool Take(char c) {
    if (!SkipBlanks() || left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }

  Status SkipCommas() {
    do {
      WF_RETURN_IF_ERROR(SkipBlanks());
    } while (TakeComma());
    return {};
  }
  bool TakeComma() {
    if (left_.empty() || left_.front() != ',') return false;
    left_.remove_prefix(1);
    return true;
  }

  // White space and (comments (that nest)).
  Status SkipBlanks() {
    while (!left_.empty()) {
      if (IsSpace(left_.front())) {
        left_.remove_prefix(1);
        continue;
      }
      if (left_.front() != '(') return {};
      size_t depth = 0;
      size_t i = 0;
      for (; i < left_.size(); ++i) {
        if (left_[i] == '\\')
          ++i;
        else if (left_[i] == '(')
          ++depth;
        else if (left_[i] == ')' && --depth == 0)
          break;
      }
      if (i >= left_.size()) return InvalidArgument("mail: misformatted parenthetical comment");
      left_.remove_prefix(i + 1);
    }
    return {};
  }

  std::string_view left_;
};

}  // namespace

Result<std::vector<Address>> ParseAddressList(std::string_view text) {
  return AddressReader(text).ReadList();
}

}  // namespace watchfire::notify::email
