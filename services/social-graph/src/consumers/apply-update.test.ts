import { newId } from '@plaza/core';
import { createMemoryDb } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createGrantStore } from '../store/grant-store.ts';
import { createListStore } from '../store/list-store.ts';
import { createStandingStore } from '../store/standing-store.ts';
import { graph, keys } from '../store/table.ts';
import { applyUpdate } from './apply-update.ts';

test('only a change of privacy touches how a person stands', async () => {
  const db = createMemoryDb();
  const about = { db, relay: { nudge: () => undefined }, now: Date.now, followLimit: 1 };
  const standings = createStandingStore({ db });
  const apply = applyUpdate({ standings, grants: createGrantStore({ ...about, lists: createListStore({ db }), standings }) });
  const userId = newId();
  const hear = (version: number, mask: string[], isPrivate: boolean) =>
    apply(
      testContext(),
      { userId, mask, isPrivate, username: 'ada', updateTime: new Date() },
      { id: newId(), at: Date.now(), aggregateId: userId, version, tries: 1, stopping: new AbortController().signal },
    );
  await hear(2, ['bio', 'image_url'], false);
  expect(await db.get(testContext(), graph, keys.standing(userId))).toBeUndefined();
  await hear(3, ['bio', 'is_private'], true);
  await hear(4, ['bio'], true);
  expect(await db.get(testContext(), graph, keys.standing(userId))).toMatchObject({ version: 3, isPrivate: true, gone: false });
  await hear(2, ['is_private'], false);
  expect((await standings.of(testContext(), [userId])).get(userId)).toEqual({ isPrivate: true, gone: false });
});
