// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Links in messages that acknowledge. By the time of an attempt the incident is open, for the
// intent to page opens it; a message that pages nobody has a link as well, to the incident that its
// receiver's pages opened.

#include "pkg/core/core.h"
#include "pkg/incident/ack_link.h"

namespace watchfire::core {

std::string Core::AckUrlFor(const Delivery& delivery) const {
  const config::AckLinks& terms = config_->incidents.ack_links;
  if (terms.secrets.empty() || delivery.firing.empty()) return "";
  const auto incident = IncidentOf(delivery.key);
  if (incident == nullptr) return "";
  incident::AckLink link;
  link.incident = incident->id;
  link.opened_at = incident->opened_at;
  // From the message on, so that another attempt says the same.
  link.expires_at = delivery.notification->at + terms.expires_after;
  if (delivery.key.person != kFallbackPerson) link.person = delivery.key.person;
  link.may_resolve = terms.may_resolve;
  link.may_snooze = terms.may_snooze;
  link.may_escalate = terms.may_escalate;
  return options_.external_url + "/ack/" + incident::SignAckLink(link, terms.secrets.front());
}

}  // namespace watchfire::core
