import { AppError } from '@plaza/core';

const notYet = async (): Promise<never> => {
  throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'not yet', { domain: 'plaza' });
};

export const pending = {
  recordPostViews: notYet,
  listTrendingPosts: notYet,
  listTrendingHashtags: notYet,
  getPostSales: notYet,
};
