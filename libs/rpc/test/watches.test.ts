import { once } from 'node:events';

import { AppError, newId, pause } from '@plaza/core';
import { Order, OrderServiceDefinition } from '@plaza/proto/plaza/order/v1/order_service';
import { describe, expect, test } from 'vitest';

import { createMetrics, createVerifier, noLimits, type ServerOptions, type SessionGuard } from '../src/index.ts';
import { bindSome, clientOf, context, eventually, keys, refusal, serve, signer } from './fixture.ts';

const person = newId();
const session = { id: newId(), epoch: 0 };
const token = () => signer('user').accessToken({ userId: person, ttlMs: 60_000, session });

/** A service whose watch tells one event, then waits until nobody listens any more. */
const watching = async (options: Partial<ServerOptions> = {}) => {
  let live = 0;
  const orders = bindSome(OrderServiceDefinition, {
    getOrder: async () => ({ order: undefined }),
    async *watchOrder({ signal }) {
      live++;
      try {
        yield { event: undefined, order: undefined };
        if (!signal.aborted) await once(signal, 'abort');
      } finally {
        live--;
      }
    },
  });
  const server = await serve([orders], { service: 'order', limiter: noLimits, ...options });
  const client = clientOf(OrderServiceDefinition, server.target, token);
  const orderId = newId();
  return {
    server,
    live: () => live,
    get: () => client.getOrder(context(), { orderId }),
    /** Resolves with what ended it; `begun` when the first event is here. */
    watch: (ctx = context({ timeoutMs: 20_000 })) => {
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
      const listen = async () => {
        for await (const _ of client.watchOrder(ctx, { orderId })) begin();
      };
      return { begun, ended: refusal(listen()) };
    },
    status: async () => (await fetch(`http://127.0.0.1:${server.adminPort}/statusz`)).json(),
  };
};

describe('a watch', () => {
  test('holds no place among the calls', async () => {
    const { watch, get, live, status } = await watching({ limits: { concurrency: 1, queue: 0 } });
    for (let i = 0; i < 5; i++) await watch().begun;
    await get();
    expect(live()).toBe(5);
    await eventually(async () => expect(await status()).toMatchObject({ watches: 5, in_flight: 0 }));
  });

  test('beyond the limit is turned away, and a place that comes free is given again', async () => {
    const metrics = createMetrics();
    const { watch, live } = await watching({ limits: { watches: 2 }, metrics });
    const leaving = new AbortController();
    await watch(context({ signal: leaving.signal })).begun;
    await watch().begun;
    const overloaded = { code: 'RESOURCE_EXHAUSTED', reason: 'OVERLOADED', details: { domain: 'plaza' } };
    expect(await watch().ended).toMatchObject(overloaded);
    expect(await metrics.text()).toContain('grpc_server_watches 2');
    leaving.abort();
    await eventually(() => expect(live()).toBe(1));
    await eventually(() => watch().begun);
    expect(await watch().ended).toMatchObject(overloaded);
  });

  test('ends with the session of its caller, within seconds', async () => {
    let over = false;
    const check = () => {
      if (over) throw new AppError('UNAUTHENTICATED', 'SESSION_REVOKED', 'ended', { domain: 'plaza' });
      return undefined;
    };
    const { watch, live } = await watching({ sessions: { check } });
    const { begun, ended } = watch();
    await begun;
    over = true;
    expect(await ended).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'SESSION_REVOKED' });
    await eventually(() => expect(live()).toBe(0));
  });

  test('of one person there are twenty, however much room there is', async () => {
    const { watch, live } = await watching();
    for (let i = 0; i < 20; i++) await watch().begun;
    expect(await watch().ended).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'OVERLOADED' });
    expect(live()).toBe(20);
  });

  test('outlives a moment in which nobody can be asked about its session, and no more', { timeout: 30_000 }, async () => {
    let asked = 0;
    const away = () => new AppError('UNAVAILABLE', 'SESSION_UNCONFIRMED', 'away', { domain: 'plaza' });
    // The first question is that of the call itself. Three times in a row nobody answers, once somebody does, then nobody for good.
    const check = async () => {
      if (asked++ !== 0 && asked !== 5) throw away();
    };
    const { watch } = await watching({ sessions: { check } });
    const { begun, ended } = watch();
    await begun;
    expect(await ended).toMatchObject({ code: 'UNAVAILABLE', reason: 'SESSION_UNCONFIRMED' });
    expect(asked).toBe(10);
  });

  test('asks about the session again and again, and lives on while it lives', async () => {
    let asked = 0;
    const sessions: SessionGuard = { check: async () => void asked++ };
    const { watch, live } = await watching({ sessions });
    await watch().begun;
    await eventually(() => expect(asked).toBeGreaterThan(2));
    expect(live()).toBe(1);
  });

  test('ends with the time of its token', async () => {
    let at = Date.now();
    const { watch } = await watching({ verifier: createVerifier(keys.verifyKeys, () => at) });
    const { begun, ended } = watch();
    await begun;
    at += 3_600_000;
    expect(await ended).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' });
  });

  test('ends at once when the server closes, which is not held up by it', async () => {
    const { watch, server } = await watching();
    const { begun, ended } = watch();
    await begun;
    const started = Date.now();
    await server.close();
    expect(Date.now() - started).toBeLessThan(2_000);
    expect(await ended).toMatchObject({ code: 'UNAVAILABLE', reason: 'SERVER_CLOSING' });
    expect(server.lines).not.toContainEqual(expect.objectContaining({ event: 'server.drain_cut' }));
  });

  test('ends when nothing of it is taken for long, and not while it is taken, however slowly', async () => {
    let live = 0;
    const orders = bindSome(OrderServiceDefinition, {
      async *watchOrder() {
        live++;
        try {
          for (let i = 0; i < 100; i++) yield { event: undefined, order: Order.fromPartial({ orderId: 'x'.repeat(50_000) }) };
        } finally {
          live--;
        }
      },
    });
    const server = await serve([orders], { service: 'order', limiter: noLimits, limits: { slowMs: 1_000 } });
    const client = clientOf(OrderServiceDefinition, server.target, token);
    const watch = () => client.watchOrder(context({ timeoutMs: 20_000 }), { orderId: newId() })[Symbol.asyncIterator]();
    const [stuck, slow] = [watch(), watch()];
    await stuck.next();
    let taken = 0;
    for (let answer = await slow.next(); answer.done !== true; answer = await slow.next()) {
      taken++;
      if (taken % 10 === 0) await pause(100);
    }
    expect(taken).toBe(100);
    await eventually(() => expect(live).toBe(0));
    const rest = async () => {
      for (let answer = await stuck.next(); answer.done !== true; answer = await stuck.next());
    };
    expect(await refusal(rest())).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'STREAM_TOO_SLOW' });
  });

  test('ends by the deadline of its caller like any call', async () => {
    const { watch, live } = await watching();
    const { ended } = watch(context({ timeoutMs: 500 }));
    expect(await ended).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await eventually(() => expect(live()).toBe(0));
  });
});
