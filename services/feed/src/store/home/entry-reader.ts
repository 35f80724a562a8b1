import type { Context } from '@plaza/core';
import type { Db, Item, Key } from '@plaza/dynamo';

import type { Entry } from '../../domain/home/entry.ts';
import type { Story } from '../../domain/home/story.ts';
import type { Look } from '../../domain/posts/look.ts';
import type { Post, Tombstone } from '../../domain/posts/post.ts';
import { ANONYMOUS } from '../../domain/visible.ts';
import { countsIn, fromItem, mineIn } from '../posts/post-item.ts';
import { keys, postsTable } from '../table.ts';
import { isSaved } from './saved-rows.ts';
import { storyIn } from './story-row.ts';

/** What an entry is about, as it stands now. */
export interface Found {
  /** Of posts and reposts. */
  readonly look: Look<Post | Tombstone> | undefined;
  /** Of reposts and stories. */
  readonly story: Story | undefined;
  /** Whether the viewer keeps the entry's source in view. */
  readonly isKept: boolean;
}

export type EntryReader = ReturnType<typeof createEntryReader>;

/** Reads what entries are about, all by one batch read, strongly consistent, as post-reader.ts reads posts. */
export const createEntryReader = ({ db }: { db: Db }) => ({
  /** Aligned with the entries. What was done with a post is read for the caller, what is kept in view for the viewer. */
  async look(
    ctx: Context,
    entries: readonly Entry[],
    { viewerId, callerId }: { viewerId: string; callerId: string },
  ): Promise<Found[]> {
    const wanted = new Map<string, Key>();
    for (const entry of entries)
      for (const key of [...postKeys(entry, callerId), ...storyKeys(entry, viewerId)]) wanted.set(`${key.pk}/${key.sk}`, key);
    const items = await db.batchGet(ctx, postsTable, [...wanted.values()]);
    const rows = new Map<string, Item | undefined>([...wanted.keys()].map((name, i) => [name, items[i]]));
    const row = (key: Key | undefined) => (key === undefined ? undefined : rows.get(`${key.pk}/${key.sk}`));
    return entries.map((entry) => {
      const [post, counts, mine] = postKeys(entry, callerId).map(row);
      const [story, saved] = storyKeys(entry, viewerId).map(row);
      return {
        look: post && { post: fromItem(post), counts: countsIn(counts), mine: mineIn(mine) },
        story: storyIn(story),
        isKept: isSaved(saved),
      };
    });
  },
});

const postKeys = (entry: Entry, callerId: string): Key[] => {
  if (entry.kind === 'STORY') return [];
  const { postId } = entry;
  return [keys.post(postId), keys.counts(postId), ...(callerId === ANONYMOUS ? [] : [keys.mine(callerId, postId)])];
};

/** Whether the source of a story is a person or a product, its row tells; nobody keeps a person in view. */
const storyKeys = (entry: Entry, viewerId: string): Key[] => {
  switch (entry.kind) {
    case 'POST':
      return [];
    case 'REPOST':
      return [keys.story(entry.sourceId, entry.place)];
    case 'STORY':
      return [keys.story(entry.sourceId, entry.place), keys.saved(viewerId, entry.sourceId)];
  }
};
