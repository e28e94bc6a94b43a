// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/twilio/twiml.h"

#include "pkg/base/xml.h"

namespace watchfire::notify::twilio {
namespace {

std::string Say(const std::string& text, const Options& options) {
  std::string say = "<Say";
  if (!options.language.empty()) say += " language=\"" + EscapeXml(options.language) + "\"";
  if (!options.voice.empty()) say += " voice=\"" + EscapeXml(options.voice) + "\"";
  return say + ">" + EscapeXml(text) + "</Say>";
}

}  // namespace

std::string Twiml(const std::string& text, const Options& options, const std::string& ack_url) {
  const std::string pause = "<Pause length=\"1\"/>";
  if (ack_url.empty()) {
    return "<Response>" + pause + Say(text, options) + pause + Say(text, options) + "</Response>";
  }
  const std::string ask = Say(text, options) + Say("Press 4 to acknowledge.", options);
  return "<Response><Gather input=\"dtmf\" numDigits=\"1\" timeout=\"10\" method=\"POST\" "
         "action=\"" +
         EscapeXml(ack_url) + "\">" + pause + ask + pause + ask + "</Gather></Response>";
}

}  // namespace watchfire::notify::twilio
