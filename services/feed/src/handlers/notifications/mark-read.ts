import { idTime, invalidField, isId } from '@plaza/core';

import type { Deps, NotificationHandlers } from '../index.ts';

/** Clocks of replicas, which give the places, differ by less. */
const SKEW_MS = 60_000;

/** A place of the future, or one that sorts behind all others, would make everything read that comes until then. */
export const markRead =
  ({ notices, now }: Deps): NotificationHandlers['markRead'] =>
  async (ctx, { userId, place }) => {
    if (!isId(place) || idTime(place) > now() + SKEW_MS) throw invalidField('place', 'must be the place of a notification');
    await notices.markRead(ctx, userId, place);
    return {};
  };
