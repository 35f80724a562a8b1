import { expect, test } from 'vitest';

import { peersOf, TOPOLOGY, variablesOf } from '../src/topology.ts';

test('who calls whom is what the configurations ask for', () => {
  expect(Object.fromEntries(TOPOLOGY.map((process) => [process.name, peersOf(process)]))).toEqual({
    user: ['social-graph'],
    product: ['user'],
    order: ['product', 'user'],
    'social-graph': ['user'],
    feed: ['social-graph', 'product', 'user'],
    'feed-worker': ['social-graph', 'product', 'user'],
  });
});

test.each(TOPOLOGY)('the variables of $name are found without having any', (process) => {
  expect(variablesOf(process)).toEqual(expect.arrayContaining(['LISTEN', 'REDIS_URL', 'SIGNING_KEY', 'TLS_CERT_FILE']));
});
