import { isId } from '@plaza/core';
import { BatchCreateUsersRequest } from '@plaza/proto/plaza/user/v1/user_service';
import { expect, test } from 'vitest';

import { fillRequestIds } from '../src/request-id.ts';

test('a call that grpc-js may send twice always carries a request_id; one that has an id keeps it', () => {
  const message = BatchCreateUsersRequest.fromPartial({ users: [{ username: 'ada' }, { username: 'bob', requestId: 'mine' }] });
  fillRequestIds(message);
  expect(isId(message.users[0]!.requestId)).toBe(true);
  expect(message.users[1]!.requestId).toBe('mine');
});
