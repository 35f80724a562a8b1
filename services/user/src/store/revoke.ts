import type { Context, Mutation } from '@plaza/core';
import { once, type Db } from '@plaza/dynamo';
import type { OutboxRow, Relay } from '@plaza/events';

import { usersTable } from './table.ts';

/** How long an answer waits for the bus to take over the news. Without a bus the services find out by themselves. */
const ANNOUNCE_MS = 500;

export type Revoke = ReturnType<typeof createRevoke>;

/** Whatever makes access tokens worthless goes through here: it is published before it is answered. */
export const createRevoke = ({ db, relay }: { db: Db; relay: Pick<Relay, 'announce'> }) => {
  const announce = async (event: OutboxRow): Promise<void> => void (await relay.announce([event], ANNOUNCE_MS));

  /** Runs a mutation once; `attempt` commits its event together with its request row. A repetition has nothing new to tell. */
  const revoke = async (ctx: Context, mutation: Mutation, attempt: () => Promise<OutboxRow>): Promise<void> => {
    let committed: OutboxRow | undefined;
    await once(ctx, db, usersTable, mutation, async () => {
      committed = await attempt();
      return null;
    });
    if (committed !== undefined) await announce(committed);
  };

  return { announce, revoke };
};
