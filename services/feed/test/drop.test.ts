import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { inLanes } from '@plaza/core';
import type { FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';
import { eventually, ROOT, startNats, startRedis, testContext, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { homeFeedTable } from '../src/store/table.ts';
import { idsOf, startWorld, type World } from './world.ts';

/** Of the 962 people of the real graph. */
const PEOPLE = Number(process.env['DROP_PEOPLE'] ?? 40);
const POSTS = Number(process.env['DROP_POSTS'] ?? 100);
const LANES = 8;

let redis: Engine;
let nats: Engine;
let world: World;
beforeAll(async () => {
  [redis, nats] = await Promise.all([startRedis(), startNats()]);
  world = await startWorld({ config: { redisUrl: redis.url, natsUrl: nats.url } });
});
afterAll(async () => {
  await world?.close();
  await Promise.all([redis?.stop(), nats?.stop()]);
});

test(
  'the table of feeds dropped, Redis flushed, the bus wiped: all feeds of a real graph are the same, at once and when they are whole again',
  { timeout: 600_000 },
  async () => {
    const people = world.people(PEOPLE);
    followEachOther(people);
    await inLanes(people, LANES, (viewer) => world.awake(viewer));
    const posts: { postId: string; authorId: string }[] = [];
    // Of few and many: who says most is said by chance, as of everybody once.
    await inLanes(
      Array.from({ length: POSTS }, (_, i) => people[(i * i) % PEOPLE]!),
      LANES,
      async (authorId) => void posts.push(await world.publish(authorId)),
    );
    const wanted = (viewer: string) =>
      posts
        .filter(({ authorId }) => authorId === viewer || world.edge(viewer).has(authorId))
        .map(({ postId }) => postId)
        .sort()
        .reverse();
    const before = new Map<string, FeedItem[]>();
    const isAsWanted = async (viewer: string) => {
      const items = await world.readFeed(viewer, 100);
      expect(idsOf(items)).toEqual(wanted(viewer));
      before.set(viewer, items);
    };
    await inLanes(people, LANES, (viewer) => eventually(() => isAsWanted(viewer), { timeoutMs: 60_000 }));

    await dropFeeds();
    await Promise.all([redis.wipe(), nats.wipe()]);
    await inLanes(people, LANES, async (viewer) => expect(await world.readFeed(viewer, 100)).toEqual(before.get(viewer)));
    await inLanes(people, LANES, (viewer) => eventually(() => world.awake(viewer), { timeoutMs: 60_000 }));
    await inLanes(people, LANES, async (viewer) => {
      expect(await world.rowsOf(viewer)).toEqual(idsOf(before.get(viewer)!));
      expect(await world.readFeed(viewer, 100)).toEqual(before.get(viewer));
    });
  },
);

/** The friendships among the first people of the graph, as follows both ways. */
const followEachOther = (people: readonly string[]): void => {
  for (const line of readFileSync(join(ROOT, 'data/socfb-Reed98.edges'), 'utf8').trim().split('\n')) {
    const [a, b] = line.split(' ').map((at) => people[Number(at)]);
    if (a === undefined || b === undefined) continue;
    world.edge(a).add(b);
    world.edge(b).add(a);
  }
};

/** No part of the store knows how to: it never has to. The engine believes any signature. */
const dropFeeds = async (): Promise<void> => {
  const { dynamodbEndpoint, namespace } = world.config;
  const signed = 'AWS4-HMAC-SHA256 Credential=feed/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none';
  const reply = await fetch(dynamodbEndpoint!, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.DeleteTable',
      authorization: signed,
    },
    body: JSON.stringify({ TableName: `${namespace}-${homeFeedTable.name}` }),
  });
  expect([reply.status, await reply.text()]).toEqual([200, expect.any(String)]);
  await world.db.createTable(testContext({ timeoutMs: 30_000 }), homeFeedTable);
};
