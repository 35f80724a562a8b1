import { newId, noMetrics, silentLog, type Context } from '@plaza/core';
import { connectDb, defineTable, put, type Item } from '@plaza/dynamo';
import { FeedState, ListHomeFeedRequest, ListHomeFeedResponse } from '@plaza/proto/plaza/feed/v1/feed_service';
import { eventually, type Engines, type Plaza } from '@plaza/testing';

import { startEcho } from './echo.ts';
import { generate } from './generate.ts';
import type { Load } from './generator.ts';
import { createPeople, type Bench } from './people.ts';
import { compare, type Comparison } from './report.ts';

const FOLLOWS = 200;
/** How reading grows with those followed. */
const FEW = 50;
const ITEMS = 20;
const DEPTH = 8;
const CONCURRENCY = 16;

/** ListHomeFeed of 20 items by viewers who follow 200, against an echo of the same size: as it is read most often, and in harder ways. */
export const benchHomeFeed: Bench = async ({ plaza, engines, pairs, say }) => {
  say(`home feed: ${FOLLOWS} authors, one post each`);
  const authors = await createPeople(plaza, FOLLOWS);
  for (const authorId of authors) await post(plaza, authorId);

  const whole = await reader(plaza, authors);
  const comparisons: Comparison[] = [];
  const measure = async (name: string, viewerId: string, pageToken = '') => {
    say(`home feed: ${name}`);
    comparisons.push(
      await againstEcho(plaza, { name: `ListHomeFeed, ${ITEMS} items, ${name}`, viewerId, pageToken, pairs, say }),
    );
  };
  await measure(`${FOLLOWS} follows, warm`, whole);
  await measure(`${FOLLOWS} follows, page ${DEPTH}`, whole, await tokenAt(plaza, whole, DEPTH));
  await measure(`${FEW} follows, warm`, await reader(plaza, authors.slice(-FEW)));

  const tables = openTables(engines, plaza.namespace);
  for (const authorId of authors) await tables.pulled(plaza.asAdmin(), authorId);
  await measure(`${FOLLOWS} pulled authors`, await reader(plaza, authors));
  const asleep = await reader(plaza, authors);
  await tables.rebuilding(plaza.asAdmin(), asleep);
  await measure(`${FOLLOWS} follows, no rows yet`, asleep);
  tables.close();
  return comparisons;
};

const againstEcho = async (
  plaza: Plaza,
  of: { name: string; viewerId: string; pageToken: string; pairs: number; say: (line: string) => void },
): Promise<Comparison> => {
  const request = { viewerId: of.viewerId, pageSize: ITEMS, pageToken: of.pageToken };
  const page = await plaza.clients.feed.listHomeFeed(plaza.asUser(of.viewerId), request);
  const size = ListHomeFeedResponse.encode(page).finish().length;
  const echo = await startEcho(size);
  const oursJob = {
    concurrency: CONCURRENCY,
    warmUpMs: 500,
    durationMs: 2_000,
    address: plaza.addresses.feed,
    path: '/plaza.feed.v1.FeedService/ListHomeFeed',
    request: Buffer.from(ListHomeFeedRequest.encode(ListHomeFeedRequest.fromPartial(request)).finish()).toString('base64'),
    token: plaza.keys.userToken(of.viewerId),
  };
  const floorJob = { ...oursJob, address: echo.address, path: '/floor/Echo' };
  const [ours, floor]: [Load[], Load[]] = [[], []];
  for (let pair = 0; pair < of.pairs; pair++) {
    of.say(`home feed: pair ${pair + 1} of ${of.pairs}`);
    ours.push(await generate(oursJob));
    floor.push(await generate(floorJob));
  }
  echo.stop();
  const errors = [...ours, ...floor].reduce((sum, run) => sum + run.errors, 0);
  const about = { name: of.name, unit: 'requests', floorName: `grpc-js echo of ${size} bytes, ${CONCURRENCY} callers` };
  return compare(about, ours, floor, errors);
};

const post = (plaza: Plaza, authorId: string) =>
  plaza.clients.posts.createPost(plaza.asAdmin(), {
    authorId,
    text: `What ${authorId} has to say today #bench`,
    requestId: newId(),
  });

/** Somebody who follows these authors, whose feed is whole and kept. */
const reader = async (plaza: Plaza, authors: readonly string[]): Promise<string> => {
  const [viewerId] = (await createPeople(plaza, 1)) as [string];
  const messages = Array.from({ length: Math.ceil(authors.length / 40) }, (_, i) => ({
    index: BigInt(i),
    followerId: viewerId,
    followeeIds: authors.slice(i * 40, (i + 1) * 40),
  }));
  await plaza.clients.graph.importFollows(
    plaza.asAdmin(60_000),
    (async function* () {
      yield* messages;
    })(),
  );
  await eventually(
    async () => {
      const first = await page(plaza, viewerId);
      const rest = first.nextPageToken === '' ? [] : (await page(plaza, viewerId, first.nextPageToken)).items;
      const found = first.items.length + rest.length;
      if (found < authors.length) throw new Error(`only ${found} of ${authors.length} posts arrived`);
      if (first.state !== FeedState.READY) throw new Error('the feed is put together still');
    },
    { timeoutMs: 60_000 },
  );
  return viewerId;
};

const page = (plaza: Plaza, viewerId: string, pageToken = '', pageSize = 100) =>
  plaza.clients.feed.listHomeFeed(plaza.asUser(viewerId, 10_000), { viewerId, pageSize, pageToken });

const tokenAt = async (plaza: Plaza, viewerId: string, pages: number): Promise<string> => {
  let token = '';
  for (let i = 1; i < pages; i++) token = (await page(plaza, viewerId, token, ITEMS)).nextPageToken;
  return token;
};

/** What takes ten thousand followers, or two weeks, to come about by itself. */
const openTables = ({ dynamodbEndpoint }: Engines, namespace: string) => {
  const db = connectDb({
    dynamodbEndpoint,
    awsRegion: 'us-east-1',
    awsAccessKeyId: 'feed',
    namespace,
    log: silentLog,
    metrics: noMetrics,
  });
  const [posts, homeFeed] = [defineTable({ name: 'posts' }), defineTable({ name: 'home_feed' })];
  return {
    /** From here on whoever comes to follow the author pulls them. */
    pulled: async (ctx: Context, authorId: string) => {
      const load = { followers: 20_000, postsPerDay: 1, active: 20_000, decidedAt: Date.now() };
      const row: Item = { pk: `A#${authorId}`, sk: '!MODE', mode: 'PULL', planId: newId(), lastEntry: '', version: 1, ...load };
      await db.write(ctx, put(posts, row));
    },
    /** As if somebody had just come back: all is merged from the timelines of authors until the worker has written rows. */
    rebuilding: async (ctx: Context, viewerId: string) => {
      const state = (await db.get(ctx, homeFeed, { pk: viewerId, sk: '!STATE' }))!;
      // Far ahead, so that it is not overdue while it is measured.
      await db.write(ctx, put(homeFeed, { ...state, state: 'BUILDING', since: Date.now() + 3_600_000 }));
    },
    close: () => db.close(),
  };
};
