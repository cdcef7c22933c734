#!/bin/sh
# Compiles what depends on this machine's ROS 2; what is there already is left as it is. Needs no network.
home="$(dirname "$(dirname "$(readlink -f "$0")")")"
. "$home/bin/ros.sh" || exit 1
# rclnodejs's build calls node by its name.
export PATH="$home/runtime/bin:$PATH"
exec node "$home/scripts/package/prepare.mjs" "$@"
