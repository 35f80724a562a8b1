import { expect, test } from 'vitest';

import { measuredCapacity } from '../src/cost/capacity.ts';
import { billOf, unknownCalls } from '../src/cost/cost.ts';
import { USAGE } from '../src/cost/usage.ts';

test('a row in a transaction costs two units, and what an index takes comes on top', () => {
  const measured = measuredCapacity((service) => (service === 'user' ? README : ''));
  expect(measured).toEqual([
    { service: 'user', rpc: 'UserService/CreateUser', reads: 0, writes: 16, mutation: true },
    { service: 'user', rpc: 'UserService/GetUser', reads: 1.5, writes: 0, mutation: false },
    { service: 'user', rpc: 'FeedService/MarkFeedSeen', reads: 0, writes: 1, mutation: false },
  ]);
});

test('a month is what people do, times what each call and what follows it costs', () => {
  const measured = [{ service: 'feed', rpc: 'PostService/Like', reads: 1, writes: 10, mutation: true }];
  const usage = { ...USAGE, calls: { 'PostService/Like': 10 } };
  const bill = billOf(measured, usage, 100);
  const [like] = bill.items;
  // 100 people, 10 likes, 30.4 days: 10 units of the call, 2 for the archive, 10 for the count; 1 read of each.
  expect(like?.callsAMonth).toBe(30_400);
  expect(bill.units).toEqual({ reads: 60_800, writes: 668_800 });
  expect(bill.onDemand).toBeCloseTo(668_800 * 0.625e-6 + 60_800 * 0.125e-6);
});

test('every call of the usage is measured in some README', () => {
  const measured = measuredCapacity();
  expect(measured.length).toBeGreaterThan(100);
  expect(unknownCalls(measured, USAGE)).toEqual([]);
  expect(unknownCalls(measured, { ...USAGE, calls: { 'PostService/Lik': 1 } })).toEqual(['PostService/Lik']);
});

const README = `
## Capacity
<!-- capacity -->

| RPC                        | read \`users\` | read \`byState\` | rows in transactions | write \`users\` | write \`byState\` |
| -------------------------- | -----------: | -------------: | -------------------: | ------------: | --------------: |
| \`UserService/CreateUser\`   |              |                |                    7 |             4 |               2 |
| \`UserService/GetUser\`      |            1 |            0.5 |                      |               |                 |
| \`FeedService/MarkFeedSeen\` |              |                |                      |             1 |                 |

<!-- /capacity -->
`;
