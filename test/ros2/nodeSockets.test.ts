// What a running node listens on, by the kernel's own tables: docs/security.md says that it is the middleware's alone.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { useNodes } from './support/graph.js';
import { Peer } from './support/peer.js';

const startNode = useNodes();

/** Inodes of the sockets that a process holds. */
function socketsOf(pid: number): Set<string> {
  const found = new Set<string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined) found.add(inode);
    } catch {
      // Closed between the listing and the look.
    }
  }
  return found;
}

/** The rows of a table of the kernel that belong to these sockets, as words. */
function rowsOf(pid: number, table: string, inodeColumn: number, sockets: ReadonlySet<string>): string[][] {
  const lines = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1);
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => sockets.has(words[inodeColumn] ?? ''));
}

const portOf = (row: readonly string[]) => Number.parseInt(row[1]!.split(':').at(-1)!, 16);

it('a node listens by sockets of the middleware alone: UDP on the ports of its domain', async () => {
  const node = startNode();
  await node.logged('active: ');
  const { pid } = node;
  const sockets = socketsOf(pid);
  const of = (table: string, column: number) => rowsOf(pid, table, column, sockets);
  expect([...of('tcp', 9), ...of('tcp6', 9), ...of('raw', 9), ...of('raw6', 9)]).toEqual([]);
  // SO_ACCEPTCON of a socket that waits for callers.
  const waiting = of('unix', 6).filter(([, , , flags]) => (Number.parseInt(flags!, 16) & 0x10000) !== 0);
  expect(waiting).toEqual([]);
  const ports = [...of('udp', 9), ...of('udp6', 9)].map(portOf);
  // RTPS 2.5, 9.6.2.4: the ports of a domain are 250 from 7400 on.
  const first = 7400 + 250 * Number(process.env.ROS_DOMAIN_ID);
  const isOfDomain = (port: number) => port >= first && port < first + 250;
  const [from, to] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    .trim()
    .split(/\s+/)
    .map(Number);
  const isGiven = (port: number) => port >= from! && port <= to!;
  const isFixed = (port: number) => !isOfDomain(port) && !isGiven(port);
  expect(ports.filter(isOfDomain).length).toBeGreaterThanOrEqual(2);
  // Fast DDS holds one more, below those and another one in each process; a node that does nothing has it too.
  const idle = new Peer('python3', ['test/ros2/peers/sockets.py']);
  const { ports: idlePorts } = (await idle.event('ports')) as unknown as { ports: number[] };
  await idle.end();
  expect(ports.filter(isFixed).length).toBe(idlePorts.filter(isFixed).length);
  expect(ports.filter((port) => isFixed(port) && !(port >= 7000 && port < 7400))).toEqual([]);
});
