import type { Files } from '../files.ts';

export const enginesFiles = (): Files => ({});
