import type { Look } from '../posts/look.ts';
import type { Entry } from './entry.ts';

/** What an entry is about: of the same, nobody is told twice. */
export const aboutOf = (entry: Entry): string => (entry.kind === 'STORY' ? entry.key : entry.postId);

/** Whether the viewer wrote the post that the entry is. */
export const isOwn = (entry: Entry, look: Look | undefined, viewerId: string): boolean =>
  entry.kind === 'POST' && look?.post.authorId === viewerId;
