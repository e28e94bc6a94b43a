// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The way of an alert: received, held back or sent on, answered.

import * as units from '@grafana/grafana-foundation-sdk/units';

import { line, type Line, type Row } from '../layout';
import { bars, timeseries } from '../panels';
import { RATE, growth, quantile, rareQuantile, rate, select, sum } from '../promql';

function traffic(): Line {
  const alerts = select('alertmanager_alerts_received_total');
  const received = timeseries({
    title: 'Alerts Received',
    description: 'Alerts in requests per second, repeats included, and those refused as invalid.',
    unit: units.EventsPerSecond,
    queries: [
      { expr: sum(rate(alerts), 'status'), legend: '{{status}}' },
      { expr: sum(rate(select('alertmanager_alerts_invalid_total'))), legend: 'invalid' },
    ],
  });
  const notifications = select('alertmanager_notifications_total');
  const sent = timeseries({
    title: 'Notifications',
    description: 'Notifications sent per second, by integration; failed ones included.',
    unit: units.OpsPerSecond,
    queries: [
      { expr: `${sum(rate(notifications), 'integration')} > 0`, legend: '{{integration}}' },
    ],
    noValue: 'none',
  });
  const failures = select('alertmanager_notifications_failed_total');
  const failed = timeseries({
    title: 'Notification Failures',
    description: 'Failed notifications per second, by integration and reason. Empty is good.',
    unit: units.OpsPerSecond,
    queries: [
      {
        expr: `${sum(rate(failures), 'integration', 'reason')} > 0`,
        legend: '{{integration}} {{reason}}',
      },
    ],
    noValue: 'none',
  });
  return line(8, 401, received, sent, failed);
}

function handling(): Line {
  const buckets = select('alertmanager_notification_latency_seconds_bucket');
  const latency = timeseries({
    title: 'Notification Latency',
    description: 'How long the pager, chat or webhook takes to answer.',
    unit: units.Seconds,
    queries: [
      { expr: quantile(0.5, buckets, 'integration'), legend: '{{integration}} p50' },
      { expr: quantile(0.99, buckets, 'integration'), legend: '{{integration}} p99' },
    ],
    noValue: 'none',
  });
  const held = select('alertmanager_notifications_suppressed_total');
  const suppressed = timeseries({
    title: 'Suppressed',
    description: 'Notifications held back per second: silenced, inhibited or outside their hours.',
    unit: units.OpsPerSecond,
    queries: [{ expr: sum(rate(held), 'reason'), legend: '{{reason}}' }],
  });
  const webhooks = select('watchfire_inbound_webhooks_total');
  const inbound = bars({
    title: 'Inbound Webhooks',
    description:
      'Calls from paging services per interval: what was acknowledged or resolved there.',
    unit: units.Short,
    queries: [
      { expr: sum(growth(webhooks, RATE), 'source', 'result'), legend: '{{source}} {{result}}' },
    ],
  });
  return line(8, 404, latency, suppressed, inbound);
}

function ends(): Line {
  const up = timeseries({
    title: 'Receivers That Take What Is Sent',
    description:
      'Whether a receiver took what was sent to it last: 0 if it refused or did not answer. One ' +
      'that nothing was sent to yet is not shown.',
    unit: units.Short,
    queries: [
      {
        expr: `min by (receiver, integration) (${select('watchfire_backend_up')})`,
        legend: '{{receiver}} {{integration}}',
      },
    ],
    noValue: 'nothing sent yet',
  });
  const suppressed = bars({
    title: 'Alerts Suppressed',
    description:
      'Alerts per interval that a silence, inhibition or the calendar kept from a receiver, each ' +
      'once for each of these.',
    unit: units.Short,
    queries: [
      {
        expr: sum(growth(select('watchfire_alerts_suppressed_total'), RATE), 'by'),
        legend: '{{by}}',
      },
    ],
  });
  const buckets = select('watchfire_rule_pending_seconds_bucket');
  const pending = timeseries({
    title: 'Time Pending',
    description:
      'From when the condition of an own rule or SLO first held until it fired: what `for` and ' +
      'the interval of evaluation cost.',
    unit: units.Seconds,
    queries: [
      { expr: rareQuantile(0.5, buckets, RATE), legend: 'p50' },
      { expr: rareQuantile(0.9, buckets, RATE), legend: 'p90' },
    ],
    noValue: 'none',
  });
  return line(8, 407, up, suppressed, pending);
}

export function pipeline(): Row {
  return { id: 400, title: 'Do alerts get through?', lines: [traffic(), handling(), ends()] };
}
