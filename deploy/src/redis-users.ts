import { OPERATOR_REDIS_RULES, redisRules } from '@plaza/cache';
import { OWNERS } from '@plaza/events';

/** User of Redis → rules of their ACL: each service (the worker is feed's other half), and who looks after all. In production nothing is prefixed. */
export const REDIS_USERS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(OWNERS.map((owner) => [owner, redisRules(owner, '')])),
  operator: OPERATOR_REDIS_RULES,
};
