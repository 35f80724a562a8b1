import type { DescMethod } from '@bufbuild/protobuf';
import { backgroundContext, isAppError, noMetrics, silentLog, type Caller, type Context } from '@plaza/core';
import { createClient, dynamicDefinition, policyOf } from '@plaza/rpc';
import { SERVICES, type PeerName, type ServiceName } from '@plaza/testing';

import { addressOf, type Target } from '../target/target.ts';
import { Trouble, type ExitCode } from '../target/trouble.ts';

export interface Calling {
  readonly target: Target;
  readonly method: DescMethod;
  readonly caller: Caller;
  /** Proto3 JSON; more than one for a stream of requests. */
  readonly requests: readonly unknown[];
  /** host:port, or the name of a service, for an RPC that several serve. */
  readonly address: string | undefined;
  readonly stop: AbortSignal;
  /** An answer, as proto3 JSON. */
  readonly answer: (message: unknown) => void;
}

type Call = (ctx: Context, request: unknown) => Promise<unknown> | AsyncIterable<unknown>;

/** Makes the call and tells what comes back. */
export const makeCall = async (calling: Calling): Promise<ExitCode> => {
  const { target, method, caller, stop } = calling;
  const client = createClient(dynamicDefinition(method.parent.typeName), {
    ...whereabouts(calling),
    token: target.tokenOf,
    tls: target.tlsAs(peerOf(caller)),
    log: silentLog,
    metrics: noMetrics,
  });
  const call = (client as unknown as Readonly<Record<string, Call>>)[method.name]!;
  const timeoutMs = policyOf(method)?.budgetMs || 1_000;
  // A little longer than the server's own limit, so that the refusal is the server's.
  const ctx = { ...backgroundContext({ method: 'plaza.tools/Call', timeoutMs: timeoutMs + 500, signal: stop }), caller };
  try {
    await run(calling, call, ctx);
    return 0;
  } catch (error) {
    if (stop.aborted) return 0;
    throw isAppError(error) ? error : noSuchRequest(error, method);
  } finally {
    client.close();
  }
};

/** Under mutual TLS a service's token is taken from that service alone. */
const peerOf = (caller: Caller): PeerName =>
  (caller.kind === 'service' && SERVICES.find((name) => name === caller.service)) || 'operator';

const run = async ({ method, requests, answer }: Calling, call: Call, ctx: Context): Promise<void> => {
  if (method.methodKind === 'client_streaming') return answer(await call(ctx, each(requests)));
  const [request = {}] = requests;
  if (method.methodKind === 'unary') return answer(await call(ctx, request));
  for await (const message of call(ctx, request) as AsyncIterable<unknown>) answer(message);
};

async function* each(requests: readonly unknown[]): AsyncIterable<unknown> {
  yield* requests;
}

const noSuchRequest = (error: unknown, { name, input }: DescMethod): unknown =>
  error instanceof Error && /JSON|field/.test(error.message)
    ? new Trouble(`that is no ${input.name}: ${error.message}`, [`npm run call -- ${name} --describe tells its fields`])
    : error;

/** Where to call, and which service is meant there: under TLS its certificate must say so. */
const whereabouts = ({ target, method, address }: Calling): { target: string; service: ServiceName | undefined } => {
  if (address?.includes(':')) return { target: address, service: serviceOf(method) ?? serviceAt(target, address) };
  const service = address === undefined ? serviceOf(method) : SERVICES.find((name) => name === address);
  if (service !== undefined) return { target: addressOf(target, service), service };
  throw new Trouble(
    address === undefined ? `every service serves ${method.parent.name}: which?` : `no service is called ${address}`,
    [`--address ${SERVICES.join(', ')} or host:port`],
  );
};

const serviceAt = ({ services, tlsAs }: Target, address: string): ServiceName | undefined => {
  const service = SERVICES.find((name) => services[name] === address);
  if (service !== undefined || tlsAs('operator') === undefined) return service;
  throw new Trouble(`which service is at ${address}? Under TLS its certificate must name it`, [
    'name the service: --address feed, with FEED_ADDRESS=host:port',
  ]);
};

/** By its proto package; those of plaza.common are served by all. */
const serviceOf = (method: DescMethod): ServiceName | undefined => {
  const owner = method.parent.typeName.split('.')[1];
  return SERVICES.find((name) => name === (owner === 'graph' ? 'social-graph' : owner));
};
