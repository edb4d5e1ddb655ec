import type { Sabotage } from "./sabotage.ts";

const SERVER = "packages/server/src";
const STORE = `${SERVER}/store`;
const SQLITE_STORE = [`${STORE}/sqlite/sqlite-store.test.ts`];
const CAREFUL = ["packages/server/test/deliveries/careful-round.test.ts"];

/** What must hold when a server dies without warning. */
export const UNCLEAN_END_SABOTAGES: readonly Sabotage[] = [
  {
    name: "quarantine-after-one-end",
    does: "a delivery that was alone under way at one unclean end is given up",
    edits: [{ file: `${STORE}/unclean-end.ts`, old: "const ALONE_ENDS = 2;", new: "const ALONE_ENDS = 1;" }],
    tests: SQLITE_STORE,
  },
  {
    name: "quarantine-among-others",
    does: "a delivery that was under way at two unclean ends is given up, however many others were",
    edits: [
      { file: `${STORE}/unclean-end.ts`, old: "isQuarantined({ alone }: EndsMet)", new: "isQuarantined({ ends }: EndsMet)" },
      { file: `${STORE}/unclean-end.ts`, old: "return alone >= ALONE_ENDS;", new: "return ends >= ALONE_ENDS;" },
    ],
    tests: SQLITE_STORE,
  },
  {
    name: "journal-not-written-sqlite",
    does: "what is under way is not noted (SQLite)",
    edits: [
      {
        file: `${STORE}/sqlite/deliveries/under-way-file.ts`,
        old: "    for (const token of begun) this.#put(token);\n",
        new: "    for (const token of begun.slice(0, 0)) this.#put(token);\n",
      },
    ],
    tests: [`${STORE}/sqlite/deliveries/under-way-file.test.ts`, ...SQLITE_STORE],
  },
  {
    name: "journal-not-cleared-sqlite",
    does: "what is settled stays noted as under way (SQLite)",
    edits: [
      {
        file: `${STORE}/sqlite/deliveries/under-way-file.ts`,
        old: "    for (const token of settled) this.#take(token);\n",
        new: "    for (const token of settled.slice(0, 0)) this.#take(token);\n",
      },
    ],
    tests: [`${STORE}/sqlite/deliveries/under-way-file.test.ts`],
  },
  {
    name: "journal-not-written-postgres",
    does: "what is under way is not noted (PostgreSQL)",
    edits: [
      {
        file: `${STORE}/postgres/deliveries/under-way-notes.ts`,
        old: "const leases = tokens.map(",
        new: "const leases = tokens.slice(0, 0).map(",
      },
    ],
    tests: [`${STORE}/postgres/postgres-store.test.ts`],
  },
  {
    name: "journal-not-cleared-postgres",
    does: "what is settled stays noted as under way, and the notes become more and more (PostgreSQL)",
    edits: [{ file: `${STORE}/postgres/deliveries/under-way-notes.ts`, old: "      over.push(row);\n", new: "" }],
    tests: [`${STORE}/postgres/postgres-store.test.ts`],
  },
  {
    name: "careful-round-of-two",
    does: "after an unclean end two suspects are sent at once, so that nobody knows which of them ended the process",
    edits: [
      {
        file: `${SERVER}/deliveries/careful-round.ts`,
        old: "const settlement = await attempt(claim, attemptMs);",
        new: "const second = await store.nextSuspect({ now: clock.now(), leaseMs: limits.leaseMs });\n        const both = await Promise.all((second === null ? [claim] : [claim, second]).map((one) => attempt(one, attemptMs)));",
      },
      { file: `${SERVER}/deliveries/careful-round.ts`, old: "options.keep([settlement])", new: "options.keep(both)" },
    ],
    tests: CAREFUL,
  },
  {
    name: "begin-before-it-is-noted",
    does: "attempts begin without a note of them",
    edits: [
      {
        file: `${SERVER}/deliveries/under-way.ts`,
        old: "const noted = this.#options.store.noteUnderWay(tokens, []);",
        new: "const noted = this.#options.store.noteUnderWay([], []);",
      },
    ],
    tests: CAREFUL,
  },
  {
    name: "stop-leaves-it-noted",
    does: "a server that stops on purpose leaves what it did not wait for noted as under way",
    edits: [
      {
        file: `${SERVER}/deliveries/under-way.ts`,
        old: "    this.#tokens.clear();\n    this.#end(tokens);",
        new: "    this.#tokens.clear();\n    this.#end(tokens.slice(0, 0));",
      },
    ],
    tests: CAREFUL,
  },
  {
    name: "suspect-what-has-not-begun",
    does: "of what a server noted as it read it, also what waited when the server died counts as under way",
    edits: [
      {
        file: `${SERVER}/store/postgres/deliveries/under-way-notes.ts`,
        old: "if (row === undefined || !this.#left.has(row)) return;",
        new: "if (row !== undefined) return;",
      },
    ],
    tests: [`${SERVER}/store/postgres/deliveries/handed-leases.test.ts`],
  },
];
