import { testContext } from '@plaza/testing';

import type { Verbs } from './verbs.ts';
import type { World } from './world.ts';

export interface Fact {
  readonly state: 'shown' | 'hidden' | 'moving';
  /** Another one after each change. */
  readonly stamp: number;
}

/** What was acknowledged of each viewer and author. */
export const createFacts = () => {
  const facts = new Map<string, Fact>();
  const of = (viewerId: string, authorId: string): Fact => facts.get(viewerId + authorId) ?? { state: 'shown', stamp: 0 };
  const set = (state: Fact['state'], viewerIds: readonly string[], authorId: string): void => {
    for (const id of viewerIds) facts.set(id + authorId, { state, stamp: of(id, authorId).stamp + 1 });
  };
  return { of, set };
};

/** How one author is hidden from a viewer, or from all, and shown again. */
export interface Way {
  readonly ofAll?: boolean;
  /** Hidden, the author is nobody to the viewer: in no list, and without counts. */
  readonly nobody?: boolean;
  /** What their relationship says, but not while the author is hidden. */
  readonly relation?: 'notBlocking' | 'notMuting' | 'following' | 'followedBy';
  readonly prepare?: (authorId: string) => Promise<unknown>;
  readonly hide: (viewerId: string, authorId: string) => Promise<unknown>;
  readonly show: (viewerId: string, authorId: string) => Promise<unknown>;
}

export const createWays = (world: World, by: Verbs, nextVersion: () => bigint): readonly Way[] => {
  const stand = (userId: string, isPrivate: boolean, gone: boolean) =>
    world.graph.setStanding(testContext({ caller: { kind: 'service', service: 'user' }, timeoutMs: 30_000 }), {
      userId,
      version: nextVersion(),
      isPrivate,
      gone,
    });
  return [
    { nobody: true, relation: 'notBlocking', hide: by.block, show: by.unblock },
    {
      nobody: true,
      hide: (viewer, author) => by.block(author, viewer),
      show: (viewer, author) => by.unblock(author, viewer),
    },
    { relation: 'notMuting', hide: by.mute, show: by.unmute },
    {
      relation: 'following',
      prepare: (author) => stand(author, true, false),
      hide: by.unfollow,
      show: async (viewer, author) => {
        await by.follow(viewer, author);
        await by.approve(author, viewer);
      },
    },
    {
      ofAll: true,
      hide: (_viewer, author) => stand(author, true, false),
      show: (_viewer, author) => stand(author, false, false),
    },
    {
      ofAll: true,
      nobody: true,
      relation: 'followedBy',
      hide: (_viewer, author) => stand(author, false, true),
      show: (_viewer, author) => stand(author, false, false),
    },
  ];
};
