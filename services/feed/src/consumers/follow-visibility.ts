import type { Handle } from '@plaza/events';
import type { PostUpdated } from '@plaza/proto/plaza/feed/v1/events';

import { publishedPost, windowStart } from '../domain/home/fan-out.ts';
import { isDeleted } from '../domain/posts/post.ts';
import type { Deps } from './index.ts';

/**
 * A post that is PRIVATE no more comes into the followers' feeds, one that became PRIVATE leaves them. What counts is the post as it
 * is now: if it is not what the event says, another edit came later, and its own event tells of that. No receipt says that nothing is
 * left to do: it may be of what was planned while the post was PRIVATE, or its rows were taken out since.
 */
export const followVisibility =
  ({ posts, fanOut, now }: Deps): Handle<PostUpdated> =>
  async (ctx, { postId, isPrivate, wasPrivate }) => {
    if (isPrivate === wasPrivate || postId < windowStart(now())) return;
    const post = await posts.get(ctx, postId);
    if (post === undefined || isDeleted(post) || (post.visibility === 'PRIVATE') !== isPrivate) return;
    if (isPrivate) await fanOut.sweep(ctx, { ...publishedPost(post), audience: 'EVERYBODY' });
    else await fanOut.push(ctx, publishedPost(post));
  };
