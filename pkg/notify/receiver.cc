// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/receiver.h"

#include <algorithm>
#include <charconv>

#include "pkg/base/strings.h"

namespace watchfire::notify {
namespace {

constexpr size_t kExcerptBytes = 512;
constexpr int kRetryAfterSecondsMax = 3600;

bool IsWordByte(unsigned char c) {
  return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
         (c >= 'a' && c <= 'z');
}

// Whether no word goes on before or behind the `size` bytes at `at`.
bool IsWord(const std::string& text, size_t at, size_t size) {
  const bool starts = at == 0 || !IsWordByte(static_cast<unsigned char>(text[at - 1]));
  const size_t end = at + size;
  return starts && (end == text.size() || !IsWordByte(static_cast<unsigned char>(text[end])));
}

Failure FailureOf(int status) {
  if (status == 401 || status == 403) return Failure::kAuth;
  if (status == 429) return Failure::kRateLimited;
  if (status >= 400 && status < 500) return Failure::kClientError;
  if (status >= 500 && status < 600) return Failure::kServerError;
  return Failure::kOther;
}

}  // namespace

const char* FailureName(Failure failure) {
  switch (failure) {
    case Failure::kOther:
      return "other";
    case Failure::kClientError:
      return "clientError";
    case Failure::kServerError:
      return "serverError";
    case Failure::kCanceled:
      return "contextCanceled";
    case Failure::kDeadline:
      return "contextDeadlineExceeded";
    case Failure::kAuth:
      return "authError";
    case Failure::kRateLimited:
      return "rateLimited";
    case Failure::kTemplate:
      return "templateError";
    case Failure::kFileRead:
      return "fileReadError";
    case Failure::kConfig:
      return "configError";
    case Failure::kEncoding:
      return "encodingError";
    case Failure::kRequest:
      return "requestError";
  }
  return "other";
}

Step Classify(const Result<net::OutResponse>& response, const std::vector<int>& retry_codes,
              const std::vector<std::string>& secrets) {
  if (!response) {
    const bool deadline = response.error().code == Code::kTimeout;
    return Retry{{},
                 Excerpt(response.error().message, secrets),
                 deadline ? Failure::kDeadline : Failure::kOther};
  }
  const int status = response->status;
  if (status / 100 == 2) return Done{};
  std::string why = "unexpected status code " + std::to_string(status);
  const std::string body = Excerpt(response->body, secrets);
  if (!body.empty()) why += ": " + body;
  if (status / 100 == 5 || std::ranges::count(retry_codes, status) > 0) {
    return Retry{RetryAfter(*response), why, FailureOf(status)};
  }
  return Fail{why, FailureOf(status)};
}

Duration RetryAfter(const net::OutResponse& response) {
  const std::string_view text = Trim(response.header("Retry-After"));
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return {};
  if (error == std::errc::result_out_of_range) seconds = kRetryAfterSecondsMax;
  return std::chrono::seconds(std::min<unsigned>(seconds, kRetryAfterSecondsMax));
}

std::string MaskSecrets(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;
    for (size_t at = 0; (at = text.find(secret, at)) != std::string::npos;) {
      if (secret.size() < kSecretBytesMin && !IsWord(text, at, secret.size())) {
        ++at;
        continue;
      }
      text.replace(at, secret.size(), Secret::masked());
      at += std::string_view(Secret::masked()).size();
    }
  }
  return text;
}

std::string Excerpt(std::string text, const std::vector<std::string>& secrets) {
  // Masked before it is cut: half a secret would not be recognised.
  text = RepairUtf8(Trim(MaskSecrets(std::move(text), secrets)));
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  std::ranges::replace_if(text, control, ' ');
  if (text.size() <= kExcerptBytes) return text;
  size_t end = kExcerptBytes;
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // Between characters.
  return text.substr(0, end) + "…";
}

Result<std::string> Reveal(const Secret& value, const std::string& file, const Context& context) {
  return file.empty() ? Result<std::string>(value.reveal()) : context.read_file(file);
}

std::string ShownUrl(const std::string& url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const size_t host = scheme + 3;
  const size_t at = url.substr(0, url.find_first_of("/?#", host)).rfind('@');
  if (at == std::string::npos) return url;
  return url.substr(0, host) + Secret::masked() + url.substr(at);
}

SecretUrl SplitSecretUrl(const std::string& url) {
  const size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  const size_t path = std::min(url.find_first_of("/?#", scheme), url.size());
  std::string host = url.substr(scheme, path - scheme);
  SecretUrl split;
  split.secrets.push_back(url);
  if (const size_t at = host.rfind('@'); at != std::string::npos) {
    split.secrets.push_back(host.substr(0, at));
    host.erase(0, at + 1);
  }
  if (path + 1 < url.size()) split.secrets.push_back(url.substr(path));
  // Tokens also one by one: an answer may echo the path with other escapes.
  for (size_t begin = path; begin < url.size();) {
    const size_t end = std::min(url.find_first_of("/?#&=", begin), url.size());
    // Shorter parts of a path are words, not tokens.
    if (end - begin >= kSecretBytesMin) split.secrets.push_back(url.substr(begin, end - begin));
    begin = end + 1;
  }
  if (scheme != 0 && !host.empty())
    split.shown = url.substr(0, scheme) + host + "/" + Secret::masked();
  return split;
}

}  // namespace watchfire::notify
