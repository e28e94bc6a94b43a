// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/masking.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/receiver.h"

namespace watchfire::wfctl {
namespace {

constexpr size_t kWordBytesMax = 5;

constexpr std::array<std::string_view, 9> kSecretHeaders = {
    "authorization",        "cookie",    "proxy-authorization", "private-token",
    "x-amz-security-token", "x-api-key", "x-auth-token",        "x-user-id",
    "x-watchfire-signature"};

bool IsWordByte(char c) {
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsWord(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string MaskWord(std::string text, const std::string& word) {
  for (size_t at = 0; (at = text.find(word, at)) != std::string::npos;) {
    const size_t end = at + word.size();
    const bool is_part =
        (at > 0 && IsWordByte(text[at - 1])) || (end < text.size() && IsWordByte(text[end]));
    if (is_part) {
      at = end;
      continue;
    }
    text.replace(at, word.size(), Secret::masked());
    at += std::string_view(Secret::masked()).size();
  }
  return text;
}

}  // namespace

Masking::Masking(const config::Config& config) {
  for (const Secret& secret : config.secrets) Add(secret.reveal());
}

void Masking::Add(const std::string& secret) {
  const std::string text(Trim(secret));
  // A configuration that a server shows has none.
  if (text.empty() || text.find(Secret::masked()) != std::string::npos) return;
  std::vector<std::string> forms = {text, UrlEncode(text)};
  const std::string json = JsonWriter(/*escape_html=*/true).String(text).Take();
  forms.push_back(json.substr(1, json.size() - 2));
  if (text.find("://") != std::string::npos) {
    for (const std::string& part : notify::SplitSecretUrl(text).secrets) {
      // Paths and tokens; "/", or a word such as "services", is none.
      if (part.size() > kWordBytesMax && !IsWord(part)) forms.push_back(part);
    }
  }
  for (const std::string& form : forms) {
    std::vector<std::string>& list = form.size() > kWordBytesMax ? secrets_ : words_;
    if (std::ranges::count(list, form) == 0) list.push_back(form);
  }
  std::ranges::stable_sort(secrets_, std::greater<>(),
                           [](const std::string& form) { return form.size(); });
}

std::string Masking::Mask(std::string text) const {
  text = notify::MaskSecrets(std::move(text), secrets_);
  for (const std::string& word : words_) text = MaskWord(std::move(text), word);
  return text;
}

std::string Masking::MaskHeader(const net::Header& header) const {
  if (std::ranges::count(kSecretHeaders, ToLower(header.name)) == 0) return Mask(header.value);
  const size_t blank = header.value.find(' ');
  const std::string scheme = blank == std::string::npos ? "" : header.value.substr(0, blank + 1);
  return scheme + Secret::masked();
}

}  // namespace watchfire::wfctl
