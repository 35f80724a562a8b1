/** For each server of a cluster. What tells services apart is in accounts.conf, which `npm run credentials` puts beside it. */
export const NATS_CONF = `# nats-server 2.12 or newer. Users: accounts.conf, made by \`npm run credentials\`. What each may do: permissions.json.
server_name: $NATS_SERVER_NAME
listen: "0.0.0.0:4222"
# Health and figures: /healthz, /varz, /jsz. Not to be reached from outside.
http: "0.0.0.0:8222"
include ./accounts.conf

jetstream {
  store_dir: "/data"
  # An acknowledged event is on disk. Without this it may be lost for 2 minutes when all servers lose power at once.
  sync_interval: always
}

# Beyond one machine, in a copy of this file, which is made anew each time:
# tls {
#   cert_file: "/certificates/nats.pem"
#   key_file: "/certificates/nats-key.pem"
# }
#
# Three servers, and NATS_REPLICAS=3 for the services: each event is on two disks before it is acknowledged.
# cluster {
#   name: plaza
#   listen: "0.0.0.0:6222"
#   routes: ["nats://nats-0.nats:6222", "nats://nats-1.nats:6222", "nats://nats-2.nats:6222"]
# }
`;
