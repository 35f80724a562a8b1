import { eventAdminClient, type EventAdminClient } from '@plaza/clients';
import { backgroundContext, isAppError, noMetrics, pause, silentLog, type Context } from '@plaza/core';
import type { DeadLetter } from '@plaza/proto/plaza/common/v1/event_admin_service';
import { SERVICES, type ServiceName } from '@plaza/testing';

import { addressOf, type Target } from '../target/target.ts';
import { Trouble } from '../target/trouble.ts';

/** A dead letter, and the service whose consumer gave up on it. */
export interface Letter {
  readonly service: ServiceName;
  readonly letter: DeadLetter;
}

export interface Offices {
  readonly of: (service: ServiceName) => EventAdminClient;
  readonly context: (timeoutMs?: number) => Context;
  close(): void;
}

/** The event administration of every service, as an admin. */
export const openOffices = (target: Target, stop: AbortSignal): Offices => {
  const clients = new Map<ServiceName, EventAdminClient>();
  const about = { token: target.tokenOf, tls: target.tlsAs('operator'), log: silentLog, metrics: noMetrics };
  return {
    of: (service) => {
      const client = clients.get(service) ?? eventAdminClient({ address: addressOf(target, service), service, ...about });
      clients.set(service, client);
      return client;
    },
    context: (timeoutMs = 5_000) => ({
      ...backgroundContext({ method: 'plaza.tools/Dlq', timeoutMs, signal: stop }),
      caller: { kind: 'admin' },
    }),
    close: () => clients.forEach((client) => client.close()),
  };
};

const PAGE = 100;

/** All letters of a service, newest events first. */
export const lettersOf = async (offices: Offices, service: ServiceName): Promise<Letter[]> => {
  const letters: Letter[] = [];
  for (let pageToken = ''; ;) {
    const page = await offices.of(service).listDeadLetters(offices.context(), { pageSize: PAGE, pageToken });
    letters.push(...page.deadLetters.map((letter) => ({ service, letter })));
    pageToken = page.nextPageToken;
    if (pageToken === '') return letters;
  }
};

/** Those of all services that answer; `away` hears of the others. */
export const allLetters = async (offices: Offices, away: (service: ServiceName, why: string) => void): Promise<Letter[]> => {
  const lists = await Promise.all(
    SERVICES.map((service) =>
      lettersOf(offices, service).catch((error: unknown): Letter[] => {
        if (!isAppError(error)) throw error;
        away(service, `${error.code} ${error.reason}`);
        return [];
      }),
    ),
  );
  return lists.flat();
};

export const findLetter = (letters: readonly Letter[], id: string): Letter => {
  const found = letters.find(({ letter }) => letter.deadLetterId === id);
  if (found) return found;
  throw new Trouble(`no dead letter is called ${id}`, ['npm run dlq -- list', 'one that was handled meanwhile is gone'], 1);
};

/** What became of a redriven letter. */
export type Fate = 'handled' | 'dead again' | 'under way' | 'not sent';

const LOOK_MS = 500;

/** Hands the letters to their consumers again, and waits for what becomes of each, `patienceMs` at most. */
export const redrive = async (
  offices: Offices,
  letters: readonly Letter[],
  { patienceMs, tick }: { patienceMs: number; tick: () => void },
): Promise<Map<Letter, Fate>> => {
  const fates = new Map<Letter, Fate>();
  for (const one of letters) {
    fates.set(one, await send(offices, one));
    tick();
  }
  const waiting = () => [...fates].filter(([, fate]) => fate === 'under way').map(([one]) => one);
  for (const until = Date.now() + patienceMs; waiting().length > 0 && Date.now() < until;) {
    await pause(LOOK_MS);
    for (const service of new Set(waiting().map((one) => one.service))) {
      const left = await lettersOf(offices, service).catch(untold);
      // Who is away meanwhile is asked again.
      if (left === undefined) continue;
      for (const one of waiting().filter((it) => it.service === service)) fates.set(one, fateOf(one, left));
    }
  }
  return fates;
};

const untold = (error: unknown): undefined => {
  if (!isAppError(error)) throw error;
};

const send = async (offices: Offices, { service, letter }: Letter): Promise<Fate> => {
  try {
    await offices.of(service).redriveDeadLetter(offices.context(), { deadLetterId: letter.deadLetterId });
    return 'under way';
  } catch (error) {
    if (isAppError(error, 'DEAD_LETTER_NOT_FOUND')) return 'handled';
    if (isAppError(error)) return 'not sent';
    throw error;
  }
};

/** A letter goes when it is handled, and is written anew when its consumer gives up again. */
const fateOf = ({ letter }: Letter, left: readonly Letter[]): Fate => {
  const now = left.find((one) => one.letter.deadLetterId === letter.deadLetterId);
  if (now === undefined) return 'handled';
  return now.letter.createTime?.getTime() === letter.createTime?.getTime() ? 'under way' : 'dead again';
};
