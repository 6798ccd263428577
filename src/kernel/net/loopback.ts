// lo, the machine's only interface, as ioctls, netlink and /proc tell of it. drivers/net/loopback.c
import { IFF_LOOPBACK, IFF_LOWER_UP, IFF_RUNNING, IFF_UP } from "../../abi/constants/interfaces.js";

export const LO = {
  name: "lo",
  index: 1,
  flags: IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_LOWER_UP,
  mtu: 65536,
  queueLength: 1000,
} as const;
