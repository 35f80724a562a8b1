import { newId } from '@plaza/core';
import { CreateSessionRequest } from '@plaza/proto/plaza/user/v1/session_service';
import { GetUserRequest } from '@plaza/proto/plaza/user/v1/user_service';

import { generate } from './generate.ts';
import type { Job, Load } from './generator.ts';
import { createPeople, type Bench } from './people.ts';
import { compare } from './report.ts';

const READS_PER_SECOND = 200;
const ATTEMPTS_AT_ONCE = 16;
const UNAUTHENTICATED = 16;
const WARM_UP_MS = 1_000;
const DURATION_MS = 3_000;

/**
 * GetUser at a constant rate while sign-ins with a wrong password come as fast as they are answered, against the same rate without
 * them. What counts is the p99: hashing must not keep other calls waiting.
 */
export const benchLoginFlood: Bench = async ({ plaza, pairs, say }) => {
  const password = 'correct horse battery staple';
  const username = `f${newId().slice(-14).toLowerCase()}`;
  const request = { username, email: `${username}@example.com`, password, requestId: newId() };
  const { user } = await plaza.clients.users.createUser(plaza.asAdmin(), request);
  const [readerId] = await createPeople(plaza, 1);

  const reads: Job = {
    address: plaza.addresses.user,
    path: '/plaza.user.v1.UserService/GetUser',
    request: base64(GetUserRequest.encode({ by: { $case: 'userId', value: user!.userId } }).finish()),
    token: plaza.keys.userToken(readerId!),
    concurrency: 0,
    rate: READS_PER_SECOND,
    warmUpMs: WARM_UP_MS,
    durationMs: DURATION_MS,
  };
  const attempt = CreateSessionRequest.fromPartial({ login: username, password: 'wrong horse' });
  const attempts: Job = {
    address: plaza.addresses.user,
    path: '/plaza.user.v1.SessionService/CreateSession',
    request: base64(CreateSessionRequest.encode(attempt).finish()),
    token: '',
    concurrency: ATTEMPTS_AT_ONCE,
    expected: UNAUTHENTICATED,
    warmUpMs: 0,
    // Beyond the end of the reads, however late their generator is up.
    durationMs: WARM_UP_MS + DURATION_MS + 1_000,
  };

  const [flooded, calm, floods]: [Load[], Load[], Load[]] = [[], [], []];
  for (let pair = 0; pair < pairs; pair++) {
    say(`login flood: pair ${pair + 1} of ${pairs}`);
    const [load, flood] = await Promise.all([generate(reads), generate(attempts)]);
    flooded.push(load);
    floods.push(flood);
    calm.push(await generate(reads));
  }
  const perSecond = floods.reduce((sum, flood) => sum + flood.perSecond, 0) / floods.length;
  const errors = [...flooded, ...calm, ...floods].reduce((sum, run) => sum + run.errors, 0);
  const about = {
    name: `GetUser warm while logins flood, ${perSecond.toFixed(0)} attempts/s answered`,
    unit: 'requests',
    floorName: 'the same without the flood',
  };
  return compare(about, flooded, calm, errors);
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
