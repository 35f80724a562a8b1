import { createSigner, createVerifier } from '../src/index.ts';
import { FollowRequest, FollowResponse } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { describe, expect, test } from 'vitest';

import type { BoundService } from '../src/index.ts';
import { graph, keys, serve } from './fixture.ts';

describe('a server does not start', () => {
  test('with a method that has no policy', async () => {
    // Health is in the image, and nobody has written a policy for it.
    const check = {
      name: 'Check',
      requestType: FollowRequest,
      requestStream: false,
      responseType: FollowResponse,
      responseStream: false,
    };
    const health: BoundService = {
      definition: { name: 'Health', fullName: 'grpc.health.v1.Health', methods: { check } },
      handlers: { check: () => Promise.resolve({ state: 1 }) },
    };
    await expect(serve([health])).rejects.toThrow('grpc.health.v1.Health/Check has no (plaza.common.v1.policy)');
  });

  test('with a method that has no handler', async () => {
    const { definition, handlers } = graph();
    const { follow: _, ...others } = handlers;
    await expect(serve([{ definition, handlers: others }])).rejects.toThrow('SocialGraphService/Follow has no handler');
  });

  test('in plaintext off loopback, unless told that the network is trusted', async () => {
    await expect(serve([graph()], { listen: '0.0.0.0:0' })).rejects.toThrow('refusing to serve plaintext on 0.0.0.0:0');
    await expect(serve([graph()], { adminListen: '[::]:0' })).rejects.toThrow('refusing');
    expect((await serve([graph()], { listen: '0.0.0.0:0', allowPlaintext: true })).port).toBeGreaterThan(0);
  });

  test('on an address that is taken, and says which', async () => {
    const { port, adminPort } = await serve([graph()]);
    await expect(serve([graph()], { listen: `127.0.0.1:${port}` })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
    await expect(serve([graph()], { adminListen: `127.0.0.1:${adminPort}` })).rejects.toThrow('EADDRINUSE');
    await expect(serve([graph()], { listen: 'nonsense' })).rejects.toThrow('not host:port');
  });
});

test('a key that is none is named by its issuer', () => {
  expect(() => createVerifier({ feed: 'AAAA' })).toThrow('the public key of feed');
  expect(() => createSigner({ issuer: 'order', signingKey: keys.verifyKeys['order']! })).toThrow('the signing key of order');
});
