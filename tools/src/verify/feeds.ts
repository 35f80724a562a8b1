import { isAppError, pause, type Context } from '@plaza/core';
import { UserState } from '@plaza/proto/plaza/user/v1/user_service';
import type { PlazaClients } from '@plaza/testing';

import { inParallel } from '../demo/state.ts';
import type { Progress } from '../demo/types.ts';

export interface Verifying {
  readonly clients: Pick<PlazaClients, 'users' | 'feedAdmin'>;
  readonly adminContext: (timeoutMs?: number) => Context;
  readonly progress: Progress;
  /** Before a feed that is not right is asked about again: what was on its way has arrived by then. 5,000 by default. */
  readonly againMs?: number;
}

/** A feed that is not right, or of which it cannot be told. */
export interface Fault {
  readonly viewerId: string;
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  readonly leaked: readonly string[];
  readonly unknown: string | undefined;
}

export interface Verified {
  /** Those that were asked about; fewer than were asked for when it was stopped. */
  readonly feeds: number;
  readonly stopped: boolean;
  readonly items: number;
  readonly faults: readonly Fault[];
}

/** Feeds that are looked at one time. */
const WIDTH = 3;
const AGAIN_MS = 5_000;
const PAGE = 100;
const CALL_MS = 30_000;

/** Everybody who can sign in. */
export const everybody = async ({ clients, adminContext }: Verifying): Promise<string[]> => {
  const userIds: string[] = [];
  for (let pageToken = ''; ;) {
    const page = await clients.users.listUsers(adminContext(), { state: UserState.ACTIVE, pageSize: PAGE, pageToken });
    userIds.push(...page.users.map(({ userId }) => userId));
    pageToken = page.nextPageToken;
    if (pageToken === '') return userIds;
  }
};

/** Asks the feed service to compare each of these feeds with the truth. */
export const verifyFeeds = async (verifying: Verifying, viewerIds: readonly string[]): Promise<Verified> => {
  const { clients, adminContext, progress, againMs = AGAIN_MS } = verifying;
  let [items, looked] = [0, 0];
  const look = async (viewerId: string): Promise<Fault | undefined> => {
    try {
      const found = await clients.feedAdmin.verifyFeed(adminContext(CALL_MS), { viewerId });
      const { missing, extra, leaked } = found;
      items += found.items;
      return missing.length + extra.length + leaked.length === 0
        ? undefined
        : { viewerId, missing, extra, leaked, unknown: undefined };
    } catch (error) {
      if (!isAppError(error)) throw error;
      return { viewerId, missing: [], extra: [], leaked: [], unknown: `${error.code} ${error.reason}` };
    }
  };
  const lookAtAll = async (label: string, all: readonly string[]): Promise<Fault[]> => {
    const faults: Fault[] = [];
    const bar = progress.bar(label, all.length);
    await inParallel(all, WIDTH, async (viewerId) => {
      if (adminContext().signal.aborted) return;
      looked++;
      const fault = await look(viewerId);
      if (fault) faults.push(fault);
      bar.tick();
    });
    bar.done();
    return faults;
  };

  const first = await lookAtAll('feeds', viewerIds);
  const compared = { feeds: looked, items };
  const isStopped = () => adminContext().signal.aborted;
  if (isStopped()) return { ...compared, faults: [], stopped: true };
  if (first.length === 0) return { ...compared, faults: [], stopped: false };
  await pause(againMs, adminContext().signal);
  const faults = await lookAtAll(
    'once more, what was not right',
    first.map(({ viewerId }) => viewerId),
  );
  return { ...compared, faults, stopped: isStopped() };
};

export const linesOf = ({ feeds, items, faults, stopped }: Verified): string[] => {
  if (stopped) return [`stopped after ${feeds} feeds: run it again for an answer`];
  const sum = (kind: 'missing' | 'extra' | 'leaked') => faults.reduce((all, fault) => all + fault[kind].length, 0);
  const unknown = Map.groupBy(
    faults.filter((fault) => fault.unknown !== undefined),
    (fault) => fault.unknown,
  );
  return [
    ...faults
      .filter((fault) => fault.unknown === undefined)
      .map(
        ({ viewerId, missing, extra, leaked }) =>
          `${viewerId}: ${missing.length} missing, ${extra.length} extra, ${leaked.length} leaked: ${[...missing, ...extra, ...leaked].slice(0, 5).join(' ')}`,
      ),
    ...[...unknown].map(
      ([why, those]) => `${those.length} could not be verified: ${why} (${those[0]!.viewerId} …); is all of Plaza running?`,
    ),
    `${feeds} feeds, ${items} items compared: ${sum('missing')} missing, ${sum('extra')} extra, ${sum('leaked')} leaked`,
  ];
};
