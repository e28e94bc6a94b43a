// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The evaluator: rule groups, their alerts, and the queries behind them.

import * as units from '@grafana/grafana-foundation-sdk/units';

import { line, type Line, type Row } from '../layout';
import { table, timeseries } from '../panels';
import { quantile, rate, select, sum } from '../promql';
import { SLO } from './variables';

function group(name: string): string {
  return `max by (rule_group) (${select(`watchfire_rule_group_${name}`)})`;
}

function groups() {
  return table(
    {
      title: 'Rule Groups',
      description:
        'Each group of rules now. A duration near the interval means evaluations are about to be ' +
        'missed; an age far above the interval means it has stopped.',
      key: 'rule_group',
      keyName: 'Group',
    },
    [
      { name: 'Rules', expr: group('rules'), unit: units.Short },
      { name: 'Interval', expr: group('interval_seconds'), unit: units.Seconds },
      { name: 'Duration', expr: group('last_duration_seconds'), unit: units.Seconds },
      {
        name: 'Age',
        expr: `time() - ${group('last_evaluation_timestamp_seconds')}`,
        unit: units.Seconds,
      },
    ],
  );
}

function alertStates() {
  return timeseries({
    title: 'Alerts of Rules',
    description:
      'Alerts raised by the rules evaluated here; pending ones wait for their time to pass.',
    unit: units.Short,
    queries: [{ expr: `max by (state) (${select('watchfire_rule_alerts')})`, legend: '{{state}}' }],
  });
}

function evaluations() {
  return timeseries({
    title: 'Evaluations',
    description: 'Rule evaluations and group iterations per second.',
    unit: units.OpsPerSecond,
    queries: [
      { expr: sum(rate(select('watchfire_rule_evaluations_total'))), legend: 'rules' },
      { expr: sum(rate(select('watchfire_rule_group_iterations_total'))), legend: 'iterations' },
    ],
  });
}

function troubles() {
  const failed = select('watchfire_rule_evaluation_failures_total');
  const missed = select('watchfire_rule_group_iterations_missed_total');
  const sloFailed = select('watchfire_slo_evaluation_failures_total', SLO);
  return timeseries({
    title: 'Evaluation Failures',
    description:
      'Evaluations that failed and iterations that were missed, per second. Empty is good.',
    unit: units.OpsPerSecond,
    queries: [
      { expr: `${sum(rate(failed), 'rule_group')} > 0`, legend: '{{rule_group}} failed' },
      { expr: `${sum(rate(missed), 'rule_group')} > 0`, legend: '{{rule_group}} missed' },
      { expr: `${sum(rate(sloFailed), 'slo')} > 0`, legend: 'SLO {{slo}} failed' },
    ],
    noValue: 'none',
  });
}

function queries() {
  const results = timeseries({
    title: 'Queries',
    description: 'Queries to Prometheus per second, by result.',
    unit: units.OpsPerSecond,
    queries: [
      { expr: sum(rate(select('watchfire_queries_total')), 'result'), legend: '{{result}}' },
    ],
  });
  const buckets = select('watchfire_query_duration_seconds_bucket');
  const duration = timeseries({
    title: 'Query Duration',
    description: 'How long Prometheus takes to answer.',
    unit: units.Seconds,
    queries: [
      { expr: quantile(0.5, buckets), legend: 'p50' },
      { expr: quantile(0.99, buckets), legend: 'p99' },
    ],
  });
  return [results, duration];
}

export function evaluator(): Row {
  const now: Line = {
    height: 8,
    cells: [
      { id: 501, width: 16, panel: groups() },
      { id: 502, width: 8, panel: alertStates() },
    ],
  };
  return {
    id: 500,
    title: 'Are the rules evaluated?',
    lines: [now, line(8, 503, evaluations(), troubles(), ...queries())],
  };
}
