import { expect, test } from 'vitest';

import { accessTtlMs, FAMILY_MS, isLiving, judge, newGrant } from './session.ts';

const DAY = 24 * 3_600_000;
const family = { userId: 'ada', familyId: 'f', startedAt: 1000, epoch: 3 };

test('an access token lasts 15 minutes, a refresh token a week, a family 30 days', () => {
  const first = newGrant(family, 'seed', 1000);
  expect(first.accessEndsAt - 1000).toBe(15 * 60_000);
  expect(first.refreshEndsAt - 1000).toBe(7 * DAY);
  const late = newGrant(family, 'seed', 1000 + 29 * DAY);
  expect(late.refreshEndsAt).toBe(1000 + FAMILY_MS);
});

test('a repeated answer ends when the first one did', () => {
  const grant = newGrant(family, 'seed', 1000);
  expect(accessTtlMs(grant, 1000 + 60_000)).toBe(14 * 60_000);
  expect(accessTtlMs(grant, 1000 + DAY)).toBe(1);
});

test('a refresh token is good once and until its end', () => {
  const session = { ...family, endsAt: 5000 };
  expect(judge(session, 4999)).toBe('good');
  expect(judge(session, 5000)).toBe('dead');
  expect(judge({ ...session, usedAt: 2000 }, 3000)).toBe('reused');
  expect(judge({ ...session, usedAt: 2000 }, 6000)).toBe('reused');
  expect(judge(undefined, 0)).toBe('dead');
});

test('a family lives until it is revoked, ends, or falls behind the epoch; in the time of a deletion none does', () => {
  const living = { ...family, refreshedAt: 1000, endsAt: 5000 };
  const login = { epoch: 3 };
  expect(isLiving(living, login, 4999)).toBe(true);
  expect(isLiving(living, login, 5000)).toBe(false);
  expect(isLiving({ ...living, revokedAt: 2000 }, login, 3000)).toBe(false);
  expect(isLiving(living, { epoch: 4 }, 3000)).toBe(false);
  expect(isLiving(living, { epoch: 3, closedAt: 2000 }, 3000)).toBe(false);
});
