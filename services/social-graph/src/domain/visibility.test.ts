import { describe, expect, test } from 'vitest';

import { PUBLIC, type Standing } from './tie.ts';
import { isFollowing, isNobody, judge, NO_TIE, relationOf, TIE, type Verdict, type View } from './visibility.ts';

const [VIEWER, AUTHOR] = ['viewer', 'author'];

/** One author as one viewer finds them. */
interface Case {
  readonly follows: boolean;
  readonly requested: boolean;
  readonly blocks: boolean;
  readonly blockedBy: boolean;
  readonly mutes: 'NOTHING' | 'ALL' | 'REPOSTS';
  readonly isPrivate: boolean;
  readonly gone: boolean;
}

const bool = [false, true];
const CASES = bool.flatMap((follows) =>
  bool.flatMap((requested) =>
    bool.flatMap((blocks) =>
      bool.flatMap((blockedBy) =>
        (['NOTHING', 'ALL', 'REPOSTS'] as const).flatMap((mutes) =>
          bool.flatMap((isPrivate) =>
            bool.map((gone): Case => ({ follows, requested, blocks, blockedBy, mutes, isPrivate, gone })),
          ),
        ),
      ),
    ),
  ),
);

const bitsOf = ({ follows, requested, blocks, blockedBy, mutes }: Case): number =>
  (follows ? TIE.FOLLOWS : NO_TIE) |
  (requested ? TIE.REQUESTED : NO_TIE) |
  (blocks ? TIE.BLOCKS : NO_TIE) |
  (blockedBy ? TIE.BLOCKED_BY : NO_TIE) |
  { NOTHING: NO_TIE, ALL: TIE.MUTES, REPOSTS: TIE.MUTES_REPOSTS }[mutes];

const viewOf = (tie: number, standing: Standing, viewer: Standing = PUBLIC): View => ({
  viewerId: VIEWER,
  tie: (id) => (id === AUTHOR ? tie : NO_TIE),
  standing: (id) => (id === AUTHOR ? standing : viewer),
  epoch: '',
});
const viewOfCase = (it: Case): View => viewOf(bitsOf(it), it);

const sightOf = (it: Case): Verdict['sight'] => {
  if (it.gone) return 'HIDDEN';
  if (it.blocks || it.blockedBy) return 'HIDDEN';
  if (it.isPrivate && !it.follows) return 'HIDDEN';
  return it.mutes === 'ALL' ? 'MUTED' : 'VISIBLE';
};

test('every combination of ties and standings has its verdict', () => {
  expect(CASES).toHaveLength(192);
  for (const it of CASES)
    expect(judge(viewOfCase(it), AUTHOR), `${JSON.stringify(it)}`).toEqual({
      authorId: AUTHOR,
      sight: sightOf(it),
      following: it.follows || (it.requested && !it.isPrivate),
      repostsMuted: it.mutes !== 'NOTHING',
    });
});

test.each([
  ['public', PUBLIC, 'VISIBLE'],
  ['private', { isPrivate: true, gone: false }, 'HIDDEN'],
  ['gone', { isPrivate: false, gone: true }, 'HIDDEN'],
  ['gone and private', { isPrivate: true, gone: true }, 'HIDDEN'],
] as const)('an anonymous viewer finds somebody %s', (_name, standing, sight) => {
  const view: View = { viewerId: '', tie: () => NO_TIE, standing: () => standing, epoch: '' };
  expect(judge(view, AUTHOR)).toEqual({ authorId: AUTHOR, sight, following: false, repostsMuted: false });
});

test('people see themselves, private or not, unless they are gone', () => {
  for (const isPrivate of bool) {
    const myself = (gone: boolean) => viewOf(NO_TIE, PUBLIC, { isPrivate, gone });
    expect(judge(myself(false), VIEWER).sight).toBe('VISIBLE');
    expect(judge(myself(true), VIEWER).sight).toBe('HIDDEN');
  }
});

test('a request counts as a follow as soon as its account is public, and not before', () => {
  expect(isFollowing(viewOf(TIE.REQUESTED, PUBLIC), AUTHOR)).toBe(true);
  expect(isFollowing(viewOf(TIE.REQUESTED, { isPrivate: true, gone: false }), AUTHOR)).toBe(false);
});

describe('a relationship', () => {
  const towards = { followers: new Set([AUTHOR]), requesters: new Set<string>() };
  const asking = { followers: new Set<string>(), requesters: new Set([AUTHOR]) };

  test('is a stranger’s for who is nobody to the viewer, but for the viewer’s own block', () => {
    const stranger = { userId: AUTHOR, following: undefined, followedBy: false, requestedBy: false, muting: undefined };
    for (const it of CASES.filter((one) => isNobody(viewOfCase(one), AUTHOR) && !one.blocks))
      expect(relationOf(viewOfCase(it), AUTHOR, towards), `${JSON.stringify(it)}`).toEqual({ ...stranger, blocking: false });
    for (const it of CASES.filter((one) => one.blocks && one.blockedBy && !one.gone))
      expect(relationOf(viewOfCase(it), AUTHOR, towards).blocking, `${JSON.stringify(it)}`).toBe(true);
  });

  test('tells of both directions', () => {
    for (const it of CASES.filter((one) => !isNobody(viewOfCase(one), AUTHOR))) {
      const open = it.follows || (it.requested && !it.isPrivate);
      expect(relationOf(viewOfCase(it), AUTHOR, towards), `${JSON.stringify(it)}`).toEqual({
        userId: AUTHOR,
        following: open ? 'ACTIVE' : it.requested ? 'REQUESTED' : undefined,
        followedBy: true,
        requestedBy: false,
        blocking: false,
        muting: it.mutes === 'NOTHING' ? undefined : it.mutes,
      });
    }
  });

  test('tells of a request until the viewer is public, and of a follow from then on', () => {
    const privately = viewOf(NO_TIE, PUBLIC, { isPrivate: true, gone: false });
    expect(relationOf(privately, AUTHOR, asking)).toMatchObject({ followedBy: false, requestedBy: true });
    expect(relationOf(viewOf(NO_TIE, PUBLIC), AUTHOR, asking)).toMatchObject({ followedBy: true, requestedBy: false });
  });

  test('with oneself is a stranger’s', () => {
    expect(relationOf(viewOf(NO_TIE, PUBLIC), VIEWER, { followers: new Set(), requesters: new Set() })).toEqual({
      userId: VIEWER,
      following: undefined,
      followedBy: false,
      requestedBy: false,
      blocking: false,
      muting: undefined,
    });
  });
});
