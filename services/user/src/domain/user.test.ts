import { expect, test } from 'vitest';

import {
  changedUser,
  deletedUser,
  isVisibleTo,
  newUser,
  pathsToChange,
  purgedUser,
  restorableUntil,
  restoredUser,
  userToChange,
} from './user.ts';

const DAY = 24 * 3_600_000;
const ada = newUser('ada', { username: 'Ada', email: 'ada@example.org', displayName: 'Ada L.', bio: 'counts' }, 1000);
const changes = { username: 'Countess', email: '', displayName: 'C.', bio: '', imageUrl: 'https://x/y', isPrivate: true };

test('only what the mask names is changed, also to nothing', () => {
  const after = changedUser(ada, ['bio', 'image_url', 'is_private'], changes, 2000);
  expect(after).toEqual({ ...ada, bio: '', imageUrl: 'https://x/y', isPrivate: true, version: 2, updatedAt: 2000 });
  expect(changedUser(ada, ['username', 'display_name'], changes, 2000)).toMatchObject({
    username: 'Countess',
    displayName: 'C.',
  });
});

test('a mask names each path once; an empty one, a stranger in it and an empty name are refused', () => {
  expect(pathsToChange(['bio', 'username', 'bio'], changes)).toEqual(['bio', 'username']);
  const refused = (mask: string[], field: string) =>
    expect(() => pathsToChange(mask, changes)).toThrow(
      expect.objectContaining({
        reason: 'INVALID_FIELD',
        details: { domain: 'plaza', violations: [{ field, description: expect.any(String) as string }] },
      }),
    );
  refused([], 'update_mask');
  refused(['bio', 'state'], 'update_mask.paths[1]');
  refused(['displayName'], 'update_mask.paths[0]');
  refused(['constructor'], 'update_mask.paths[0]');
  refused(['email'], 'changes.email');
});

test('an etag is of one version; a user that is not there has none', () => {
  expect(userToChange(ada, '')).toBe(ada);
  expect(userToChange(ada, '1')).toBe(ada);
  expect(() => userToChange(ada, '2')).toThrow(
    expect.objectContaining({ code: 'ABORTED', reason: 'ETAG_MISMATCH', details: { metadata: { etag: '1' } } }),
  );
  for (const gone of [undefined, deletedUser(ada, 2000), purgedUser(deletedUser(ada, 2000), 3000)])
    expect(() => userToChange(gone, '')).toThrow(expect.objectContaining({ reason: 'USER_NOT_FOUND' }));
});

test('a deleted person is what it was, but hidden, and comes back so within 30 days', () => {
  const gone = deletedUser(ada, 2000);
  expect(gone).toEqual({ ...ada, state: 'DELETED', deletedAt: 2000, version: 2, updatedAt: 2000 });
  const last = restorableUntil(2000);
  expect(last).toBe(2000 + 30 * DAY);
  expect(restoredUser(gone, last)).toEqual({ ...ada, version: 3, updatedAt: last });
  expect(() => restoredUser(gone, last + 1)).toThrow(expect.objectContaining({ reason: 'RESTORE_WINDOW_OVER' }));
  const standing = { reason: 'USER_NOT_DELETED', details: { metadata: { state: 'ACTIVE' } } };
  expect(() => restoredUser(ada, 2000)).toThrow(expect.objectContaining(standing));
  expect(() => restoredUser(undefined, 2000)).toThrow(expect.objectContaining({ reason: 'USER_NOT_FOUND' }));
});

test('of a purged person the id is left, and nothing brings it back', () => {
  const stone = purgedUser(deletedUser({ ...ada, imageUrl: 'https://x/y', isPrivate: true }, 2000), 3000);
  const nothing = { username: '', email: '', displayName: '', bio: '', imageUrl: '', isPrivate: false };
  expect(stone).toEqual({
    userId: 'ada',
    ...nothing,
    state: 'PURGED',
    deletedAt: 2000,
    version: 3,
    createdAt: 1000,
    updatedAt: 3000,
  });
  expect(() => restoredUser(stone, 3000)).toThrow(expect.objectContaining({ reason: 'USER_NOT_DELETED' }));
});

test('who is not active is shown to admins alone', () => {
  const gone = deletedUser(ada, 2000);
  expect(isVisibleTo(ada, { kind: 'anonymous' })).toBe(true);
  expect(isVisibleTo(gone, { kind: 'admin' })).toBe(true);
  for (const caller of [{ kind: 'anonymous' }, { kind: 'user', userId: 'ada' }, { kind: 'service', service: 'feed' }] as const)
    expect(isVisibleTo(gone, caller)).toBe(false);
});
