// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/ical.h"

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"

namespace watchfire::oncall {
namespace {

constexpr size_t kLineBytes = 75;

std::string Stamp(WallTime at) {
  return cctz::format("%Y%m%dT%H%M%SZ", std::chrono::time_point_cast<std::chrono::seconds>(at),
                      cctz::utc_time_zone());
}

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : RepairUtf8(text)) {
    if (c == '\\' || c == ';' || c == ',') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      escaped += c;
    }
  }
  return escaped;
}

// A line of at most 75 bytes; what is longer goes on in the next behind a blank, and no character
// is torn.
void AddLine(const std::string& line, std::string* text) {
  size_t begin = 0;
  size_t room = kLineBytes;
  while (line.size() - begin > room) {
    size_t end = begin + room;
    while (end > begin + 1 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
    *text += line.substr(begin, end - begin) + "\r\n ";
    begin = end;
    room = kLineBytes - 1;
  }
  *text += line.substr(begin) + "\r\n";
}

}  // namespace

std::string WriteCalendar(const Schedule& schedule, const std::vector<Duty>& duties, WallTime now) {
  std::string text;
  AddLine("BEGIN:VCALENDAR", &text);
  AddLine("VERSION:2.0", &text);
  AddLine("PRODID:-//Watchfire//On call//EN", &text);
  AddLine("CALSCALE:GREGORIAN", &text);
  AddLine("X-WR-CALNAME:" + Escaped(schedule.name), &text);
  for (const Duty& duty : duties) {
    if (duty.people.empty()) continue;
    const std::string people = Join(duty.people, ", ");
    const std::string key = schedule.name + "\n" + people + "\n" + Stamp(duty.begin);
    AddLine("BEGIN:VEVENT", &text);
    AddLine("UID:" + Sha256Hex(key).substr(0, 32) + "@watchfire", &text);
    AddLine("DTSTAMP:" + Stamp(now), &text);
    AddLine("DTSTART:" + Stamp(duty.begin), &text);
    AddLine("DTEND:" + Stamp(duty.end), &text);
    AddLine("SUMMARY:" + Escaped("On call: " + people + " (" + schedule.name + ")"), &text);
    if (!duty.sources.empty()) AddLine("DESCRIPTION:" + Escaped(Join(duty.sources, ", ")), &text);
    AddLine("TRANSP:TRANSPARENT", &text);
    AddLine("END:VEVENT", &text);
  }
  AddLine("END:VCALENDAR", &text);
  return text;
}

}  // namespace watchfire::oncall
