import { context, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { asUser, eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startWorld, type World } from './world.ts';

const exporter = new InMemorySpanExporter();
let world: World;
beforeAll(async () => {
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  world = await startWorld();
});
afterAll(async () => {
  trace.disable();
  context.disable();
  await world.close();
});

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const BEFORE = 'b7ad6b7169203331';

test('one trace leads from CreatePost to the row in a follower’s feed', async () => {
  const [author, fan] = [world.person('shop'), world.person()];
  await world.awake(author, fan);
  await world.follow(fan, author);
  // So many that the work is shared out in tasks.
  for (const sleeper of world.people(600)) world.edge(sleeper).add(author);
  const ctx = { ...asUser(author), trace: `00-${TRACE}-${BEFORE}-01` };
  const { post } = await world.posts.createPost(ctx, { authorId: author, text: 'to be followed' });
  await eventually(async () => expect(await world.rowsOf(fan)).toEqual([post!.postId]));

  await eventually(() => {
    for (const way of WAY) expect(paths()).toContain(way.join(' > '));
    expect(paths().some((path) => path.startsWith(PLAN.join(' > ')) && path.includes('> redis.'))).toBe(true);
  });
  const root = spans().filter(({ parentSpanContext }) => parentSpanContext?.spanId === BEFORE);
  expect(root.map(({ name }) => name)).toEqual([CREATE]);
  const ids = new Set(spans().map((span) => span.spanContext().spanId));
  expect(spans().filter((span) => span !== root[0] && !ids.has(span.parentSpanContext?.spanId ?? ''))).toEqual([]);
});

test('a span names tables, operations and what they cost, and nothing of whom it is about', () => {
  const commit = spans().find(({ name }) => name === 'dynamodb.TransactWriteItems');
  expect(commit?.attributes).toMatchObject({
    'db.system.name': 'aws.dynamodb',
    'db.collection.name': `${world.config.namespace}-posts`,
    'aws.dynamodb.consumed_capacity': [expect.stringMatching(/"CapacityUnits":\d/)],
  });
  const said = JSON.stringify(spans().map(({ attributes }) => attributes));
  for (const personal of ['to be followed', ...world.peers.users.keys()]) expect(said).not.toContain(personal);
});

const CREATE = 'plaza.feed.v1.PostService/CreatePost';
const STREAM = 'plaza.graph.v1.SocialGraphService/StreamFollowers';
const PLAN = [CREATE, CREATE, 'publish plaza.feed.v1.PostCreated', 'process feed-plan-fan-out'];
/** From the client's side of the first call: what each is a part of. */
const WAY: readonly (readonly string[])[] = [
  [CREATE, CREATE, 'dynamodb.TransactWriteItems'],
  [...PLAN, STREAM, STREAM],
  [...PLAN, 'publish plaza.feed.v1.FanOutChunk', 'process feed-push-chunk', 'dynamodb.BatchWriteItem'],
];

const spans = (): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === TRACE);

/** Of each span, the names from the first one down to it. */
const paths = (): string[] => {
  const byId = new Map(spans().map((span) => [span.spanContext().spanId, span]));
  const pathOf = (span: ReadableSpan): string => {
    const above = byId.get(span.parentSpanContext?.spanId ?? '');
    return above ? `${pathOf(above)} > ${span.name}` : span.name;
  };
  return spans().map(pathOf);
};
