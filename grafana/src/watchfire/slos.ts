// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The service level objectives: how fast the budget burns, what is left, and the errors behind it.

import * as units from '@grafana/grafana-foundation-sdk/units';

import { line, type Row } from '../layout';
import { timeseries } from '../panels';
import { select } from '../promql';
import { SLO } from './variables';

export function slos(): Row {
  const burn = timeseries({
    title: 'Burn Rate',
    description:
      'How many times faster than allowed the error budget is spent, by window. 1 uses it up ' +
      'exactly at the end of the period; lines at 3 (ticket), 6 and 14.4 (page).',
    unit: units.Short,
    queries: [
      {
        expr: `max by (slo, window) (${select('watchfire_slo_burn_rate_ratio', SLO)})`,
        legend: '{{slo}} {{window}}',
      },
    ],
    steps: ['green', [1, 'yellow'], [3, 'orange'], [6, 'dark-orange'], [14.4, 'red']],
  });
  const budget = timeseries({
    title: 'Error Budget Remaining',
    description: 'What is left of each budget; below zero the objective is missed.',
    unit: units.PercentUnit,
    queries: [
      {
        expr: `min by (slo) (${select('watchfire_slo_error_budget_remaining_ratio', SLO)})`,
        legend: '{{slo}}',
      },
    ],
    steps: ['red', [0, 'orange'], [0.2, 'yellow'], [0.5, 'green']],
    isSigned: true,
    max: 1,
  });
  const errors = timeseries({
    title: 'Error Ratio',
    description: 'Share of bad events, by window, beside the share the objective allows.',
    unit: units.PercentUnit,
    queries: [
      {
        expr: `max by (slo, window) (${select('watchfire_slo_error_ratio', SLO)})`,
        legend: '{{slo}} {{window}}',
      },
      {
        expr: `1 - max by (slo) (${select('watchfire_slo_objective_ratio', SLO)})`,
        legend: '{{slo}} allowed',
      },
    ],
  });
  return {
    id: 300,
    title: 'Are the service level objectives met?',
    lines: [line(9, 301, burn, budget, errors)],
  };
}
