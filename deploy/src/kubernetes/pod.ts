import type { IContainer, IPodSpec } from 'kubernetes-models/v1';

/** The user that the images run as. */
const USER = 65532;

/** What the restricted pod security standard asks for, and two steps more: nothing is written, and no token lies in the pod. */
export const podSecurity = (user = USER) =>
  ({
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    // An identity at AWS comes by a projected token of its own, which EKS adds to the pod.
    automountServiceAccountToken: false,
    // Otherwise each Service of the namespace leaves seven variables in every container.
    enableServiceLinks: false,
  }) satisfies Partial<IPodSpec>;

export const CONTAINER_SECURITY = {
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
} satisfies Partial<IContainer>;
