import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';

import type { Tls } from '@plaza/core';
import { writeCertificates } from '@plaza/testing';
import { expect, onTestFinished, test } from 'vitest';

import { createLog, createMetrics } from '../src/index.ts';
import { openIdentity } from '../src/identity.ts';
import { authority, folder } from './certificates.ts';
import { alice, as, context, eventually, graph, graphClient, refusal, serve, type Line } from './fixture.ts';

test('a mounted secret that is swapped is used for new connections, and calls in flight go on', async () => {
  const trusted = authority();
  const mount = mountOf(trusted.of('social-graph'));
  const gate = Promise.withResolvers<void>();
  const service = graph({
    async *streamFollowers() {
      yield { followerIds: ['before'], resumeToken: '' };
      await gate.promise;
      yield { followerIds: ['after'], resumeToken: '' };
    },
  });
  const server = await serve([service], { tls: mount.tls });
  const client = graphClient(server.target, as.feed, trusted.callsGraphAs('feed'));
  const chunks = client.streamFollowers(context(), { authorId: alice })[Symbol.asyncIterator]();
  await chunks.next();
  const first = await serialShown(server.port, trusted.of('feed'));

  writeCertificates(trusted.dir, { renewDays: Infinity });
  mount.swap(trusted.of('social-graph'));
  await eventually(async () => expect(await serialShown(server.port, trusted.of('feed'))).not.toBe(first), 10_000);
  gate.resolve();
  expect((await chunks.next()).value).toMatchObject({ followerIds: ['after'] });
  expect(server.lines).toContainEqual(expect.objectContaining({ event: 'tls.reloaded' }));
});

test('an authority is replaced without a refusal; whoever it was goes once its certificate has gone', async () => {
  const old = authority();
  const mount = mountOf(old.of('social-graph'));
  const { target, port } = await serve([graph()], { tls: mount.tls });
  const { dir, of, callsGraphAs } = authority();
  const next = of('social-graph');
  const ask = { userId: alice };
  const call = (client: ReturnType<typeof graphClient>) => client.listFollowers(context(), ask);
  const both = [old.of('feed').caFile, next.caFile].map((file) => readFileSync(file, 'utf8')).join('');
  const knowsBoth = join(dir, 'both.pem');
  writeFileSync(knowsBoth, both);

  mount.swap({ ...old.of('social-graph'), caFile: knowsBoth });
  const modern = { tls: { ...of('feed'), caFile: knowsBoth }, service: 'social-graph' };
  await eventually(() => call(graphClient(target, as.feed, modern)), 10_000);
  await call(graphClient(target, as.feed, old.callsGraphAs('feed')));

  mount.swap(next);
  await eventually(() => call(graphClient(target, as.feed, callsGraphAs('feed'))), 10_000);
  await expect(serialShown(port, { ...old.of('feed'), caFile: next.caFile })).rejects.toThrow('the server hung up');
  const late = graphClient(target, as.feed, { tls: { ...old.of('feed'), caFile: knowsBoth }, service: 'social-graph' });
  expect(await refusal(call(late))).toMatchObject({ reason: 'PEER_UNAVAILABLE' });
});

test('files that do not fit together change nothing, and are spoken of once', async () => {
  const { of, dir } = authority();
  const mount = mountOf(of('order'));
  const lines: Line[] = [];
  const metrics = createMetrics();
  const log = createLog({ service: 'test', write: (line) => lines.push(JSON.parse(line) as Line) });
  const identity = openIdentity(mount.tls, { log, metrics });
  onTestFinished(() => identity.close());
  const before = identity.context();
  const expires = async () => Number(/^tls_certificate_expires_seconds (\S+)$/m.exec(await metrics.text())?.[1]);
  const ninetyDays = Date.now() / 1_000 + 90 * 86_400;
  expect(Math.abs((await expires()) - ninetyDays)).toBeLessThan(120);

  const spoken = (n: number) =>
    eventually(() => expect(lines.filter(({ event }) => event === 'tls.kept_old')).toHaveLength(n), 10_000);
  mount.swap({ ...of('order'), keyFile: of('feed').keyFile });
  await spoken(1);
  writeFileSync(join(dir, 'half.pem'), `${readFileSync(of('order').caFile, 'utf8')}-----BEGIN CERTIFICATE-----\nMIIB`);
  mount.swap({ ...of('order'), caFile: join(dir, 'half.pem') });
  await spoken(2);
  mount.swap({ ...of('order'), caFile: authority().of('order').caFile });
  await spoken(3);
  expect(identity.context()).toBe(before);
  expect(lines.map(({ message }) => message)).toEqual([
    expect.stringContaining('is not the key of'),
    expect.stringContaining('is no whole certificate'),
    expect.stringContaining('was signed by none of'),
  ]);

  writeCertificates(dir, { renewDays: Infinity });
  mount.swap(of('order'));
  await eventually(() => expect(identity.context()).not.toBe(before), 10_000);
  await spoken(3);
});

test('a process does not start with files that do not fit together, or are not there', async () => {
  const { of, dir } = authority();
  const started = (tls: Partial<Tls>) => serve([graph()], { tls: { ...of('order'), ...tls } });
  await expect(started({ keyFile: of('feed').keyFile })).rejects.toThrow(/feed-key.pem is not the key of .*order.pem/);
  await expect(started({ caFile: authority().of('order').caFile })).rejects.toThrow(/order.pem was signed by none of/);
  await expect(started({ certFile: of('order').caFile, keyFile: join(dir, 'ca-key.pem') })).rejects.toThrow('names nobody');
  await expect(started({ keyFile: join(dir, 'nothing') })).rejects.toThrow(/ENOENT.*nothing/);
  expect(() => graphClient('127.0.0.1:1', as.nobody, { tls: of('order') })).toThrow('which service is at 127.0.0.1:1');
});

/** The files of a peer as Kubernetes mounts them: links through `..data`, which is swapped as a whole. */
const mountOf = (files: Tls) => {
  const dir = folder();
  let version = 0;
  const swap = (next: typeof files) => {
    const to = `..${version++}`;
    mkdirSync(join(dir, to));
    for (const file of ['certFile', 'keyFile', 'caFile'] as const) writeFileSync(join(dir, to, file), readFileSync(next[file]));
    symlinkSync(to, join(dir, '..next'));
    renameSync(join(dir, '..next'), join(dir, '..data'));
  };
  swap(files);
  const link = (file: string) => {
    symlinkSync(join('..data', file), join(dir, file));
    return join(dir, file);
  };
  return { swap, tls: { certFile: link('certFile'), keyFile: link('keyFile'), caFile: link('caFile') } };
};

/** Of the certificate that a server shows in a new connection. */
const serialShown = async (port: number, files: Tls): Promise<string> => {
  const [cert, key, ca] = [files.certFile, files.keyFile, files.caFile].map((file) => readFileSync(file));
  const socket = connect({ port, servername: 'social-graph', ALPNProtocols: ['h2'], cert, key, ca });
  const closed = once(socket, 'close').then(() => Promise.reject(new Error('the server hung up')));
  // What comes first are the server's settings: it has let us in.
  await Promise.race([once(socket, 'data'), closed]);
  closed.catch(() => undefined);
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
};
