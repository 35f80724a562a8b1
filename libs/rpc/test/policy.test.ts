import { UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import { describe, expect, test } from 'vitest';

import { noLimits } from '../src/index.ts';
import {
  alice,
  as,
  bindSome,
  bob,
  clientOf,
  context,
  graph,
  graphClient,
  keys,
  refusal,
  serve,
  signer,
  type Graph,
} from './fixture.ts';

const expired = () => signer('user').accessToken({ userId: alice, ttlMs: -120_000 });
const forged = () => as.alice().slice(0, -8) + 'AAAAAAAA';
const callers = { ...as, expired, forged };

const calls: Record<string, (client: Graph) => Promise<unknown>> = {
  public: (client) => client.listFollowers(context(), { userId: alice }),
  'owner, of herself': (client) => client.follow(context(), { followerId: alice, followeeId: bob }),
  'owner, of another': (client) => client.follow(context(), { followerId: bob, followeeId: alice }),
  'services: feed': (client) => client.checkVisibility(context(), { viewerId: alice, authorIds: [bob] }),
  'services, stream': async (client) => {
    for await (const _ of client.streamFollowers(context(), { authorId: alice }));
  },
  'admin, request stream': (client) =>
    client.importFollows(
      context(),
      (async function* () {
        yield { followerId: alice, followeeIds: [bob] };
      })(),
    ),
};

// Every cell is declared; what is not `ok` is the reason.
const DENIED = 'POLICY_DENIED';
const MISSING = 'TOKEN_MISSING';
const BAD = 'TOKEN_INVALID';
const OVER = 'TOKEN_EXPIRED';
const matrix: Record<keyof typeof calls, Record<keyof typeof callers, string>> = {
  public: { nobody: 'ok', alice: 'ok', admin: 'ok', feed: 'ok', order: 'ok', expired: OVER, forged: BAD },
  'owner, of herself': { nobody: MISSING, alice: 'ok', admin: 'ok', feed: DENIED, order: DENIED, expired: OVER, forged: BAD },
  'owner, of another': { nobody: MISSING, alice: DENIED, admin: 'ok', feed: DENIED, order: DENIED, expired: OVER, forged: BAD },
  'services: feed': { nobody: MISSING, alice: DENIED, admin: DENIED, feed: 'ok', order: DENIED, expired: OVER, forged: BAD },
  'services, stream': { nobody: MISSING, alice: DENIED, admin: DENIED, feed: 'ok', order: DENIED, expired: OVER, forged: BAD },
  'admin, request stream': {
    nobody: MISSING,
    alice: DENIED,
    admin: 'ok',
    feed: DENIED,
    order: DENIED,
    expired: OVER,
    forged: BAD,
  },
};

describe.each(Object.keys(matrix))('%s', (name) => {
  test.each(Object.entries(matrix[name]!))('%s → %s', async (caller, expected) => {
    const client = graphClient((await serve([graph()])).target, callers[caller as keyof typeof callers]);
    const outcome = await calls[name]!(client).then(
      () => 'ok',
      (error: { reason: string }) => error.reason,
    );
    expect(outcome).toBe(expected);
  });
});

test('a service that acts for a user is no user', async () => {
  const token = () => signer('order').serviceToken(alice);
  const client = graphClient((await serve([graph()])).target, token);
  expect(await refusal(client.follow(context(), { followerId: alice, followeeId: bob }))).toMatchObject({ reason: DENIED });
});

test('a refusal says which kinds of callers are admitted', async () => {
  const client = graphClient((await serve([graph()])).target, as.alice);
  expect(await refusal(client.follow(context(), { followerId: bob, followeeId: alice }))).toMatchObject({
    reason: DENIED,
    details: { metadata: { admits: 'owner, admin' } },
  });
  expect(await refusal(client.checkVisibility(context(), { viewerId: alice, authorIds: [bob] }))).toMatchObject({
    reason: DENIED,
    details: { metadata: { admits: 'service' } },
  });
});

test('any signed-in user passes where the policy says so', async () => {
  const users = bindSome(UserServiceDefinition, {
    batchGetUsers: async (ctx) => ({ users: [], missingIds: [JSON.stringify(ctx.caller)] }),
  });
  const { target } = await serve([users], { service: 'user', limiter: noLimits });
  const client = (token: typeof as.feed | typeof as.nobody) => clientOf(UserServiceDefinition, target, token);
  const seen = await client(as.alice).batchGetUsers(context(), { userIds: [alice] });
  expect(seen.missingIds).toEqual([JSON.stringify({ kind: 'user', userId: alice })]);
  const forUser = await client(as.order).batchGetUsers(context({ caller: { kind: 'user', userId: bob } }), { userIds: [alice] });
  expect(forUser.missingIds).toEqual([JSON.stringify({ kind: 'service', service: 'order', userId: bob })]);
  expect(await refusal(client(as.nobody).batchGetUsers(context(), { userIds: [alice] }))).toMatchObject({ reason: MISSING });
});

test('keys of a stranger open nothing', async () => {
  expect(Object.keys(keys.verifyKeys)).not.toContain('stranger');
  const client = graphClient((await serve([graph()])).target, () => 'Bearer');
  expect(await refusal(client.listFollowers(context(), { userId: alice }))).toMatchObject({
    code: 'UNAUTHENTICATED',
    reason: BAD,
  });
});
