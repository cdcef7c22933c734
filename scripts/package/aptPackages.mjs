/**
 * What a package is prepared with on a machine: compilers, and what it speaks to and is compiled against of ROS.
 *
 * @param {string} distro of ROS 2
 * @returns {string[]} names of apt packages
 */
export function aptPackages(distro) {
  const ros = ['ros2cli', 'ament-cmake', 'rosidl-default-generators', 'common-interfaces', 'launch-ros'];
  return ['g++', 'make', 'cmake', 'python3', ...ros.map((name) => `ros-${distro}-${name}`)];
}
