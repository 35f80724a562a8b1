import type { Context } from '@plaza/core';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';

/** A graph that is a set of edges, "viewer author". It reads them at one moment, and takes its turns before and after. */
export const simulatedGraph = (edges: ReadonlySet<string>, turns: (label: string, method: string) => Promise<void>) => ({
  checkVisibility: async (
    ctx: Context,
    request: { viewerId?: string | undefined; authorIds?: readonly string[] | undefined },
  ) => {
    await turns('check', ctx.method);
    const authors = (request.authorIds ?? []).map((authorId) => ({
      authorId,
      ...verdictOf(edges.has(`${request.viewerId ?? ''} ${authorId}`)),
    }));
    await turns('checked', ctx.method);
    return { authors, epoch: '' };
  },
  checkAudience: async (
    ctx: Context,
    { authorId = '', viewerIds = [] }: { authorId?: string | undefined; viewerIds?: readonly string[] | undefined },
  ) => {
    await turns('audience', ctx.method);
    const viewers = viewerIds.map((viewerId) => ({ viewerId, ...verdictOf(edges.has(`${viewerId} ${authorId}`)) }));
    return { viewers };
  },
  streamFollowers: async function* (ctx: Context, { authorId }: { authorId?: string | undefined }) {
    await turns('followers', ctx.method);
    const followerIds = [...edges].flatMap((edge) => (edge.endsWith(` ${authorId}`) ? [edge.split(' ')[0]!] : []));
    await turns('streamed', ctx.method);
    yield { followerIds, resumeToken: '' };
  },
  batchGetCounts: async (_ctx: Context, { userIds = [] }: { userIds?: readonly string[] | undefined }) => ({
    counts: userIds.map((userId) => ({
      userId,
      followers: BigInt([...edges].filter((edge) => edge.endsWith(` ${userId}`)).length),
      following: 0n,
    })),
  }),
  streamFollowing: async function* (ctx: Context, { followerId }: { followerId?: string | undefined }) {
    await turns('following', ctx.method);
    const followeeIds = [...edges].flatMap((edge) => (edge.startsWith(`${followerId} `) ? [edge.split(' ')[1]!] : []));
    await turns('streamed', ctx.method);
    yield { followeeIds, resumeToken: '' };
  },
});

const verdictOf = (following: boolean): { visibility: Visibility; following: boolean; repostsMuted: boolean } => ({
  visibility: Visibility.VISIBLE,
  following,
  repostsMuted: false,
});
