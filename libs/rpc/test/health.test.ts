import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { credentials, loadPackageDefinition, type ServiceClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { expect, onTestFinished, test } from 'vitest';

import { authority } from './certificates.ts';
import { as, context, eventually, followers, graph, graphClient, refusal, serve } from './fixture.ts';

test('probes without TLS hear what the server says of itself, to the end of its drain, and nothing else', async () => {
  const gate = Promise.withResolvers<void>();
  let inside = 0;
  const service = graph({
    async *streamFollowers() {
      inside++;
      await gate.promise;
      yield { followerIds: [], resumeToken: '' };
    },
  });
  const { of, callsGraphAs } = authority();
  const server = await serve([service], { tls: of('social-graph'), healthListen: '127.0.0.1:0' });
  const check = probe(`127.0.0.1:${server.healthPort}`);
  const all = () => Promise.all(['liveness', 'readiness', '', 'plaza.graph.v1.SocialGraphService'].map(check));
  expect(await all()).toEqual(['SERVING', 'SERVING', 'SERVING', 'SERVING']);
  await expect(check('plaza.user.v1.UserService')).rejects.toThrow('NOT_FOUND');
  await expect(check('x'.repeat(2_000))).rejects.toThrow('RESOURCE_EXHAUSTED');
  const stranger = graphClient(`127.0.0.1:${server.healthPort}`, as.feed);
  expect(await refusal(followers(stranger))).toMatchObject({ code: 'UNIMPLEMENTED' });

  const call = followers(graphClient(server.target, as.feed, callsGraphAs('feed')), context());
  await eventually(() => expect(inside).toBe(1));
  const closing = server.close();
  expect(await all()).toEqual(['SERVING', 'NOT_SERVING', 'NOT_SERVING', 'NOT_SERVING']);
  gate.resolve();
  await call;
  await closing;
  await expect(check('liveness')).rejects.toThrow('UNAVAILABLE');
});

test('a server that cannot listen leaves no probe that says otherwise', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const healthListen = await freeAddress();
  await expect(serve([graph()], { listen: `127.0.0.1:${port}`, healthListen })).rejects.toThrow('EADDRINUSE');
  await expect(probe(healthListen)('liveness')).rejects.toThrow('UNAVAILABLE');
});

const freeAddress = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
};

/** Asks as a kubelet does: over plaintext, one service at a time. */
const probe = (target: string) => {
  const loaded = loadPackageDefinition(loadSync(protoPath, { enums: String, defaults: true }));
  const { Health } = (loaded['grpc'] as unknown as { health: { v1: { Health: ServiceClientConstructor } } }).health.v1;
  const client = new Health!(target, credentials.createInsecure());
  onTestFinished(() => client.close());
  type Check = (request: { service: string }, done: (error: ServiceError | null, answer: { status: string }) => void) => void;
  const check = (client as unknown as { check: Check }).check.bind(client);
  return (service: string): Promise<string> =>
    new Promise((resolve, reject) => {
      check({ service }, (error, answer) => (error ? reject(error) : resolve(answer.status)));
    });
};
