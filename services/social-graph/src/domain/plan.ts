import { followLimit, requestNotFound, userBlocked, userNotFound } from './errors.ts';
import type { FollowEnd, MuteScope, Pair, RequestEnd, Since, Step } from './tie.ts';

/** What is to be done so that what the caller wants is so; nothing, if it is so already. */
export type Plan = (pair: Pair) => readonly Step[];

/** One follows the other, or asks to. Who blocks the follower looks like nobody. */
export const planFollow =
  (limit: number): Plan =>
  (pair) => {
    const { one, other, follows, requested, blocks } = pair;
    mustBeThere(pair);
    if (blocks) throw userBlocked(other.userId);
    if (follows) return [];
    if (other.standing.isPrivate) return requested ? [] : [{ kind: 'request', from: one.userId, to: other.userId }];
    if (one.following >= limit) throw followLimit(limit);
    return [...outgoing(pair, 'APPROVED'), { kind: 'follow', from: one.userId, to: other.userId }];
  };

/** One neither follows the other nor asks to. */
export const planUnfollow: Plan = (pair) => [...outgoingFollow(pair, 'UNFOLLOWED'), ...outgoing(pair, 'WITHDRAWN')];

/** The other does not follow one any more; nor does who is about to, because one has gone public since they asked. */
export const planRemoveFollower: Plan = (pair) => [
  ...incomingFollow(pair, 'REMOVED'),
  ...(pair.one.standing.isPrivate ? [] : incoming(pair, 'REJECTED')),
];

/** The other, who asked to, follows one. */
export const planApprove =
  (limit: number): Plan =>
  (pair) => {
    const { one, other, followedBy, requestedBy } = pair;
    if (followedBy) return [];
    if (!requestedBy || other.standing.gone) throw requestNotFound(other.userId);
    if (other.following >= limit) throw followLimit(limit);
    return [...incoming(pair, 'APPROVED'), { kind: 'follow', from: other.userId, to: one.userId }];
  };

/** What becomes of a request to an account that is public now. Who follows too many by now would only wait for nothing. */
export const granted = (request: { from: string; to: string; was: Since }, following: number, limit: number): readonly Step[] =>
  following >= limit
    ? [{ kind: 'endRequest', ...request, cause: 'REJECTED' }]
    : [
        { kind: 'endRequest', ...request, cause: 'APPROVED' },
        { kind: 'follow', from: request.from, to: request.to },
      ];

/** The other does not ask any more. */
export const planReject: Plan = (pair) => incoming(pair, 'REJECTED');

/** One blocks the other; whatever tied the two ends with it, except mutes, which nobody else feels. */
export const planBlock: Plan = (pair) => {
  const { one, other, blocks } = pair;
  if (one.standing.gone) throw userNotFound(one.userId);
  if (other.standing.gone) throw userNotFound(other.userId);
  if (blocks) return [];
  return [
    ...outgoingFollow(pair, 'BLOCKED'),
    ...incomingFollow(pair, 'BLOCKED'),
    ...outgoing(pair, 'BLOCKED'),
    ...incoming(pair, 'BLOCKED'),
    { kind: 'block', from: one.userId, to: other.userId },
  ];
};

export const planUnblock: Plan = ({ one, other, blocks }) =>
  blocks ? [{ kind: 'unblock', from: one.userId, to: other.userId, was: blocks }] : [];

export const planMute =
  (scope: MuteScope): Plan =>
  (pair) => {
    const { one, other, mutes } = pair;
    mustBeThere(pair);
    return mutes?.scope === scope ? [] : [{ kind: 'mute', from: one.userId, to: other.userId, scope, was: mutes }];
  };

export const planUnmute: Plan = ({ one, other, mutes }) =>
  mutes ? [{ kind: 'unmute', from: one.userId, to: other.userId, was: mutes }] : [];

/** Who blocks one looks like nobody; but not to who blocks them too and was told nothing new, or else that would tell. */
const mustBeThere = ({ one, other, blocks, blockedBy }: Pair): void => {
  if (one.standing.gone) throw userNotFound(one.userId);
  if (other.standing.gone || (blockedBy && !blocks)) throw userNotFound(other.userId);
};

const outgoingFollow = ({ one, other, follows }: Pair, cause: FollowEnd): Step[] =>
  follows ? [{ kind: 'unfollow', from: one.userId, to: other.userId, was: follows, cause }] : [];

const incomingFollow = ({ one, other, followedBy }: Pair, cause: FollowEnd): Step[] =>
  followedBy ? [{ kind: 'unfollow', from: other.userId, to: one.userId, was: followedBy, cause }] : [];

const outgoing = ({ one, other, requested }: Pair, cause: RequestEnd): Step[] =>
  requested ? [{ kind: 'endRequest', from: one.userId, to: other.userId, was: requested, cause }] : [];

const incoming = ({ one, other, requestedBy }: Pair, cause: RequestEnd): Step[] =>
  requestedBy ? [{ kind: 'endRequest', from: other.userId, to: one.userId, was: requestedBy, cause }] : [];
