import process from 'node:process';

import { SocialGraphServiceDefinition } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { measureCapacity } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { scenariosOf } from './capacity-scenarios.ts';
import { startWorld, type World } from './world.ts';

// CAPACITY=write writes the table anew.
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const { name, methods } = SocialGraphServiceDefinition;
const RPCS = Object.values(methods).map((method) => `${name}/${method.name}`);

test('every RPC consumes what the README says', { timeout: 180_000 }, async () => {
  const scenarios = scenariosOf(world);
  expect(Object.keys(scenarios)).toEqual(RPCS);
  const { measured, stated } = await measureCapacity({
    readme: new URL('../README.md', import.meta.url),
    adminPort: world.app.adminPort,
    protoPackage: 'plaza.graph.v1',
    columns: { 'read `graph`': 'read ', 'rows in transactions': 'rows', 'write `graph`': 'write ' },
    scenarios,
    write: process.env['CAPACITY'] === 'write',
  });
  expect(measured).toEqual(stated);
});
