// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/log.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/base/time.h"

namespace watchfire::app {
namespace {

const char* LevelName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "DEBUG";
    case Level::kInfo:
      return "INFO";
    case Level::kWarn:
      return "WARN";
    case Level::kError:
      return "ERROR";
  }
  return "INFO";
}

spdlog::level::level_enum SpdlogLevel(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// A value is quoted when it holds anything that would break key=value.
std::string LogfmtValue(std::string_view value) {
  const bool plain = !value.empty() && std::ranges::none_of(value, [](char c) {
    return c <= ' ' || c == '"' || c == '=' || c == '\\' || static_cast<unsigned char>(c) >= 0x7f;
  });
  return plain ? std::string(value) : GoQuote(value);
}

// Written once before any thread starts.
std::string& Format() {
  static std::string& format = *new std::string("logfmt");
  return format;
}

}  // namespace

void InitLog(const std::string& level, const std::string& format) {
  Format() = format;
  auto logger = std::make_shared<spdlog::logger>("watchfire",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  logger->set_level(level == "debug"   ? spdlog::level::debug
                    : level == "warn"  ? spdlog::level::warn
                    : level == "error" ? spdlog::level::err
                                       : spdlog::level::info);
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

void Log(Level level, std::string_view message, const Fields& fields) {
  const auto severity = SpdlogLevel(level);
  if (!spdlog::default_logger_raw()->should_log(severity)) return;
  const WallTime now = std::chrono::system_clock::now();
  spdlog::log(severity, "{}", FormatLine(Format(), FormatRfc3339(now), level, message, fields));
}

std::string FormatLine(const std::string& format, std::string_view time, Level level,
                       std::string_view message, const Fields& fields) {
  if (format == "json") {
    JsonWriter json;
    json.StartObject().Field("time", time).Field("level", LevelName(level)).Field("msg", message);
    for (const auto& [key, value] : fields) json.Field(key, value);
    return json.EndObject().Take();
  }
  std::string line =
      "time=" + std::string(time) + " level=" + LevelName(level) + " msg=" + LogfmtValue(message);
  for (const auto& [key, value] : fields) line += " " + key + "=" + LogfmtValue(value);
  return line;
}

}  // namespace watchfire::app
