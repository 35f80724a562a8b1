import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { noMetrics, silentLog, type Log, type Tls } from '@plaza/core';
import { eventually, startNats, testerCredentials, tlsFiles, uniqueNamespace, writeCertificates } from '@plaza/testing';
import { expect, onTestFinished, test } from 'vitest';

import { connectBus } from '../src/index.ts';

test('a bus speaks TLS with a server of its authority', async () => {
  const { port, tls } = await serverWithTls();
  const { bus } = connect(`tls://127.0.0.1:${port}`, tls);
  await eventually(() => expect(bus.connected()).toBe(true));
});

test('a server of another authority is not spoken to', async () => {
  const { port } = await serverWithTls();
  const { bus, refused } = connect(`tls://127.0.0.1:${port}`, tlsFiles(certificates(), 'order'));
  await eventually(() => expect(refused).toEqual(['bus.server_refused']));
  expect(bus.connected()).toBe(false);
});

test('a server that speaks plaintext is not spoken to where TLS is asked for', async () => {
  const nats = await startNats();
  onTestFinished(() => nats.stop());
  const { bus, refused } = connect(`tls://127.0.0.1:${nats.port}`, tlsFiles(certificates(), 'order'));
  await eventually(() => expect(refused).toEqual(['bus.server_refused']));
  expect(bus.connected()).toBe(false);
});

const serverWithTls = async (): Promise<{ port: number; tls: Tls }> => {
  const dir = certificates();
  const { certFile, keyFile } = tlsFiles(dir, 'nats');
  const nats = await startNats({ args: ['--tls', '--tlscert', certFile, '--tlskey', keyFile] });
  onTestFinished(() => nats.stop());
  return { port: nats.port, tls: tlsFiles(dir, 'order') };
};

const certificates = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'plaza-bus-tls-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeCertificates(dir);
  return dir;
};

/** A bus, and what it tells of whom it will not speak to. */
const connect = (url: string, tls: Tls) => {
  const refused: string[] = [];
  const log: Log = { ...silentLog, error: (event) => void refused.push(event) };
  log.with = () => log;
  const namespace = uniqueNamespace();
  const bus = connectBus({ url, namespace, tls, natsCredsFile: testerCredentials(), log, metrics: noMetrics });
  onTestFinished(() => bus.close());
  return { bus, refused };
};
