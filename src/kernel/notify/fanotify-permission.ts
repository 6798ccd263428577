// Opening, reading and executing files of which fanotify groups want to decide: the task waits for their answers. fsnotify_perm
import { IN_ISDIR } from "../../abi/constants/events.js";
import { EPERM, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { isSleep, type Sleep, sleepUntil } from "../task/wait.js";
import type { Dentry } from "../vfs/dentry.js";
import { FAN_DENY, FanotifyFile, permissionMarks, type Question } from "./fanotify-group.js";
import { groupsOf, marksFor } from "./notify.js";

/** Asks all groups; nothing when nobody wants to be asked. `event`: FAN_*_PERM. */
export function askPermission(dentry: Dentry, event: number): Question[] {
  if (permissionMarks.count === 0 || dentry.isSilent) return [];
  const { inode, parent, name } = dentry;
  const what = {
    event: event | (inode.isDirectory ? IN_ISDIR : 0),
    inode,
    directory: parent?.inode,
    name,
    place: dentry,
  };
  const questions: Question[] = [];
  for (const [group, marks] of groupsOf(marksFor(dentry))) {
    const question = group instanceof FanotifyFile ? group.ask(what, marks) : undefined;
    if (question) questions.push(question);
  }
  return questions;
}

/** Sleeps until all have answered. Throws EPERM when one of them says no. */
export function* waitForAnswers(task: Task, questions: readonly Question[]): Sleep<void> {
  yield* sleepUntil(task, () => questions.every(({ verdict }) => verdict !== undefined));
  if (questions.some(({ verdict }) => verdict === FAN_DENY)) throw new Errno(EPERM);
}

/** Does `action` once it is allowed. */
export function withPermission<T>(task: Task, dentry: Dentry, event: number, action: () => T | Sleep<T>): T | Sleep<T> {
  const questions = askPermission(dentry, event);
  return questions.length === 0 ? action() : afterAnswers(task, questions, action);
}

function* afterAnswers<T>(task: Task, questions: readonly Question[], action: () => T | Sleep<T>): Sleep<T> {
  yield* waitForAnswers(task, questions);
  const result = action();
  return isSleep(result) ? yield* result : result;
}

/** Thrown where a file would be opened: the open has to wait for answers first. */
export class PermissionAsked {
  readonly questions: readonly Question[];

  constructor(questions: readonly Question[]) {
    this.questions = questions;
  }
}

/** Is the open that was allowed a moment ago the one that is done now? If not, and somebody wants to be asked, throws PermissionAsked. */
export function checkOpenPermission(task: Task, dentry: Dentry, event: number): void {
  if (permissionMarks.count === 0) return;
  const { allowedOpen } = task;
  task.allowedOpen = undefined;
  if (allowedOpen === dentry) return;
  const questions = askPermission(dentry, event);
  if (questions.length === 0) return;
  task.allowedOpen = dentry;
  throw new PermissionAsked(questions);
}
