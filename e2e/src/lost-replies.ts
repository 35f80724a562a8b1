import { eventually, type ServiceName } from '@plaza/testing';
import { expect } from 'vitest';

import type { World } from './world.ts';

/** Loses the reply to the call that carries this id, once, and repeats the call as a careful client does. Needs the service's proxy. */
export const replyLoser =
  (world: World) =>
  async <T>(service: ServiceName, requestId: string, call: () => Promise<T>): Promise<T> => {
    const proxy = world.plaza.proxy(service);
    const before = proxy.dropped;
    let armed = true;
    proxy.dropReply((request) => {
      const hit = armed && request.includes(requestId);
      if (hit) armed = false;
      return hit;
    });
    try {
      const answer = await eventually(call, { timeoutMs: 20_000 });
      expect(proxy.dropped - before).toBe(1);
      return answer;
    } finally {
      proxy.heal();
    }
  };
