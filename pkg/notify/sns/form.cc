// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/sns/form.h"

#include <algorithm>
#include <map>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"

namespace watchfire::notify::sns {
namespace {

std::string CutBytes(const std::string& text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string Subject(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  text = std::string(Trim(text));
  return RuneCount(text) <= kSubjectRunesMax ? text : TruncateRunes(text, kSubjectRunesMax);
}

// Another for each notification, the same when one is repeated after a crash: the group and what
// each of its alerts does since when. Not Notification.at, which a crash changes.
std::string DeduplicationId(const dispatch::Notification& notification) {
  std::string text = notification.group_key;
  for (const alert::Alert& alert : notification.alerts) {
    const bool fires = notification.Firing(alert);
    text += '\n' + Hex64(alert.fingerprint()) + (fires ? " firing " : " resolved ") +
            FormatRfc3339(fires ? alert.starts_at : alert.ends_at, 9);
  }
  return Sha256Hex(text);
}

}  // namespace

std::string PublishForm(const dispatch::Notification& notification, const Options& options,
                        Rendering* message) {
  std::map<std::string, std::string> fields = {{"Action", "Publish"}, {"Version", "2010-03-31"}};
  std::map<std::string, std::string> attributes;
  for (const auto& [name, value] : options.attributes) {
    attributes[message->Text(name)] = message->Text(value);
  }
  if (!options.topic_arn.empty()) {
    const std::string topic = message->Text(options.topic_arn);
    fields["TopicArn"] = topic;
    if (topic.ends_with(".fifo")) {
      fields["MessageGroupId"] = Sha256Hex(notification.group_key);
      fields["MessageDeduplicationId"] = DeduplicationId(notification);
    }
  }
  const bool is_sms = !options.phone_number.empty();
  if (is_sms) fields["PhoneNumber"] = message->Text(options.phone_number);
  if (!options.target_arn.empty()) fields["TargetArn"] = message->Text(options.target_arn);
  const std::string text = message->Text(options.message);
  fields["Message"] = CutBytes(text, is_sms ? kSmsBytesMax : kMessageBytesMax);
  if (fields["Message"] != text) attributes["truncated"] = "true";
  const std::string subject = Subject(message->Text(options.subject));
  if (!subject.empty()) fields["Subject"] = subject;
  int number = 0;
  for (const auto& [name, value] : attributes) {
    const std::string entry = "MessageAttributes.entry." + std::to_string(++number) + ".";
    fields[entry + "Name"] = name;
    fields[entry + "Value.DataType"] = "String";
    fields[entry + "Value.StringValue"] = value;
  }
  std::string form;
  for (const auto& [name, value] : fields) {
    form += (form.empty() ? "" : "&") + name + "=" + UrlEncode(value);
  }
  return form;
}

}  // namespace watchfire::notify::sns
