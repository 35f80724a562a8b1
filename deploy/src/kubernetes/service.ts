import type { IService, IServiceAccount } from 'kubernetes-models/v1';

import { PORTS, type Process } from '../topology.ts';
import { metadata, NAME } from './names.ts';

/** Headless: its name gives every ready pod, and who calls goes round them. The worker takes no calls and has the admin port alone. */
export const service = ({ name, service: identity }: Process): IService => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(name),
  spec: {
    clusterIP: 'None',
    selector: { [NAME]: name },
    ports: [
      ...(name === identity ? [{ name: 'grpc', port: PORTS.grpc, targetPort: 'grpc' }] : []),
      { name: 'admin', port: PORTS.admin, targetPort: 'admin' },
    ],
  },
});

/** Its role at AWS is bound to it by an overlay's annotation (IRSA), or by a Pod Identity association, which needs none. */
export const serviceAccount = (name: string): IServiceAccount => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: metadata(name),
  automountServiceAccountToken: false,
});
