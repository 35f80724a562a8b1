import type { GraphClients } from '@plaza/clients';
import { AppError, assertAlive, type Context } from '@plaza/core';

import type { User } from './domain/user.ts';

/** Tells how a person stands to the public where that is judged, before whoever changed it is answered. */
export type TellStanding = (ctx: Context, user: User) => Promise<void>;

/**
 * Tells the social-graph service. A version that it knows changes nothing there, so telling twice does no harm.
 * @throws AppError UNAVAILABLE PEER_UNAVAILABLE when it does not answer: the change stands, and its event will tell later
 */
export const tellGraph =
  (graph: Pick<GraphClients['graph'], 'setStanding'>): TellStanding =>
  async (ctx, { userId, version, isPrivate, state }) => {
    try {
      await graph.setStanding(ctx, { userId, version: BigInt(version), isPrivate, gone: state !== 'ACTIVE' });
    } catch (error) {
      assertAlive(ctx);
      throw untold(error);
    }
  };

const untold = (cause: unknown): AppError =>
  new AppError(
    'UNAVAILABLE',
    'PEER_UNAVAILABLE',
    'the change stands, but who may see whom is not known to go by it yet; repeat the call with the same request_id',
    { domain: 'plaza', cause },
  );
