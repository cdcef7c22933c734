// Runs in each ROS test file's process before the file: a domain of its own, and nothing leaves this machine.
import { localDomain, takeDomain } from './rosDomain.mjs';

Object.assign(process.env, localDomain(await takeDomain(), process.env.ROS_DISTRO));
