// landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2). security/landlock/syscalls.c
import { O_PATH, O_RDWR } from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import {
  LANDLOCK_ACCESS_NET_BIND_TCP,
  LANDLOCK_ACCESS_NET_CONNECT_TCP,
  LANDLOCK_CREATE_RULESET_ERRATA,
  LANDLOCK_CREATE_RULESET_VERSION,
  LANDLOCK_RULE_NET_PORT,
  LANDLOCK_RULE_PATH_BENEATH,
} from "../../abi/constants/security.js";
import { E2BIG, EBADFD, EFAULT, EINVAL, ENOMSG, EPERM, Errno } from "../../abi/errno.js";
import { copyInExtensible } from "../mm/user-access.js";
import type { Task } from "../task/task.js";
import { File } from "../vfs/file.js";
import type { Inode } from "../vfs/inode.js";
import { checkKnown, MOST_LAYERS, OF_FILES } from "./landlock.js";

const ABI_VERSION = 7;
const ERRATA = 7;
const ALL_FILES = 0xffff;
const ALL_NET = LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP;
const ALL_SCOPES = 3;
const [SMALLEST_ATTRIBUTES, ATTRIBUTES] = [8, 24];
const [PATH_RULE, PORT_RULE] = [12, 16];
const LOG_FLAGS = 7;
const LOG_SUBDOMAINS_OFF = 4;
const NO_RULESET = -1;

class RulesetFile extends File {
  readonly files: number;
  readonly net: number;
  readonly scopes: number;
  readonly beneath = new Map<Inode, number>();
  readonly ports = new Map<number, number>();

  constructor(task: Task, files: number, net: number, scopes: number) {
    super(task.kernel.anonFs.dentry("[landlock-ruleset]"), O_RDWR);
    this.files = files;
    this.net = net;
    this.scopes = scopes;
  }
}

/** The version of the interface when that is asked for; else the descriptor of a new set of rules. */
export function createRuleset(task: Task, address: number, size: number, flags: number): number {
  if (flags !== 0) {
    if (address !== 0 || size !== 0) throw new Errno(EINVAL);
    if (flags === LANDLOCK_CREATE_RULESET_VERSION) return ABI_VERSION;
    if (flags === LANDLOCK_CREATE_RULESET_ERRATA) return ERRATA;
    throw new Errno(EINVAL);
  }
  if (address === 0) throw new Errno(EFAULT);
  const view = copyInExtensible(task.mm, address, size, SMALLEST_ATTRIBUTES, ATTRIBUTES);
  const [files, net, scopes] = [0, 8, 16].map((at) => Number(view.getBigUint64(at, true)));
  checkKnown(files, ALL_FILES);
  checkKnown(net, ALL_NET);
  checkKnown(scopes, ALL_SCOPES);
  if (files === 0 && net === 0 && scopes === 0) throw new Errno(ENOMSG);
  const file = new RulesetFile(task, files, net, scopes);
  return task.files.install(file, true, task.signal.limits.soft(RLIMIT_NOFILE));
}

function rulesetOf(task: Task, fd: number): RulesetFile {
  const file = task.files.get(fd);
  if (!(file instanceof RulesetFile)) throw new Errno(EBADFD);
  return file;
}

export function addRule(task: Task, fd: number, type: number, address: number, flags: number): void {
  if (flags !== 0) throw new Errno(EINVAL);
  const ruleset = rulesetOf(task, fd);
  if (type === LANDLOCK_RULE_PATH_BENEATH) addPath(task, ruleset, address);
  else if (type === LANDLOCK_RULE_NET_PORT) addPort(task, ruleset, address);
  else throw new Errno(EINVAL);
}

/** struct landlock_path_beneath_attr: the rights, and a descriptor. */
function addPath(task: Task, ruleset: RulesetFile, address: number): void {
  const view = new DataView(task.copyIn(address, PATH_RULE).buffer);
  const rights = Number(view.getBigUint64(0, true));
  if (rights === 0) throw new Errno(ENOMSG);
  checkKnown(rights, ruleset.files);
  const file = task.files.getRaw(view.getInt32(8, true));
  const { inode, parent, covers } = file.dentry;
  const isInTree = parent !== undefined || covers !== undefined || file.dentry === task.namespaces.mnt.root.root;
  if (file instanceof RulesetFile || (!isInTree && !(file.flags & O_PATH))) throw new Errno(EBADFD);
  if (!inode.isDirectory && rights & ~OF_FILES) throw new Errno(EINVAL);
  ruleset.beneath.set(inode, (ruleset.beneath.get(inode) ?? 0) | rights);
}

/** struct landlock_net_port_attr. */
function addPort(task: Task, ruleset: RulesetFile, address: number): void {
  const view = new DataView(task.copyIn(address, PORT_RULE).buffer);
  const [rights, port] = [0, 8].map((at) => Number(view.getBigUint64(at, true)));
  if (rights === 0) throw new Errno(ENOMSG);
  checkKnown(rights, ruleset.net);
  if (port > 0xffff) throw new Errno(EINVAL);
  ruleset.ports.set(port, (ruleset.ports.get(port) ?? 0) | rights);
}

/** One layer more, for this thread and what comes of it. What is added to the rules afterwards changes nothing. */
export function restrictSelf(task: Task, fd: number, flags: number): void {
  if (!task.noNewPrivileges && !task.cred.isPrivileged) throw new Errno(EPERM);
  if (flags & ~LOG_FLAGS) throw new Errno(EINVAL);
  if (fd === NO_RULESET && flags === LOG_SUBDOMAINS_OFF) return;
  const { files, net, scopes, beneath, ports } = rulesetOf(task, fd);
  const { landlock } = task.cred;
  if (landlock.length >= MOST_LAYERS) throw new Errno(E2BIG);
  const layer = { files, net, scopes, beneath: new Map(beneath), ports: new Map(ports) };
  task.cred = Object.assign(task.cred.copy(), { landlock: [...landlock, layer] });
}
