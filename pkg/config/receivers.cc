// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alertmanager's `receivers` (reference alertmanager-compat §3.5). What stands in the lists of
// integrations is for their backends to read.

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

// Every integration of Alertmanager in the order in which it looks at them.
constexpr std::array kIntegrations = {
    "webhook",  "email",   "slack",     "pushover", "pagerduty",  "incidentio",
    "opsgenie", "wechat",  "victorops", "sns",      "telegram",   "discord",
    "webex",    "msteams", "msteamsv2", "jira",     "rocketchat", "mattermost"};

// The order in which it shows them.
constexpr std::array kShown = {"discord", "email",      "incidentio", "pagerduty", "slack",
                               "webhook", "opsgenie",   "wechat",     "pushover",  "victorops",
                               "sns",     "telegram",   "webex",      "msteams",   "msteamsv2",
                               "jira",    "rocketchat", "mattermost"};

// Those of which an entry may be null, which says as much as an empty one.
constexpr std::array<std::string_view, 4> kMayBeNull = {"slack", "opsgenie", "wechat",
                                                        "rocketchat"};

// Whether that key holds a text; an empty one is as good as none.
bool IsFilled(Section& section, const std::string& key) {
  const YamlNode* node = section.impl().node.Find(key);
  return node != nullptr && !node->text.empty();
}

// The receivers that routes name. Alertmanager builds no others.
void AddRouted(const YamlNode& route, std::set<std::string>* names) {
  if (const YamlNode* receiver = route.Find("receiver")) names->insert(receiver->text);
  const YamlNode* routes = route.Find("routes");
  if (routes == nullptr) return;
  for (const YamlNode& child : routes->items) AddRouted(child, names);
}

class ReceiverReader {
 public:
  explicit ReceiverReader(Loader* loader) : loader_(*loader) {
    for (const auto& [name, source] : loader->paging_receivers) paging_.insert(name.text);
  }

  // nullopt for null, which Alertmanager takes for a receiver without name that nobody can use.
  std::optional<Receiver> Read(Section& section) {
    Receiver receiver;
    const bool is_null = section.impl().node.kind == YamlNode::Kind::kNull;
    receiver.name = section.String("name");
    if (receiver.name.empty() && !is_null) {
      section.Error("name", "missing name in receiver");
    } else if (!names_.insert(receiver.name).second) {
      section.Error("name",
                    "notification config name " + GoQuote(receiver.name) + " is not unique");
    }
    if (is_null) {
      if (section.impl().echo != nullptr) section.impl().echo->Hide();
      section.Warn("name", "a receiver without name, which no route can use");
      return std::nullopt;
    }
    ReadLabels(section, &receiver);
    for (const char* kind : kShown) section.impl().Show(std::string(kind) + "_configs");
    for (const char* kind : kIntegrations) ReadKind(section, kind, &receiver);
    for (const IntegrationKind& kind : loader_.kinds) {
      if (std::ranges::count(kIntegrations, kind.kind) > 0) continue;
      ReadList(section, kind, &receiver);
      if (kind.is_own) section.Own(kind.kind + "_configs");
    }
    ReadEscalations(section, &receiver);
    const Unshown unshown(section);
    receiver.delivery = ReadDelivery(section);
    ReadSending(section, &receiver);
    section.Finish();
    return receiver;
  }

 private:
  static void ReadLabels(Section& section, Receiver* receiver) {
    receiver->labels = section.StringMap("labels");
    const std::string& name = receiver->labels.try_emplace("name", receiver->name).first->second;
    if (name == receiver->name) return;
    section.Error("labels", "receiver label \"name\" must match receiver name " +
                                GoQuote(receiver->name) + ", got " + GoQuote(name));
  }

  void ReadKind(Section& section, const std::string& kind, Receiver* receiver) {
    const auto found = std::ranges::find(loader_.kinds, kind, &IntegrationKind::kind);
    if (found != loader_.kinds.end()) return ReadList(section, *found, receiver);
    const std::string key = kind + "_configs";
    const YamlNode* node = section.impl().Find(key);
    if (node == nullptr || (node->kind == YamlNode::Kind::kList && node->items.empty())) return;
    std::vector<std::string> built_in;
    for (const IntegrationKind& known : loader_.kinds) built_in.push_back(known.kind + "_configs");
    section.Error(key, key + " is not supported yet", "built in: " + Join(built_in, ", "));
  }

  void ReadList(Section& section, const IntegrationKind& kind, Receiver* receiver) {
    int index = 0;
    for (Section& entry : section.Children(kind.kind + "_configs")) {
      const bool is_null = entry.impl().node.kind == YamlNode::Kind::kNull;
      if (is_null && std::ranges::count(kMayBeNull, kind.kind) == 0) {
        entry.Error("", "missing " + kind.kind + " config");
        continue;
      }
      Integration integration;
      integration.kind = kind.kind;
      integration.index = index++;
      integration.send_resolved = entry.Bool("send_resolved", kind.send_resolved_default);
      Echo* echo = entry.impl().Show("send_resolved");
      if (echo != nullptr) echo->SetRaw(integration.send_resolved ? "true" : "false");
      entry.impl().Show("http_config");  // Stands here when there is one.
      {
        const Unshown unshown(entry);
        const bool pages = kind.pages || paging_.contains(receiver->name);
        integration.pages = entry.MaybeBool("page", pages).value();
      }
      integration.options = kind.parse(entry, loader_.config.global);
      ReadTellAcks(entry, kind, &integration);
      {
        const Unshown unshown(entry);
        integration.polling = ReadAckPolling(entry, kind.kind, &loader_);
      }
      integration.is_signed = kind.kind == "webhook" && (IsFilled(entry, "signing_secret") ||
                                                         IsFilled(entry, "signing_secret_file"));
      entry.Finish();
      receiver->integrations.push_back(std::move(integration));
    }
  }

  // Of a list of acts in `tell_acks` those that the integration takes.
  static unsigned ReadActs(Section& entry, const std::string& kind, unsigned takes) {
    std::vector<std::string> known;
    for (const VendorAct act : kVendorActs) {
      if ((takes & act) != 0) known.emplace_back(VendorActName(act));
    }
    unsigned acts = 0;
    for (const std::string& name : entry.Strings("tell_acks")) {
      entry.OneOf("tell_acks", name, known, kind + " cannot be told of " + GoQuote(name));
      for (const VendorAct act : kVendorActs) {
        if (name == VendorActName(act)) acts |= takes & act;
      }
    }
    return acts;
  }

  // `tell_acks`: whether this integration is told of acks, notes, resolves and escalations as well,
  // or of which of them.
  void ReadTellAcks(Section& entry, const IntegrationKind& kind, Integration* integration) const {
    const Unshown unshown(entry);
    const Any written = entry.Value("tell_acks");
    const Any::List* acts = written.As<Any::List>();
    const bool is_asked = acts != nullptr ? !acts->empty() : entry.Bool("tell_acks", false);
    const bool is_told = entry.Has("tell_acks") ? is_asked : loader_.config.incidents.tell_vendors;
    if (!is_told || integration->options == nullptr) return;
    if (kind.takes) integration->takes = kind.takes(integration->options.get(), is_asked);
    if (is_asked && integration->takes == 0) {
      entry.Error("tell_acks", kind.kind + " cannot be told of acks", "leave tell_acks out");
    } else if (acts != nullptr) {
      integration->takes = ReadActs(entry, kind.kind, integration->takes);
    }
  }

  void ReadEscalations(Section& section, Receiver* receiver) {
    {
      const Unshown unshown(section);
      int index = 0;
      for (Section& entry : section.Children("escalation_configs")) {
        receiver->integrations.push_back(ReadEscalation(entry, index++, &loader_));
      }
    }
    section.Own("escalation_configs");
  }

  Loader& loader_;
  std::set<std::string> paging_;
  std::set<std::string> names_;
};

}  // namespace

void LoadReceivers(Section& root, Loader* loader) {
  ReceiverReader reader(loader);
  std::set<std::string> routed;
  if (const YamlNode* route = root.impl().node.Find("route")) AddRouted(*route, &routed);
  for (Section& section : root.Children("receivers")) {
    const YamlNode* name = section.impl().node.Find("name");
    loader->problems.set_needs_tls_files(name != nullptr && routed.contains(name->text));
    std::optional<Receiver> receiver = reader.Read(section);
    if (receiver) loader->config.receivers.push_back(*std::move(receiver));
  }
  loader->problems.set_needs_tls_files(true);
  CheckFallbacks(root, loader->config);
}

}  // namespace watchfire::config
