import { eq, insert, remove, update, type WriteOp } from '@plaza/dynamo';
import { outboxRow, postDeleted, type OutboxRow } from '@plaza/events';

import { MAX_EDITS, MAX_TURNS } from '../../domain/posts/edit.ts';
import type { Post } from '../../domain/posts/post.ts';
import { keys, postsTable } from '../table.ts';
import { placeMoves } from './place-rows.ts';
import { erased } from './post-item.ts';

/**
 * Makes a tombstone of a post, of the version that was read: its text, its revisions and its places in lists go with it. The
 * tombstone stays for good: events and feed rows that name the post may come whenever they like.
 */
export const burialOf = (post: Post, at: number, trace: string): { rows: WriteOp[]; event: OutboxRow } => {
  const { postId, authorId, version, replyToPostId = '', visibility } = post;
  const event = outboxRow(
    postDeleted,
    { postId, authorId, replyToPostId, isPrivate: visibility === 'PRIVATE' },
    { aggregateId: postId, version: version + 1, at, trace },
  );
  const changes = { set: { deletedAt: at, version: version + 1 }, remove: erased };
  const revisions = Array.from({ length: version - 1 }, (_, i) => remove(postsTable, keys.revision(postId, i + 1)));
  const rows = [
    update(postsTable, keys.post(postId), changes, eq('version', version)),
    ...placeMoves(post, undefined),
    ...revisions,
    insert(postsTable, event),
  ];
  return { rows, event };
};

/** Rows of one transaction, beside one that counts. */
const MAX_ROWS = 99;
/**
 * Versions that one transaction takes out, of at most 40 KB each: DynamoDB takes 4 MB. A post of the most edits still fits.
 */
const MAX_VERSIONS = MAX_EDITS + MAX_TURNS + 1;

/** The burials of the first of these posts, of as many as one transaction takes: of one at least. */
export const burials = (posts: readonly Post[], at: number, trace: string): { rows: WriteOp[]; posts: number } => {
  const rows: WriteOp[] = [];
  let [buried, versions] = [0, 0];
  for (const post of posts) {
    const more = burialOf(post, at, trace).rows;
    if (buried > 0 && (rows.length + more.length > MAX_ROWS || versions + post.version > MAX_VERSIONS)) break;
    rows.push(...more);
    versions += post.version;
    buried++;
  }
  return { rows, posts: buried };
};
