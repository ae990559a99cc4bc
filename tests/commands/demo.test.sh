#!/bin/bash
# ./run demo on the server with sanitizers: every step as documented, a clean end, nothing left behind.
set -u

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
export TMPDIR
TMPDIR=$(mktemp -d)
trap 'rm -rf "$TMPDIR"' EXIT

result() {
	if (( $1 )); then
		echo "not ok $2 - $3"
	else
		echo "ok $2 - $3"
	fi
}

echo 1..4
authenticator=${SERVER_BINARY%/src/server/*}/authenticator/reuseid-authenticator
said=$(scripts/demo --server "$SERVER_BINARY" --authenticator "$authenticator" 2>&1)
status=$?
result "$status" 1 "every step of the demo is as documented"
(( status )) && echo "# ${said//$'\n'/$'\n'# }"

[[ $said != *$'\033'* ]]
result $? 2 "no colours where nobody looks"

[[ -z $(ls -A "$TMPDIR") ]]
result $? 3 "the demo leaves nothing behind"

said=$(scripts/demo --server /bin/false --authenticator "$authenticator" 2>&1)
[[ $? -ne 0 && $said == *"did not become ready"* ]]
result $? 4 "the demo fails when the server does not start"
