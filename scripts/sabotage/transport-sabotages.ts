import type { Sabotage } from "./sabotage.ts";

const TRANSPORT = "packages/server/src/transport";
const TESTS = [`${TRANSPORT}/http-transport.test.ts`, `${TRANSPORT}/guarded-connector.test.ts`];

/** What a receiver must not do to us, and what a name server must not do to our network. */
export const TRANSPORT_SABOTAGES: readonly Sabotage[] = [
  {
    name: "no-total-deadline",
    does: "an attempt may take as long as its receiver likes",
    edits: [{ file: `${TRANSPORT}/http-transport.ts`, old: "Math.min(request.deadlineMs, LONGEST_TIMER_MS)", new: "LONGEST_TIMER_MS" }],
    tests: [`${TRANSPORT}/http-transport.test.ts`],
  },
  {
    name: "read-the-whole-body",
    does: "an answer's body is read to its end, however long it is",
    edits: [
      { file: `${TRANSPORT}/http-transport.ts`, old: "if (this.received > this.limits.responseReadBytes) this.answer(true);", new: "" },
    ],
    tests: [`${TRANSPORT}/http-transport.test.ts`],
  },
  {
    name: "let-a-transport-error-escape",
    does: "an error that nobody foresaw is thrown out of an attempt, which ends the process",
    edits: [
      {
        file: `${TRANSPORT}/fault-of-error.ts`,
        old: "  if (code === null || !(error instanceof Error)) return",
        new: "  if (code === null) throw error;\n  if (!(error instanceof Error)) return",
      },
    ],
    tests: [`${TRANSPORT}/fault-of-error.test.ts`, `${TRANSPORT}/http-transport.test.ts`],
  },
  {
    name: "take-any-status",
    does: "an answer whose status is not an HTTP status counts as one",
    edits: [{ file: `${TRANSPORT}/http1/response-head.ts`, old: "([1-9][0-9]{2})", new: "([0-9]{3})" }],
    tests: [`${TRANSPORT}/http-transport.test.ts`, `${TRANSPORT}/http1/response-reader.test.ts`],
  },
  {
    name: "take-two-framings",
    does: "an answer with both a length and chunks is read by one of them, and the rest is taken for the next answer",
    edits: [
      { file: `${TRANSPORT}/http1/response-head.ts`, old: "if (coding !== undefined && length !== undefined) return null;", new: "" },
    ],
    tests: [`${TRANSPORT}/http-transport.test.ts`, `${TRANSPORT}/http1/response-reader.test.ts`],
  },
  {
    name: "guard-only-at-lookup",
    does: "a name's addresses are judged, and then it is looked up once more to connect, without a look at where that led",
    edits: [
      {
        file: `${TRANSPORT}/guarded-connector.ts`,
        old: "return addresses.slice(0, ADDRESSES_TRIED);",
        new: "return family === 0 ? await resolve(hostname) : addresses;",
      },
      { file: `${TRANSPORT}/guarded-connector.ts`, old: "  if (!guard(socket.remoteAddress)) throw blocked();\n", new: "" },
    ],
    tests: TESTS,
  },
  {
    name: "check-only-the-first-address",
    does: "a name that has one public address may have others as well",
    edits: [
      {
        file: `${TRANSPORT}/guarded-connector.ts`,
        old: "!addresses.every(({ address }) =>",
        new: "!addresses.slice(0, 1).every(({ address }) =>",
      },
    ],
    tests: TESTS,
  },
];
