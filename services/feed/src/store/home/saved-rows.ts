import type { Item } from '@plaza/dynamo';

/** Of a row that says whether somebody keeps a product in view: no row says that they never did. */
export const isSaved = (item: Item | undefined): boolean => item?.['state'] === 'SAVED';
