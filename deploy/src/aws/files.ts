import type { Files } from '../files.ts';

export const awsFiles = (): Files => ({});
