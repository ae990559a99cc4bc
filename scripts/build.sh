# shellcheck shell=bash disable=SC2154
# Sourced by ./run and ./test. Expects $root and quietly (packages.sh); offers build NAME [MESON OPTION…]

# Where the build directories are; BUILD_ROOT moves them, for a second tree of builds or a read-only source.
builds=${BUILD_ROOT:-$root/build}

# Configures once, then lets ninja bring it up to date: silent without a terminal, a progress line on one.
build() {
	local directory=$builds/$1

	shift
	if [[ ! -f $directory/build.ninja ]]; then
		quietly meson setup "$@" "$directory" "$root" || return
	fi
	if [[ -t 2 ]]; then
		ninja -C "$directory" >&2
	else
		quietly ninja -C "$directory"
	fi
}
