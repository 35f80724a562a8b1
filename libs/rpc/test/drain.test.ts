import { once } from 'node:events';

import { expect, test } from 'vitest';

import { alice, as, context, eventually, followers, graph, graphClient, refusal, serve } from './fixture.ts';

const gated = () => {
  const gate = new AbortController();
  let inside = 0;
  const service = graph({
    async *streamFollowers() {
      inside++;
      await once(gate.signal, 'abort');
      yield { followerIds: ['kept'], resumeToken: '' };
    },
  });
  return { service, open: () => gate.abort(), inside: () => inside };
};

test('calls in flight end well, health says NOT_SERVING, new ones go elsewhere', async () => {
  const { service, open, inside } = gated();
  const server = await serve([service]);
  const call = followers(graphClient(server.target, as.feed));
  await eventually(() => expect(inside()).toBe(1));
  const closing = server.close();
  const healthz = await fetch(`http://127.0.0.1:${server.adminPort}/healthz`);
  expect([healthz.status, await healthz.text()]).toEqual([503, 'NOT_SERVING\n']);
  expect(await refusal(graphClient(server.target).listFollowing(context(), { userId: alice }))).toMatchObject({
    code: 'UNAVAILABLE',
  });
  open();
  expect(await call).toEqual([{ followerIds: ['kept'], resumeToken: '' }]);
  await closing;
});

test('calls that do not end are cut after the limit', async () => {
  const { service, open, inside } = gated();
  const server = await serve([service], { limits: { drainMs: 200 } });
  const call = refusal(followers(graphClient(server.target, as.feed)));
  await eventually(() => expect(inside()).toBe(1));
  const started = Date.now();
  await server.close();
  expect(Date.now() - started).toBeLessThan(1_500);
  expect(await call).toMatchObject({ code: 'UNAVAILABLE', reason: 'PEER_UNAVAILABLE' });
  expect(server.lines).toContainEqual(expect.objectContaining({ event: 'server.drain_cut', in_flight: 1 }));
  open();
});

test('an idle server closes at once', async () => {
  const server = await serve([graph()]);
  await graphClient(server.target).listFollowers(context(), { userId: alice });
  const started = Date.now();
  await server.close();
  expect(Date.now() - started).toBeLessThan(1_000);
});
