#!/bin/sh
# Makes a static library out of the SDK and what it needs of the layers below, in which only the public names can be seen.
# merge.sh OUTPUT SCRATCH LD OBJCOPY AR SDK-ARCHIVE LAYER-ARCHIVE…
set -eu

output=$1 scratch=$2 ld=$3 objcopy=$4 ar=$5 sdk=$6
shift 6

mkdir -p "$scratch"
"$ld" -r -o "$scratch/reuseid-device.o" --whole-archive "$sdk" --no-whole-archive --start-group "$@" --end-group
"$objcopy" --localize-hidden "$scratch/reuseid-device.o"
rm -f "$output"
"$ar" rcs "$output" "$scratch/reuseid-device.o"
