import { LeaderboardServiceDefinition } from '@plaza/proto/plaza/user/v1/leaderboard_service';
import { UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import { createClient, type Client } from '@plaza/rpc';

import { clientOptions, type PeerOptions } from './peer.ts';

export interface UserClients {
  readonly users: Client<UserServiceDefinition>;
  readonly sessions: Client<SessionServiceDefinition>;
  readonly wallets: Client<WalletServiceDefinition>;
  readonly leaderboards: Client<LeaderboardServiceDefinition>;
  close(): void;
}

/** The user service: people, sessions, wallets, leaderboards. */
export const userClients = (peer: PeerOptions): UserClients => {
  const users = createClient(UserServiceDefinition, clientOptions(peer, 'user'));
  const sessions = createClient(SessionServiceDefinition, clientOptions(peer, 'user'));
  const wallets = createClient(WalletServiceDefinition, clientOptions(peer, 'user'));
  const leaderboards = createClient(LeaderboardServiceDefinition, clientOptions(peer, 'user'));
  return {
    users,
    sessions,
    wallets,
    leaderboards,
    close() {
      users.close();
      sessions.close();
      wallets.close();
      leaderboards.close();
    },
  };
};
