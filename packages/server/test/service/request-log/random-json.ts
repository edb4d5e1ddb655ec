import fc from "fast-check";

const SECRETS = [
  "sk_test_abcdefgh12345678",
  "rk_live_abcdefgh12345678",
  `pi_1Nv0FGQ9_secret_${"a".repeat(30)}`,
  `whsec_${"b".repeat(40)}`,
  "whsec%5fcccccccc",
  `cliws_${"d".repeat(20)}`,
  `op_${"e".repeat(32)}`,
  `ac_${"f".repeat(32)}`,
  "123-45-6789",
  "4242424242424242",
  "4242 4242 4242 4242",
  "3782%20822463%2010005",
  "DE89 3704 0044 0532 0130 00",
];

/** Beginnings of secrets, words beside which a secret is none, and characters that are longer in JSON. */
const PIECES = [...SECRETS, "sk_test", "_secret_", "x", " ", "/", "_", "12", "%5", "%5F", '"', "\\", "\n", "é", "😀", "\ud83d", "\u0001"];

/** Texts with secrets in them, at their beginning, in the middle and at the end; some longer than what is kept. */
export const texts: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...PIECES),
      fc.string({ maxLength: 8 }),
      fc.integer({ min: 1, max: 300 }).map((n) => "y".repeat(n)),
    ),
    {
      maxLength: 12,
    },
  )
  .chain((pieces) => fc.constantFrom("", "https://127.0.0.1/setup/", "http://x/").map((start) => start + pieces.join("")));

/** Names of fields, of parameters and of metadata: some of secrets. */
export const names: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "id",
    "url",
    "return_url",
    "number",
    "client_secret",
    "dob",
    "code",
    "error",
    "apiKey",
    "card[Number]",
    "__proto__",
    "",
    "7",
    "long".repeat(60),
  ),
  texts,
);

/** JSON values as answers and bodies have them. */
export const values: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.oneof(texts, fc.constantFrom(null, true, false, "", 0, -0, 1e300, 123_456_789_012_345)),
    fc.array(tie("value"), { maxLength: 6 }),
    fc.array(fc.tuple(names, tie("value")), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;
