import type { Sabotage } from "./sabotage.ts";

const STORE = "packages/server/src/store";
const BOX = `${STORE}/secret-box.ts`;
const BOX_TESTS = [`${STORE}/secret-box.test.ts`];

/** What the store must not reveal to anyone who reads its files. */
export const SECRET_SABOTAGES: readonly Sabotage[] = [
  {
    name: "secrets-in-clear",
    does: "secrets are marked as sealed and stored as they are",
    edits: [
      {
        file: BOX,
        old: "return seal(this.keys.ring().current, place, text, this.#random(NONCE_LENGTH));",
        new: "return sealedPrefix(this.current) + text;",
      },
      {
        file: BOX,
        old: "return open(this.#key(id), place, sealed as string);",
        new: "return (sealed as string).slice(sealedPrefix(id).length);",
      },
      { file: BOX, old: "stored.slice(1, -1)", new: "JSON.parse(stored)" },
    ],
    tests: ["packages/server/test/canary/canary.test.ts", ...BOX_TESTS],
  },
  {
    name: "associated-data-ignored",
    does: "a sealed value opens wherever it was moved to",
    edits: [
      { file: BOX, old: "  cipher.setAAD(Buffer.from(place));\n", new: "" },
      { file: BOX, old: "  decipher.setAAD(Buffer.from(place));\n", new: "" },
    ],
    tests: BOX_TESTS,
  },
  {
    name: "key-id-ignored",
    does: "a value is opened with the current key, whichever it names",
    edits: [
      {
        file: BOX,
        old: "  return current.id === id ? current : older.find((key) => key.id === id);",
        new: "  return current.id === id || older.length >= 0 ? current : undefined;",
      },
    ],
    tests: BOX_TESTS,
  },
  {
    name: "nonce-used-twice",
    does: "every value is sealed with the same nonce, so that equal values look alike",
    edits: [{ file: BOX, old: "text, this.#random(NONCE_LENGTH));", new: "text, new Uint8Array(NONCE_LENGTH));" }],
    tests: BOX_TESTS,
  },
  {
    name: "answers-kept-in-clear",
    does: "the answers that are kept for idempotency keys, some of which show a secret, are stored as they are (SQLite)",
    edits: [
      {
        file: `${STORE}/sqlite/sqlite-transaction.ts`,
        old: "const sealed = this.box.seal(placeOf(SEALED.answerBody, scope, key), body);",
        new: "const sealed = body;",
      },
    ],
    tests: ["packages/server/test/canary/canary.test.ts"],
  },
  {
    name: "cut-off-within-a-secret",
    does: "what a development server remembers of a request is cut off before it is masked, which shows the beginning of a secret",
    edits: [
      {
        file: "packages/server/src/service/request-log/masked.ts",
        old: "if (start.length >= chars + DECISIVE_CHARS) return start.slice(0, chars);",
        new: "if (start.length >= chars) return start.slice(0, chars);",
      },
    ],
    tests: ["packages/server/src/service/request-log/masked.test.ts"],
  },
];
