#!/bin/bash
# The device library as an app builder gets it: built without the server, installed, and used from C and C++, shared and static.
set -u

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

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

# Names that a library gives to those who link it, other than its own.
foreign_names() { # FILE NM-OPTION…
	local file=$1

	shift
	nm --defined-only "$@" "$file" | awk 'NF == 3 && $3 !~ /^rid_/ { print $3 }'
}

echo 1..10

# Nothing else is there when it is built: neither the server nor tests nor documents.
tree=$scratch/tree
mkdir -p "$tree/src" "$tree/docs"
cp -r meson.build meson_options.txt sdk protocol authenticator "$tree"
cp -r src/base src/codec src/crypto src/meson.build "$tree/src"
cp docs/reuseid-authenticator.1 "$tree/docs"

installed=$scratch/installed
{
	meson setup "$scratch/build" "$tree" -Dserver=false --buildtype=release --prefix=/usr --libdir=lib &&
		ninja -C "$scratch/build" && DESTDIR=$installed meson install -C "$scratch/build" --no-rebuild
} >"$scratch/said" 2>&1
case_is $? "it builds and installs without the server"

for file in usr/include/reuseid_device.h usr/include/reuseid_device_types.h usr/lib/libreuseid-device.so \
	usr/lib/libreuseid-device.a usr/lib/pkgconfig/reuseid-device.pc usr/bin/reuseid-authenticator usr/share/man/man1/reuseid-authenticator.1; do
	[[ -f $installed/$file ]] || echo "$file is missing"
done >"$scratch/said"
[[ ! -s $scratch/said ]]
case_is $? "headers, both libraries, pkg-config file, authenticator and its page are installed"

[[ -z $(find "$installed" -name '*.h' ! -name 'reuseid_device*.h') && ! -e $installed/usr/bin/reuseid ]]
case_is $? "and nothing of what is inside"

foreign_names "$installed/usr/lib/libreuseid-device.so" -D >"$scratch/said"
[[ ! -s $scratch/said ]]
case_is $? "the shared library shows its own names alone"

foreign_names "$installed/usr/lib/libreuseid-device.a" -g >"$scratch/said"
[[ ! -s $scratch/said ]]
case_is $? "so does the static one"

ldd "$installed/usr/lib/libreuseid-device.so" >"$scratch/said" 2>&1
! grep -qE 'microhttpd|sqlite|gnutls|libjose|curl' "$scratch/said"
case_is $? "it needs no library of the server"

# An app with names of its own that are ours inside.
cat >"$scratch/app.c" <<'END'
#include <reuseid_device.h>

int wipe(void);
int sha256(void);

int wipe(void)
{
	return 0;
}

int sha256(void)
{
	return wipe();
}

int main(void)
{
	rid_config config = { 0 };
	int error = 0;

	return rid_open(&config, "default", &error) == NULL && error == RID_ERROR_CONFIGURATION ? sha256() : 1;
}
END
cat >"$scratch/app.cc" <<'END'
#include <reuseid_device.h>

int main()
{
	rid_config config = rid_config();
	int error = 0;

	return rid_open(&config, "default", &error) == nullptr && error == RID_ERROR_CONFIGURATION ? 0 : 1;
}
END

export PKG_CONFIG_PATH=$installed/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$installed
version=$(sed -n 's/^#define RID_VERSION "\(.*\)"$/\1/p' sdk/reuseid_device_types.h)
pkg-config --modversion reuseid-device >"$scratch/said" 2>&1 && [[ $(<"$scratch/said") == "$version" ]]
case_is $? "pkg-config tells the version that the header has"

strict="-Wall -Wextra -Wpedantic -Werror"
# shellcheck disable=SC2046,SC2086
{
	gcc -std=c99 $strict "$scratch/app.c" $(pkg-config --cflags --libs reuseid-device) -o "$scratch/c" &&
		LD_LIBRARY_PATH=$installed/usr/lib "$scratch/c"
} >"$scratch/said" 2>&1
case_is $? "a C99 program uses the shared library"

# shellcheck disable=SC2046,SC2086
{
	g++ -std=c++11 $strict "$scratch/app.cc" $(pkg-config --cflags --libs reuseid-device) -o "$scratch/cc" &&
		LD_LIBRARY_PATH=$installed/usr/lib "$scratch/cc"
} >"$scratch/said" 2>&1
case_is $? "a C++ program too"

# shellcheck disable=SC2046,SC2086
{
	gcc -std=c99 $strict $(pkg-config --cflags reuseid-device) "$scratch/app.c" "$installed/usr/lib/libreuseid-device.a" \
		-lcrypto -ljansson -lpthread -o "$scratch/static" && "$scratch/static"
} >"$scratch/said" 2>&1
case_is $? "and one uses the static one"
