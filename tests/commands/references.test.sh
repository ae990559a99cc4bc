#!/bin/bash
# The generated documents are those that the program writes now: whoever changes a table runs scripts/references.
set -u

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

result() { # STATUS NUMBER WHAT SAID
	if (( $1 )); then
		echo "not ok $2 - $3"
		echo "# ${4//$'\n'/$'\n# '}"
	else
		echo "ok $2 - $3"
	fi
}

echo 1..4
said=$(scripts/references --built "${SERVER_BINARY%/src/server/*}" --into "$fresh" 2>&1)
result $? 1 "the references can be written" "$said"

said=$(diff -ru docs/reference "$fresh/reference" 2>&1)
result $? 2 "docs/reference is up to date" "$said"

said=$(diff -u docs/reuseid.1 "$fresh/reuseid.1" 2>&1)
result $? 3 "docs/reuseid.1 is up to date" "$said"

said=$(diff -u docs/reuseid-authenticator.1 "$fresh/reuseid-authenticator.1" 2>&1)
result $? 4 "docs/reuseid-authenticator.1 is up to date" "$said"
