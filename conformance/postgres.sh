#!/bin/bash
# A throw-away PostgreSQL (Debian's package) on a free port of 127.0.0.1.
#
#   postgres.sh COMMAND...   runs COMMAND with OCCIMI_TEST_POSTGRES_URL set, then ends the server
#   postgres.sh              prints the URL, and ends the server with its input (^D) or by ^C
#
# As root it is installed if it is missing, and runs as user postgres.
set -euo pipefail
find_bin() { find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1; }
bin=$(find_bin)
if [ ! -x "$bin/initdb" ]; then
  export DEBIAN_FRONTEND=noninteractive
  mkdir -p /etc/postgresql-common # no cluster of the system's, and nothing that starts by itself
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    printf 'create_main_cluster = false\nstart_conf = manual\n' >/etc/postgresql-common/createcluster.conf
  patient=(-q -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300)
  install=(apt-get install -y "${patient[@]}" postgresql)
  { "${install[@]}" || { apt-get update "${patient[@]}" && "${install[@]}"; }; } >&2
  bin=$(find_bin)
fi

state=$(mktemp -d)
pid=
end() {
  if [ -n "$pid" ]; then
    kill -INT "$pid" 2>/dev/null || true # fast shutdown
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$state"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

as=() # PostgreSQL refuses to run as root
[ "$(id -u)" != 0 ] || { as=(setpriv --reuid=postgres --regid=postgres --clear-groups); chown postgres: "$state"; }
cd "$state"
(umask 077; head -c 18 /dev/urandom | base64 | tr '+/' '-_' >password)
chmod 644 password # in a directory that is its owner's alone
"${as[@]}" "$bin/initdb" -D data -U occimi --pwfile=password -A scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync >initdb.log ||
  { cat initdb.log >&2; exit 1; }

for _ in 1 2 3 4 5; do # the free port may be taken by another meanwhile
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "${as[@]}" "$bin/postgres" -D data -h 127.0.0.1 -p "$port" -k '' -F >server.log 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null && ! "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; do sleep 0.1; done
  kill -0 "$pid" 2>/dev/null && break
  pid=
done
[ -n "$pid" ] || { cat server.log >&2; exit 1; }
OCCIMI_TEST_POSTGRES_URL="postgres://occimi:$(cat password)@127.0.0.1:$port/postgres?sslmode=disable"
export OCCIMI_TEST_POSTGRES_URL
cd "$OLDPWD"
if [ $# = 0 ]; then
  echo "$OCCIMI_TEST_POSTGRES_URL"
  cat >/dev/null
else
  "$@"
fi
