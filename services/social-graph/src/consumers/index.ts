import { followCreated, followRemoved, followsImported, type Consumers } from '@plaza/events';

import type { CountStore } from '../store/count-store.ts';
import { countFollowers } from './count-followers.ts';

export interface Deps {
  readonly counts: CountStore;
}

/** Our own events, back from the bus: the count of a famous person's followers must not slow down those who follow. */
export const addConsumers = (consumers: Consumers, deps: Deps): void => {
  consumers.on(
    followCreated,
    countFollowers(deps, 'graph-count-follow', 1, ({ followeeId }) => [followeeId]),
  );
  consumers.on(
    followsImported,
    countFollowers(deps, 'graph-count-import', 1, ({ followeeIds }) => followeeIds),
  );
  consumers.on(
    followRemoved,
    countFollowers(deps, 'graph-count-unfollow', -1, ({ followeeId }) => [followeeId]),
  );
};
