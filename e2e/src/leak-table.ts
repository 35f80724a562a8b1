/** Who looks: one letter each, as in the table. */
export const VIEWERS = {
  O: 'the author',
  F: 'a follower',
  S: 'a stranger',
  B: 'somebody whom the author blocks',
  K: 'somebody who blocks the author',
  M: 'a follower who has muted the author',
  N: 'nobody signed in',
  A: 'an admin',
} as const;

export type Viewer = keyof typeof VIEWERS;

/** Each post was PUBLIC, by an open author, when it was liked, bookmarked and counted; then it became what its name says. */
export const POSTS = [
  'open PUBLIC',
  'open FOLLOWERS',
  'open PRIVATE',
  'open DELETED',
  'private account PUBLIC',
  'private account FOLLOWERS',
  'deleted account PUBLIC',
] as const;

export type PostName = (typeof POSTS)[number];

const SEEN = ['OFSMNA', 'OFM', 'O', '', 'OFM', 'OFM', ''];
const MET = ['OFSNA', 'OF', '', '', 'OF', 'OF', ''];
const MET_IN_PUBLIC = ['OFSNA', '', '', '', 'OF', '', ''];
const DONE_WITH = ['OFSM', 'OFM', 'O', '', 'OFM', 'OFM', ''];

/**
 * Every read that can answer a post, a count or an author, and every write that could tell whether there is one: to whom it shows
 * each of the posts. Whoever is left out must not be able to tell the post from one that never was.
 */
export const SHOWN = {
  GetPost: SEEN,
  BatchGetPosts: SEEN,
  ListPosts: SEEN,
  ListPostRevisions: SEEN,
  'ListLikes of it': SEEN,
  // Its author likes the post of somebody else.
  'ListLikes with its author': ['OFSMNA', 'OFSMNA', 'OFSMNA', 'OFSMNA', 'OFM', 'OFM', ''],
  'ListReplies to it': SEEN,
  'ListReplies with it': MET,
  ListPostsByHashtag: MET,
  ListPostsByProduct: MET,
  ListPublicPosts: MET_IN_PUBLIC,
  ListTrendingPosts: MET_IN_PUBLIC,
  ListTrendingHashtags: MET_IN_PUBLIC,
  ListBookmarks: DONE_WITH,
  // All follow somebody who passed each of the posts on while it was PUBLIC.
  ListHomeFeed: ['OFS', 'OF', 'O', '', 'OF', 'OF', ''],
  // Each post mentioned everybody but its author, who hears that it is liked.
  'ListNotifications of it': ['OFS', 'OF', 'O', '', 'OF', 'OF', ''],
  // Its author liked a post of everybody.
  'ListNotifications with its author': ['FS', 'FS', 'FS', 'FS', 'F', 'F', ''],
  GetPostSales: ['OA', 'OA', 'OA', '', 'OA', 'OA', 'A'],
  // Changes nothing, and answers the post.
  UpdatePost: ['OA', 'O', 'O', '', 'O', 'O', ''],
  Like: DONE_WITH,
  Bookmark: DONE_WITH,
  'Repost, or hear that it is not PUBLIC': DONE_WITH,
  'CreatePost in reply': DONE_WITH,
} satisfies Record<string, readonly string[]>;

export type Rpc = keyof typeof SHOWN;
