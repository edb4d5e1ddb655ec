/** Names whose values are secrets, or numbers that identify a person. */
const SECRET_NAME =
  /(?:^|_)(?:number|cvc|cvv|ssn|pan|iban|tax_id|vat_id|tax_id_registrar|id_numbers|secret|secrets|token|password|key|keys|id_number_secondary)(?:_|$)|^code$|^dob$|^date_of_birth$/;

/**
 * Keys, client secrets, codes and tokens of OAuth. All have a maximum length: a client may send a megabyte of one
 * letter.
 */
const KEYS = [
  /(?:sk|rk|pk|ek)_(?:test|live)_\w+/,
  /\b[a-z]{2,12}_\w{1,80}_secret_\w+/,
  /whsec_\w+/,
  /cliws_\w+/,
  /op_\w{32}/,
  /\b(?:ac|rt)_[0-9A-Za-z]{24,}/,
];

/** Numbers of social security, of cards (also in groups) and of bank accounts (IBAN). */
const NUMBERS = [
  /\b\d{3}-?\d{2}-?\d{4}\b/,
  /\b\d{12,19}\b/,
  /\b\d{4}(?:[ +-]|%20)(?:\d{4}(?:[ +-]|%20)\d{4}(?:[ +-]|%20)\d{1,7}|\d{6}(?:[ +-]|%20)\d{5})\b/,
  /\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?\b/,
];

const anyOf = (forms: readonly RegExp[]): RegExp => new RegExp(forms.map(({ source }) => source).join("|"), "g");

const KEY_VALUE = anyOf(KEYS);
const SECRET_VALUE = anyOf([...KEYS, ...NUMBERS]);

/** Whether a text can contain any of these: each has an underscore, or adjacent digits. Most texts have neither. */
const POSSIBLE = /_|\d\d/;

/**
 * More characters than are needed to decide whether a secret begins at a position, counting those before and after it.
 */
const DECISIVE_CHARS = 256;

/** Names whose answers are remembered: nearly all requests and answers have the same few. */
const NAMES_KNOWN = 1_024;
const KNOWN_NAME_CHARS = 128;

/** What is shown in place of a secret. */
export const MASK = "****";

/**
 * Whether a parameter or a field of this name holds a secret, or a number that identifies a person. It recognises every
 * spelling that a client may have sent by mistake: `accountNumber` and `account-number` count as `account_number`.
 */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name.replace(/(?<=[0-9a-z])(?=[A-Z])|-/g, "_").toLowerCase());

/** The same as `answerOf`, but remembers the answers for some short names. */
export function knownNames<Answer>(answerOf: (name: string) => Answer): (name: string) => Answer {
  const known = new Map<string, Answer>();
  return (name) => {
    if (name.length > KNOWN_NAME_CHARS) return answerOf(name);
    const before = known.get(name);
    if (before !== undefined) return before;
    if (known.size >= NAMES_KNOWN) known.clear();
    const answer = answerOf(name);
    known.set(name, answer);
    return answer;
  };
}

/**
 * A text for a developer to read: anything in it that looks like a secret is masked. In an address `_` may be `%5F`.
 */
export function masked(text: string): string {
  const plain = text.includes("%") ? text.replace(/%5f/gi, "_") : text;
  return POSSIBLE.test(plain) ? plain.replace(SECRET_VALUE, MASK) : plain;
}

/**
 * The first `chars` of a text, masked. Little more of a long text is read. A secret whose end was not read is not shown
 * in part: characters that more text could turn into a secret are left out. `mask` replaces long words with `MASK`.
 */
export function maskedStart(text: string, chars: number, mask = masked): string {
  for (let read = chars + 2 * DECISIVE_CHARS; read < text.length; read *= 4) {
    const start = mask(text.slice(0, read));
    if (start.length >= chars + DECISIVE_CHARS) return start.slice(0, chars);
  }
  return mask(text).slice(0, chars);
}

/**
 * A name that a client chose, such as an idempotency key. It is often a number, but not an API key or another secret.
 */
export const withoutKeys = (text: string): string => text.replace(KEY_VALUE, MASK);
