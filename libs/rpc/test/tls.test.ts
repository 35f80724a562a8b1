import { readFileSync } from 'node:fs';
import { connect, type ConnectionOptions } from 'node:tls';

import type { Tls } from '@plaza/core';
import type { PeerName } from '@plaza/testing';
import { describe, expect, test } from 'vitest';

import { peerNameOf } from '../src/peer.ts';
import { authority } from './certificates.ts';
import { alice, as, context, eventually, followers, graph, graphClient, refusal, serve } from './fixture.ts';

const mutual = async () => {
  const trusted = authority();
  const server = await serve([graph()], { tls: trusted.of('social-graph') });
  return { ...trusted, ...server };
};

const ask = { userId: alice };

describe('a connection', () => {
  test('carries calls, and both sides know whom they speak to', async () => {
    const { target, callsGraphAs, lines } = await mutual();
    await graphClient(target, as.nobody, callsGraphAs('gateway')).listFollowers(context(), ask);
    expect(lines).toMatchObject([{ event: 'rpc.handled', caller: 'anonymous', peer: 'gateway' }]);
  });

  test('off loopback needs no leave, and the ports beside it their own', async () => {
    const tls = authority().of('social-graph');
    const secured = { tls, listen: '0.0.0.0:0' };
    await serve([graph()], { ...secured, adminListen: '0.0.0.0:0', healthListen: '0.0.0.0:0', plaintextAdmin: true });
    await expect(serve([graph()], { ...secured, adminListen: '0.0.0.0:0' })).rejects.toThrow('refusing');
    await expect(serve([graph()], { ...secured, healthListen: '0.0.0.0:0' })).rejects.toThrow('refusing');
    await expect(serve([graph()], { plaintextAdmin: true, listen: '0.0.0.0:0' })).rejects.toThrow('refusing');
  });

  test('is refused to a client without TLS', async () => {
    const { target, lines } = await mutual();
    expect(await refusal(graphClient(target).listFollowers(context(), ask))).toMatchObject({ reason: 'PEER_UNAVAILABLE' });
    expect(lines).toContainEqual(expect.objectContaining({ event: 'tls.peer_refused', peer: '127.0.0.1' }));
  });

  type Files = Record<'ca' | 'cert' | 'key', Buffer>;
  const strangers: [what: string, options: (files: Files) => ConnectionOptions, message: RegExp][] = [
    ['shows no certificate', ({ ca }) => ({ ca }), /^peer did not return a certificate$/],
    ['speaks TLS 1.2 at most', (files) => ({ ...files, maxVersion: 'TLSv1.2' }), /^unsupported protocol$/],
    ['shows one of a foreign authority', ({ ca }) => ({ ...contents(authority().of('feed')), ca }), /^UNABLE_TO_VERIFY/],
  ];
  test.each(strangers)('is refused to one that %s', async (_, options, message) => {
    const { port, of, lines } = await mutual();
    const socket = connect({ port, servername: 'social-graph', ALPNProtocols: ['h2'], ...options(contents(of('feed'))) });
    // Under TLS 1.3 the refusal arrives when the client already believes itself connected.
    await new Promise((resolve) => {
      socket
        .on('error', () => undefined)
        .on('close', resolve)
        .resume();
    });
    const said = expect.objectContaining({
      event: 'tls.peer_refused',
      message: expect.stringMatching(message) as string,
    }) as object;
    await eventually(() => expect(lines).toContainEqual(said));
  });

  test('to a server of a foreign authority, or to another service, fails at once and says why', { timeout: 20_000 }, async () => {
    const { target, callsGraphAs } = await mutual();
    const cases = [
      { secured: authority().callsGraphAs('feed'), why: /unable to verify|self-signed|local issuer/ },
      { secured: { ...callsGraphAs('feed'), service: 'user' }, why: /the server is social-graph, not user/ },
    ];
    await Promise.all(
      cases.map(async ({ secured, why }) => {
        const lines: Record<string, unknown>[] = [];
        const client = graphClient(target, as.nobody, { ...secured, lines });
        const started = Date.now();
        expect(await refusal(client.listFollowers(context(), ask))).toMatchObject({ reason: 'PEER_UNAVAILABLE' });
        expect(Date.now() - started).toBeLessThan(3_000);
        const said = expect.objectContaining({
          event: 'rpc.channel_replaced',
          why: expect.stringMatching(why) as string,
        }) as object;
        await eventually(() => expect(lines).toContainEqual(said), 10_000);
      }),
    );
  });
});

describe('a token', () => {
  const FITS = 'passes';
  const STOLEN = 'PEER_MISMATCH';
  const cases: [token: keyof typeof as, certificate: PeerName, end: string][] = [
    ['feed', 'feed', FITS],
    ['feed', 'order', STOLEN],
    ['feed', 'gateway', STOLEN],
    ['alice', 'gateway', FITS],
    ['alice', 'operator', FITS],
    ['alice', 'order', STOLEN],
    // The service that made it has no business with it either.
    ['alice', 'user', STOLEN],
    ['admin', 'operator', FITS],
    ['admin', 'feed', STOLEN],
    ['nobody', 'gateway', FITS],
    ['nobody', 'feed', STOLEN],
  ];
  test.each(cases)('of %s, brought by %s: %s', async (token, certificate, end) => {
    const { target, callsGraphAs } = await mutual();
    const client = graphClient(target, as[token], callsGraphAs(certificate));
    const call = client.listFollowers(context(), ask).then(
      () => FITS,
      (error: { code: string; reason: string }) => (error.code === 'UNAUTHENTICATED' ? error.reason : error),
    );
    expect(await call).toBe(end);
  });

  test('is held against the certificate on streams as well', async () => {
    const { target, callsGraphAs } = await mutual();
    expect(await followers(graphClient(target, as.feed, callsGraphAs('feed')))).toHaveLength(1);
    const stolen = followers(graphClient(target, as.feed, callsGraphAs('order')));
    expect(await refusal(stolen)).toMatchObject({ reason: 'PEER_MISMATCH' });
  });
});

test('a certificate names one peer, or nobody', () => {
  expect(peerNameOf('DNS:order, URI:spiffe://plaza/order, IP Address:127.0.0.1')).toBe('order');
  for (const other of [
    undefined,
    '',
    'DNS:order',
    'URI:spiffe://elsewhere/order',
    'URI:spiffe://plaza/',
    'URI:spiffe://plaza/order/x',
    'URI:spiffe://plaza/order, URI:spiffe://plaza/feed',
    'DNS:"x, URI:spiffe://plaza/order"',
  ])
    expect(peerNameOf(other)).toBeUndefined();
});

const contents = ({ certFile, keyFile, caFile }: Tls) => ({
  cert: readFileSync(certFile),
  key: readFileSync(keyFile),
  ca: readFileSync(caFile),
});
