import type { Files } from '../files.ts';
import { baseFiles } from './base.ts';
import { overlayFiles } from './overlay-files.ts';
import { OVERLAYS } from './overlays.ts';

/** kustomize's tree: a base, what needs the Prometheus operator, and an overlay for each stage. */
export const kubernetesFiles = (): Files => {
  const files = Object.assign(baseFiles(), ...OVERLAYS.map(overlayFiles)) as Files;
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`kubernetes/${path}`, content]));
};
