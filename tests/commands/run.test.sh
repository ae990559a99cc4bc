#!/bin/bash
# ./run as an operator uses it: a second start builds and installs nothing, options are handed on, signals reach the server.
set -u

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
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

wait_for() { # COMMAND…: tries for ten seconds
	local tries

	for (( tries = 0; tries < 200; tries++ )); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	return 1
}

# Standing before the real ones in PATH, these say what was called.
mkdir "$scratch/bin"
for name in apt-get sudo meson; do
	printf '#!/bin/sh\necho %s >>"%s/called"\nexit 1\n' "$name" "$scratch" >"$scratch/bin/$name"
	chmod +x "$scratch/bin/$name"
done

echo 1..8

./run --help >"$scratch/said" 2>&1 && grep -q -- --public-url "$scratch/said"
case_is $? "--help explains the options"
[[ ! -e $scratch/data ]]
case_is $? "--help starts nothing"

port=$((20000 + RANDOM % 12000))
PATH=$scratch/bin:$PATH ./run --data "$scratch/data" --port "$port" >"$scratch/said" 2>&1 &
server=$!
wait_for curl -fsS "http://127.0.0.1:$port/readyz"
case_is $? "it serves on the port and the data directory it was given"
[[ ! -e $scratch/called ]]
case_is $? "a second start installs and configures nothing"
[[ $(readlink "/proc/$server/exe") == *reuseid ]]
case_is $? "the server took the place of the script"
[[ $(stat -c %a "$scratch/data/bootstrap.json") == 600 ]]
case_is $? "the first start wrote bootstrap.json for the owner alone"

kill -TERM "$server"
wait "$server"
case_is $? "SIGTERM reaches the server, which ends well"
server=

./run --no-such-option >"$scratch/said" 2>&1
status=$?
(( status )) && [[ -s $scratch/said ]]
case_is $? "an unknown option is refused with a word about it"
