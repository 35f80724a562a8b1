import type { Metadata } from '@grpc/grpc-js';
import { AppError, isAppError, type Caller } from '@plaza/core';

import type { MethodContract } from './contract.ts';
import type { Verifier } from './verifier.ts';

/**
 * Who calls, by the authorization header. A bad token is refused on public methods too: its holder believes to be signed in. Not
 * on those that sign in: whoever needs another token may still send the old one.
 * @throws AppError UNAUTHENTICATED TOKEN_INVALID or TOKEN_EXPIRED
 */
export const authenticate = (metadata: Metadata, verifier: Verifier, { policy }: MethodContract): Caller => {
  const [header] = metadata.get('authorization');
  if (header === undefined) return NOBODY;
  const token = String(header).replace(/^bearer /i, '');
  if (!policy.signsIn) return verifier.verify(token);
  try {
    const caller = verifier.verify(token);
    return caller.kind === 'user' ? NOBODY : caller;
  } catch (error) {
    if (isAppError(error)) return NOBODY;
    throw error;
  }
};

const NOBODY: Caller = { kind: 'anonymous' };

/**
 * Holds the caller against the policy as far as that goes without the request: false means that the owner must be checked.
 * @throws AppError UNAUTHENTICATED TOKEN_MISSING or PERMISSION_DENIED POLICY_DENIED
 */
export const admit = (caller: Caller, method: MethodContract): boolean => {
  const { policy, ownerField, fullName } = method;
  if (policy.public) return true;
  switch (caller.kind) {
    case 'anonymous':
      throw new AppError('UNAUTHENTICATED', 'TOKEN_MISSING', `${fullName} needs a token`, { domain: 'plaza' });
    case 'user':
      if (policy.user) return true;
      if (ownerField !== undefined) return false;
      throw denied(method);
    case 'admin':
      if (policy.admin) return true;
      throw denied(method);
    case 'service':
      if (policy.services.includes(caller.service)) return true;
      throw denied(method);
  }
};

/** For callers that `admit` left open. @throws AppError PERMISSION_DENIED POLICY_DENIED */
export const admitOwner = (caller: Caller, method: MethodContract, request: unknown): void => {
  const owner = (request as Readonly<Record<string, unknown>>)[method.ownerField ?? ''];
  if (caller.kind !== 'user' || owner !== caller.userId) throw denied(method);
};

/** Says what kinds of callers would be admitted. */
const denied = ({ policy, ownerField, fullName }: MethodContract): AppError => {
  const admits = [
    policy.user && 'user',
    ownerField !== undefined && 'owner',
    policy.admin && 'admin',
    policy.services.length > 0 && 'service',
  ];
  return new AppError('PERMISSION_DENIED', 'POLICY_DENIED', `${fullName} does not admit this caller`, {
    domain: 'plaza',
    metadata: { admits: admits.filter(Boolean).join(', ') },
  });
};
