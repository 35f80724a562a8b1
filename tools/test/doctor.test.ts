import { expect, test } from 'vitest';

import { examine } from '../src/doctor/doctor.ts';
import { lineOf } from '../src/doctor/finding.ts';
import { metricFindings } from '../src/doctor/metrics.ts';
import { momentOf } from '../src/target/moment.ts';
import { findTarget } from '../src/target/target.ts';

test('with nothing there at all it says what is missing and what helps', async () => {
  const env = { PLAZA_HOME: '/nowhere', REDIS_URL: 'redis://:secret@127.0.0.1:1', USER_ADMIN: '127.0.0.1:1', TOKEN: 'none' };
  const lines = (await examine(findTarget(env), env, new AbortController().signal)).map(lineOf);
  expect(lines).toContainEqual(
    expect.stringMatching(/^✗ redis: does not answer at 127.0.0.1:1: .*→ docs\/runbooks\/redis-lost.md$/),
  );
  expect(lines).toContainEqual(expect.stringMatching(/^✗ user: does not answer at 127.0.0.1:1: .*bad port/));
  expect(lines).toContain('! nats: where it is, is not known  → npm start, or set NATS_URL');
  expect(lines).toContainEqual(expect.stringMatching(/^✗ TOKEN: is no token/));
  expect(lines).toContainEqual(expect.stringMatching(/^! events of feed: where is the service feed\?/));
  expect(lines[0]).toMatch(/^✗ plaza: none is known here {2}→ npm start/);
  expect(lines.join()).not.toContain('secret');
});

test('numbers that say by themselves that something is wrong are findings', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const text = [
    '# HELP order_saga_overdue_seconds x',
    'order_saga_overdue_seconds 0',
    'order_stuck_total{step="reserve"} 1',
    'order_stuck_total{step="hold"} 3',
    `tls_certificate_expires_seconds{file="a"} ${now / 1_000 + 86_400}`,
    `tls_certificate_expires_seconds{file="b"} ${now / 1_000 + 90 * 86_400}`,
  ].join('\n');
  expect(metricFindings('order', text, now).map(lineOf)).toEqual([
    '! order: 3 orders could not be finished in ten tries since it started  → docs/runbooks/stuck-saga.md',
    '! order: its certificate is good for 24 h  → docs/runbooks/certificates.md',
  ]);
  expect(metricFindings('order', text.replace('seconds 0', 'seconds 200'), now)[0]).toMatchObject({ kind: 'ill' });
});

test('times are told as people tell them', () => {
  expect(momentOf('10m', 1_000_000)).toBe(400_000);
  expect(momentOf('2026-01-31T12:00:00Z', 0)).toBe(Date.parse('2026-01-31T12:00:00Z'));
  expect(() => momentOf('yesterday', 0)).toThrow('no time is called yesterday');
});
