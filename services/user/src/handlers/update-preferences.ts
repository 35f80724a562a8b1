import { maskPaths, mutationOf } from '@plaza/core';

import { PREFERENCE_PATHS } from '../domain/preferences.ts';
import { preferencesMessage } from '../mapping.ts';
import type { Deps, UserHandlers } from './index.ts';

export const updatePreferences =
  ({ preferences }: Deps): UserHandlers['updatePreferences'] =>
  async (ctx, request) => {
    const { userId, etag, requestId, updateMask } = request;
    // There is one preference, so a mask that is right names it.
    maskPaths(updateMask ?? [], PREFERENCE_PATHS);
    const { sharePurchases } = request.preferences!;
    const mutation = mutationOf(ctx, requestId, request);
    return preferencesMessage(await preferences.change(ctx, mutation, { userId, etag, sharePurchases }));
  };
