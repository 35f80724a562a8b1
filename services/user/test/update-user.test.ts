import { newId, type Context } from '@plaza/core';
import type { UserChanges } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, usersTable } from '../src/store/table.ts';
import { refusal, registration } from './builders.ts';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('what the mask names is changed, and nothing else', async () => {
  const ada = await person();
  const changes = { displayName: 'Countess', bio: 'counts', imageUrl: 'https://example.org/a.png', isPrivate: true };
  const { user } = await update(ada.userId, changes, ['display_name', 'image_url', 'is_private']);
  const expected = { ...ada, displayName: 'Countess', imageUrl: changes.imageUrl, isPrivate: true, etag: '2' };
  expect(user).toEqual({ ...expected, updateTime: user?.updateTime });
  expect(await read(ada.userId)).toEqual(user);
  expect((await update(ada.userId, {}, ['display_name', 'is_private'])).user).toMatchObject({
    displayName: '',
    isPrivate: false,
  });
});

test('a rename takes the new names and frees the old ones for others', async () => {
  const ada = await person();
  const { username, email } = registration();
  const { user } = await update(ada.userId, { username, email }, ['username', 'email']);
  expect(user).toMatchObject({ username, email, etag: '2' });
  expect((await byName(username)).user?.userId).toBe(ada.userId);
  expect(await refusal(byName(ada.username))).toMatchObject({ reason: 'USER_NOT_FOUND' });
  const heir = await person({ username: ada.username.toUpperCase(), email: ada.email });
  expect((await byName(ada.username)).user?.userId).toBe(heir.userId);
});

test('a name written in another way is the same name', async () => {
  const ada = await person();
  const { user } = await update(ada.userId, { username: ada.username.toUpperCase() }, ['username']);
  expect(user?.username).toBe(ada.username.toUpperCase());
  expect((await byName(ada.username)).user?.username).toBe(ada.username.toUpperCase());
});

test('a taken name is refused, and a refused rename reserves nothing', async () => {
  const [ada, bob] = [await person(), await person()];
  const wish = registration();
  const taken = update(ada.userId, { username: bob.username.toUpperCase() }, ['username']);
  expect(await refusal(taken)).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'USERNAME_TAKEN' });
  const half = update(ada.userId, { username: wish.username, email: bob.email.toUpperCase() }, ['username', 'email']);
  expect(await refusal(half)).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'EMAIL_TAKEN' });
  await person({ username: wish.username });
  expect(await read(ada.userId)).toEqual(ada);
});

test('of many who race for one name one gets it; the others keep theirs', async () => {
  const racers = await Promise.all(Array.from({ length: 10 }, () => person()));
  const { username } = registration();
  const ends = await Promise.all(racers.map(({ userId }) => refusal(update(userId, { username }, ['username']))));
  expect(ends.filter((end) => end === 'no refusal')).toHaveLength(1);
  expect(ends.filter((end) => end !== 'no refusal')).toEqual(
    Array.from({ length: 9 }, () => expect.objectContaining({ reason: 'USERNAME_TAKEN' }) as unknown),
  );
  for (const [i, racer] of racers.entries())
    expect((await byName(ends[i] === 'no refusal' ? username : racer.username)).user?.userId).toBe(racer.userId);
});

test('an etag is for one version; without one every change lands', async () => {
  const ada = await person();
  await update(ada.userId, { bio: 'one' }, ['bio'], { etag: '1' });
  const stale = update(ada.userId, { bio: 'two' }, ['bio'], { etag: '1' });
  expect(await refusal(stale)).toMatchObject({ code: 'ABORTED', reason: 'ETAG_MISMATCH', details: { metadata: { etag: '2' } } });
  await Promise.all(Array.from({ length: 6 }, (_, i) => update(ada.userId, { bio: `bio ${i}` }, ['bio'])));
  expect((await read(ada.userId)).etag).toBe('8');
});

test('a repeated request gets the first answer, from many at once as from one after more changes', async () => {
  const ada = await person();
  const wish = registration();
  const changes = { username: wish.username, email: wish.email, bio: 'first' };
  const request = { requestId: newId() };
  const call = () => update(ada.userId, changes, ['username', 'email', 'bio'], request);
  const [first, ...rest] = await Promise.all([call(), call(), call(), call()]);
  for (const answer of rest) expect(answer).toEqual(first);
  const later = registration();
  await update(ada.userId, { username: later.username, email: later.email, displayName: 'Later' }, [
    'username',
    'email',
    'display_name',
  ]);
  expect(await call()).toEqual(first);
  expect(await read(ada.userId)).toMatchObject({ username: later.username, displayName: 'Later', etag: '3' });
  const reused = update(ada.userId, { ...changes, bio: 'other' }, ['username', 'email', 'bio'], request);
  expect(await refusal(reused)).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
});

test('an e-mail address is stored in the profile and its own row only', async () => {
  const ada = await person();
  const requestId = newId();
  const { email } = registration();
  await update(ada.userId, { email }, ['email'], { requestId });
  const pk = `RQ#user:${ada.userId}#plaza.user.v1.UserService/UpdateUser#${requestId}`;
  const row = await service.app.db.get(testContext(), usersTable, { pk, sk: 'RQ' });
  expect(JSON.stringify(row?.['reply'])).not.toContain('@');
  expect(await service.app.db.get(testContext(), usersTable, keys.email(ada.email))).toBeUndefined();
});

test.each([
  ['nothing', {}, [], 'update_mask'],
  ['what does not exist', {}, ['bio', 'balance'], 'update_mask.paths[1]'],
  ['what is not to be changed', {}, ['state'], 'update_mask.paths[0]'],
  ['a name to be empty', {}, ['username'], 'changes.username'],
  ['an address to be empty', {}, ['email'], 'changes.email'],
  ['a name that is none', { username: 'a b c' }, ['username'], 'changes.username'],
  ['a picture over http', { imageUrl: 'http://example.org/a.png' }, ['image_url'], 'changes.image_url'],
])('a mask of %s is refused', async (_, changes, mask, field) => {
  const ada = await person();
  expect(await refusal(update(ada.userId, changes, mask))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    details: { domain: 'plaza', violations: [{ field }] },
  });
});

test('only its owner and admins change a profile; a stranger has none', async () => {
  const [ada, bob] = [await person(), await person()];
  const denied = { reason: 'POLICY_DENIED' };
  for (const ctx of [asUser(bob.userId), asService('feed', ada.userId)])
    expect(await refusal(update(ada.userId, { bio: 'x' }, ['bio'], {}, ctx))).toMatchObject(denied);
  expect((await update(ada.userId, { bio: 'x' }, ['bio'], {}, asAdmin())).user).toMatchObject({ bio: 'x', email: ada.email });
  const nobody = update(newId(), { bio: 'x' }, ['bio'], {}, asAdmin());
  expect(await refusal(nobody)).toMatchObject({ code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' });
});

test('an e-mail address finds its user, for services and admins, and shows to admins', async () => {
  const ada = await person();
  const lookup = (ctx: Context, email: string) => service.users.lookupUser(ctx, { email });
  expect((await lookup(asAdmin(), ada.email.toUpperCase())).user).toEqual(ada);
  expect((await lookup(asService('order'), ada.email)).user).toEqual({ ...ada, email: '' });
  expect(await refusal(lookup(asUser(ada.userId), ada.email))).toMatchObject({ reason: 'POLICY_DENIED' });
  const { email } = registration();
  await update(ada.userId, { email }, ['email']);
  expect((await lookup(asAdmin(), email)).user?.userId).toBe(ada.userId);
  expect(await refusal(lookup(asAdmin(), ada.email))).toMatchObject({ reason: 'USER_NOT_FOUND' });
});

const person = async (changes = {}) => (await service.users.createUser(testContext(), registration(changes))).user!;

const update = (
  userId: string,
  changes: Partial<UserChanges>,
  updateMask: string[],
  more: { etag?: string; requestId?: string } = {},
  ctx = asUser(userId),
) => service.users.updateUser(ctx, { userId, changes, updateMask, requestId: newId(), ...more });

const read = async (userId: string) =>
  (await service.users.getUser(asUser(userId), { by: { $case: 'userId', value: userId } })).user!;

const byName = (value: string) => service.users.getUser(testContext(), { by: { $case: 'username', value } });
