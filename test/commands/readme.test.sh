#!/bin/bash
# The tour in README.md, run as it stands there against a fresh server.
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

# The first block of shell below a heading.
block_below() { # HEADING
	awk -v heading="$1" '$0 == heading { below = 1 } below && /^```$/ { exit } inside { print } below && /^```sh$/ { inside = 1 }' \
		"$root/README.md"
}

said_line() { # LINE-NUMBER PATTERN
	sed -n "$1p" "$scratch/said" | grep -q -- "$2"
}

echo 1..7
cd "$scratch" || exit 1
"$SERVER_BINARY" serve --port 0 >log 2>&1 &
server=$!
wait_for grep -q '^Listening' log

block_below '## A tour' >tour
[[ $(wc -l <tour) -ge 10 ]] && sh -eu tour >said 2>&1
case_is $? "every line of the tour succeeds"
said_line 1 '"state":"ACTIVE","attributes":{"firstName":"Jane","city":"Oslo"}}$'
case_is $? "the user is created"
[[ $(sed -n 1p said) == "$(sed -n 2p said)" ]]
case_is $? "the user that is found and read is the one created"
said_line 3 '"attributes":{"city":"Bergen","lastName":"Smith"}}$'
case_is $? "attributes are merged"
said_line 4 '"state":"LOCKED"'
case_is $? "the user is locked"
said_line 5 '^204$' && [[ $(wc -l <said) == 5 ]]
case_is $? "the user is deleted, and the tour said nothing else"

kill -TERM "$server"
wait "$server"
case_is $? "the server ends well"
server=
