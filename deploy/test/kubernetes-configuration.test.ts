import type { Env } from '@plaza/core';
import { describe, expect, test } from 'vitest';

import { LEFT_ALONE, SECRET_VARIABLES } from '../src/kubernetes/configuration.ts';
import { JOBS } from '../src/kubernetes/jobs.ts';
import { peersOf, TOPOLOGY, variablesOf } from '../src/topology.ts';
import { environmentOf, podsOf } from './kubernetes/cluster.ts';
import { render } from './kubernetes/render.ts';

/** Read by the SDK, where no identity comes with the pod. */
const OF_THE_SDK = ['AWS_SECRET_ACCESS_KEY'];

describe.each(['local', 'staging', 'production'])('the overlay %s', (stage) => {
  const manifests = render(`overlays/${stage}`);
  const environments = TOPOLOGY.map((process) => ({
    process,
    pod: podsOf(manifests).find(({ name }) => name === process.name)!,
    environment: environmentOf(
      podsOf(manifests).find(({ name }) => name === process.name)!,
      manifests,
    ),
  }));

  test.each(environments)(
    'all that $process.name reads is set or left alone on purpose, and nothing else is set',
    ({ process, environment }) => {
      const read = variablesOf(process);
      const set = Object.keys(environment);
      expect(read.filter((name) => !set.includes(name) && LEFT_ALONE[name] === undefined)).toEqual([]);
      expect(set.filter((name) => !read.includes(name) && !OF_THE_SDK.includes(name))).toEqual([]);
    },
  );

  test.each(environments)('$process.name starts with it', ({ process, environment }) => {
    const secrets = { SIGNING_KEY: 'key', VERIFY_KEYS: '{"user":"key"}', PAGE_SECRET: 'secret', REDIS_URL: 'redis://redis' };
    expect(process.loadConfig({ ...environment, ...secrets })).toMatchObject({ createTables: stage === 'local' });
  });

  test.each(environments)('secrets of $process.name come from its own Secret, or as files', ({ process, pod, environment }) => {
    for (const name of SECRET_VARIABLES) expect(environment[name]).toBe(`secret ${process.name}/${name}`);
    const mounted = pod.container.volumeMounts!.map(({ name, mountPath }) => [
      mountPath,
      pod.spec.volumes!.find((volume) => volume.name === name)!.secret!.secretName,
    ]);
    expect(Object.fromEntries(mounted)).toEqual({
      '/etc/plaza/tls': `${process.service}-tls`,
      '/etc/plaza/nats': `${process.service}-nats`,
    });
    const files = ['TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CA_FILE', 'NATS_CREDS_FILE'].map((name) => environment[name]!);
    for (const file of files.filter(Boolean)) expect(mounted.some(([folder]) => file.startsWith(`${folder}/`))).toBe(true);
  });

  test.each(environments)(
    '$process.name speaks TLS, except on one machine, and shows its interface, except in production',
    ({ environment }) => {
      expect(environment['ALLOW_PLAINTEXT']).toBe(String(stage === 'local'));
      expect(environment['TLS_CERT_FILE'] === '').toBe(stage === 'local');
      expect(environment['NATS_URL']).toMatch(stage === 'local' ? /^nats:/ : /^tls:/);
      expect(environment['REFLECTION']).toBe(String(stage !== 'production'));
      expect(environment['DYNAMODB_ENDPOINT'] !== undefined).toBe(stage === 'local');
    },
  );

  test.each(JOBS)('the job $name finds all that it reads, and may reach whom it calls', async ({ name, peers }) => {
    const { loadConfig } = await jobNamed(name);
    const pod = podsOf(manifests).find((one) => one.name === name)!;
    const environment = environmentOf(pod, manifests);
    const read = variablesOf({ loadConfig });
    expect(read.filter((variable) => !(variable in environment) && LEFT_ALONE[variable] === undefined)).toEqual([]);
    expect(peersOf({ loadConfig }).toSorted()).toEqual(peers.toSorted());
    expect(() => loadConfig({ ...environment, SIGNING_KEY: 'key' })).not.toThrow();
    // Only the user service vouches for admins, and only an operator's certificate brings their tokens.
    if (peers.length === 0) return;
    expect(environment['SIGNING_KEY']).toBe('secret user/SIGNING_KEY');
    expect(pod.spec.volumes!.find((volume) => volume.name === 'tls')!.secret!.secretName).toBe('operator-tls');
  });

  test('what jobs share is read by one of them', async () => {
    const read = (await Promise.all(JOBS.map(({ name }) => jobNamed(name)))).flatMap(variablesOf);
    const shared = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'jobs-config')!.data!;
    expect(Object.keys(shared).filter((variable) => !read.includes(variable) && !OF_THE_SDK.includes(variable))).toEqual([]);
  });
});

const jobNamed = (name: string): Promise<{ loadConfig: (env: Env) => unknown }> => import(`../src/jobs/${name}/config.ts`);
