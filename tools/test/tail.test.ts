import { userCreated, type Followed } from '@plaza/events';
import { CreateUserResponse } from '@plaza/proto/plaza/user/v1/user_service';
import { expect, test } from 'vitest';

import { lineOf, told } from '../src/tail/line.ts';

test('an event is told with when, what, about whom, and its trace', () => {
  const payload = userCreated.encode({ userId: 'u1', username: 'ada', createTime: new Date(0) } as never);
  const line = lineOf(told(followed(userCreated.subject, payload), { showPersonal: false }));
  expect(line).toMatch(
    /^1970-01-01T00:00:01.000Z {2}UserCreated +a1 v3 {2}\{"userId":"u1","username":"ada".*\} {2}trace 0af7651916cd43dd8448eb211c80319c$/,
  );
});

test('what is personal is shown only to who asks for it', () => {
  const payload = CreateUserResponse.encode(
    CreateUserResponse.fromPartial({ user: { username: 'ada', email: 'ada@example.com' } }),
  ).finish();
  const shown = (showPersonal: boolean) => told(followed(CreateUserResponse.$type, payload), { showPersonal }).payload;
  expect(shown(false)).toEqual({ user: { username: 'ada', email: '…' } });
  expect(shown(true)).toEqual({ user: { username: 'ada', email: 'ada@example.com' } });
});

test('bytes that are no message, or of a message that is unknown, are told as such', () => {
  const broken = told(followed(userCreated.subject, new Uint8Array([0xff])), { showPersonal: false });
  expect(broken.payload).toBe('1 bytes that are no plaza.user.v1.UserCreated');
  expect(told(followed('plaza.user.v1.Later', new Uint8Array(3)), { showPersonal: false }).payload).toMatch(/does not know/);
});

const followed = (subject: string, payload: Uint8Array): Followed => ({
  id: 'e1',
  subject,
  occurredAt: 1_000,
  storedAt: 1_001,
  aggregateId: 'a1',
  version: 3,
  trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  payload,
});
