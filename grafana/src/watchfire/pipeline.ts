// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The way of an alert: received, held back or sent on, answered.

import * as units from '@grafana/grafana-foundation-sdk/units';

import { line, type Line, type Row } from '../layout';
import { bars, timeseries } from '../panels';
import { RATE, growth, quantile, rate, select, sum } from '../promql';

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

export function pipeline(): Row {
  return { id: 400, title: 'Do alerts get through?', lines: [traffic(), handling()] };
}
