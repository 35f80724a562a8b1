import { AppError } from '@plaza/core';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { VerifyFeedResponse } from '@plaza/proto/plaza/feed/v1/feed_admin_service';
import { asAdmin } from '@plaza/testing';
import { expect, test } from 'vitest';

import { everybody, linesOf, verifyFeeds, type Verifying } from '../src/verify/feeds.ts';

/** Feeds of 205 people; what is wrong with each is taken from its list, one a question. */
const plazaWith = (wrong: Readonly<Record<string, Partial<VerifyFeedResponse>[]>>, away: readonly string[] = []) => {
  const people = Array.from({ length: 205 }, (_, i) => `u${i}`);
  const verifying = {
    clients: {
      users: {
        listUsers: async (_ctx: unknown, { pageToken = '' }: { pageToken?: string | undefined }) => {
          const from = Number(pageToken);
          const users = people.slice(from, from + 100).map((userId) => User.fromPartial({ userId }));
          return { users, nextPageToken: from + 100 < people.length ? String(from + 100) : '' };
        },
      },
      feedAdmin: {
        verifyFeed: async (_ctx: unknown, { viewerId = '' }: { viewerId?: string | undefined }) => {
          if (away.includes(viewerId)) throw new AppError('UNAVAILABLE', 'VISIBILITY_UNKNOWN', 'the test said so');
          return VerifyFeedResponse.fromPartial({ items: 2, ...wrong[viewerId]?.shift() });
        },
      },
    },
    adminContext: () => asAdmin(),
    progress: { bar: () => ({ tick: () => undefined, done: () => undefined }) },
    againMs: 0,
  };
  return verifying as unknown as Verifying;
};

test('every feed is verified, and what was on its way is no fault', async () => {
  const verifying = plazaWith({ u7: [{ missing: ['a'] }] });
  const all = await everybody(verifying);
  expect(all).toHaveLength(205);
  const verified = await verifyFeeds(verifying, all);
  expect(verified).toMatchObject({ feeds: 205, faults: [] });
  expect(linesOf(verified)).toEqual(['205 feeds, 410 items compared: 0 missing, 0 extra, 0 leaked']);
});

test('who is stopped says so, and not that all is well', async () => {
  const verifying = { ...plazaWith({}), adminContext: () => ({ ...asAdmin(), signal: AbortSignal.abort() }) };
  const verified = await verifyFeeds(verifying, ['u1', 'u2']);
  expect(verified).toMatchObject({ feeds: 0, stopped: true });
  expect(linesOf(verified)).toEqual(['stopped after 0 feeds: run it again for an answer']);
});

test('what stays wrong, and what cannot be told, is told by feed', async () => {
  const verifying = plazaWith({ u7: [{ missing: ['a', 'b'] }, { missing: ['a'], leaked: ['c'] }] }, ['u9']);
  const verified = await verifyFeeds(verifying, ['u7', 'u8', 'u9']);
  expect(linesOf(verified)).toEqual([
    'u7: 1 missing, 0 extra, 1 leaked: a c',
    '1 could not be verified: UNAVAILABLE VISIBILITY_UNKNOWN (u9 …); is all of Plaza running?',
    '3 feeds, 4 items compared: 1 missing, 0 extra, 1 leaked',
  ]);
});
