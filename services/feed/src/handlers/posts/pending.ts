import { AppError } from '@plaza/core';

const notYet = async (): Promise<never> => {
  throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'not yet', { domain: 'plaza' });
};

export const pending = {
  like: notYet,
  unlike: notYet,
  listLikes: notYet,
  repost: notYet,
  undoRepost: notYet,
  bookmark: notYet,
  unbookmark: notYet,
  listBookmarks: notYet,
  recordPostViews: notYet,
  listTrendingPosts: notYet,
  listTrendingHashtags: notYet,
  getPostSales: notYet,
  repairPostCounts: notYet,
};
