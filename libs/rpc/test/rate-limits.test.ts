import { Limit } from '@plaza/proto/plaza/common/v1/policy';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import { describe, expect, test } from 'vitest';

import { image } from '../src/image.ts';
import type { Count, Excess, Limiter } from '../src/index.ts';
import { addressOf, limitsOf } from '../src/rate-limits.ts';
import { alice, as, bindSome, clientOf, context, refusal, serve, type graphClient } from './fixture.ts';

const users = bindSome(UserServiceDefinition, { getUser: async () => ({ user: undefined }) });
const sessions = bindSome(SessionServiceDefinition, {
  createSession: async () => ({ userId: alice, tokens: undefined }),
  refreshSession: async () => ({ userId: alice, tokens: undefined }),
});

describe('a server does not start', () => {
  const method = (service: string, name: string) =>
    image()
      .registry.getService(service)!
      .methods.find((one) => one.name === name)!;
  const read = (limit: Partial<Limit>, descriptor = method('plaza.user.v1.SessionService', 'CreateSession')) =>
    limitsOf('x/Y', [Limit.fromPartial({ count: 1, windowS: 60, ...limit })], descriptor);

  test('with limits and nobody to count', async () => {
    await expect(serve([sessions], { service: 'user' })).rejects.toThrow(
      'plaza.user.v1.SessionService/CreateSession declares limits, and the server has no limiter',
    );
  });

  test.each<[string, Partial<Limit>]>([
    ['is not bound to one of', {}],
    ['is not bound to one of', { field: 'login', address: true }],
    ['is not bound to one of', { caller: true, address: true }],
    ['is not bound to one of', { caller: true, anonymous: true }],
    ['is not bound to one of', { anonymous: true, field: 'login' }],
    ['has a count or a window of 0', { address: true, count: 0 }],
    ['has a count or a window of 0', { address: true, windowS: 0 }],
    ['names nobody, which is no string field', { field: 'nobody' }],
  ])('with a limit that %s', (complaint, limit) => {
    expect(() => read(limit)).toThrow(`x/Y: limit 1 of its policy ${complaint}`);
  });

  test('with a limit by a field that is no string, or in a stream of requests', () => {
    const graph = (name: string) => method('plaza.graph.v1.SocialGraphService', name);
    expect(() => read({ field: 'page_size' }, graph('ListFollowers'))).toThrow('no string field');
    expect(() => read({ field: 'follower_id' }, graph('ImportFollows'))).toThrow('no string field');
    expect(read({ field: 'user_id' }, graph('ListFollowers'))).toEqual([
      { kind: 'field', field: 'userId', count: 1, windowMs: 60_000 },
    ]);
  });
});

describe('a call of a limited method', () => {
  test.each([
    ['nobody', true],
    ['alice', true],
    ['admin', false],
    ['feed', false],
  ] as const)('by %s is counted: %s', async (caller, counted) => {
    const { limiter, taken } = recorder();
    const { client } = await served(limiter, as[caller]);
    await client.createSession(context(), signIn('ada'));
    expect(taken.flat().map(({ kind, limit, windowMs }) => [kind, limit, windowMs])).toEqual(
      counted
        ? [
            ['field', 5, 900_000],
            ['address', 5, 900_000],
          ]
        : [],
    );
  });

  test.each([
    ['nobody', 'anonymous', 3_600_000],
    ['alice', 'caller', 60_000],
  ] as const)('that is public, by %s, is counted as of the kind %s alone', async (caller, kind, windowMs) => {
    const { limiter, taken } = recorder();
    const { target } = await serve([users], { service: 'user', limiter });
    const client = clientOf(UserServiceDefinition, target, as[caller]);
    await client.getUser(context(), { by: { $case: 'userId', value: alice } });
    expect(taken).toEqual([[{ kind, key: expect.any(String), limit: 100, windowMs }]]);
  });

  test('counts all spellings of a login together, and names neither login nor address', async () => {
    const { limiter, taken } = recorder();
    const { client } = await served(limiter);
    for (const login of ['Straße', 'STRASSE', 'ｓｔｒａｓｓｅ', 'other']) await client.createSession(context(), signIn(login));
    const [fields, addresses] = [taken.map(([field]) => field!.key), taken.map(([, address]) => address!.key)];
    expect(new Set(fields).size).toBe(2);
    expect(new Set(addresses).size).toBe(1);
    expect(JSON.stringify(taken)).not.toMatch(/strasse|127\.0/i);
  });

  test('that is malformed, or of another method, is not counted', async () => {
    const { limiter, taken } = recorder();
    const { client } = await served(limiter);
    expect(await refusal(client.createSession(context(), signIn('x')))).toMatchObject({ reason: 'INVALID_FIELD' });
    await client.refreshSession(context(), { refreshToken: 'A'.repeat(43) });
    expect(taken).toEqual([]);
  });

  test('is refused with the limit, its window and the time to come back, and does not reach the handler', async () => {
    const { limiter } = recorder({ limit: 5, windowMs: 900_000, retryAfterMs: 61_500 });
    const { client } = await served(limiter);
    expect(await refusal(client.createSession(context(), signIn('ada')))).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      reason: 'RATE_LIMITED',
      details: { domain: 'plaza', retryAfterMs: 61_500, metadata: { limit: '5', window_s: '900' } },
    });
  });
});

test.each([
  ['10.1.2.3:50051', '10.1.2.3'],
  ['::ffff:10.1.2.3:50051', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6:50051', '2001:db8:1:2'],
  ['2001:db8::1:50051', '2001:db8:0:0'],
  ['::1:50051', '0:0:0:0'],
  ['fe80::1%eth0:50051', 'fe80:0:0:0'],
  ['unknown', 'unknown'],
])('the address of %s is %s', (peer, address) => {
  expect(addressOf(peer)).toBe(address);
});

const signIn = (login: string) => ({ login, password: 'x' });

const recorder = (excess?: Excess) => {
  const taken: Count[][] = [];
  const take: Limiter['take'] = async (_ctx, _method, counts) => {
    taken.push([...counts]);
    return excess;
  };
  return { limiter: { take }, taken };
};

const served = async (limiter: Limiter, token?: Parameters<typeof graphClient>[1]) => {
  const { target } = await serve([sessions], { service: 'user', limiter });
  return { client: clientOf(SessionServiceDefinition, target, token) };
};
