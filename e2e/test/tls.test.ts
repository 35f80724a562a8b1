import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { isAppError, newId, pause, type Tls } from '@plaza/core';
import {
  eventually,
  plazaClients,
  PROCESSES,
  ROOT,
  testContext,
  tlsFiles,
  writeCertificates,
  type PeerName,
  type PlazaClients,
} from '@plaza/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { startWorld, type World } from '../src/world.ts';

const PATIENCE = { timeoutMs: 30_000 };

let world: World;
const reloaded: string[] = [];
const refused: string[] = [];
beforeAll(async () => {
  world = await startWorld({
    tls: true,
    log: (name, line) => {
      if (line.includes('tls.reloaded')) reloaded.push(name);
      if (line.includes('tls.peer_refused')) refused.push((JSON.parse(line) as { message: string }).message);
    },
  });
});
afterAll(() => world?.close());

test('people sign up, follow, post, buy and read as ever when everything goes over mutual TLS', async () => {
  const { users, sessions } = world.plaza.clients;
  const name = `p${newId().slice(-12).toLowerCase()}`;
  const signUp = { username: name, email: `${name}@example.com`, password: 'correct horse battery', requestId: newId() };
  const { user } = await users.createUser(testContext(), signUp);
  const { tokens } = await sessions.createSession(testContext(), { login: name, password: signUp.password, requestId: newId() });
  const mine = clientsAs('gateway', () => tokens!.accessToken);
  expect((await mine.users.getUser(testContext(), { by: { $case: 'userId', value: user!.userId } })).user).toMatchObject({
    username: name,
  });

  const { sellerId, productId } = await world.shelf(5, 12);
  const viewer = await world.person();
  await world.awake(viewer);
  await world.follow(viewer, sellerId);
  const postId = await world.post(sellerId, 'a teapot', [productId]);
  await eventually(async () => expect(await world.feed(viewer)).toContain(postId), PATIENCE);
  await world.fund(viewer, 100);
  await world.order(viewer, productId);
  await eventually(async () => expect(await world.stock(productId)).toBe(4n), PATIENCE);
});

test('whoever has no certificate of ours is not let in', async () => {
  const { addresses, keys, certificates } = world.plaza;
  const getUser = (clients: PlazaClients) => refusalOf(clients.users.getUser(testContext(), NOBODY));
  const unencrypted = closing(plazaClients({ addresses, token: keys.tokenOf }));
  expect(await getUser(unencrypted)).toBe('PEER_UNAVAILABLE');
  const foreign = mkdtempSync(join(tmpdir(), 'plaza-foreign-'));
  onTestFinished(() => rmSync(foreign, { recursive: true }));
  writeCertificates(foreign);
  const ours = tlsFiles(certificates!, 'gateway');
  // It knows whom it may trust, and so does not hang up itself.
  const bothCas = join(foreign, 'both.pem');
  writeFileSync(bothCas, readFileSync(ours.caFile, 'utf8') + readFileSync(join(foreign, 'ca.pem'), 'utf8'));
  const stranger = { ...tlsFiles(foreign, 'gateway'), caFile: bothCas };
  expect(await getUser(closing(plazaClients({ addresses, token: keys.tokenOf, tls: stranger })))).toBe('PEER_UNAVAILABLE');

  const url = `https://${addresses.user}/plaza.user.v1.UserService/GetUser`;
  const body = JSON.stringify({ userId: newId() });
  const curl = (...flags: string[]) =>
    promisify(execFile)('npx', ['buf', 'curl', '--protocol', 'grpc', '--cacert', ours.caFile, ...flags, '-d', body, url], {
      cwd: ROOT,
    }).then(
      ({ stdout }) => stdout,
      ({ stderr }: { stderr: string }) => stderr,
    );
  expect(await curl()).toContain('Failure');
  expect(await curl('--cert', ours.certFile, '--key', ours.keyFile)).toContain('no such user');
  // What the strangers are not told, operators are.
  await eventually(() => {
    for (const why of [
      /wrong version number|http request/,
      /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY)/,
      /did not return a certificate/,
    ])
      expect(refused).toContainEqual(expect.stringMatching(why));
  });
});

test('a token is worth nothing over the certificate of another', async () => {
  const { keys } = world.plaza;
  const whoever = await world.person();
  const ask = (clients: PlazaClients) =>
    refusalOf(clients.users.getUser(testContext(), { by: { $case: 'userId', value: whoever } }));
  const feeds = () => keys.signers.feed.serviceToken();
  expect(await ask(clientsAs('feed', feeds))).toBeUndefined();
  expect(await ask(clientsAs('order', feeds))).toBe('PEER_MISMATCH');
  expect(await ask(clientsAs('gateway', () => keys.userToken(whoever)))).toBeUndefined();
  expect(await ask(clientsAs('order', () => keys.userToken(whoever)))).toBe('PEER_MISMATCH');
  expect(await ask(clientsAs('operator', () => keys.adminToken()))).toBeUndefined();
});

test(
  'certificates and their authority are replaced under traffic; whom the old one had signed is not let in',
  { timeout: 90_000 },
  async () => {
    const dir = world.plaza.certificates!;
    const before = mkdtempSync(join(tmpdir(), 'plaza-before-'));
    onTestFinished(() => rmSync(before, { recursive: true }));
    cpSync(dir, before, { recursive: true });
    const traffic = openTraffic(await world.person());
    const authorities = join(dir, 'ca.pem');

    await everybodyReloads(() => writeCertificates(dir, { renewDays: Infinity }));
    await everybodyReloads(() => {
      rmSync(join(dir, 'ca-key.pem'));
      writeCertificates(dir);
    });
    await everybodyReloads(() => writeCertificates(dir, { renewDays: Infinity }));
    await everybodyReloads(() => {
      const [, next] = readFileSync(authorities, 'utf8').split(/(?<=-----END CERTIFICATE-----\n)/);
      writeFileSync(`${authorities}.new`, next!);
      renameSync(`${authorities}.new`, authorities);
    });
    const { calls, failures } = await traffic.end();
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(5);

    const late = { ...tlsFiles(before, 'gateway'), caFile: join(before, 'both.pem') };
    writeFileSync(late.caFile, readFileSync(join(before, 'ca.pem'), 'utf8') + readFileSync(authorities, 'utf8'));
    const { addresses, keys } = world.plaza;
    const ask = (tls: Tls) =>
      refusalOf(closing(plazaClients({ addresses, token: keys.tokenOf, tls })).users.getUser(testContext(), NOBODY));
    expect(await ask(late)).toBe('PEER_UNAVAILABLE');
    expect(await ask(tlsFiles(dir, 'gateway'))).toBe('USER_NOT_FOUND');
  },
);

const NOBODY = { by: { $case: 'userId' as const, value: newId() } };

/** Reason of the refusal; undefined if there was none. */
const refusalOf = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => undefined,
    (error: unknown) => {
      if (isAppError(error)) return error.reason;
      throw error;
    },
  );

const closing = (clients: PlazaClients): PlazaClients => {
  onTestFinished(() => clients.close());
  return clients;
};

const clientsAs = (peer: PeerName, token: () => string): PlazaClients =>
  closing(plazaClients({ addresses: world.plaza.addresses, token, tls: tlsFiles(world.plaza.certificates!, peer) }));

/** Does it, and waits until each process says that it has read the new files. */
const everybodyReloads = async (change: () => void): Promise<void> => {
  reloaded.length = 0;
  change();
  await eventually(() => expect(new Set(reloaded).size).toBe(PROCESSES.length), PATIENCE);
};

/** Calls of two kinds, one after another: over connections that last, and each over one of its own. */
const openTraffic = (userId: string) => {
  const { plaza } = world;
  const { addresses, keys, certificates, clients } = plaza;
  const tls = tlsFiles(certificates!, 'gateway');
  // As long as it is open, the others have its certificate.
  closing(plazaClients({ addresses, token: keys.tokenOf, tls }));
  const failures: unknown[] = [];
  let calls = 0;
  let over = false;
  const run = async (): Promise<void> => {
    while (!over) {
      const fresh = plazaClients({ addresses, token: keys.tokenOf, tls });
      const feed = { viewerId: userId, pageSize: 1 };
      const post = { authorId: userId, text: 'hello', requestId: newId() };
      await Promise.all([
        clients.posts.createPost(plaza.asUser(userId), post),
        fresh.feed.listHomeFeed(plaza.asUser(userId), feed),
        fresh.wallets.getWallet(plaza.asUser(userId), { userId }),
        fresh.products.listProducts(plaza.asUser(userId), { category: 'home-kitchen', pageSize: 1 }),
        fresh.orders.listOrders(plaza.asUser(userId), { userId, pageSize: 1 }),
        fresh.graph.listFollowing(plaza.asUser(userId), { userId, pageSize: 1 }),
      ]).catch((error: unknown) => {
        // A machine that is busy with other things is late; a certificate that does not fit is refused.
        if (!isAppError(error, 'DEADLINE_EXCEEDED')) failures.push(error);
      });
      fresh.close();
      calls++;
      await pause(50);
    }
  };
  const running = run();
  return {
    end: async () => {
      over = true;
      await running;
      return { calls, failures };
    },
  };
};
