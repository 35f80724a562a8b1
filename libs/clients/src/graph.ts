import { SocialGraphServiceDefinition } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { createClient, type Client } from '@plaza/rpc';

import { clientOptions, type PeerOptions } from './peer.ts';

export interface GraphClients {
  readonly graph: Client<SocialGraphServiceDefinition>;
  close(): void;
}

/** The social-graph service: who follows whom, who may see whom. */
export const graphClients = (peer: PeerOptions): GraphClients => {
  const graph = createClient(SocialGraphServiceDefinition, clientOptions(peer, 'social-graph'));
  return {
    graph,
    close() {
      graph.close();
    },
  };
};
