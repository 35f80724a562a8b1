#!/bin/sh
# Prints the Secrets of an installation as manifests, from the folder that `npm run credentials` wrote. Nothing is sent anywhere:
#   sh deploy/secrets.sh .plaza/cluster | kubectl apply -f -
set -eu
if [ $# -ne 1 ] || [ ! -d "$1" ]; then
  echo 'usage: sh deploy/secrets.sh <folder that npm run credentials wrote> | kubectl apply -f -' >&2
  exit 2
fi
cd -- "$1"

secret() {
  echo '---'
  kubectl create secret generic "$@" --namespace plaza --dry-run=client --output yaml
}

for process in user product order social-graph feed feed-worker; do
  secret "$process" --from-env-file="$process.env"
done
for name in user product order social-graph feed operator; do
  secret "$name-tls" --from-file="tls.crt=certificates/$name.pem" --from-file="tls.key=certificates/$name-key.pem" \
    --from-file=ca.crt=certificates/ca.pem
done
for service in user product order social-graph feed; do
  secret "$service-nats" --from-file="nats.creds=nats/$service.creds"
done
# For the engines of the overlay local; elsewhere they are somebody else's to install.
secret nats-config --from-file=nats/nats.conf --from-file=nats/accounts.conf
secret redis-users --from-file=redis/users.acl
