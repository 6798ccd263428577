import { describe, expect, test } from "vitest";
import { Machine, SCRATCH } from "./machine.js";

const [AF_UNIX, AF_INET] = [1, 2];
const [SOCK_STREAM, SOCK_DGRAM, SOCK_NONBLOCK] = [1, 2, 0o4000];
const [EAGAIN, EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH, EINPROGRESS, ECONNREFUSED] = [11, 98, 99, 101, 115, 111];
const LOOPBACK = [127, 0, 0, 1];

function putAddress(machine: Machine, address: readonly number[], port: number): number {
  machine.task.copyOut(
    SCRATCH,
    new Uint8Array([AF_INET, 0, port >> 8, port & 0xff, ...address, 0, 0, 0, 0, 0, 0, 0, 0]),
  );
  return SCRATCH;
}

function portOf(machine: Machine, fd: number): number {
  machine.task.writeU32(SCRATCH + 64, 16);
  machine.call("getsockname", fd, SCRATCH + 32, SCRATCH + 64);
  const [high, low] = machine.task.copyIn(SCRATCH + 34, 2);
  return (high << 8) | low;
}

function pair(machine: Machine, type = SOCK_STREAM): [number, number] {
  expect(machine.call("socketpair", AF_UNIX, type | SOCK_NONBLOCK, 0, SCRATCH)).toBe(0);
  return [machine.task.readI32(SCRATCH), machine.task.readI32(SCRATCH + 4)];
}

/** Sends one byte and the descriptor `fd` over `via`. */
function sendDescriptor(machine: Machine, via: number, fd: number): number {
  const message = new DataView(new ArrayBuffer(56));
  const u64 = (at: number, value: number): void => message.setBigUint64(at, BigInt(value), true);
  u64(16, SCRATCH + 256);
  u64(24, 1);
  u64(32, SCRATCH + 320);
  u64(40, 24);
  const control = new DataView(new ArrayBuffer(24));
  control.setBigUint64(0, 20n, true);
  control.setInt32(8, 1, true); // SOL_SOCKET
  control.setInt32(12, 1, true); // SCM_RIGHTS
  control.setInt32(16, fd, true);
  const part = new BigUint64Array([BigInt(SCRATCH), 1n]);
  machine.task.copyOut(SCRATCH + 128, new Uint8Array(message.buffer));
  machine.task.copyOut(SCRATCH + 256, new Uint8Array(part.buffer));
  machine.task.copyOut(SCRATCH + 320, new Uint8Array(control.buffer));
  return machine.call("sendmsg", via, SCRATCH + 128, 0);
}

describe("what is closed is released", () => {
  test("sockets of all kinds", () => {
    const machine = new Machine();
    const { net } = machine.kernel;
    const fds = [...pair(machine), ...pair(machine, SOCK_DGRAM)];
    for (const type of [SOCK_STREAM, SOCK_DGRAM]) fds.push(machine.call("socket", AF_INET, type, 0));
    expect(net.sockets.size).toBe(6);
    for (const fd of fds) machine.call("close", fd);
    expect(net.sockets.size).toBe(0);
  });

  test("sockets that wait in one another's queues", () => {
    const machine = new Machine();
    const { net } = machine.kernel;
    const [a, b] = pair(machine);
    const [c, d] = pair(machine, SOCK_DGRAM);
    expect(sendDescriptor(machine, a, b)).toBe(1);
    expect(sendDescriptor(machine, b, a)).toBe(1);
    expect(sendDescriptor(machine, c, b)).toBe(1);
    expect(sendDescriptor(machine, a, d)).toBe(1);
    expect(net.filesInFlight).toBe(4);
    for (const fd of [a, b, c]) machine.call("close", fd);
    // `d` is open and `b` waits in it; `a` waits in itself.
    expect(net.sockets.size).toBe(2);
    machine.call("close", d);
    machine.call("close", pair(machine)[0]);
    expect(net.filesInFlight).toBe(0);
    expect(net.sockets.size).toBe(1);
  });

  test("connections that a full listener kept waiting", () => {
    const machine = new Machine();
    const { net, timers } = machine.kernel;
    const door = machine.call("socket", AF_INET, SOCK_STREAM, 0);
    machine.call("bind", door, putAddress(machine, LOOPBACK, 7000), 16);
    machine.call("listen", door, 0);
    for (let i = 0; i < 50; i++) {
      const client = machine.call("socket", AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      expect(machine.call("connect", client, putAddress(machine, LOOPBACK, 7000), 16)).toBe(-EINPROGRESS);
      machine.call("close", client);
    }
    machine.call("close", door);
    expect(net.sockets.size).toBe(0);
    expect(timers.next).toBe(Number.POSITIVE_INFINITY);
  });

  test("bytes nobody reads", () => {
    const machine = new Machine();
    const { net } = machine.kernel;
    const door = machine.call("socket", AF_INET, SOCK_STREAM, 0);
    machine.call("bind", door, putAddress(machine, LOOPBACK, 7000), 16);
    machine.call("listen", door, 1);
    const client = machine.call("socket", AF_INET, SOCK_STREAM, 0);
    expect(machine.call("connect", client, putAddress(machine, LOOPBACK, 7000), 16)).toBe(0);
    const server = machine.call("accept4", door, 0, 0, 0);
    machine.call("fcntl", client, 4, SOCK_NONBLOCK);
    let sum = 0;
    for (;;) {
      const sent = machine.call("write", client, SCRATCH, 65536);
      if (sent < 0) {
        expect(sent).toBe(-EAGAIN);
        break;
      }
      sum += sent;
    }
    expect(net.tcpMemory.bytes).toBe(sum);
    expect(sum).toBeLessThan(4 << 20);
    for (const fd of [server, client, door]) machine.call("close", fd);
    expect(net.tcpMemory.bytes).toBe(0);
  });
});

describe("addresses", () => {
  test("chosen ports are the same in every run", () => {
    const ports = [0, 0].map(() => {
      const machine = new Machine();
      return [SOCK_STREAM, SOCK_DGRAM, SOCK_STREAM].map((type) => {
        const fd = machine.call("socket", AF_INET, type, 0);
        expect(machine.call("bind", fd, putAddress(machine, LOOPBACK, 0), 16)).toBe(0);
        return portOf(machine, fd);
      });
    });
    expect(ports[0]).toEqual(ports[1]);
    expect(ports[0].every((port) => port >= 32768 && port <= 60999)).toBe(true);
  });

  test("only lo's are here", () => {
    const machine = new Machine();
    const fd = machine.call("socket", AF_INET, SOCK_STREAM, 0);
    expect(machine.call("bind", fd, putAddress(machine, [192, 0, 2, 1], 80), 16)).toBe(-EADDRNOTAVAIL);
    expect(machine.call("connect", fd, putAddress(machine, [192, 0, 2, 1], 80), 16)).toBe(-ENETUNREACH);
    expect(machine.call("connect", fd, putAddress(machine, [127, 9, 9, 9], 80), 16)).toBe(-ECONNREFUSED);
    expect(machine.call("bind", fd, putAddress(machine, [127, 9, 9, 9], 80), 16)).toBe(0);
    const other = machine.call("socket", AF_INET, SOCK_STREAM, 0);
    expect(machine.call("bind", other, putAddress(machine, [0, 0, 0, 0], 80), 16)).toBe(-EADDRINUSE);
  });
});
