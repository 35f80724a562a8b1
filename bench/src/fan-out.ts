import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { inLanes, newId } from '@plaza/core';
import { FeedState } from '@plaza/proto/plaza/feed/v1/feed_service';
import { eventually, type Plaza } from '@plaza/testing';

import { createPeople, type Bench } from './people.ts';
import { compare, type Side } from './report.ts';

const FOLLOWERS = 1_000;
/** Posts of one measurement: they fan out side by side, as they do under load. */
const POSTS = 4;
const BATCH = 25;
const PARALLEL = 16;

/** From the answer of CreatePost to the last row in the feeds of 1,000 followers, against BatchWriteItem of the same rows. */
export const benchFanOut: Bench = async ({ plaza, engines, pairs, say }) => {
  say(`fan-out: an author with ${FOLLOWERS} followers`);
  const [authorId, ...followers] = await createPeople(plaza, FOLLOWERS + 1);
  await plaza.clients.graph.importFollows(
    plaza.asAdmin(120_000),
    (async function* () {
      for (const [i, followerId] of followers.entries()) yield { followerId, followeeIds: [authorId!], index: BigInt(i) };
    })(),
  );
  // Whoever never reads gets no rows.
  await inLanes([authorId!, ...followers], 8, (viewerId) =>
    eventually(
      async () => {
        const { state } = await plaza.clients.feed.listHomeFeed(plaza.asUser(viewerId, 10_000), { viewerId, pageSize: 1 });
        if (state !== FeedState.READY) throw new Error('a feed is put together still');
      },
      { timeoutMs: 60_000 },
    ),
  );
  const raw = await rawTable(engines.dynamodbEndpoint);
  const [ours, floor]: [Side[], Side[]] = [[], []];
  for (let pair = 0; pair < pairs; pair++) {
    say(`fan-out: pair ${pair + 1} of ${pairs}`);
    ours.push(await fanOut(plaza, authorId!));
    floor.push(await raw.write(followers, authorId!));
  }
  raw.close();
  const about = {
    name: `fan-out of ${POSTS} posts to ${FOLLOWERS} followers`,
    unit: 'rows',
    floorName: `raw BatchWriteItem of the same rows, ${PARALLEL} parallel`,
  };
  return compare(about, ours, floor, 0);
};

const fanOut = async (plaza: Plaza, authorId: string): Promise<Side> => {
  const before = await rowsWritten(plaza);
  const start = performance.now();
  const posts = Array.from({ length: POSTS }, (_, i) =>
    plaza.clients.posts.createPost(plaza.asAdmin(), { authorId, text: `Post ${i}`, requestId: newId() }),
  );
  await Promise.all(posts);
  const rows = POSTS * (FOLLOWERS + 1);
  await eventually(
    async () => {
      const written = (await rowsWritten(plaza)) - before;
      if (written < rows) throw new Error(`${written} of ${rows} rows`);
    },
    { timeoutMs: 60_000, everyMs: 10 },
  );
  return { perSecond: (rows / (performance.now() - start)) * 1_000 };
};

const rowsWritten = async (plaza: Plaza): Promise<number> => {
  const answer = await fetch(`http://127.0.0.1:${plaza.process('feed-worker').adminPort}/metrics`);
  const lines = (await answer.text()).split('\n').filter((line) => line.startsWith('feed_fanout_rows_total'));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
};

/** A table of the feed's shape in the feed's own database of the local engine, written as fast as the SDK can. */
const rawTable = async (endpoint: string) => {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'feed', secretAccessKey: 'local' },
  });
  const documents = DynamoDBDocumentClient.from(client);
  const table = `floor-${newId()}`;
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  const writeBatch = async (rows: readonly object[]): Promise<void> => {
    let requests = rows.map((Item) => ({ PutRequest: { Item } }));
    while (requests.length > 0) {
      const { UnprocessedItems } = await documents.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
      requests = (UnprocessedItems?.[table] ?? []) as typeof requests;
    }
  };
  return {
    write: async (viewers: readonly string[], author: string): Promise<Side> => {
      const expiresAt = Math.floor(Date.now() / 1_000) + 30 * 86_400;
      const postIds = Array.from({ length: POSTS }, () => newId());
      const rows = postIds.flatMap((sk) => viewers.map((pk) => ({ pk, sk, source: author, expiresAt })));
      const batches = Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, i) => rows.slice(i * BATCH, (i + 1) * BATCH));
      const start = performance.now();
      const lane = async () => {
        for (let batch = batches.pop(); batch; batch = batches.pop()) await writeBatch(batch);
      };
      await Promise.all(Array.from({ length: PARALLEL }, lane));
      return { perSecond: (rows.length / (performance.now() - start)) * 1_000 };
    },
    close: () => client.destroy(),
  };
};
