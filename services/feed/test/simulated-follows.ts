import { newId } from '@plaza/core';
import { followCreated, followRemoved } from '@plaza/events';
import { FollowEnd } from '@plaza/proto/plaza/graph/v1/events';

type Publish = (subject: string, bytes: Uint8Array, id: string) => void;

/** Who follows whom, as edges "viewer author", told to the bus; and who ever did, by ticks of a clock. */
export const simulatedFollows = (publish: Publish) => {
  const edges = new Set<string>();
  const history = new Map<string, { at: number; begins: boolean }[]>();
  let clock = 0;

  const change = (viewer: string, author: string, begins: boolean) => {
    const edge = `${viewer} ${author}`;
    if (edges.has(edge) === begins) return;
    edges[begins ? 'add' : 'delete'](edge);
    history.set(edge, [...(history.get(edge) ?? []), { at: clock++, begins }]);
    const payload = { followerId: viewer, followeeId: author };
    if (begins) publish(followCreated.subject, followCreated.encode({ ...payload, followTime: undefined }), newId());
    else publish(followRemoved.subject, followRemoved.encode({ ...payload, cause: FollowEnd.UNFOLLOWED }), newId());
  };

  return {
    edges,
    follows: (viewer: string, author: string) => edges.has(`${viewer} ${author}`),
    follow: (viewer: string, author: string) => change(viewer, author, true),
    unfollow: (viewer: string, author: string) => change(viewer, author, false),
    tick: () => clock++,
    /** Whether the viewer followed the author at any moment of a span of ticks. */
    followedWithin(viewer: string, author: string, from: number, to: number): boolean {
      const past = history.get(`${viewer} ${author}`) ?? [];
      const before = past.filter(({ at }) => at < from).at(-1)?.begins ?? false;
      return before || past.some(({ at, begins }) => begins && at >= from && at <= to);
    },
  };
};
