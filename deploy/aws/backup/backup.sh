#!/bin/sh
# Backups of the tables of truth on AWS, and restores of all of them to new tables. docs/runbooks/backup-and-restore.md says when.
set -eu

here=$(cd -- "$(dirname -- "$0")" && pwd)
list=$here/../derived/tables.txt
tables=$(awk '$2 == "truth" { print $1 }' "$list")
derived=$(awk '$2 == "derived" { print $1 }' "$list")

usage() {
  cat <<'USAGE'
backup.sh [options] window                 from when to when each table can be restored
backup.sh [options] create <label>         an on-demand backup of each table, and waits for it
backup.sh [options] list                   the on-demand backups there are
backup.sh [options] restore-at <time> <suffix>     to a second of the last 35 days (2026-11-29T12:00:00Z), each to <table>-<suffix>
backup.sh [options] restore-from <label> <suffix>  from on-demand backups, each to <table>-<suffix>

  --namespace <name>   NAMESPACE of the services: prefix of the tables
  --dry-run            prints the commands and sends none
Region and credentials are those of the aws command.
USAGE
}

namespace=''
dry_run=''
while [ $# -gt 0 ]; do
  case $1 in
    --namespace) namespace=${2:?--namespace needs a name}; shift 2 ;;
    --dry-run) dry_run=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) break ;;
  esac
done

say() { printf '%s\n' "$*" >&2; }
physical() { printf '%s%s' "${namespace:+$namespace-}" "$1"; }

# Sends a command, or prints it.
run() {
  if [ -n "$dry_run" ]; then echo "$*"; else "$@"; fi
}

# Asks until the answer is the one that is waited for; a restore takes from minutes to hours.
until_is() {
  wanted=$1
  shift
  if [ -n "$dry_run" ]; then
    echo "$*   # until $wanted"
    return
  fi
  while answer=$("$@") && [ "$answer" != "$wanted" ]; do
    say "  $answer"
    sleep 15
  done
  # A command that failed is no answer.
  [ "${answer:-}" = "$wanted" ]
}

window() {
  for table in $tables; do
    run aws dynamodb describe-continuous-backups --table-name "$(physical "$table")" --output text \
      --query 'ContinuousBackupsDescription.PointInTimeRecoveryDescription.[EarliestRestorableDateTime,LatestRestorableDateTime]'
  done
}

create() {
  for table in $tables; do
    say "$table"
    run aws dynamodb create-backup --table-name "$(physical "$table")" --backup-name "$(physical "$table")-$1"
  done
  for table in $tables; do
    if [ -n "$dry_run" ]; then arn="<arn of $(physical "$table")-$1>"; else arn=$(arn_of "$table" "$1"); fi
    until_is AVAILABLE aws dynamodb describe-backup --backup-arn "$arn" --output text \
      --query BackupDescription.BackupDetails.BackupStatus
  done
}

list() {
  for table in $tables; do
    run aws dynamodb list-backups --table-name "$(physical "$table")" --output text \
      --query 'BackupSummaries[].[BackupName,BackupStatus,BackupCreationDateTime,BackupSizeBytes]'
  done
}

arn_of() {
  arn=$(aws dynamodb list-backups --table-name "$(physical "$1")" --output text \
    --query "BackupSummaries[?BackupName=='$(physical "$1")-$2'].BackupArn | [0]")
  if [ "$arn" = None ]; then
    say "there is no backup $(physical "$1")-$2"
    exit 1
  fi
  echo "$arn"
}

# All restores are begun before the first is waited for: they take their time side by side.
restore_at() {
  for table in $tables; do
    run aws dynamodb restore-table-to-point-in-time --source-table-name "$(physical "$table")" \
      --target-table-name "$(physical "$table")-$2" --restore-date-time "$1" --billing-mode-override PAY_PER_REQUEST
  done
  finish "$2"
}

restore_from() {
  for table in $tables; do
    if [ -n "$dry_run" ]; then arn="<arn of $(physical "$table")-$1>"; else arn=$(arn_of "$table" "$1"); fi
    run aws dynamodb restore-table-from-backup --target-table-name "$(physical "$table")-$2" --backup-arn "$arn" \
      --billing-mode-override PAY_PER_REQUEST
  done
  finish "$2"
}

active() {
  until_is ACTIVE aws dynamodb describe-table --table-name "$1" --output text --query Table.TableStatus
}

# A restored table has rows, keys, indexes and its key; it has no TTL, PITR, stream, protection or tags.
finish() {
  names=''
  for table in $tables; do
    new="$(physical "$table")-$1"
    say "$new"
    active "$new"
    run aws dynamodb update-continuous-backups --table-name "$new" \
      --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true
    run aws dynamodb update-time-to-live --table-name "$new" \
      --time-to-live-specification Enabled=true,AttributeName=expiresAt
    run aws dynamodb update-table --table-name "$new" --deletion-protection-enabled
    active "$new"
    run aws dynamodb update-table --table-name "$new" \
      --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES
    if [ -n "$dry_run" ]; then
      arn="<arn of $new>"
    else
      arn=$(aws dynamodb describe-table --table-name "$new" --output text --query Table.TableArn)
    fi
    run aws dynamodb tag-resource --resource-arn "$arn" --tags Key=application,Value=plaza Key=data,Value=truth
  done
  for table in $tables $derived; do
    names="$names${names:+,}\"$table\":\"$(physical "$table")-$1\""
  done
  cat <<SWITCH

The tables are there. To switch to them, with all services stopped:
  1. roles: TableSuffix=-$1 (CloudFormation) or table_suffix = "-$1" (Terraform)
  2. ConfigMap of each process and job: TABLE_NAMES={$names}
  3. the job create-tables, which makes the tables that are derived, empty
  4. empty Redis and NATS, then start: docs/runbooks/backup-and-restore.md
To switch back: TableSuffix= and TABLE_NAMES={}; the old tables are as they were.
SWITCH
}

verb=${1:-}
[ $# -gt 0 ] && shift
case $verb/$# in
  window/0) window ;;
  create/1) create "$1" ;;
  list/0) list ;;
  restore-at/2) restore_at "$1" "$2" ;;
  restore-from/2) restore_from "$1" "$2" ;;
  *) usage >&2; exit 2 ;;
esac
