// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The dashboard of Watchfire itself: is it working, is somebody being paged, how good are the
// pages, and then the way of an alert through it. Replicas see the same alerts, so gauges of the
// domain are the maximum over instances, never the sum.

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { build, labelVariable, targetVariables } from '../layout';
import { evaluator } from './evaluator';
import { internals } from './internals';
import { pipeline } from './pipeline';
import { quality } from './quality';
import { response } from './response';
import { slos } from './slos';
import { status } from './status';

/** The dashboard `watchfire`. */
export function watchfire(): Dashboard {
  return build({
    uid: 'watchfire',
    title: 'Watchfire / Overview',
    description:
      'Whether alerting works, who is being paged, how fast people answer, and whether the ' +
      'service level objectives hold.',
    tags: ['watchfire'],
    variables: [
      ...targetVariables('watchfire_store_healthy'),
      labelVariable('team', 'watchfire_alerts_received_total{job=~"$job"}'),
      labelVariable('slo', 'watchfire_slo_objective_ratio{job=~"$job"}'),
    ],
    rows: [status(), response(), quality(), slos(), pipeline(), evaluator(), internals()],
  });
}
