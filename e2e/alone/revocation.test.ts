import { newId } from '@plaza/core';
import { eventually, SERVICES, startEngines, startNats, startRedis, type Engine } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { PASSWORD, tokenHolders, type Holder, type Verdict } from '../src/token-holders.ts';
import { startWorld, type World } from '../src/world.ts';

// The bus and the cache are stopped here, so they are this file's own; the tables stay on the shared engine.
let world: World;
let redis: Engine;
let nats: Engine;
let people: ReturnType<typeof tokenHolders>;
beforeAll(async () => {
  [redis, nats] = await Promise.all([startRedis(), startNats()]);
  const { dynamodbEndpoint } = await startEngines();
  const engines = { dynamodbEndpoint, redisUrl: redis.url, natsUrl: nats.url };
  world = await startWorld({ engines, proxies: ['user.nats', 'order.nats'], env: { RATE_LIMITS: '0' } });
  people = tokenHolders(world, (await world.shelf(10, 5)).productId);
});
afterEach(async () => {
  for (const place of ['user.nats', 'order.nats'] as const) world.plaza.proxy(place).heal();
  await eventually(allHearBeats, { timeoutMs: 20_000 });
});
afterAll(async () => {
  process.stdout.write(`longest that a token was good after the end of its session, in ms: ${JSON.stringify(longest)}\n`);
  people?.close();
  await world?.close();
  await Promise.all([redis?.stop(), nats?.stop()]);
});

describe('within a second no service takes the access token of', () => {
  test('a session that was signed out; other sessions are not touched', async () => {
    const ada = await people.signUp();
    const [here, there] = [await people.signIn(ada), await people.signIn(ada)];
    const stranger = await people.signIn(await people.signUp());
    const verdict = await people.ends([here], () => people.signOut(here), [there, stranger]);
    expect(noted('DeleteSession', verdict)).toEqual(KEPT);
  });

  test('any session of somebody who signed out everywhere', async () => {
    const ada = await people.signUp();
    const both = [await people.signIn(ada), await people.signIn(ada)];
    const stranger = await people.signIn(await people.signUp());
    const wish = { userId: ada.userId, requestId: newId() };
    const signOutEverywhere = () => world.plaza.clients.sessions.deleteAllSessions(people.self(ada), wish);
    const verdict = await people.ends(both, signOutEverywhere, [stranger]);
    expect(noted('DeleteAllSessions', verdict)).toEqual(KEPT);
  });

  test('a session whose refresh token was used twice: the newest token too, and not those of the other session', async () => {
    const { sessions } = world.plaza.clients;
    const ada = await people.signUp();
    const [first, other] = [await people.signIn(ada), await people.signIn(ada)];
    const { refreshToken } = first;
    const { tokens } = await sessions.refreshSession(people.nobody(), { refreshToken, requestId: newId() });
    const newest = people.hold(ada.userId, tokens!);
    const reuse = () => sessions.refreshSession(people.nobody(), { refreshToken, requestId: newId() }).catch(refused);
    const refused = (error: unknown) => expect(error).toMatchObject({ reason: 'REFRESH_TOKEN_INVALID' });
    const verdict = await people.ends([first, newest], reuse, [other]);
    expect(noted('reuse of a refresh token', verdict)).toEqual(KEPT);
  });

  test('somebody with a new password', async () => {
    const ada = await people.signUp();
    const session = await people.signIn(ada);
    const wish = { userId: ada.userId, currentPassword: PASSWORD, newPassword: 'another horse battery', requestId: newId() };
    const verdict = await people.ends([session], () => world.plaza.clients.users.setPassword(people.self(ada), wish), []);
    expect(noted('SetPassword', verdict)).toEqual(KEPT);
  });

  test('somebody deleted', async () => {
    const ada = await people.signUp();
    const session = await people.signIn(ada);
    const wish = { userId: ada.userId, requestId: newId() };
    const verdict = await people.ends([session], () => world.plaza.clients.users.deleteUser(people.self(ada), wish), []);
    expect(noted('DeleteUser', verdict)).toEqual(KEPT);
  });
});

describe('so it is', () => {
  /** Signs one out after `strike`, while another goes on. */
  const signOutAfter = async (what: string, strike: (session: Holder) => unknown) => {
    const [session, stranger] = [await people.signIn(await people.signUp()), await people.signIn(await people.signUp())];
    const end = async () => {
      await strike(session);
      await people.signOut(session);
    };
    return noted(what, await people.ends([session], end, [stranger]));
  };

  test('with Redis away', async () => {
    await redis.stop();
    try {
      expect(await signOutAfter('Redis away', nothing)).toEqual(KEPT);
    } finally {
      await redis.start();
    }
  });

  test('with NATS away for all', async () => {
    await nats.stop();
    try {
      expect(await signOutAfter('NATS away', nothing)).toEqual(KEPT);
    } finally {
      await nats.start();
    }
  });

  test('with NATS killed right before', async () => {
    try {
      expect(await signOutAfter('NATS killed', () => nats.kill())).toEqual(KEPT);
    } finally {
      await nats.start();
    }
  });

  test.each([
    ['the user service', 'user.nats'],
    ['one reader', 'order.nats'],
  ] as const)('with NATS cut off from %s right before', async (whom, place) => {
    expect(await signOutAfter(`NATS cut off from ${whom}`, () => world.plaza.proxy(place).cut())).toEqual(KEPT);
  });

  test.each([
    ['the user service', 'user.nats'],
    ['one reader', 'order.nats'],
  ] as const)('with the way from %s to NATS silent right before', async (whom, place) => {
    expect(await signOutAfter(`NATS silent for ${whom}`, () => world.plaza.proxy(place).stall())).toEqual(KEPT);
  });
});

test('on the warm path nobody is asked', async () => {
  const session = await people.signIn(await people.signUp());
  await session.warm();
  const asked = await people.metric('session_asks_total');
  for (let i = 0; i < 20; i++) await session.warm();
  expect(await people.metric('session_asks_total')).toBe(asked);
});

test('with the user service away, who was known goes on being served, and who was not is put off', async () => {
  const [known, unknown] = [await people.signIn(await people.signUp()), await people.signIn(await people.signUp())];
  await known.warm();
  await world.plaza.process('user').stop();
  try {
    // Beats have ended, so from here on it is asked about, in vain.
    await eventually(async () => expect(await people.metric('session_watch_sure', ['product', 'order'])).toBe(0));
    for (const service of ['product', 'order'] as const) {
      expect(await known.call(service)).toBe('ok');
      expect(await unknown.call(service)).toBe('UNAVAILABLE SESSION_UNCONFIRMED');
    }
  } finally {
    await world.plaza.process('user').restart();
  }
  await unknown.warm();
  const verdict = await people.ends([known], () => people.signOut(known), [unknown]);
  expect(noted('user service restarted', verdict)).toEqual(KEPT);
});

const KEPT: Verdict = {
  lastedMs: expect.toSatisfy((ms: number) => ms < 1_000, 'is less than a second') as number,
  ended: ['UNAUTHENTICATED SESSION_REVOKED'],
  disturbed: [],
  served: true,
};

const longest: Record<string, number> = {};

const noted = (what: string, verdict: Verdict): Verdict => {
  longest[what] = verdict.lastedMs;
  return verdict;
};

const nothing = () => undefined;

const allHearBeats = async () => {
  if ((await people.metric('session_watch_sure')) < SERVICES.length) throw new Error('not all services hear the beats');
};
