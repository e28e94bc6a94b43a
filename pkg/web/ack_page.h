// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The page behind a link in a message: what is broken, who has it, and the buttons. One file
// without a script, for a phone at night. Pure: values in, HTML out, every value escaped.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace watchfire::web {

struct AckPage {
  struct Button {
    std::string action;  // The value of the field `action`.
    std::string label;
    bool is_main = false;
  };
  // Posted to the page's own address: `action` and, if it is asked for, `name`.
  struct Form {
    bool asks_name = false;
    std::string name = {};  // As typed before.
    std::vector<Button> buttons;
  };
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  std::string title;  // What is broken; of a link that leads nowhere, why.
  std::string state;  // "triggered" … of the incident; "": none is shown.
  std::string level;  // "SEV1"
  // What became of the form, or what to do about a link that leads nowhere; "": nothing to say.
  std::string notice;
  bool is_good = false;             // The notice is good news.
  Pairs facts;                      // Name and text, in order.
  std::vector<std::string> alerts;  // Names; many are cut short.
  Pairs links;                      // Name and URL; what is not http or https is left out.
  std::optional<Form> form;
};

// UTF-8 HTML.
std::string AckPageHtml(const AckPage& page);

// Its Content-Security-Policy: its own style, a form to its own address, nothing else.
std::string AckPagePolicy();

}  // namespace watchfire::web
