import type { Handle } from '@plaza/events';
import type { PostDeleted } from '@plaza/proto/plaza/feed/v1/events';

import { publishedPost } from '../domain/home/fan-out.ts';
import type { Deps } from './index.ts';

/** The version of a tombstone whose post was never edited. */
const FIRST_TOMBSTONE = 2;

/** A post that was never anything but PRIVATE is in its author's feed alone. */
export const sweepPost =
  ({ posts, timelines, fanOut }: Deps): Handle<PostDeleted> =>
  async (ctx, { postId }) => {
    const post = await posts.get(ctx, postId);
    if (post === undefined) return;
    const unedited = post.version === FIRST_TOMBSTONE;
    const published = publishedPost(post);
    await timelines.remove(ctx, published.sourceId, postId);
    await fanOut.sweep(ctx, unedited ? published : { ...published, audience: 'EVERYBODY' });
  };
