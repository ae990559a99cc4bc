#!/bin/bash
# The two tours in README.md, run as they stand there against a fresh server, one behind the other.
set -u

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
root=$PWD
scratch=$(mktemp -d)
trap '[[ -n ${server:-} ]] && kill -9 "$server" 2>/dev/null; rm -rf "$scratch"' EXIT

number=0
case_is() { # STATUS WHAT
	number=$((number + 1))
	if (( $1 )); then
		echo "not ok $number - $2"
		sed 's/^/# /' "$scratch/said"
	else
		echo "ok $number - $2"
	fi
}

wait_for() { # COMMAND…: tries for twenty seconds
	local tries

	for (( tries = 0; tries < 400; tries++ )); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	return 1
}

# The blocks of shell below a heading, up to the next one.
blocks_below() { # HEADING
	awk -v heading="$1" '/^## / { below = $0 == heading } /^```$/ { inside = 0 } inside { print } below && /^```sh$/ { inside = 1 }' \
		"$root/README.md"
}

said_line() { # LINE-NUMBER PATTERN
	sed -n "$1p" "$scratch/said" | grep -q -- "$2"
}

echo 1..10
cd "$scratch" || exit 1
mkdir build
ln -s "${SERVER_BINARY%/src/server/*}" build/release
"$SERVER_BINARY" serve --port 0 >log 2>&1 &
server=$!
wait_for grep -q '^Listening' log

blocks_below '## A tour' >tour
[[ $(wc -l <tour) -ge 20 ]] && sh -eu tour >said 2>&1
case_is $? "every line of the tours succeeds"
said_line 1 '"state":"ACTIVE","attributes":{"firstName":"Jane","city":"Oslo"}}$'
case_is $? "the user is created"
[[ $(sed -n 1p said) == "$(sed -n 2p said)" ]]
case_is $? "the user that is found and read is the one created"
said_line 3 '"attributes":{"city":"Bergen","lastName":"Smith"}}$'
case_is $? "attributes are merged"
said_line 4 '"state":"LOCKED"'
case_is $? "the user is locked"
said_line 5 '^204$'
case_is $? "the user is deleted"
grep -q '^Registered' said
case_is $? "the phone is registered"
grep -q '100 to Acme' said && grep -q '^Approved' said
case_is $? "the phone shows what is to be approved, and approves"
tail -n 1 said | grep -q '"state":"COMPLETED"'
case_is $? "the authentication is completed"

kill -TERM "$server"
wait "$server"
case_is $? "the server ends well"
server=
