/** What must hold in every run. The first nine are those of deliveries; the rest is what they rest on. */
export const RULES = {
  I1: "nothing acknowledged is lost: it is sent to every endpoint it is owed to, or visibly given up",
  I2: "nothing is sent that was not committed",
  I3: "nothing is sent again unless a fault kept a node from settling it",
  I4: "every attempt sends the same bytes, signed at the time it is made",
  I5: "attempts are numbered 1, 2, 3 …, and what a node believes to be settled is",
  I6: "what has ended is never changed, claimed or sent again",
  I7: "nothing starts before it is due, or to an endpoint known to be disabled or deleted",
  I8: "once faults end, everything ends within the time the policy gives it",
  lease: "a delivery is one node's at a time, and is sent by nobody else",
  gone: "what a node had leased that died is free once the others can know it",
  fencing: "a settlement counts by the lease it was made under, and by no other",
  health: "an endpoint is disabled as failing only when it had no success, and its owner is told of each change once",
  tasks: "what is planned is done once, and not before its time",
  bug: "nothing throws but for a database that is away",
} as const;

export type Rule = keyof typeof RULES;

/** A rule was broken. */
export class Breach extends Error {
  readonly rule: Rule;

  constructor(rule: Rule, what: string) {
    super(`${rule}: ${what}\nThe rule: ${RULES[rule]}.`);
    this.rule = rule;
  }
}
