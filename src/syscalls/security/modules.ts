// Security modules: Landlock and the LSM calls. See landlock(7).
import { onReturn } from "../../abi/argument.js";
import {
  landlockAddFlags,
  landlockCreateFlags,
  landlockRuleTypes,
  lsmAttributes,
  lsmFlags,
} from "../../abi/constants/security.js";
import { fd } from "../../abi/descriptors.js";
import { address, flagsOf, hexInt, long, oneOf, unsignedInt, unsignedLong } from "../../abi/scalars.js";
import { landlockAttributes, landlockRule, lsmContextIn, lsmIdsOut } from "../../abi/security.js";
import { sizeInOut } from "../../abi/struct.js";
import { addRule, createRuleset, restrictSelf } from "../../kernel/security/landlock-calls.js";
import { getSelfAttribute, listModules, setSelfAttribute } from "../../kernel/security/lsm.js";
import { defineSyscall } from "../define.js";

export const landlockCreateRulesetCall = defineSyscall({
  name: "landlock_create_ruleset",
  nr: { x64: 444, i386: 444, x32: 444 },
  classes: ["desc"],
  args: { attr: landlockAttributes, size: unsignedLong, flags: flagsOf(landlockCreateFlags) },
  returns: fd,
  run: (task, { attr, size, flags }) => createRuleset(task, attr, size, flags),
});

export const landlockAddRuleCall = defineSyscall({
  name: "landlock_add_rule",
  nr: { x64: 445, i386: 445, x32: 445 },
  classes: ["desc"],
  args: {
    ruleset_fd: fd,
    rule_type: oneOf(landlockRuleTypes),
    rule_attr: landlockRule,
    flags: flagsOf(landlockAddFlags),
  },
  returns: long,
  run: (task, { ruleset_fd, rule_type, rule_attr, flags }) => addRule(task, ruleset_fd, rule_type, rule_attr, flags),
});

export const landlockRestrictSelfCall = defineSyscall({
  name: "landlock_restrict_self",
  nr: { x64: 446, i386: 446, x32: 446 },
  classes: ["desc"],
  args: { ruleset_fd: fd, flags: hexInt },
  returns: long,
  run: (task, { ruleset_fd, flags }) => restrictSelf(task, ruleset_fd, flags),
});

export const lsmGetSelfAttrCall = defineSyscall({
  name: "lsm_get_self_attr",
  nr: { x64: 459, i386: 459, x32: 459 },
  classes: [],
  args: { attr: oneOf(lsmAttributes), ctx: onReturn(address), size: sizeInOut, flags: flagsOf(lsmFlags) },
  returns: long,
  run: (task, { attr, ctx, size, flags }) => getSelfAttribute(task, attr, ctx, size, flags),
});

export const lsmSetSelfAttrCall = defineSyscall({
  name: "lsm_set_self_attr",
  nr: { x64: 460, i386: 460, x32: 460 },
  classes: [],
  args: { attr: oneOf(lsmAttributes), ctx: lsmContextIn, size: unsignedInt, flags: hexInt },
  returns: long,
  run: (task, { ctx, size, flags }) => setSelfAttribute(task, ctx, size, flags),
});

export const lsmListModulesCall = defineSyscall({
  name: "lsm_list_modules",
  nr: { x64: 461, i386: 461, x32: 461 },
  classes: [],
  args: { ids: lsmIdsOut, size: sizeInOut, flags: hexInt },
  returns: long,
  run: (task, { ids, size, flags }) => listModules(task, ids, size, flags),
});
