import { expect, test } from 'vitest';

import * as events from '../src/catalogue.ts';
import { appliedRow, defineEvent, outboxRow, SHARDS } from '../src/index.ts';
import { readHeaders, writeHeaders } from '../src/envelope.ts';

test('subject and owner come from the message', () => {
  expect(events.postCreated).toMatchObject({ kind: 'event', subject: 'plaza.feed.v1.PostCreated', owner: 'feed' });
  expect(events.fanOutChunk).toMatchObject({ kind: 'task', subject: 'plaza.feed.v1.FanOutChunk' });
});

test('every declaration is named as its message', () => {
  for (const [name, { subject }] of Object.entries(events))
    expect(`${name[0]!.toUpperCase()}${name.slice(1)}`).toBe(subject.split('.').at(-1));
});

test('the rows of one aggregate share a shard, and those of many use every shard', () => {
  const shard = (aggregateId: string) => row(aggregateId).pk;
  expect(shard('o1')).toBe(shard('o1'));
  const used = new Set(Array.from({ length: 100 }, (_, i) => shard(`o${i}`)));
  expect([...used].toSorted()).toEqual(Array.from({ length: SHARDS }, (_, i) => `OX#${i}`));
});

test('event ids ascend whatever time the payload tells', () => {
  const ids = Array.from({ length: 10 }, (_, i) => row(`o${i}`, 1e12 - i).sk);
  expect(ids).toEqual(ids.toSorted());
});

test('an applied row lasts longer than the archive', () => {
  const now = Date.now();
  const applied = appliedRow('graph-count', 'e1', now);
  expect(applied).toMatchObject({ pk: 'APPLIED#graph-count#e1', sk: 'APPLIED' });
  expect(applied.expiresAt * 1000).toBeGreaterThan(now + 8 * 24 * 3600 * 1000);
});

test('the headers carry what was known, and no trace that is none', () => {
  const envelope = {
    id: 'e1',
    subject: 'plaza.order.v1.OrderPaid',
    occurredAt: 1_700_000_000_123,
    aggregateId: 'o1',
    version: 7,
  };
  const headers = writeHeaders({ ...envelope, trace: 'not\r\na trace' });
  expect(readHeaders(headers)).toEqual({ ...envelope, trace: '' });
  expect(headers.get('ce-source')).toBe('plaza.order');
  expect(headers.get('content-type')).toBe('application/protobuf');
});

const row = (aggregateId: string, at = Date.now()) =>
  outboxRow(defineEvent(MESSAGE), { text: 'x' }, { aggregateId, version: 1, at, trace: '' });

const MESSAGE = {
  $type: 'plaza.order.v1.Test',
  encode: ({ text }: { text: string }) => ({ finish: () => new TextEncoder().encode(text) }),
  decode: (bytes: Uint8Array) => ({ text: new TextDecoder().decode(bytes) }),
};
