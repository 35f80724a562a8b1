import { CACHE, CACHE_ACCESS, CACHE_USERS } from './cache-settings.ts';

const TAGS = { application: 'plaza', environment: '${var.environment}' };

const user = (service: string) => ({
  user_id: `plaza-\${var.environment}-${service}`,
  user_name: service,
  engine: CACHE.engine,
  access_string: CACHE_ACCESS,
  authentication_mode: [
    { type: 'password', passwords: [`\${data.aws_secretsmanager_secret_version.redis-${service}.secret_string}`] },
  ],
  tags: TAGS,
});

export const terraformCache = () => ({
  data: {
    aws_secretsmanager_secret_version: Object.fromEntries(
      CACHE_USERS.map((service) => [`redis-${service}`, { secret_id: `\${var.redis_secret_prefix}${service}` }]),
    ),
  },
  resource: {
    aws_elasticache_subnet_group: {
      cache: { name: 'plaza-${var.environment}', subnet_ids: '${var.cache_subnet_ids}', tags: TAGS },
    },
    aws_elasticache_parameter_group: {
      cache: {
        name: 'plaza-${var.environment}',
        family: CACHE.family,
        parameter: Object.entries(CACHE.parameters).map(([name, value]) => ({ name, value })),
        tags: TAGS,
      },
    },
    aws_elasticache_user: Object.fromEntries(CACHE_USERS.map((service) => [service, user(service)])),
    aws_elasticache_user_group: {
      cache: {
        user_group_id: 'plaza-${var.environment}',
        engine: CACHE.engine,
        user_ids: CACHE_USERS.map((service) => `\${aws_elasticache_user.${service}.user_id}`),
        tags: TAGS,
      },
    },
    aws_elasticache_replication_group: {
      cache: {
        replication_group_id: 'plaza-${var.environment}',
        description: 'Plaza',
        engine: CACHE.engine,
        engine_version: CACHE.version,
        node_type: '${var.cache_node_type}',
        num_cache_clusters: CACHE.nodes,
        automatic_failover_enabled: true,
        multi_az_enabled: true,
        transit_encryption_enabled: true,
        transit_encryption_mode: 'required',
        at_rest_encryption_enabled: true,
        kms_key_id: '${var.kms_key_arn}',
        parameter_group_name: '${aws_elasticache_parameter_group.cache.name}',
        subnet_group_name: '${aws_elasticache_subnet_group.cache.name}',
        security_group_ids: '${var.cache_security_group_ids}',
        user_group_ids: ['${aws_elasticache_user_group.cache.user_group_id}'],
        snapshot_retention_limit: 0,
        tags: TAGS,
      },
    },
  },
});
