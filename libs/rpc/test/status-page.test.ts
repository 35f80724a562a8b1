import { defineCounter, defineGauge } from '@plaza/core';
import { expect, test } from 'vitest';

import { createMetrics } from '../src/index.ts';
import { alice, as, bob, context, graph, graphClient, serve } from './fixture.ts';

const reads = defineCounter('reads_total', 'Reads by what they found', ['cache', 'result']);
const waiting = defineGauge('waiting', 'What waits');

test('a browser is told calls, hit rates and what waits, in words', async () => {
  const metrics = createMetrics();
  const server = await serve([graph()], { metrics, status: async () => ({ bus: false }) });
  metrics.counter(reads).add({ cache: 'posts', result: 'hit' }, 3);
  metrics.counter(reads).add({ cache: 'posts', result: 'miss' });
  metrics.gauge(waiting).set({}, 7);
  await graphClient(server.target, as.alice).follow(context(), { followerId: alice, followeeId: bob });

  const { type, text } = await statusz(server.adminPort, { accept: 'text/html,*/*;q=0.8' });
  expect(type).toContain('text/html');
  const cells = [...text.matchAll(/<t[dh]>(.*?)<\/t[dh]>/g)].map(([, cell]) => cell);
  expect(cells).toEqual(
    expect.arrayContaining(['plaza.graph.v1.SocialGraphService/Follow', '3 (75 %)', '1 (25 %)', 'What waits', '7']),
  );
  expect(text).toContain('<dt>bus</dt><dd class="bad">no</dd>');
  // There when nothing else is.
  expect(text).not.toMatch(/<script|<link|<img|src=|url\(|https?:\/\//);
});

test('a program is told the same facts as JSON, and so is a browser that asks for it', async () => {
  const { adminPort } = await serve([graph()]);
  expect(JSON.parse((await statusz(adminPort, { accept: 'application/json' })).text)).toMatchObject({
    service: 'graph',
    healthy: true,
  });
  const asked = await statusz(adminPort, { accept: 'text/html' }, '?format=json');
  expect(JSON.parse(asked.text)).toMatchObject({ service: 'graph' });
});

test('of secrets it says that they are set, and what it is told it does not run', async () => {
  const secrets = {
    signingKey: 'a-signing-key',
    pageSecret: 'a-page-secret',
    redisUrl: 'redis://user:redis-password@host',
    natsUrl: 'nats://user:nats-password@host',
    otlpEndpoint: 'http://collector/token',
    natsCredsFile: '/secret/creds',
    awsAccessKeyId: 'an-access-key',
    verifyKeys: { user: 'a-public-key' },
  };
  const options = { ...secrets, namespace: '<b>here</b>' };
  const { adminPort } = await serve([graph()], options);
  const { text } = await statusz(adminPort, { accept: 'text/html' });
  expect(text).toContain('&lt;b&gt;here&lt;/b&gt;');
  for (const [name, secret] of Object.entries(secrets)) {
    expect(text).toContain(`<dt>${name}</dt><dd>set</dd>`);
    expect(text).not.toContain(typeof secret === 'string' ? secret : secret.user);
  }
});

const statusz = async (adminPort: number, headers: Record<string, string>, query = '') => {
  const response = await fetch(`http://127.0.0.1:${adminPort}/statusz${query}`, { headers });
  return { type: response.headers.get('content-type'), text: await response.text() };
};
