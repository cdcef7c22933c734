# Sourced by the programs beside it: takes ROS 2 @ROS_DISTRO@ where the shell has none; false where there is none to take.
if [ -z "${AMENT_PREFIX_PATH:-}" ]; then
  for rdk_setup in /opt/tros/@ROS_DISTRO@/setup.sh /opt/ros/@ROS_DISTRO@/setup.sh; do
    if [ -f "$rdk_setup" ]; then
      . "$rdk_setup"
      break
    fi
  done
  unset rdk_setup
fi
if [ "${ROS_DISTRO:-}" != @ROS_DISTRO@ ]; then
  echo "rdk-yolo-seg: this package is for ROS 2 @ROS_DISTRO@; found ${ROS_DISTRO:-none} in the shell, and none in /opt/tros or /opt/ros." >&2
  echo '  what helps: sudo apt-get install @APT_PACKAGES@' >&2
  echo '              then: sudo rdk-yolo-seg-prepare   (the archive of ROS 2: docs.ros.org/en/@ROS_DISTRO@/Installation.html)' >&2
  false
fi
