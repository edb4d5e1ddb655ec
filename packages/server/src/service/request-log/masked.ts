/** Names whose values are secrets, or numbers that identify a person. */
const SECRET_NAME =
  /(?:^|_)(?:number|cvc|cvv|ssn|pan|iban|tax_id|vat_id|tax_id_registrar|id_numbers|secret|secrets|token|password|key|keys|id_number_secondary)(?:_|$)|^code$|^dob$|^date_of_birth$/;

/** Keys, client secrets, codes and tokens of OAuth. All are bounded: a client may send a megabyte of one letter. */
const KEYS = [
  /(?:sk|rk|pk|ek)_(?:test|live)_\w+/,
  /\b[a-z]{2,12}_\w{1,80}_secret_\w+/,
  /whsec_\w+/,
  /cliws_\w+/,
  /op_\w{32}/,
  /\b(?:ac|rt)_[0-9A-Za-z]{24,}/,
];

/** Numbers of social security, of cards (also in groups) and of banks (IBAN). */
const NUMBERS = [
  /\b\d{3}-?\d{2}-?\d{4}\b/,
  /\b\d{12,19}\b/,
  /\b\d{4}(?:[ +-]|%20)(?:\d{4}(?:[ +-]|%20)\d{4}(?:[ +-]|%20)\d{1,7}|\d{6}(?:[ +-]|%20)\d{5})\b/,
  /\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?\b/,
];

const anyOf = (forms: readonly RegExp[]): RegExp => new RegExp(forms.map(({ source }) => source).join("|"), "g");

const KEY_VALUE = anyOf(KEYS);
const SECRET_VALUE = anyOf([...KEYS, ...NUMBERS]);

/** What stands in the place of a secret. */
export const MASK = "****";

/**
 * Whether a parameter or a field of this name holds a secret, or a number that identifies a person. A name counts in
 * every spelling that a client may have sent by mistake: `accountNumber` and `account-number` as `account_number`.
 */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name.replace(/(?<=[0-9a-z])(?=[A-Z])|-/g, "_").toLowerCase());

/** A text for a developer to look at: what looks like a secret in it is masked. In an address `_` may be `%5F`. */
export const masked = (text: string): string => text.replace(/%5f/gi, "_").replace(SECRET_VALUE, MASK);

/** A name that a client chose, such as an idempotency key: often a number, but no key of the API or other secret. */
export const withoutKeys = (text: string): string => text.replace(KEY_VALUE, MASK);
