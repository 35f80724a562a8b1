import { firstIdAt, newId } from '@plaza/core';
import { NotificationKind } from '@plaza/proto/plaza/feed/v1/notification_service';
import { asUser, eventually, testContext, type Scenario } from '@plaza/testing';

import { groupId, type NoticeKind } from '../src/domain/notifications/notice.ts';
import { keys, postsTable } from '../src/store/table.ts';
import type { World } from './world.ts';

const PAGE = 20;

/** Somebody with 21 notifications: of each three one who follows, a post that one likes, and an answer. Of two, one partition of likes would be read, or two. */
export const noticeScenarios = (world: World): Record<string, Scenario> => {
  const { notifications, posts } = world;
  const request = <T extends object>(body: T) => ({ ...body, requestId: newId() });

  const aboutOf = async (kind: NoticeKind, userId: string): Promise<string> => {
    if (kind === 'FOLLOW') return world.person();
    if (kind === 'REPLY') return (await world.publish(world.person())).postId;
    const { postId } = await world.publish(userId);
    const fan = newId();
    await posts.like(asUser(fan), request({ userId: fan, postId }));
    // A post that was counted has one row more to be read.
    await eventually(async () => {
      const { post } = await posts.getPost(asUser(userId), { postId });
      if (post!.counts!.likes !== 1n) throw new Error('not counted yet');
    });
    return postId;
  };
  const told = async (): Promise<string> => {
    const userId = world.person();
    const rows = [];
    for (let i = 0; i <= PAGE; i++) {
      const kind = (['FOLLOW', 'LIKE', 'REPLY'] as const)[i % 3]!;
      const group = groupId({ kind, about: await aboutOf(kind, userId) });
      rows.push({ ...keys.notice(userId, group), place: newId(), notifyUser: userId, expiresAt: 4e9 });
    }
    await world.db.batchWrite(testContext(), postsTable, { put: rows });
    return userId;
  };
  const scenarios: Record<string, Scenario> = {
    ListNotifications: async () => {
      const userId = await told();
      return () => notifications.listNotifications(asUser(userId), { userId });
    },
    GetUnreadCount: async () => {
      const userId = await told();
      return () => notifications.getUnreadCount(asUser(userId), { userId });
    },
    MarkRead: async () => {
      const userId = newId();
      return () => notifications.markRead(asUser(userId), { userId, place: firstIdAt(Date.now() - 3_600_000) });
    },
    StreamNotifications: async () => {
      const userId = newId();
      return async () => {
        for await (const _ of notifications.streamNotifications(asUser(userId), { userId })) return;
      };
    },
    GetNotificationPreferences: async () => {
      const userId = newId();
      return () => notifications.getNotificationPreferences(asUser(userId), { userId });
    },
    UpdateNotificationPreferences: async () => {
      const userId = newId();
      const wish = { userId, unwanted: [NotificationKind.LIKE] };
      return () => notifications.updateNotificationPreferences(asUser(userId), wish);
    },
  };
  return Object.fromEntries(Object.entries(scenarios).map(([name, scenario]) => [`NotificationService/${name}`, scenario]));
};
