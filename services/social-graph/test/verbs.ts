import type { GraphClients } from '@plaza/clients';
import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import { asUser } from '@plaza/testing';

interface More {
  readonly requestId?: string;
}

/** What people do to each other, each by their own token. */
export const verbs = (graph: GraphClients['graph'], timeoutMs = 30_000) => {
  const as = (userId: string) => asUser(userId, timeoutMs);
  return {
    follow: (a: string, b: string, more: More = {}) => graph.follow(as(a), { followerId: a, followeeId: b, ...more }),
    unfollow: (a: string, b: string, more: More = {}) => graph.unfollow(as(a), { followerId: a, followeeId: b, ...more }),
    remove: (a: string, b: string, more: More = {}) => graph.removeFollower(as(a), { userId: a, followerId: b, ...more }),
    approve: (a: string, b: string, more: More = {}) => graph.approveFollowRequest(as(a), { userId: a, followerId: b, ...more }),
    reject: (a: string, b: string, more: More = {}) => graph.rejectFollowRequest(as(a), { userId: a, followerId: b, ...more }),
    block: (a: string, b: string, more: More = {}) => graph.block(as(a), { userId: a, blockedId: b, ...more }),
    unblock: (a: string, b: string, more: More = {}) => graph.unblock(as(a), { userId: a, blockedId: b, ...more }),
    mute: (a: string, b: string, more: More & { scope?: MuteScope } = {}) =>
      graph.mute(as(a), { userId: a, mutedId: b, scope: MuteScope.ALL, ...more }),
    unmute: (a: string, b: string, more: More = {}) => graph.unmute(as(a), { userId: a, mutedId: b, ...more }),
  };
};
export type Verbs = ReturnType<typeof verbs>;

/** The refusal of a call that must be refused. */
export const refusal = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (answer) => {
      throw new Error(`not refused: ${JSON.stringify(answer)}`);
    },
    (error: unknown) => error,
  );
