import type { Files } from '../files.ts';

export const kubernetesFiles = (): Files => ({});
