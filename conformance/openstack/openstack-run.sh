#!/bin/bash
# Runs a command with OCCIMI_E2E_AUTH_URL, the Keystone of a real OpenStack:
#
#   openstack-run.sh COMMAND...
#
# It is the one that is up, or else a new one, as openstack-up.sh fills it, which
# is ended and removed after the command: what was left in the state of a lab
# that is down is neither seen nor touched.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
url=http://127.0.0.1:${PORT_KEYSTONE:-5000}/v3
up() { python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)' "$url" 2>/dev/null; }

if ! up; then
  OPENSTACK_STATE=$(mktemp -d /var/tmp/openstack-run.XXXXXX)
  export OPENSTACK_STATE
  trap '"$here/openstack-down.sh" wipe' EXIT
  "$here/openstack-up.sh" || { tail -n 20 "$OPENSTACK_STATE"/log/*.log; exit 1; }
fi
OCCIMI_E2E_AUTH_URL=$url "$@"
