// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What core knows of runs of automation that take time, beside what is stored of them
// (automation::Run). Plain values.

#pragma once

#include <optional>
#include <string>

#include "pkg/base/ids.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/core/outbox.h"
#include "pkg/dispatch/backoff.h"

namespace watchfire::core {

// The question that shows whether all is well again.
struct AutomationQuery {
  std::string run;
  std::string expr;
  std::string datasource;  // "": the first.
};

// A ticket or a playbook on its way.
struct AutomationSend {
  // Stored when this is durable; nullopt: it was not handed over yet.
  std::optional<Ticket> intent;
  MonoTime due{};        // Tried then, once it is stored.
  DeliveryId under_way;  // None: nothing is.
  dispatch::Backoff backoff;
  std::string why;            // The last attempt failed.
  bool may_be_taken = false;  // An attempt got no answer.
  // The group whose key the message has; and, of a ticket that is told of the end, when that is
  // given up.
  std::string group_key;
  MonoTime until{};
};

// Whether it is stored, and no attempt of it is under way.
bool MayLeave(const AutomationSend& send, const Outbox& outbox);

// The integration of the receiver that can do it; null: none can, or there is no receiver.
const config::Integration* FindAble(const config::Receiver* receiver,
                                    config::AutomationAction action);

struct AutomationCheck {
  MonoTime due{};            // Asked then, again or not.
  bool is_asked = false;     // And not answered yet.
  bool is_answered = false;  // By the last question.
  std::string why;           // The last answer was not the one expected.
};

}  // namespace watchfire::core
