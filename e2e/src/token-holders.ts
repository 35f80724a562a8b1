import { isAppError, newId, pause } from '@plaza/core';
import { eventually, plazaClients, SERVICES, type PlazaClients, type ServiceName } from '@plaza/testing';

import type { World } from './world.ts';

export const PASSWORD = 'correct horse battery';

export interface Person {
  readonly userId: string;
  readonly login: string;
}

/** Somebody with an access token, and one call to each service that needs nothing but the token to be good. */
export interface Holder {
  readonly userId: string;
  readonly sessionId: string;
  readonly refreshToken: string;
  /** `ok`, or the code and reason of the refusal. */
  call(service: ServiceName): Promise<string>;
  /** Has called every service, with success. */
  warm(): Promise<void>;
}

/** How the end of sessions was felt. */
export interface Verdict {
  /** From the acknowledgement of the end to the begin of the last call that passed; 0 if none did. */
  readonly lastedMs: number;
  /** What their holders were told in the end. */
  readonly ended: string[];
  /** What the others were told that has to do with their tokens, at any time. */
  readonly disturbed: string[];
  /** Whether the others were served by every service afterwards. */
  readonly served: boolean;
}

/** Goes on calling for this long after the end: nothing may come back to life. */
const AFTER_MS = 2_000;

/** Signs people in and uses their tokens, over the network. */
export const tokenHolders = (world: World, productId: string) => {
  const { users, sessions } = world.plaza.clients;
  const opened: PlazaClients[] = [];
  const nobody = () => ({ ...world.plaza.asAdmin(20_000), caller: { kind: 'anonymous' } as const });
  /** By a token that belongs to no session. */
  const self = ({ userId }: Pick<Person, 'userId'>) => world.plaza.asUser(userId, 20_000);

  const hold = (userId: string, { accessToken, refreshToken }: { accessToken: string; refreshToken: string }): Holder => {
    const clients = plazaClients({ addresses: world.plaza.addresses, token: () => accessToken });
    opened.push(clients);
    const ctx = () => world.plaza.asUser(userId, 10_000);
    const calls: Record<ServiceName, () => Promise<unknown>> = {
      user: () => clients.sessions.getSession(ctx(), {}),
      product: () => clients.products.getProduct(ctx(), { productId }),
      order: () => clients.orders.listOrders(ctx(), { userId }),
      'social-graph': () => clients.graph.listFollowing(ctx(), { userId }),
      feed: () => clients.posts.listPosts(ctx(), { authorId: userId }),
    };
    const call = (service: ServiceName): Promise<string> =>
      calls[service]().then(
        () => 'ok',
        (error: unknown) => (isAppError(error) ? `${error.code} ${error.reason}` : String(error)),
      );
    const warm = async () => {
      for (const service of SERVICES)
        await eventually(async () => {
          const outcome = await call(service);
          if (outcome !== 'ok') throw new Error(`${service}: ${outcome}`);
        });
    };
    const { sid } = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as { sid: string };
    return { userId, sessionId: sid, refreshToken, call, warm };
  };

  return {
    nobody,
    self,
    hold,
    signUp: async (): Promise<Person> => {
      const login = `s${newId().slice(-12).toLowerCase()}`;
      const wish = { username: login, email: `${login}@example.com`, password: PASSWORD, requestId: newId() };
      const { user } = await users.createUser(nobody(), wish);
      return { userId: user!.userId, login };
    },
    signIn: async ({ login, userId }: Person): Promise<Holder> => {
      const wish = { login, password: PASSWORD, requestId: newId() };
      const { tokens } = await eventually(() => sessions.createSession(nobody(), wish));
      return hold(userId, tokens!);
    },
    signOut: async ({ userId, sessionId }: Holder): Promise<void> => {
      await sessions.deleteSession(self({ userId }), { userId, sessionId, requestId: newId() });
    },
    /** Ends sessions while their holders, and others, call all services again and again. */
    ends: async (holders: readonly Holder[], end: () => Promise<unknown>, others: readonly Holder[]): Promise<Verdict> => {
      for (const each of [...holders, ...others]) await each.warm();
      let endedAt = Infinity;
      const use = async (each: Holder, service: ServiceName) => {
        const seen: { begunAt: number; outcome: string }[] = [];
        while (performance.now() < endedAt + AFTER_MS) {
          const begunAt = performance.now();
          seen.push({ begunAt, outcome: await each.call(service) });
          await pause(20);
        }
        return seen;
      };
      const useAll = (all: readonly Holder[]) =>
        Promise.all(all.flatMap((each) => SERVICES.map((service) => use(each, service))));
      const running = Promise.all([useAll(holders), useAll(others)]);
      await end().finally(() => (endedAt = performance.now()));
      const [ended, living] = await running;
      const passed = ended.flat().filter(({ outcome }) => outcome === 'ok');
      const told = living.flat().map(({ outcome }) => outcome);
      return {
        lastedMs: Math.round(Math.max(0, ...passed.map(({ begunAt }) => begunAt - endedAt))),
        ended: [...new Set(ended.map((seen) => seen.at(-1)!.outcome))],
        disturbed: [...new Set(told.filter((outcome) => /SESSION_|UNAUTHENTICATED/.test(outcome)))],
        served: living.every((seen) => seen.some(({ begunAt, outcome }) => begunAt > endedAt && outcome === 'ok')),
      };
    },
    /** The sum of a metric over some services. */
    metric: async (name: string, services: readonly ServiceName[] = SERVICES): Promise<number> => {
      const pages = services.map(async (service) => {
        const page = await fetch(`http://127.0.0.1:${world.plaza.process(service).adminPort}/metrics`);
        return page.text();
      });
      const values = (await Promise.all(pages)).flatMap((text) => [
        ...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'gm')),
      ]);
      return values.reduce((sum, [, value]) => sum + Number(value), 0);
    },
    close: () => opened.splice(0).forEach((clients) => clients.close()),
  };
};
