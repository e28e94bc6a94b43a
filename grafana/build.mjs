// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Writes the dashboards to dashboards/, or with --check compares them with what is committed
// there and exits 1 on a difference. Run it by `npm run build` and `npm run check`: they compile.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import built from './.build/index.js';

const committed = fileURLToPath(new URL('./dashboards', import.meta.url));

/** `value` with the keys of every object in order, so that a rebuild changes no line by chance. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}

function write(directory) {
  mkdirSync(directory, { recursive: true });
  for (const [name, make] of Object.entries(built.dashboards)) {
    writeFileSync(join(directory, name), `${JSON.stringify(sorted(make()), null, 2)}\n`);
  }
}

/** True if a fresh build equals the committed files; prints the difference otherwise. */
function isCurrent() {
  const fresh = mkdtempSync(join(tmpdir(), 'watchfire-dashboards-'));
  try {
    write(fresh);
    return spawnSync('diff', ['-ru', committed, fresh], { stdio: 'inherit' }).status === 0;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--check') {
  if (!isCurrent()) {
    console.error('grafana/dashboards differs from its sources: run `npm run build` in grafana/');
    process.exit(1);
  }
  console.log('grafana/dashboards: up to date');
} else {
  write(committed);
}
