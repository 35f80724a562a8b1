interface Edge {
  readonly followerId: string;
  readonly followeeId: string;
}

/** What one message of an import asks for, and what is left of it once nonsense is taken out. */
export interface ImportPlan {
  readonly followerId: string;
  /** Each once, in the order of the message. */
  readonly followeeIds: readonly string[];
  readonly refused: number;
}

/** Doubles are merged; self-follows and unknown people are refused, and everything is when the follower is unknown. */
export const planImport = (
  { followerId, followeeIds }: { followerId: string; followeeIds: readonly string[] },
  isUser: (id: string) => boolean,
): ImportPlan => {
  const wanted = [...new Set(followeeIds)];
  const good = isUser(followerId) ? wanted.filter((id) => id !== followerId && isUser(id)) : [];
  return { followerId, followeeIds: good, refused: wanted.length - good.length };
};

/** What the whole import came to. */
export interface Receipt {
  readonly created: number;
  readonly unchanged: number;
  readonly refused: number;
}

export const NOTHING: Receipt = { created: 0, unchanged: 0, refused: 0 };

export const plus = (a: Receipt, b: Receipt): Receipt => ({
  created: a.created + b.created,
  unchanged: a.unchanged + b.unchanged,
  refused: a.refused + b.refused,
});

/**
 * Which of the followees get a new edge: those that have none, as many as the limit leaves room for. The rest are refused, so
 * that sending the message again refuses the same.
 */
export const newEdges = (
  { followerId, followeeIds }: ImportPlan,
  state: { followed: ReadonlySet<string>; following: number; limit: number },
): { edges: Edge[]; unchanged: number; refused: number } => {
  const missing = followeeIds.filter((id) => !state.followed.has(id));
  const room = Math.max(0, state.limit - state.following);
  const edges = missing.slice(0, room).map((followeeId) => ({ followerId, followeeId }));
  return { edges, unchanged: followeeIds.length - missing.length, refused: missing.length - edges.length };
};
