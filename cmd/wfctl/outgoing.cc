// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/outgoing.h"

#include <algorithm>
#include <utility>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/request_view.h"
#include "cmd/wfctl/version.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/oncall/duty.h"

namespace watchfire::wfctl {
namespace {

std::string Counted(size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string Status(const Outgoing& outgoing) {
  return outgoing.notification.firing() ? "firing" : "resolved";
}

std::string Title(const Outgoing& outgoing) {
  const dispatch::Notification& what = outgoing.notification;
  return what.receiver + " " + IntegrationName(*outgoing.integration) + ": " + Status(outgoing) +
         ", " + Counted(what.alerts.size(), "alert") + " of " + what.group_key.str();
}

void Print(const Outgoing& outgoing, const Masking& masking, World& world) {
  const char* bold = world.color ? "\033[1m" : "";
  const char* plain = world.color ? "\033[0m" : "";
  world.out << bold << "# " << Title(outgoing) << plain << "\n";
  if (outgoing.is_unsent) {
    world.out << "nothing is sent: send_resolved is false\n";
    return;
  }
  bool is_first = true;
  for (const net::OutRequest& request : outgoing.rehearsal.requests) {
    if (!std::exchange(is_first, false)) {
      world.out << bold << "\n# then, when that was accepted";
      if (request.delay > Duration::zero()) {
        world.out << ", after " << FormatDuration(request.delay);
      }
      world.out << plain << "\n";
    }
    PrintRequest(request, masking, world.out);
  }
  const std::string fault = masking.Mask(outgoing.fault());
  if (!fault.empty()) {
    world.out << (outgoing.rehearsal.requests.empty() ? "" : "\n") << "no message: " << fault
              << "\n";
  } else if (!outgoing.rehearsal.flaw.empty()) {
    world.out << "\nincomplete: " << masking.Mask(outgoing.rehearsal.flaw) << "\n";
  } else if (outgoing.rehearsal.requests.empty()) {
    world.out << "nothing is sent\n";
  }
}

void Write(const Outgoing& outgoing, const Masking& masking, JsonWriter* json) {
  const dispatch::Notification& what = outgoing.notification;
  json->StartObject().Field("receiver", what.receiver);
  json->Field("integration", IntegrationName(*outgoing.integration));
  json->Field("status", Status(outgoing)).Field("groupKey", what.group_key);
  json->Field("alerts", static_cast<int64_t>(what.alerts.size()));
  json->Field("sent", !outgoing.is_unsent && outgoing.fault().empty());
  json->Field("error", masking.Mask(outgoing.fault()));
  json->Field("incomplete", masking.Mask(outgoing.rehearsal.flaw)).Key("requests").StartArray();
  for (const net::OutRequest& request : outgoing.rehearsal.requests) {
    WriteRequest(request, masking, json);
  }
  json->EndArray().EndObject();
}

}  // namespace

std::string IntegrationName(const config::Integration& integration) {
  return integration.kind + "[" + std::to_string(integration.index) + "]";
}

Result<std::vector<const config::Integration*>> Choose(const config::Receiver& receiver,
                                                       const std::vector<std::string>& names) {
  std::vector<const config::Integration*> chosen;
  std::vector<std::string> known;
  for (const config::Integration& integration : receiver.integrations) {
    const std::string name = IntegrationName(integration);
    known.push_back(name);
    const bool is_chosen = names.empty() || std::ranges::count(names, name) > 0 ||
                           std::ranges::count(names, integration.kind) > 0;
    if (is_chosen) chosen.push_back(&integration);
  }
  for (const std::string& name : names) {
    const auto is_it = [&](const config::Integration* integration) {
      return integration->kind == name || IntegrationName(*integration) == name;
    };
    if (std::ranges::any_of(chosen, is_it)) continue;
    return InvalidArgument("receiver " + GoQuote(receiver.name) + " has no integration " +
                           GoQuote(name) + " (it has " +
                           (known.empty() ? "none" : Join(known, ", ")) + ")");
  }
  return chosen;
}

dispatch::Notification ForIntegration(dispatch::Notification notification,
                                      const config::Integration& integration) {
  notification.integration = integration.kind;
  notification.index = integration.index;
  return notification;
}

notify::Context MakeContext(const std::shared_ptr<const config::Config>& config, World& world,
                            Masking* masking) {
  notify::Context context;
  context.user_agent = std::string("Watchfire/") + kVersion;
  context.read_file = [&world, masking](const std::string& path) -> Result<std::string> {
    const Result<std::string> text = world.files.read(path);
    if (!text) return Fail(text.error());
    masking->Add(*text);
    return std::string(Trim(*text));
  };
  context.templates = {config, &config->templates};
  context.now = [now = world.now] { return now; };
  context.environment = world.environment;
  // Overrides that people made are the server's.
  context.on_call = [config](std::string_view schedule, WallTime at) {
    return oncall::WhoAt(config->oncall.roster.get(), std::string(schedule), at);
  };
  return context;
}

std::string Outgoing::fault() const {
  if (const auto* fail = std::get_if<notify::Fail>(&rehearsal.end)) return fail->why;
  if (const auto* retry = std::get_if<notify::Retry>(&rehearsal.end)) return retry->why;
  return "";
}

Outgoing RehearseOne(const dispatch::Notification& notification,
                     const config::Integration& integration, const notify::Context& context) {
  Outgoing outgoing{ForIntegration(notification, integration), &integration};
  outgoing.is_unsent = !notification.firing() && !integration.send_resolved;
  if (outgoing.is_unsent) return outgoing;
  const auto exchange = notify::builtin::Start(integration, context);
  const notify::Contract contract = notify::builtin::ContractOf(integration.kind);
  outgoing.rehearsal = notify::Rehearse(*exchange, contract, outgoing.notification);
  return outgoing;
}

int ShowOutgoing(const std::vector<Outgoing>& all, const Masking& masking,
                 const Invocation& invocation, World& world) {
  const bool is_good = std::ranges::all_of(all, [](const Outgoing& outgoing) {
    return outgoing.fault().empty() && outgoing.rehearsal.flaw.empty();
  });
  JsonWriter json;
  json.StartArray();
  for (const Outgoing& outgoing : all) Write(outgoing, masking, &json);
  if (!PrintRaw(invocation.output, world, json.EndArray().Take())) {
    bool is_first = true;
    for (const Outgoing& outgoing : all) {
      if (!std::exchange(is_first, false)) world.out << "\n";
      Print(outgoing, masking, world);
    }
  }
  return is_good ? kOk : kNo;
}

}  // namespace watchfire::wfctl
