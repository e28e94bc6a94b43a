// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Matchers for the variables of this dashboard, beside job and instance.

export const TEAM = 'team=~"$team"';
export const SLO = 'slo=~"$slo"';
