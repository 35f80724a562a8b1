import { absent, check, eq, exists, insert, put, remove, update, type Item, type WriteOp } from '@plaza/dynamo';
import {
  blockCreated,
  blockRemoved,
  followCreated,
  FollowEnd,
  followRemoved,
  followRequested,
  FollowRequestEnd,
  followRequestRemoved,
  muteCreated,
  muteRemoved,
  MuteScope,
  outboxRow,
  type OutboxRow,
} from '@plaza/events';

import type { Person, Since, Step } from '../domain/tie.ts';
import { graph, keys } from './table.ts';

/** When a change happens, and the version of the ties of who began it. */
export interface Moment {
  readonly version: number;
  readonly at: number;
  readonly trace: string;
}

/** The rows of one step. The row by which a tie is looked up must be there, or must not, or else the transaction fails. */
export const stepRows = (step: Step, { version, at }: Moment): WriteOp[] => {
  const { from, to } = step;
  const since: Since = { version, at };
  switch (step.kind) {
    case 'follow':
      return [
        insert(graph, { ...keys.following(from, to), ...since }),
        put(graph, { ...keys.followee(from, version, to), at }),
        put(graph, { ...keys.follower(to, version, from), at }),
      ];
    case 'unfollow':
      return [
        remove(graph, keys.following(from, to), exists()),
        remove(graph, keys.followee(from, step.was.version, to)),
        remove(graph, keys.follower(to, step.was.version, from)),
      ];
    case 'request':
      return [insert(graph, { ...keys.requested(from, to), ...since }), put(graph, { ...keys.requester(to, version, from), at })];
    case 'endRequest':
      return [remove(graph, keys.requested(from, to), exists()), remove(graph, keys.requester(to, step.was.version, from))];
    case 'block':
      return [
        insert(graph, { ...keys.blocking(from, to), ...since }),
        put(graph, { ...keys.blockedBy(to, from), at }),
        put(graph, { ...keys.block(from, version, to), at }),
      ];
    case 'unblock':
      return [
        remove(graph, keys.blocking(from, to), exists()),
        remove(graph, keys.blockedBy(to, from)),
        remove(graph, keys.block(from, step.was.version, to)),
      ];
    case 'mute':
      return [
        put(graph, { ...keys.muting(from, to), ...since, scope: step.scope }),
        // It is of this very version only if it came in between, and then the transaction fails.
        ...(step.was && step.was.version !== version ? [remove(graph, keys.mute(from, step.was.version, to))] : []),
        put(graph, { ...keys.mute(from, version, to), at, scope: step.scope }),
      ];
    case 'unmute':
      return [remove(graph, keys.muting(from, to), exists()), remove(graph, keys.mute(from, step.was.version, to))];
  }
};

/** The event of one step. Its aggregate is who began the tie. */
export const stepEvent = (step: Step, { version, at, trace }: Moment): OutboxRow => {
  const { from, to } = step;
  const about = { aggregateId: from, version, at, trace };
  const time = new Date(at);
  switch (step.kind) {
    case 'follow':
      return outboxRow(followCreated, { followerId: from, followeeId: to, followTime: time }, about);
    case 'unfollow':
      return outboxRow(followRemoved, { followerId: from, followeeId: to, cause: FollowEnd[step.cause] }, about);
    case 'request':
      return outboxRow(followRequested, { followerId: from, followeeId: to, requestTime: time }, about);
    case 'endRequest':
      return outboxRow(followRequestRemoved, { followerId: from, followeeId: to, cause: FollowRequestEnd[step.cause] }, about);
    case 'block':
      return outboxRow(blockCreated, { blockerId: from, blockedId: to, blockTime: time }, about);
    case 'unblock':
      return outboxRow(blockRemoved, { blockerId: from, blockedId: to }, about);
    case 'mute':
      return outboxRow(muteCreated, { muterId: from, mutedId: to, scope: MuteScope[step.scope], muteTime: time }, about);
    case 'unmute':
      return outboxRow(muteRemoved, { muterId: from, mutedId: to }, about);
  }
};

/** How many more whom `userId` follows after these steps. */
export const followsGained = (userId: string, steps: readonly Step[]): number =>
  steps.reduce(
    (sum, { kind, from }) => (from !== userId ? sum : sum + (kind === 'follow' ? 1 : kind === 'unfollow' ? -1 : 0)),
    0,
  );

/**
 * Moves the version of a person's ties, in the transaction of every change of one: it fails when another change came in between,
 * so that whatever was decided on these ties still holds. Whoever reads the version before and after reading the ties has them as
 * they were at one moment.
 */
export const tiesOp = (person: Pick<Person, 'userId' | 'version'>, version: number, gained: number): WriteOp =>
  update(
    graph,
    keys.ties(person.userId),
    { set: { version }, add: { following: gained } },
    person.version === undefined ? absent() : eq('version', person.version),
  );

/**
 * Moves the version of ties on which nothing was decided: whatever is under way on them is decided anew. It makes the first version of
 * who never had a tie.
 */
export const bumpOp = (userId: string): WriteOp => update(graph, keys.ties(userId), { add: { version: 1 } });

/** That one neither follows the other nor asks to: whoever blocks found nothing to cut. */
export const untiedOps = (from: string, to: string): WriteOp[] => [
  check(graph, keys.following(from, to), absent()),
  check(graph, keys.requested(from, to), absent()),
];

/** The row that `tiesOp` writes; none stands for a person who never had a tie. */
export const tiesIn = (row: Item | undefined): { version: number | undefined; following: number } => ({
  version: row && Number(row['version']),
  following: Number(row?.['following'] ?? 0),
});

export const sinceIn = (row: Item | undefined): Since | undefined =>
  row && { version: Number(row['version']), at: Number(row['at']) };
