import { readdirSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { ERASING_SERVICES } from '../src/domain/purge.ts';

const SERVICES = new URL('../../', import.meta.url);
const PROTO = new URL('../../../proto/plaza/user/v1/user_service.proto', import.meta.url);
const services = readdirSync(SERVICES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []));

test('every service has its part in erasing a person', () => {
  expect(services.toSorted()).toEqual([...ERASING_SERVICES]);
});

test.each(services)('%s has one consumer that erases', (service) => {
  const consumers = new URL(`${service}/src/consumers/`, SERVICES);
  const sources = readdirSync(consumers).map((file) => readFileSync(new URL(file, consumers), 'utf8'));
  expect(sources.flatMap((source) => source.match(/durable: '[a-z-]+-erase-user'/g) ?? [])).toHaveLength(1);
});

test('each of them may report, but the one that reports to itself', () => {
  const [, policy = ''] = /rpc ReportErasure\([^]*?\.policy\) = \{([^]*?)\};/.exec(readFileSync(PROTO, 'utf8')) ?? [];
  const admitted = [...policy.matchAll(/"([a-z-]+)"/g)].map(([, service = '']) => service);
  expect(admitted.toSorted()).toEqual(ERASING_SERVICES.filter((service) => service !== 'user'));
  expect(policy).not.toContain('true');
});
