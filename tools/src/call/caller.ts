import type { DescMethod } from '@bufbuild/protobuf';
import { backgroundContext, noMetrics, silentLog, type Caller } from '@plaza/core';
import { createClient, dynamicDefinition, policyOf } from '@plaza/rpc';
import { SERVICES } from '@plaza/testing';

import { addressOf, type Target } from '../target/target.ts';
import { Trouble } from '../target/trouble.ts';

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Who calls, by `--as`; without it the first of admin and nobody that the RPC admits. */
export const callerOf = async (as: string | undefined, method: DescMethod, target: Target): Promise<Caller> => {
  if (as === undefined) return byPolicy(method);
  const [kind] = as.split(':');
  const name = as.slice(as.indexOf(':') + 1);
  switch (kind) {
    case 'admin':
      return { kind: 'admin' };
    case 'nobody':
      return { kind: 'anonymous' };
    case 'user':
      return { kind: 'user', userId: ULID.test(name) ? name : await userIdOf(name, target) };
    case 'service':
      if (SERVICES.some((service) => service === name)) return { kind: 'service', service: name };
      throw new Trouble(`no service is called ${name}`, [SERVICES.join(', ')]);
    default:
      throw new Trouble(`nobody is called ${as}`, ['--as admin, nobody, user:<id or username>, service:<name>']);
  }
};

const byPolicy = (method: DescMethod): Caller => {
  const policy = policyOf(method);
  if (policy?.admin) return { kind: 'admin' };
  if (policy?.public) return { kind: 'anonymous' };
  const [service] = policy?.services ?? [];
  throw new Trouble(`${method.name} admits neither admins nor everybody: who calls?`, [
    ...(policy?.user || policy?.owner ? ['--as user:<id or username>'] : []),
    ...(service === undefined ? [] : [`--as service:${service}`]),
  ]);
};

const userIdOf = async (username: string, target: Target): Promise<string> => {
  const client = createClient(dynamicDefinition('plaza.user.v1.UserService'), {
    target: addressOf(target, 'user'),
    service: 'user',
    token: target.tokenOf,
    tls: target.tlsAs('operator'),
    log: silentLog,
    metrics: noMetrics,
  }) as unknown as {
    GetUser(ctx: object, request: object): Promise<{ user: { userId: string } }>;
    close(): void;
  };
  const ctx = { ...backgroundContext({ method: 'plaza.tools/Call', timeoutMs: 5_000 }), caller: { kind: 'admin' } };
  try {
    return (await client.GetUser(ctx, { username })).user.userId;
  } finally {
    client.close();
  }
};
