// ioctls of sockets and network interfaces. See netdevice(7), socket(7).

import type { ArgumentType } from "../argument.js";
import { unsignedNumber } from "../digits.js";
import { interfaceChanges, interfaceList, interfaceRequest } from "../interfaces.js";
import { peekString } from "../memory.js";
import { address, showAddress } from "../scalars.js";
import { quoted } from "../strings.js";
import { reserved, s32, scalarIn, scalarOut, u32 } from "../struct.js";
import { alike, type Commands, structure } from "./fields.js";

const IFNAMSIZ = 16;

const bridgeName: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const name = low === 0 && high === 0 ? undefined : peekString(c.tracee, unsignedNumber(low, high), IFNAMSIZ);
    if (name === undefined) {
      showAddress(c, low, high);
      return;
    }
    c.out.string(quoted(name.bytes, c.style));
    if (!name.complete) c.out.punct("...");
  },
};

export const socketCommands: Commands = {
  ...alike("SIOCATMARK SIOCGPGRP FIOGETOWN", scalarOut(s32())),
  ...alike("SIOCSPGRP FIOSETOWN SIOCSIFENCAP", scalarIn(s32())),
  SIOCGIFCONF: interfaceList,
  ...alike(
    "SIOCGIFNAME SIOCGIFFLAGS SIOCGIFADDR SIOCGIFDSTADDR SIOCGIFBRDADDR SIOCGIFNETMASK SIOCGIFMETRIC SIOCGIFMTU SIOCGIFHWADDR " +
      "SIOCGIFSLAVE SIOCGIFINDEX SIOCGIFTXQLEN SIOCGIFMAP",
    interfaceRequest,
  ),
  SIOCSIFFLAGS: interfaceChanges.flags,
  SIOCSIFADDR: interfaceChanges.address,
  SIOCSIFDSTADDR: interfaceChanges.destination,
  SIOCSIFBRDADDR: interfaceChanges.broadcast,
  SIOCSIFNETMASK: interfaceChanges.mask,
  SIOCSIFMETRIC: interfaceChanges.metric,
  SIOCSIFMTU: interfaceChanges.mtu,
  ...alike("SIOCSIFHWADDR SIOCADDMULTI SIOCDELMULTI SIOCSIFHWBROADCAST", interfaceChanges.hardware),
  SIOCSIFNAME: interfaceChanges.name,
  SIOCSIFSLAVE: interfaceChanges.slave,
  SIOCSIFTXQLEN: interfaceChanges.queue,
  SIOCSIFMAP: interfaceChanges.map,
  ...alike("SIOCBRADDBR SIOCBRDELBR", bridgeName),
  ...alike("SIOCBRADDIF SIOCBRDELIF", structure({ ifr_name: reserved(IFNAMSIZ), ifr_ifindex: u32() })),
  ...alike(
    "SIOCGSTAMP_OLD SIOCGSTAMPNS_OLD SIOCGSTAMP_NEW SIOCGSTAMPNS_NEW SIOCADDRT SIOCDELRT SIOCRTMSG SIOCSIFLINK SIOCGIFMEM " +
      "SIOCSIFMEM SIOCGIFENCAP SIOCSIFPFLAGS SIOCGIFPFLAGS SIOCDIFADDR SIOCGIFCOUNT SIOCGIFBR SIOCSIFBR SIOCETHTOOL SIOCGMIIPHY " +
      "SIOCGMIIREG SIOCSMIIREG SIOCWANDEV SIOCOUTQNSD SIOCGSKNS SIOCDARP SIOCGARP SIOCSARP SIOCDRARP SIOCGRARP SIOCSRARP SIOCADDDLCI " +
      "SIOCDELDLCI SIOCGIFVLAN SIOCSIFVLAN SIOCBONDENSLAVE SIOCBONDRELEASE SIOCBONDSETHWADDR SIOCBONDSLAVEINFOQUERY " +
      "SIOCBONDINFOQUERY SIOCBONDCHANGEACTIVE SIOCSHWTSTAMP SIOCGHWTSTAMP",
    address,
  ),
};
