// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Every dashboard, by the name of its file.

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { victorPerformance } from './victor_performance';
import { watchfire } from './watchfire';

export const dashboards: Record<string, () => Dashboard> = {
  'victor-performance.json': victorPerformance,
  'watchfire.json': watchfire,
};
