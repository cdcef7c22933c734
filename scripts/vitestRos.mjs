// Runs in each ROS test file's process before the file: a domain of its own, and nothing leaves this machine.

// Above 101 Linux may hand the domain's ports to other programs.
const HIGHEST_DOMAIN = 101;

process.env.ROS_DOMAIN_ID = String(1 + (process.pid % HIGHEST_DOMAIN));
process.env.ROS_AUTOMATIC_DISCOVERY_RANGE = 'LOCALHOST';
// The older name warns on Jazzy and is all that Humble knows.
if (process.env.ROS_DISTRO === 'humble') process.env.ROS_LOCALHOST_ONLY = '1';
