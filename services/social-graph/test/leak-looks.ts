import type { GraphClients } from '@plaza/clients';
import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import { FollowState, Visibility, type FollowEdge, type Relationship } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { asService, asUser } from '@plaza/testing';

import type { Way } from './leak-ways.ts';

/** Asks once, and answers of the author in a place whether the viewer was shown anything; undefined: this look does not tell. */
export type Look = (graph: GraphClients['graph'], viewerId: string) => Promise<(author: number) => boolean | undefined>;

interface Crowd {
  /** Whom all authors follow, and who follows them. */
  readonly hub: string;
  readonly authors: readonly string[];
  readonly wayOf: (author: number) => Way;
}

/** Counts are asked for at most so many at a time. */
const COUNTS = 100;

/** All that tells a viewer of the authors. */
export const createLooks = ({ hub, authors, wayOf }: Crowd) => {
  /** Whoever is private or muted stays in lists and keeps their counts. */
  const ofSomebody = (author: number, isShown: boolean): boolean | undefined => (wayOf(author).nobody ? isShown : undefined);

  const visibility: Look = async (graph, viewerId) => {
    const { authors: verdicts } = await graph.checkVisibility(asService('feed'), { viewerId, authorIds: [...authors] });
    return (author) => verdicts[author]!.visibility === Visibility.VISIBLE;
  };

  const listed =
    (page: (graph: GraphClients['graph'], viewerId: string, pageToken: string) => Promise<Listed>): Look =>
    async (graph, viewerId) => {
      const found = new Set<string>();
      for (let token: string | undefined; token !== '';) {
        const { edges, nextPageToken } = await page(graph, viewerId, token ?? '');
        for (const { userId } of edges) found.add(userId);
        token = nextPageToken;
      }
      return (author) => ofSomebody(author, found.has(authors[author]!));
    };

  const counts: Look = async (graph, viewerId) => {
    const asked = [authors.slice(0, COUNTS), authors.slice(COUNTS)].map((userIds) =>
      graph.batchGetCounts(asUser(viewerId), { userIds }),
    );
    const found = (await Promise.all(asked)).flatMap((answer) => answer.counts);
    return (author) => ofSomebody(author, found[author]!.following > 0n);
  };

  const relationships: Look = async (graph, viewerId) => {
    const found = (await graph.batchGetRelationships(asUser(viewerId), { viewerId, userIds: [...authors] })).relationships;
    return (author) => {
      const { relation } = wayOf(author);
      return relation && RELATIONS[relation](found[author]!);
    };
  };

  return {
    visibility,
    followers: listed(async (graph, viewerId, pageToken) => {
      const { followers, nextPageToken } = await graph.listFollowers(asUser(viewerId), { userId: hub, pageSize: 100, pageToken });
      return { edges: followers, nextPageToken };
    }),
    following: listed(async (graph, viewerId, pageToken) => {
      const { following, nextPageToken } = await graph.listFollowing(asUser(viewerId), { userId: hub, pageSize: 100, pageToken });
      return { edges: following, nextPageToken };
    }),
    counts,
    relationships,
  };
};

interface Listed {
  readonly edges: readonly FollowEdge[];
  readonly nextPageToken: string;
}

/** What a relationship says as long as nothing is hidden. */
const RELATIONS: Readonly<Record<NonNullable<Way['relation']>, (found: Relationship) => boolean>> = {
  notBlocking: ({ blocking }) => !blocking,
  notMuting: ({ muting }) => muting === MuteScope.UNSPECIFIED,
  following: ({ following }) => following === FollowState.ACTIVE,
  followedBy: ({ followedBy }) => followedBy,
};
