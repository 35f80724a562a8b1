import type { Files } from '../files.ts';

export const observabilityFiles = (): Files => ({});
