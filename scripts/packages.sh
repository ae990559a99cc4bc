# shellcheck shell=bash disable=SC2154
# Sourced by ./run and ./test. Installs the Debian packages of packaging/packages.txt that are missing.
# Expects $root; offers packages_install GROUP…

# Prints the packages of the given groups that are not installed. One call of dpkg-query, no network.
packages_missing() {
	local group package command wanted=()

	while read -r group package command; do
		[[ " $* " == *" $group "* ]] || continue
		[[ -n $command ]] && command -v "$command" >/dev/null && continue
		wanted+=("$package")
	done < <(grep -v '^#' "$root/packaging/packages.txt")
	# dpkg-query leaves out what it never heard of and prints "un" and the like for what was removed.
	comm -23 <(printf '%s\n' "${wanted[@]}" | sort -u) \
		<(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' "${wanted[@]}" 2>/dev/null |
			awk '$1 == "ii" { print $2 }' | sort -u)
}

packages_install() {
	local missing as_root=()

	if ! command -v dpkg-query >/dev/null; then
		echo "This is no Debian system: install what packaging/packages.txt lists ($*) yourself." >&2
		return 0
	fi
	mapfile -t missing < <(packages_missing "$@")
	(( ${#missing[@]} )) || return 0

	if (( EUID != 0 )); then
		if ! command -v sudo >/dev/null; then
			echo "These packages are missing and only root can install them (there is no sudo):" >&2
			echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
			return 1
		fi
		as_root=(sudo)
	fi
	echo "Installing: ${missing[*]}" >&2
	quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update || return
	quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y --no-install-recommends install "${missing[@]}"
}

# Runs a command and shows what it said only when it failed.
quietly() {
	local said status=0

	said=$(mktemp)
	"$@" >"$said" 2>&1 </dev/null || status=$?
	if (( status )); then
		cat "$said" >&2
		echo "Failed ($status): $*" >&2
	fi
	rm -f "$said"
	return "$status"
}
