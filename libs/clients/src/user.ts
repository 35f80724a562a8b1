import { UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import { createClient, type Client } from '@plaza/rpc';

import { clientOptions, type PeerOptions } from './peer.ts';

export interface UserClients {
  readonly users: Client<UserServiceDefinition>;
  readonly sessions: Client<SessionServiceDefinition>;
  readonly wallets: Client<WalletServiceDefinition>;
  close(): void;
}

/** The user service: people, sessions, wallets. */
export const userClients = (peer: PeerOptions): UserClients => {
  const users = createClient(UserServiceDefinition, clientOptions(peer));
  const sessions = createClient(SessionServiceDefinition, clientOptions(peer));
  const wallets = createClient(WalletServiceDefinition, clientOptions(peer));
  return {
    users,
    sessions,
    wallets,
    close() {
      users.close();
      sessions.close();
      wallets.close();
    },
  };
};
