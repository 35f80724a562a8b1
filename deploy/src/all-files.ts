import { awsFiles } from './aws/files.ts';
import { enginesFiles } from './engines/files.ts';
import type { Files } from './files.ts';
import { kubernetesFiles } from './kubernetes/files.ts';
import { observabilityFiles } from './observability/files.ts';

/** Folders below deploy/ that hold derived files and nothing else. */
export const DERIVED = ['aws/derived', 'kubernetes', 'observability', 'nats', 'redis'] as const;

export const allFiles = (): Files => ({
  ...awsFiles(),
  ...enginesFiles(),
  ...kubernetesFiles(),
  ...observabilityFiles(),
});
