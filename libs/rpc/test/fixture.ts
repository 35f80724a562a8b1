import { backgroundContext, newId, type Caller, type Context, type Tls } from '@plaza/core';
import { SocialGraphServiceDefinition } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { onTestFinished } from 'vitest';

import {
  bind,
  createClient,
  createLog,
  createMetrics,
  createSigner,
  createVerifier,
  generateKeyring,
  noLimits,
  serviceToken,
  startServer,
  type BoundService,
  type Client,
  type Handlers,
  type ServiceDefinition,
} from '../src/index.ts';

export type Graph = Client<SocialGraphServiceDefinition> & { close(): void };
export type GraphHandlers = Handlers<SocialGraphServiceDefinition>;

export const keys = generateKeyring(['user', 'order', 'feed']);
export const signer = (issuer: string) => createSigner({ issuer, signingKey: keys.signingKeys[issuer]! });
const user = signer('user');

export const alice = newId();
export const bob = newId();

/** Whose token a call carries. */
export const as = {
  nobody: () => undefined,
  alice: () => user.accessToken({ userId: alice, ttlMs: 60_000 }),
  admin: () => user.adminToken({ ttlMs: 60_000 }),
  feed: serviceToken(signer('feed')),
  order: serviceToken(signer('order')),
};

export const context = (options: { timeoutMs?: number; signal?: AbortSignal; caller?: Caller; trace?: string } = {}): Context => {
  const { timeoutMs = 10_000, caller = { kind: 'anonymous' }, signal, trace } = options;
  return { ...backgroundContext({ method: 'test', timeoutMs, ...(signal && { signal }), ...(trace && { trace }) }), caller };
};

/** Methods that no test here calls. */
const unasked = Object.fromEntries(
  Object.keys(SocialGraphServiceDefinition.methods).map((key) => [
    key,
    () => Promise.reject(new Error(`nobody asks for ${key}`)),
  ]),
) as unknown as GraphHandlers;

/** Answers calls with next to nothing; tests replace the method that they are about. */
export const graph = (handlers: Partial<GraphHandlers> = {}): BoundService =>
  bind(SocialGraphServiceDefinition, {
    ...unasked,
    follow: async () => ({ state: 1 }),
    unfollow: async () => ({}),
    listFollowers: async () => ({ followers: [], nextPageToken: '' }),
    listFollowing: async () => ({ following: [], nextPageToken: '' }),
    batchGetCounts: async () => ({ counts: [] }),
    checkVisibility: async () => ({ authors: [], epoch: '' }),
    async *streamFollowers() {
      yield { followerIds: [], resumeToken: '' };
    },
    importFollows: async () => ({ receipt: undefined }),
    ...handlers,
  });

export type Line = Readonly<Record<string, unknown>>;

/** A real server on a free port, its log kept, stopped at the end of the test. */
export const serve = async (services: readonly BoundService[], options: Partial<Parameters<typeof startServer>[0]> = {}) => {
  const lines: Line[] = [];
  const log = createLog({ service: 'graph', write: (line) => lines.push(JSON.parse(line) as Line) });
  const server = await startServer({
    service: 'graph',
    listen: '127.0.0.1:0',
    adminListen: '127.0.0.1:0',
    allowPlaintext: false,
    reflection: true,
    services,
    verifier: createVerifier(keys.verifyKeys),
    log,
    metrics: createMetrics(),
    // A server of another service says itself who counts.
    ...(options.service === undefined && { limiter: noLimits }),
    ...options,
  });
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= server.close());
  onTestFinished(close);
  return { ...server, close, lines, log, target: `127.0.0.1:${server.port}` };
};

type Token = (ctx: Context) => string | undefined;

/** Whose certificate the client shows, and whose it expects. */
export interface Secured {
  readonly tls: Tls;
  readonly service: string;
  readonly lines?: Line[];
}

/** A client that is closed at the end of the test. */
export const clientOf = <D extends ServiceDefinition>(
  definition: D,
  target: string,
  token: Token = as.nobody,
  { lines, ...secured }: Partial<Secured> = {},
) => {
  const client = createClient(definition, {
    target,
    token,
    ...secured,
    log: createLog({ service: 'test', write: (line) => lines?.push(JSON.parse(line) as Line) }),
    metrics: createMetrics(),
  });
  onTestFinished(() => client.close());
  return client;
};

export const graphClient = (target: string, token: Token = as.nobody, secured: Partial<Secured> = {}): Graph =>
  clientOf(SocialGraphServiceDefinition, target, token, secured);

/** All chunks of a stream: the call of the graph whose budget outlasts a busy machine. */
export const followers = async (client: Graph, ctx = context()): Promise<unknown[]> => {
  const chunks: unknown[] = [];
  for await (const chunk of client.streamFollowers(ctx, { authorId: alice })) chunks.push(chunk);
  return chunks;
};

/** What a call was refused with. */
export const refusal = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (answer) => Promise.reject(new Error(`not refused: ${JSON.stringify(answer)}`)),
    (error: unknown) => error,
  );

export const eventually = async <T>(check: () => T | Promise<T>, timeoutMs = 5_000): Promise<T> => {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
};

/** Serves these methods only. */
export const bindSome = <D extends ServiceDefinition>(definition: D, handlers: Partial<Handlers<D>>): BoundService => {
  const missing = () => Promise.reject(new Error('not stubbed'));
  const stubs = Object.fromEntries(Object.keys(definition.methods).map((key) => [key, missing]));
  return bind(definition, { ...stubs, ...handlers } as Handlers<D>);
};
