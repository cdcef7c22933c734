#!/bin/sh
# Runs inside a fresh system (npm run test:install) that was booted or entered for it: installs, uses and purges the packages in
# /proof/packages. VERSION, DISTRO, HAS_ROS and IS_BOOTED come from /proof/facts. Its words go to /proof/out.
exec > /proof/out/log 2>&1
. /proof/facts
export DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8 HOME=/root
out=/proof/out
said=/tmp/proof-said
model=/opt/rdk-yolo-seg/assets/models/shapes-seg-320.onnx

fail() {
  echo "FAILED: $*"
  [ -f "$said" ] && cat "$said"
  exit 1
}

# say WORDS: a line of the report.
say() {
  echo "$*" | tee -a "$out/report"
}

# expect CODE COMMAND...: runs it, with its words in $said.
expect() {
  wanted=$1
  shift
  "$@" > "$said" 2>&1
  found=$?
  [ "$found" = "$wanted" ] || fail "$* ended with $found, expected $wanted"
}

# told PATTERN: the last command said it.
told() {
  grep -qE -- "$1" "$said" || fail "nothing said $1"
}

# until_true SECONDS COMMAND...
until_true() {
  left=$1
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || fail "$* did not become true"
    sleep 1
  done
}

# Everything but what dpkg, apt, systemd and ROS (its logs) write of their own doings.
listing() {
  find / -xdev \( -path /proof -o -path /proc -o -path /sys -o -path /run -o -path /dev -o -path /tmp \
    -o -path '/var/lib/dpkg' -o -path '/var/log' -o -path '/var/lib/apt' -o -path '/var/cache' -o -path '/var/lib/systemd' \
    -o -path '/var/tmp' -o -path /root/.ros \) -prune -o -printf '%p %y %m %l\n' | sort
}

status_of() {
  dpkg-query -W -f '${Status}' "$1" 2> /dev/null
}

packages() {
  ls /proof/packages/"$1"_"$VERSION"_"$DISTRO"_*.deb
}

# remedies NAME: runs doctor, with its exit code in $code. No remedy may name what a checkout has and an installed package has not.
remedies() {
  rdk-yolo-seg doctor --json > "$out/doctor-$1.json" 2> "$said"
  rdk-yolo-seg doctor > "$said" 2>&1
  code=$?
  cp "$said" "$out/doctor-$1.txt"
  [ "$code" = 0 ] || [ "$code" = 1 ] || fail "doctor ended with $code"
  ! grep -E 'npm |npx |checkout|setup\.mjs|native/bin/fakednn' "$said" || fail 'a remedy names what is not here'
}

nothing_runs() {
  ! ls -l /proc/[0-9]*/exe 2> /dev/null | grep -q /opt/rdk-yolo-seg
}

# An /opt that is empty would go with its last package.
mkdir -p /opt/of-the-system && touch /opt/of-the-system/file
! command -v node > /dev/null || fail "this system has a Node.js"
listing > /tmp/proof-before

expect 0 apt-get install -y --no-install-recommends "$(packages rdk-yolo-seg)"
told 'not ready to run as a node'
told "sudo apt-get install .*ros-$DISTRO-rosidl-default-generators"
[ "$(status_of rdk-yolo-seg)" = 'install ok installed' ] || fail "rdk-yolo-seg is $(status_of rdk-yolo-seg)"
say "installed without a network and without ROS; it names the apt packages that it lacks, and is configured"
expect 0 rdk-yolo-seg --version
told "^$VERSION\$"
expect 1 rdk-yolo-seg node
told "sudo apt-get install .*ros-$DISTRO-"
expect 1 rdk-yolo-seg-prepare
expect 0 /opt/rdk-yolo-seg/runtime/bin/node -p 'os.machine()'
say "Node.js of the package runs on $(cat $said)"
remedies without-ros
grep -q "sudo rdk-yolo-seg-prepare" "$said" || fail 'doctor does not say what helps without ROS'
# It asks for the part that it lacks for its model; under emulation its steps may take too long to be told.
[ "$IS_BOOTED" = 0 ] || told 'model.load .*install rdk-yolo-seg-onnx'
say "doctor runs without ROS"

expect 0 apt-get install -y --no-install-recommends "$(packages rdk-yolo-seg-onnx)"
# Under emulation ONNX Runtime takes minutes: npm run test:arm64 has it.
if [ "$IS_BOOTED" = 1 ]; then
  pictures=/opt/rdk-yolo-seg/assets/scenes
  expect 0 rdk-yolo-seg segment "$pictures/scene_000.jpg" "$pictures/scene_001.jpg" --model "$model" --forms json,overlay,mcap -o /tmp/pictures
  say "segment: $(tail -1 $said | sed 's/^[^:]*: //')"
  expect 0 rdk-yolo-seg segment /tmp/pictures/mcap/pictures.mcap --topic /image/compressed --track --model "$model" \
    --forms json,mot -o /tmp/tracks
  [ -n "$(find /tmp/tracks -name '*.txt' -size +0)" ] || fail "no tracks were written: $(find /tmp/tracks)"
  say "segment --track: $(tail -1 $said | sed 's/^[^:]*: //')"
fi

if [ "$HAS_ROS" = 1 ]; then
  mkdir -p "/opt/ros/$DISTRO"
  cp /proof/ros-setup.sh "/opt/ros/$DISTRO/setup.sh"
  expect 0 rdk-yolo-seg-prepare
  told "ready for ROS 2 $DISTRO"
  say "rdk-yolo-seg-prepare compiled what depends on ROS 2 $DISTRO, without a network"
  remedies with-ros
  [ "$code" = 0 ] || fail 'doctor found a fault with ROS'
  say "doctor with ROS: $(tail -1 $said)"
fi

if [ "$HAS_ROS" = 1 ] && [ "$IS_BOOTED" = 1 ]; then
  unit=rdk-yolo-seg.service
  value() { systemctl show -P "$1" "$unit"; }
  has_said() { journalctl -q -u "$unit" _PID="$(value MainPID)" | grep -q "$1"; }
  restarted() { [ "$(value NRestarts)" = 1 ] && [ "$(value ActiveState)" = active ]; }
  sed -i "s,^      path: auto,      path: $model,; s,^      depth: \"\",      depth: /depth," /etc/rdk-yolo-seg/yolo_seg.yaml
  grep -q "depth: /depth" /etc/rdk-yolo-seg/yolo_seg.yaml || fail 'no input.depth in the parameters'
  expect 0 systemctl enable --now "$unit"
  until_true 120 has_said 'active: '
  first=$(value MainPID)
  kill -9 "$first"
  until_true 60 restarted
  until_true 120 has_said 'active: '
  [ "$(value MainPID)" != "$first" ] || fail "the service has its first process still"
  say "systemd: started, killed by SIGKILL, started again by itself"
  rdk-yolo-seg camera --rate 5 > "$out/camera.txt" 2>&1 &
  camera=$!
  until_true 120 has_said 'frames arrive on /hbmem_img'
  until_true 120 has_said 'frames on /hbmem_img are loaned'
  expect 0 rdk-yolo-seg record --seconds 10 --out "$out/record"
  kill "$camera"
  say "the service segments a camera's frames from shared memory, with input.depth"
  expect 0 systemctl stop "$unit"
  [ "$(value Result) $(value ExecMainStatus)" = 'success 0' ] \
    || fail "after stop the service is $(value Result), $(value ExecMainStatus)"
  say "systemd: ended by SIGTERM with exit code 0"
  journalctl -q -u "$unit" > "$out/journal.txt"
  sed -i.right 's,^      depth: /depth,      depth: 5,' /etc/rdk-yolo-seg/yolo_seg.yaml
  stays_failed() { [ "$(value ActiveState) $(value ExecMainStatus)" = 'failed 2' ]; }
  expect 0 systemctl start "$unit"
  until_true 60 stays_failed
  [ "$(value NRestarts)" = 0 ] || fail "a wrong parameter was tried $(value NRestarts) times again"
  mv /etc/rdk-yolo-seg/yolo_seg.yaml.right /etc/rdk-yolo-seg/yolo_seg.yaml
  say "systemd: ended for good by a wrong parameter"
  expect 0 systemctl start "$unit"
  until_true 120 has_said 'active: '
fi

expect 0 apt-get purge -y rdk-yolo-seg-onnx rdk-yolo-seg
until_true 30 nothing_runs
[ -z "$(status_of rdk-yolo-seg)" ] || fail "after purge rdk-yolo-seg is $(status_of rdk-yolo-seg)"
if [ "$HAS_ROS" = 1 ]; then rm -r "/opt/ros/$DISTRO" && rmdir --ignore-fail-on-non-empty /opt/ros; fi
listing > /tmp/proof-after
diff /tmp/proof-before /tmp/proof-after > "$said" || fail 'purge left or took something:'
say "purged: the $(wc -l < /tmp/proof-after) files and folders of the system are as before"
touch "$out/done"
