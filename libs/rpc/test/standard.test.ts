import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { loadPackageDefinition, credentials, type ClientReadableStream, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import { alice, as, context, eventually, graph, graphClient, refusal, serve } from './fixture.ts';

const run = promisify(execFile);
const buf = async (...args: string[]): Promise<string> => {
  const { stdout } = await run('node_modules/.bin/buf', ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', ...args], {
    cwd: new URL('../../..', import.meta.url),
  });
  return stdout;
};

describe('reflection, read by a strict linker', () => {
  test('lists the methods', async () => {
    const { target } = await serve([graph()]);
    const methods = await buf('--list-methods', `http://${target}`);
    expect(methods.split('\n')).toEqual(
      expect.arrayContaining(['plaza.graph.v1.SocialGraphService/Follow', 'grpc.health.v1.Health/Check']),
    );
  });

  test('makes calls by name possible: unary, streaming, health', async () => {
    const { target } = await serve([
      graph({
        async *streamFollowers() {
          yield { followerIds: ['a'], resumeToken: '' };
          yield { followerIds: ['b'], resumeToken: '' };
        },
        listFollowers: async () => ({ followers: [{ userId: 'a', followTime: new Date(0) }], nextPageToken: '' }),
      }),
    ]);
    const url = `http://${target}/plaza.graph.v1.SocialGraphService`;
    expect(JSON.parse(await buf('-d', JSON.stringify({ user_id: alice }), `${url}/ListFollowers`))).toEqual({
      followers: [{ userId: 'a', followTime: '1970-01-01T00:00:00Z' }],
    });
    const header = ['-H', `authorization: Bearer ${as.feed(context())}`];
    expect(await buf(...header, '-d', JSON.stringify({ author_id: alice }), `${url}/StreamFollowers`)).toMatch(/"a"[^]*"b"/);
    expect(JSON.parse(await buf('-d', '{}', `http://${target}/grpc.health.v1.Health/Check`))).toEqual({ status: 'SERVING' });
  });

  test('explains refusals', async () => {
    const { target } = await serve([graph()]);
    const failed = await buf('-d', '{}', `http://${target}/plaza.graph.v1.SocialGraphService/ListFollowers`).catch(
      (error: { stderr: string; code: number }) => error,
    );
    expect(failed).toMatchObject({
      code: 24,
      stderr: expect.stringMatching(/google.rpc.ErrorInfo[^]*google.rpc.BadRequest/) as string,
    });
  });

  test('is off where it is switched off', async () => {
    const { target } = await serve([graph()], { reflection: false });
    await expect(buf('--list-methods', `http://${target}`)).rejects.toThrow('unimplemented');
  });
});

describe('health', () => {
  const healthClient = (target: string) => {
    const loaded = loadPackageDefinition(loadSync(protoPath, { enums: String, defaults: true }));
    const { Health } = (loaded['grpc'] as unknown as { health: { v1: { Health: ServiceClientConstructor } } }).health.v1;
    const client = new Health!(target, credentials.createInsecure());
    onTestFinished(() => client.close());
    return client as unknown as { watch(request: { service: string }): ClientReadableStream<{ status: string }> };
  };

  test.each(['', 'plaza.graph.v1.SocialGraphService'])('a watcher of "%s" sees the drain', async (service) => {
    const server = await serve([graph()]);
    const watch = healthClient(server.target).watch({ service });
    const seen: string[] = [];
    watch.on('data', ({ status }: { status: string }) => seen.push(status)).on('error', () => seen.push('closed'));
    await eventually(() => expect(seen).toEqual(['SERVING']));
    await server.close();
    await eventually(() => expect(seen).toEqual(['SERVING', 'NOT_SERVING', 'closed']));
  });

  test('a service that is not served is unknown', async () => {
    const { target } = await serve([graph()]);
    const watch = healthClient(target).watch({ service: 'plaza.user.v1.UserService' });
    watch.on('error', () => undefined);
    expect(await new Promise((resolve) => watch.once('data', resolve))).toEqual({ status: 'SERVICE_UNKNOWN' });
    watch.cancel();
  });
});

describe('the admin port', () => {
  test('counts calls by method and code, of both sides', async () => {
    const { target, adminPort } = await serve([graph()]);
    const client = graphClient(target);
    await client.listFollowers(context(), { userId: alice });
    await refusal(client.listFollowers(context(), { userId: 'x' }));
    const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    const labels = 'grpc_type="unary",grpc_service="plaza.graph.v1.SocialGraphService",grpc_method="ListFollowers"';
    expect(metrics).toContain(`grpc_server_started_total{${labels}} 2`);
    expect(metrics).toContain(`grpc_server_handled_total{${labels},grpc_code="OK"} 1`);
    expect(metrics).toContain(`grpc_server_handled_total{${labels},grpc_code="INVALID_ARGUMENT"} 1`);
    expect(metrics).toContain(`grpc_server_handling_seconds_count{${labels}} 2`);
    expect(metrics).toContain('process_resident_memory_bytes');
  });

  test('answers probes and people', async () => {
    const { adminPort } = await serve([graph()], { status: async () => ({ outbox: 3 }) });
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${adminPort}${path}`);
      return [response.status, await response.text()] as const;
    };
    expect(await get('/healthz')).toEqual([200, 'SERVING\n']);
    const [code, status] = await get('/statusz');
    expect([code, JSON.parse(status)]).toMatchObject([200, { service: 'graph', healthy: true, outbox: 3 }]);
    expect((await get('/'))[0]).toBe(404);
    expect((await fetch(`http://127.0.0.1:${adminPort}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  test('a broken status says nothing outside', async () => {
    const { adminPort, lines } = await serve([graph()], { status: () => Promise.reject(new Error('table plaza')) });
    const response = await fetch(`http://127.0.0.1:${adminPort}/statusz`);
    expect([response.status, await response.text()]).toEqual([500, 'internal error\n']);
    expect(lines).toMatchObject([{ event: 'admin.failed', message: 'table plaza' }]);
  });
});
