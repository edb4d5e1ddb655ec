import { Buffer } from "node:buffer";
import { madeOfStart } from "./json-start.ts";
import { isSecretName, knownNames, MASK, masked, maskedStart } from "./masked.ts";

/** The parts of a page's address that give access to anyone who has them: the ends of account links and sessions. */
const OPENING = /(?<=\/)[\w-]{24,}/g;

/** What a field's name says about its value. */
const fieldOf = knownNames((name) => ({
  name,
  begins: `${JSON.stringify(name)}: `,
  // Errors and promotions have codes that are not secrets.
  secret: name !== "code" && isSecretName(name),
  mask: /(?:^|_)url$/.test(name) ? maskedAddress : masked,
}));

type Field = ReturnType<typeof fieldOf>;

/**
 * The body of an answer, for a developer to read. Secrets, numbers that identify a person, and addresses that open a
 * page are masked. Text beyond `chars` is cut off, and little of it is read. Never throws: a text that is not JSON is
 * masked as it is.
 */
export function keptAnswer(body: string, chars: number): string {
  const text = madeOfStart(body, chars, ({ value, open }) => {
    // `shown` also closes what the cut left open, with one bracket on an indented line each. These brackets do not
    // count.
    const most = chars + open * (open + 1);
    const made = shown(value, most);
    return { made, enough: made.length > most };
  });
  return cutOff(text ?? maskedStart(body, chars + 1), chars);
}

const cutOff = (text: string, chars: number): string => (text.length > chars ? `${text.slice(0, chars)}…` : text);

function maskedAddress(text: string): string {
  const address = masked(text);
  return /^https?:\/\//.test(address) ? address.replace(OPENING, MASK) : address;
}

/** A value as masked JSON, indented by two spaces. Ends soon after `most` characters. */
function shown(value: unknown, most: number): string {
  let text = "";
  write(value, fieldOf(""), "\n");
  // Copied, because V8 would keep all the parts that the text grew from until it is stored.
  return Buffer.from(text).toString();

  /** `line` begins a line at this depth. */
  function write(value: unknown, field: Field, line: string): void {
    const inner = `${line}  `;
    let before = inner;
    if (Array.isArray(value)) {
      text += "[";
      for (const one of value) {
        if (text.length > most) return;
        text += before;
        write(one, field, inner);
        before = `,${inner}`;
      }
      text += value.length === 0 ? "]" : `${line}]`;
    } else if (typeof value === "object" && value !== null && field.name !== "dob") {
      text += "{";
      for (const name in value) {
        if (text.length > most) return;
        const of = fieldOf(name);
        text += before;
        text += of.begins;
        write((value as Record<string, unknown>)[name], of, inner);
        before = `,${inner}`;
      }
      text += before === inner ? "}" : `${line}}`;
    } else text += JSON.stringify(shownScalar(value, field, Math.max(most - text.length, 0)));
  }
}

/** A value without values inside; of a long text, the first `chars`. */
function shownScalar(value: unknown, { secret, mask }: Field, chars: number): unknown {
  // The fact that something was provided is not a secret.
  if (value === null || value === "" || typeof value === "boolean") return value;
  if (secret) return MASK;
  return typeof value === "string" ? maskedStart(value, chars, mask) : value;
}
