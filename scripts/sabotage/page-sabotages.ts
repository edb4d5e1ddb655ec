import type { Sabotage } from "./sabotage.ts";

const SERVER = "packages/server/src";

/** What pages, connections and the log must not reveal. */
export const PAGE_SABOTAGES: readonly Sabotage[] = [
  {
    name: "log-the-raw-path",
    does: "the log shows a path that no route has as it was asked for",
    edits: [
      {
        file: `${SERVER}/http/shown-path.ts`,
        old: "words.has(segment) ? segment : MASK",
        new: "words.has(segment) ? segment : segment || MASK",
      },
    ],
    tests: [`${SERVER}/http/shown-path.test.ts`, "packages/server/test/http/log-canary.test.ts"],
  },
  {
    name: "form-token-not-bound",
    does: "a page takes a form that another browser was given",
    edits: [
      {
        file: `${SERVER}/pages/form-token.ts`,
        old: "isSame(token, formToken(secret, cookie, purpose))",
        new: "token.length === formToken(secret, cookie, purpose).length",
      },
    ],
    tests: ["packages/server/test/pages/page-forms.test.ts", "packages/server/test/pages/oauth/oauth.test.ts"],
  },
  {
    name: "take-a-cookie-of-others",
    does: "a cookie that somebody else has set is taken for ours",
    edits: [
      {
        file: `${SERVER}/pages/form-token.ts`,
        old: 'return isSame(signature, signed(secret, "browser", random));',
        new: 'return isSame(signature, signature) || isSame(signature, signed(secret, "browser", random));',
      },
    ],
    tests: ["packages/server/test/pages/page-forms.test.ts"],
  },
  {
    name: "take-forms-of-other-sites",
    does: "a form is taken whatever site it was sent from",
    edits: [
      {
        file: `${SERVER}/pages/own-origin.ts`,
        old: "return origin === undefined || ownOrigins(publicUrl).includes(origin);",
        new: "return origin === undefined || ownOrigins(publicUrl).length > 0;",
      },
    ],
    tests: [`${SERVER}/pages/own-origin.test.ts`, "packages/server/test/pages/page-forms.test.ts"],
  },
  {
    name: "rate-limit-ignored",
    does: "a key may ask as often as it likes, whatever its limit",
    edits: [
      {
        file: `${SERVER}/api/rate-limits.ts`,
        old: "if (waitMs > 0) throw new RateLimited(waitMs);",
        new: "if (waitMs < 0) throw new RateLimited(waitMs);",
      },
    ],
    tests: [`${SERVER}/api/rate-limits.test.ts`],
  },
  {
    name: "no-cap-per-address",
    does: "one address may have all connections that there are",
    edits: [{ file: `${SERVER}/http/crowd.ts`, old: "!proxy && held >= limits.perAddress", new: "!proxy && held > limits.connections" }],
    tests: [`${SERVER}/http/crowd.test.ts`],
  },
  {
    name: "x-forwarded-for-of-anybody",
    does: "whoever says in X-Forwarded-For that a request comes from elsewhere is believed",
    edits: [
      {
        file: `${SERVER}/api/client-address.ts`,
        old: "if (ranges.length === 0 || forwardedFor === undefined) return address;",
        new: "if (forwardedFor === undefined) return address;",
      },
      {
        file: `${SERVER}/api/client-address.ts`,
        old: "while (address !== null && isProxy(address)) {",
        new: "while (address !== null && hops.length > 0) {",
      },
    ],
    tests: [`${SERVER}/api/client-address.test.ts`],
  },
];
