// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The first row: six tiles that say whether to look further.

import * as units from '@grafana/grafana-foundation-sdk/units';

import { line, type Row } from '../layout';
import { flag, stat } from '../panels';
import { select } from '../promql';
import { SLO, TEAM } from './variables';

function paging() {
  const firing = stat({
    title: 'Firing Alerts',
    description: 'Alerts that are firing and neither silenced nor inhibited.',
    unit: units.NoUnit,
    queries: [
      { expr: `max(${select('alertmanager_alerts', 'state="active"')})`, legend: 'firing' },
    ],
    steps: ['green', [1, 'orange'], [5, 'red']],
    noValue: 'none',
  });
  const perSeverity = `max by (team, severity) (${select('watchfire_pages_unacked', TEAM)})`;
  const unacked = stat({
    title: 'Unacknowledged Pages',
    description: 'Pages that went out and that nobody has acknowledged yet.',
    unit: units.NoUnit,
    queries: [{ expr: `sum(${perSeverity}) or vector(0)`, legend: 'unacknowledged' }],
    steps: ['green', [1, 'orange'], [3, 'red']],
  });
  const remaining = select('watchfire_slo_error_budget_remaining_ratio', SLO);
  const budget = stat({
    title: 'Worst Error Budget',
    description:
      'What is left of the error budget of the SLO that is worst off. Above 50 % business as ' +
      'usual, below 20 % stop releasing, at 0 the objective is missed.',
    unit: units.PercentUnit,
    queries: [{ expr: `min(${remaining})`, legend: 'remaining' }],
    steps: ['red', [0, 'orange'], [0.2, 'yellow'], [0.5, 'green']],
    decimals: 1,
    noValue: 'no SLO',
  });
  return [firing, unacked, budget];
}

function working() {
  const store = flag(
    {
      title: 'Store',
      description: 'Whether the last commits reached the disk. FAILING: pages go on, from memory.',
      unit: units.NoUnit,
      queries: [{ expr: `min(${select('watchfire_store_healthy')})`, legend: 'store' }],
    },
    'OK',
    'FAILING',
  );
  const accepted = select('alertmanager_config_last_reload_successful');
  const reload = flag(
    {
      title: 'Configuration',
      description:
        'Whether the last reload was accepted. REJECTED: the previous configuration still runs.',
      unit: units.NoUnit,
      queries: [{ expr: `min(${accepted})`, legend: 'configuration' }],
    },
    'OK',
    'REJECTED',
  );
  const uptime = stat({
    title: 'Uptime',
    description: 'Time since the youngest instance started. Below 5 minutes it has just restarted.',
    unit: units.DurationSeconds,
    queries: [{ expr: `min(time() - ${select('process_start_time_seconds')})`, legend: 'uptime' }],
    steps: ['orange', [300, 'green']],
  });
  return [store, reload, uptime];
}

export function status(): Row {
  return {
    id: 100,
    title: 'Is it working, and is anybody being paged?',
    lines: [line(4, 101, ...paging(), ...working())],
  };
}
