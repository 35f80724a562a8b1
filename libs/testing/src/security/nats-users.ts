import { createAccount, createOperator, createUser, fmtCreds, fromSeed, type KeyPair } from '@nats-io/jwt';
import type { Permissions } from '@plaza/events';

/** Who may sign: the operator signs accounts, and each account its users. Seeds, but for the system account, in which nobody logs in. */
export interface NatsAuthority {
  readonly operatorSeed: string;
  readonly accountSeed: string;
  readonly systemAccount: string;
  /** Seconds since 1970. */
  readonly madeAt: number;
  /** Users who are no longer let in, by public key: the second, since 1970, in which that was said. */
  readonly revoked?: Readonly<Record<string, number>>;
}

export const createNatsAuthority = (): NatsAuthority => ({
  operatorSeed: seedOf(createOperator()),
  accountSeed: seedOf(createAccount()),
  systemAccount: createAccount().getPublicKey(),
  madeAt: nowS(),
});

/**
 * The part of a nats-server's configuration by which it knows our users: none is listed, each brings what the account has signed. So
 * a user can be made without a word to the server.
 */
export const natsAccounts = ({ operatorSeed, accountSeed, systemAccount, madeAt, revoked = {} }: NatsAuthority): string => {
  const [operator, account] = [keysOf(operatorSeed), keysOf(accountSeed).getPublicKey()];
  const sign = (name: string, sub: string, claims: object) =>
    signed(operator, { name, sub, iat: madeAt }, { type: 'account', ...claims });
  return [
    `operator: ${signed(operator, { name: 'plaza', sub: operator.getPublicKey(), iat: madeAt }, { type: 'operator', system_account: systemAccount })}`,
    `system_account: ${systemAccount}`,
    'resolver: MEMORY',
    'resolver_preload: {',
    `  ${account}: ${sign('PLAZA', account, { limits: { ...UNLIMITED, ...STORAGE }, revocations: revoked })}`,
    `  ${systemAccount}: ${sign('SYSTEM', systemAccount, { limits: UNLIMITED })}`,
    '}',
    // A user brings a list of all that it may do: up to 40 KB of it, in the first line that it says. The default is 4.
    'max_control_line: 64KB',
    '',
  ].join('\n');
};

/** A credentials file. Without permissions: of a user who may do anything. */
export const natsCredentials = ({ accountSeed }: NatsAuthority, name: string, permissions?: Permissions): string => {
  const user = createUser();
  const { publish, subscribe, refused } = permissions ?? {};
  const rights = {
    ...(publish && { pub: { allow: publish, ...(refused && { deny: refused }) } }),
    ...(subscribe && { sub: { allow: subscribe } }),
  };
  const claims = { type: 'user', data: -1, payload: -1, subs: -1, ...rights };
  return new TextDecoder().decode(
    fmtCreds(signed(keysOf(accountSeed), { name, sub: user.getPublicKey(), iat: nowS() }, claims), user),
  );
};

/** Whom a credentials file is of, by public key, and what it may do. */
export const natsUserIn = (credentials: string): { id: string; permissions: Permissions } => {
  const [, body = ''] = /\n(\S+\.\S+\.\S+)\n/.exec(credentials)?.[1]?.split('.') ?? [];
  const { sub, nats } = JSON.parse(Buffer.from(body, 'base64url').toString()) as {
    sub: string;
    nats: { pub?: { allow: string[]; deny?: string[] }; sub?: { allow: string[] } };
  };
  const { allow: publish = [], deny: refused } = nats.pub ?? {};
  return { id: sub, permissions: { publish, subscribe: nats.sub?.allow ?? [], ...(refused && { refused }) } };
};

const UNLIMITED = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
/** Without these an account has no streams. */
const STORAGE = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/** A NATS JWT, version 2. The library's own encoder does the same, but not at once. */
const signed = (issuer: KeyPair, about: { name: string; sub: string; iat: number }, claims: object): string => {
  const base64 = (value: string | Uint8Array) => Buffer.from(value).toString('base64url');
  const header = base64(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }));
  const body = base64(JSON.stringify({ ...about, iss: issuer.getPublicKey(), nats: { ...claims, version: 2 } }));
  return `${header}.${body}.${base64(issuer.sign(Buffer.from(`${header}.${body}`)))}`;
};

const nowS = (): number => Math.floor(Date.now() / 1000);

const keysOf = (seed: string): KeyPair => fromSeed(Buffer.from(seed));

const seedOf = (keys: KeyPair): string => new TextDecoder().decode(keys.getSeed());
