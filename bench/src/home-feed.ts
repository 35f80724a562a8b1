import { newId } from '@plaza/core';
import { ListHomeFeedRequest, ListHomeFeedResponse } from '@plaza/proto/plaza/feed/v1/feed_service';
import { eventually } from '@plaza/testing';

import { startEcho } from './echo.ts';
import { generate } from './generate.ts';
import type { Load } from './generator.ts';
import { createPeople, type Bench } from './people.ts';
import { compare } from './report.ts';

const FOLLOWS = 200;
const ITEMS = 20;
const CONCURRENCY = 16;

/** ListHomeFeed of 20 items by a viewer who follows 200, warm, against an echo of the same size. */
export const benchHomeFeed: Bench = async ({ plaza, pairs, say }) => {
  say(`home feed: ${FOLLOWS} authors, one post each`);
  const viewerId = await warmViewer(plaza);
  const request = ListHomeFeedRequest.encode(ListHomeFeedRequest.fromPartial({ viewerId, pageSize: ITEMS })).finish();
  const page = await plaza.clients.feed.listHomeFeed(plaza.asUser(viewerId), { viewerId, pageSize: ITEMS });
  const size = ListHomeFeedResponse.encode(page).finish().length;

  const echo = await startEcho(size);
  const load = { concurrency: CONCURRENCY, warmUpMs: 500, durationMs: 2_000 };
  const token = plaza.keys.userToken(viewerId);
  const oursJob = {
    ...load,
    address: plaza.addresses.feed,
    path: '/plaza.feed.v1.FeedService/ListHomeFeed',
    request: Buffer.from(request).toString('base64'),
    token,
  };
  const floorJob = { ...oursJob, address: echo.address, path: '/floor/Echo' };
  const [ours, floor]: [Load[], Load[]] = [[], []];
  for (let pair = 0; pair < pairs; pair++) {
    say(`home feed: pair ${pair + 1} of ${pairs}`);
    ours.push(await generate(oursJob));
    floor.push(await generate(floorJob));
  }
  echo.stop();
  const errors = [...ours, ...floor].reduce((sum, run) => sum + run.errors, 0);
  const about = {
    name: `ListHomeFeed, ${ITEMS} items, ${FOLLOWS} follows, warm`,
    unit: 'requests',
    floorName: `grpc-js echo of ${size} bytes, ${CONCURRENCY} callers`,
  };
  return compare(about, ours, floor, errors);
};

const warmViewer = async (plaza: Parameters<Bench>[0]['plaza']): Promise<string> => {
  const [viewerId, ...authors] = await createPeople(plaza, FOLLOWS + 1);
  for (const authorId of authors) {
    await plaza.clients.posts.createPost(plaza.asAdmin(), {
      authorId,
      text: `What ${authorId} has to say today #bench`,
      requestId: newId(),
    });
  }
  const messages = Array.from({ length: Math.ceil(FOLLOWS / 40) }, (_, i) => ({
    index: BigInt(i),
    followerId: viewerId!,
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
      const { items, nextPageToken } = await plaza.clients.feed.listHomeFeed(plaza.asUser(viewerId!), {
        viewerId: viewerId!,
        pageSize: 100,
      });
      const rest = await plaza.clients.feed.listHomeFeed(plaza.asUser(viewerId!), {
        viewerId: viewerId!,
        pageSize: 100,
        pageToken: nextPageToken,
      });
      if (items.length + rest.items.length < FOLLOWS)
        throw new Error(`only ${items.length + rest.items.length} of ${FOLLOWS} posts arrived`);
    },
    { timeoutMs: 60_000 },
  );
  return viewerId!;
};
