import process from 'node:process';

import { FeedServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_service';
import { NotificationServiceDefinition } from '@plaza/proto/plaza/feed/v1/notification_service';
import { PostServiceDefinition, TrendingWindow } from '@plaza/proto/plaza/feed/v1/post_service';
import { measureCapacity, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { scenariosOf } from './capacity-scenarios.ts';
import { startWorld, type World } from './world.ts';

// CAPACITY=write writes the table anew.
let world: World;
beforeAll(async () => {
  const start = Date.now();
  // With a worker, since RepairPostCounts asks how far it is. The service's clock stands still, so that what trends is what it was at
  // the first question: nothing yet.
  world = await startWorld({ now: () => start });
  for (const list of [world.posts.listTrendingPosts, world.posts.listTrendingHashtags])
    await list(testContext(), { window: TrendingWindow.DAY });
});
afterAll(() => world?.close());

const RPCS = [PostServiceDefinition, FeedServiceDefinition, NotificationServiceDefinition].flatMap(({ name, methods }) =>
  Object.values(methods).map((method) => `${name}/${method.name}`),
);

test('every RPC consumes what the README says', { timeout: 180_000 }, async () => {
  const scenarios = scenariosOf(world);
  expect(Object.keys(scenarios)).toEqual(RPCS);
  const { measured, stated } = await measureCapacity({
    readme: new URL('../README.md', import.meta.url),
    adminPort: world.app.adminPort,
    protoPackage: 'plaza.feed.v1',
    columns: { read: 'read ', 'read from the index': 'read *', 'rows in transactions': 'rows', write: 'write ' },
    scenarios,
    write: process.env['CAPACITY'] === 'write',
  });
  expect(measured).toEqual(stated);
});
