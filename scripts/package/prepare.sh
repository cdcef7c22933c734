#!/bin/sh
# Compiles what depends on this machine's ROS 2; what is there already is left as it is. Needs no network.
home="$(dirname "$(dirname "$(readlink -f "$0")")")"
. "$home/bin/ros.sh"
exec "$home/runtime/bin/node" "$home/scripts/package/prepare.mjs" "$@"
