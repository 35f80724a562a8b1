import { isAppError } from '@plaza/core';
import { expect, test } from 'vitest';

import {
  planApprove,
  planBlock,
  planFollow,
  planMute,
  planReject,
  planRemoveFollower,
  planUnblock,
  planUnfollow,
  planUnmute,
  type Plan,
} from './plan.ts';
import { PUBLIC, type Pair, type Person, type Since } from './tie.ts';

const LIMIT = 2;
const since = (version: number): Since => ({ version, at: version });
const person = (userId: string): Person => ({ userId, version: 9, following: 0, standing: PUBLIC });
const STRANGERS: Pair = { one: person('a'), other: person('b') };

const [GONE, PRIVATE] = [
  { isPrivate: false, gone: true },
  { isPrivate: true, gone: false },
];
const one = (is: Partial<Person>) => ({ one: { ...STRANGERS.one, ...is } });
const other = (is: Partial<Person>) => ({ other: { ...STRANGERS.other, ...is } });
const follows = { follows: since(1) };
const followedBy = { followedBy: since(2) };
const requested = { requested: since(3) };
const requestedBy = { requestedBy: since(4) };
const blocks = { blocks: since(5) };
const blockedBy = { blockedBy: since(6) };
const muted = { mutes: { ...since(7), scope: 'ALL' as const } };

/** Each step in a word, and the version that a tie which ends had; or the reason of the refusal. */
const outcome = (plan: Plan, pair: Partial<Pair>): readonly string[] | string => {
  try {
    return plan({ ...STRANGERS, ...pair }).map(({ kind, from, to, ...more }) => {
      const was = 'was' in more && more.was ? [`@${more.was.version}`] : [];
      const how = 'cause' in more ? [more.cause] : 'scope' in more ? [more.scope] : [];
      return [`${from}→${to}`, kind, ...was, ...how].join(' ');
    });
  } catch (error) {
    if (!isAppError(error)) throw error;
    return `${error.reason} ${Object.values(error.details.metadata ?? {}).join()}`;
  }
};

test.each<[string, Plan, Partial<Pair>, readonly string[] | string]>([
  ['follow', planFollow(LIMIT), {}, ['a→b follow']],
  ['follow again', planFollow(LIMIT), follows, []],
  ['follow who goes private while followed', planFollow(LIMIT), { ...follows, ...other({ standing: PRIVATE }) }, []],
  ['ask who is private', planFollow(LIMIT), other({ standing: PRIVATE }), ['a→b request']],
  ['ask at the limit', planFollow(LIMIT), { ...one({ following: 2 }), ...other({ standing: PRIVATE }) }, ['a→b request']],
  ['ask again', planFollow(LIMIT), { ...requested, ...other({ standing: PRIVATE }) }, []],
  ['follow whom one asked before', planFollow(LIMIT), requested, ['a→b endRequest @3 APPROVED', 'a→b follow']],
  ['follow at the limit', planFollow(LIMIT), one({ following: 2 }), 'FOLLOW_LIMIT 2'],
  ['follow again at the limit', planFollow(LIMIT), { ...follows, ...one({ following: 2 }) }, []],
  ['follow whom one blocks', planFollow(LIMIT), blocks, 'USER_BLOCKED b'],
  ['follow who blocks one', planFollow(LIMIT), blockedBy, 'USER_NOT_FOUND b'],
  ['follow where both block', planFollow(LIMIT), { ...blocks, ...blockedBy }, 'USER_BLOCKED b'],
  ['mute where both block', planMute('ALL'), { ...blocks, ...blockedBy }, ['a→b mute ALL']],
  ['follow who is gone', planFollow(LIMIT), other({ standing: GONE }), 'USER_NOT_FOUND b'],
  ['follow when gone', planFollow(LIMIT), one({ standing: GONE }), 'USER_NOT_FOUND a'],

  ['unfollow', planUnfollow, { ...follows, ...followedBy }, ['a→b unfollow @1 UNFOLLOWED']],
  ['unfollow whom one asked', planUnfollow, { ...requested, ...requestedBy }, ['a→b endRequest @3 WITHDRAWN']],
  ['unfollow a stranger', planUnfollow, { ...followedBy, ...blockedBy }, []],

  ['remove a follower', planRemoveFollower, { ...follows, ...followedBy }, ['b→a unfollow @2 REMOVED']],
  ['remove a stranger', planRemoveFollower, follows, []],
  ['remove who is about to follow', planRemoveFollower, requestedBy, ['b→a endRequest @4 REJECTED']],
  ['remove who only asks', planRemoveFollower, { ...requestedBy, ...one({ standing: PRIVATE }) }, []],

  ['approve', planApprove(LIMIT), { ...requested, ...requestedBy }, ['b→a endRequest @4 APPROVED', 'b→a follow']],
  ['approve who follows', planApprove(LIMIT), followedBy, []],
  ['approve who did not ask', planApprove(LIMIT), requested, 'FOLLOW_REQUEST_NOT_FOUND b'],
  ['approve who is gone', planApprove(LIMIT), { ...requestedBy, ...other({ standing: GONE }) }, 'FOLLOW_REQUEST_NOT_FOUND b'],
  ['approve at the limit of the other', planApprove(LIMIT), { ...requestedBy, ...other({ following: 2 }) }, 'FOLLOW_LIMIT 2'],
  [
    'approve at the own limit',
    planApprove(LIMIT),
    { ...requestedBy, ...one({ following: 2 }) },
    ['b→a endRequest @4 APPROVED', 'b→a follow'],
  ],
  ['reject', planReject, { ...requested, ...requestedBy }, ['b→a endRequest @4 REJECTED']],
  ['reject who did not ask', planReject, { ...requested, ...followedBy }, []],

  ['block', planBlock, {}, ['a→b block']],
  [
    'block who follows and is followed',
    planBlock,
    { ...follows, ...followedBy, ...muted },
    ['a→b unfollow @1 BLOCKED', 'b→a unfollow @2 BLOCKED', 'a→b block'],
  ],
  [
    'block who asks and is asked',
    planBlock,
    { ...requested, ...requestedBy },
    ['a→b endRequest @3 BLOCKED', 'b→a endRequest @4 BLOCKED', 'a→b block'],
  ],
  ['block again', planBlock, blocks, []],
  ['block who blocks one', planBlock, blockedBy, ['a→b block']],
  ['block who is gone', planBlock, other({ standing: GONE }), 'USER_NOT_FOUND b'],
  ['block when gone', planBlock, one({ standing: GONE }), 'USER_NOT_FOUND a'],
  ['unblock', planUnblock, { ...blocks, ...blockedBy }, ['a→b unblock @5']],
  ['unblock a stranger', planUnblock, blockedBy, []],

  ['mute', planMute('ALL'), {}, ['a→b mute ALL']],
  ['mute again', planMute('ALL'), muted, []],
  ['mute otherwise', planMute('REPOSTS'), muted, ['a→b mute @7 REPOSTS']],
  ['mute whom one blocks', planMute('ALL'), blocks, ['a→b mute ALL']],
  ['mute who blocks one', planMute('ALL'), blockedBy, 'USER_NOT_FOUND b'],
  ['mute who is gone', planMute('ALL'), other({ standing: GONE }), 'USER_NOT_FOUND b'],
  ['unmute', planUnmute, muted, ['a→b unmute @7']],
  ['unmute a stranger', planUnmute, {}, []],
])('%s', (_name, plan, pair, expected) => {
  expect(outcome(plan, pair)).toEqual(expected);
});
