import type { Context } from '@plaza/core';
import { put, ttl, type Db } from '@plaza/dynamo';

import { dayOf } from '../../domain/posts/places.ts';
import type { Post } from '../../domain/posts/post.ts';
import { keys, postsTable } from '../table.ts';
import { PUBLIC_DAYS } from './list-reader.ts';

export type PublicDays = ReturnType<typeof createPublicDays>;

/**
 * Notes which days have PUBLIC posts, so that who reads everybody's posts skips the others. Noted before the post is written, once a
 * day by each process: a row that all posts wrote would be the bottleneck of all posts.
 */
export const createPublicDays = ({ db }: { db: Db }) => {
  const noted = new Set<string>();
  return {
    async note(ctx: Context, { visibility, createdAt }: Pick<Post, 'visibility' | 'createdAt'>): Promise<void> {
      const day = dayOf(createdAt);
      if (visibility !== 'PUBLIC' || noted.has(day)) return;
      await db.write(ctx, put(postsTable, { ...keys.publicDay(day), expiresAt: ttl(createdAt, (PUBLIC_DAYS + 2) * 24 * 3600) }));
      noted.add(day);
    },
  };
};
