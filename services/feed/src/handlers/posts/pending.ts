import { AppError } from '@plaza/core';

const notYet = async (): Promise<never> => {
  throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'not yet', { domain: 'plaza' });
};

export const pending = {
  batchGetPosts: notYet,
  updatePost: notYet,
  listPostRevisions: notYet,
  listReplies: notYet,
  listPostsByHashtag: notYet,
  listPostsByProduct: notYet,
  listPublicPosts: notYet,
  like: notYet,
  unlike: notYet,
  listLikes: notYet,
  repost: notYet,
  undoRepost: notYet,
  bookmark: notYet,
  unbookmark: notYet,
  listBookmarks: notYet,
  repairPostCounts: notYet,
};
