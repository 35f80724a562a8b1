import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { authority } from './certificates.ts';
import { alice, as, context, eventually, graph, graphClient, refusal, serve } from './fixture.ts';

/** A way to the server that can go silent: it accepts, and then says nothing, for as long as a connection lives. */
const way = async (port: number) => {
  let silent = false;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    if (silent) return void socket.resume();
    const peer = connect(port, '127.0.0.1').on('error', () => socket.destroy());
    sockets.add(peer);
    socket.pipe(peer).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => sockets.forEach((socket) => socket.destroy());
  onTestFinished(() => {
    cut();
    server.close();
  });
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Every connection breaks, and the next ones meet silence. */
    goSilent() {
      silent = true;
      cut();
    },
    heal: () => {
      silent = false;
    },
    cut,
  };
};

/** What server and client need, by the kind of their connection. */
const connections = {
  plaintext: () => ({ server: {}, client: {} }),
  TLS: () => {
    const { of, callsGraphAs } = authority();
    return { server: { tls: of('social-graph') }, client: callsGraphAs('gateway') };
  },
};
const kinds = Object.entries(connections);

test.each(kinds)(
  '%s: a channel that met silence works again soon after the way has healed',
  { timeout: 40_000 },
  async (_, made) => {
    const secured = made();
    const { port } = await serve([graph()], secured.server);
    const path = await way(port);
    const client = graphClient(path.target, as.nobody, secured.client);
    const call = (timeoutMs: number) => client.listFollowers(context({ timeoutMs }), { userId: alice });
    await call(2_000);

    path.goSilent();
    const until = Date.now() + 2_500;
    while (Date.now() < until) {
      const started = Date.now();
      expect(await refusal(call(500))).toMatchObject({ code: expect.stringMatching(/DEADLINE_EXCEEDED|UNAVAILABLE/) as string });
      // No call hangs.
      expect(Date.now() - started).toBeLessThan(900);
    }

    path.heal();
    const healed = Date.now();
    await eventually(() => call(500), 10_000);
    expect(Date.now() - healed).toBeLessThan(5_000);
    for (let i = 0; i < 10; i++) await call(1_000);
  },
);

test.each(kinds)('%s: a broken connection is made anew at once', async (_, made) => {
  const secured = made();
  const { port } = await serve([graph()], secured.server);
  const path = await way(port);
  const client = graphClient(path.target, as.nobody, secured.client);
  const call = () => client.listFollowers(context(), { userId: alice });
  await call();
  path.cut();
  const started = Date.now();
  await call();
  expect(Date.now() - started).toBeLessThan(1_500);
});

test('calls that take their time are not taken for silence', async () => {
  const { port } = await serve([
    graph({
      async *streamFollowers(ctx) {
        yield { followerIds: [], resumeToken: '' };
        const started = Date.now();
        await eventually(() => {
          if (Date.now() - started < 3_500) throw new Error('not yet');
        }, 5_000);
        yield { followerIds: [ctx.requestId], resumeToken: '' };
      },
    }),
  ]);
  const path = await way(port);
  const client = graphClient(path.target, as.feed);
  const chunks: unknown[] = [];
  for await (const chunk of client.streamFollowers(context({ timeoutMs: 10_000 }), { authorId: alice })) chunks.push(chunk);
  expect(chunks).toHaveLength(2);
});
