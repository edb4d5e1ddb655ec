/**
 * The form of each kind of id: its prefix and how many characters follow it. The lengths equal those of Stripe's own
 * ids, so that columns and patterns made for those ids fit.
 */
export const ID_FORMS = {
  account: { prefix: "acct_", length: 16 },
  application: { prefix: "ca_", length: 32 },
  event: { prefix: "evt_", length: 24 },
  webhook_endpoint: { prefix: "we_", length: 24 },
  apple_pay_domain: { prefix: "apwc_", length: 24 },
  /** How the v2 API shows a webhook endpoint: the same characters after a different prefix. */
  event_destination: { prefix: "ed_", length: 24 },
  customer: { prefix: "cus_", length: 14 },
  person: { prefix: "person_", length: 24 },
  bank_account: { prefix: "ba_", length: 24 },
  card: { prefix: "card_", length: 24 },
  payout: { prefix: "po_", length: 24 },
  transfer: { prefix: "tr_", length: 24 },
  topup: { prefix: "tu_", length: 24 },
  balance_transaction: { prefix: "txn_", length: 24 },
  payment_intent: { prefix: "pi_", length: 24 },
  charge: { prefix: "ch_", length: 24 },
  /** A charge without a card: how the receiving account sees a transfer. */
  payment: { prefix: "py_", length: 24 },
  payment_method: { prefix: "pm_", length: 24 },
  setup_intent: { prefix: "seti_", length: 24 },
  setup_attempt: { prefix: "setatt_", length: 24 },
  dispute: { prefix: "du_", length: 24 },
  refund: { prefix: "re_", length: 24 },
  /** A transfer's reversal, as the account that returns the funds sees it. */
  payment_refund: { prefix: "pyr_", length: 24 },
  transfer_reversal: { prefix: "trr_", length: 24 },
  application_fee: { prefix: "fee_", length: 24 },
  fee_refund: { prefix: "fr_", length: 24 },
  source: { prefix: "src_", length: 24 },
  file: { prefix: "file_", length: 24 },
  product: { prefix: "prod_", length: 14 },
  price: { prefix: "price_", length: 24 },
  /** A coupon's internal id: the visible id is chosen, or shorter. */
  coupon: { prefix: "coupon_", length: 24 },
  promotion_code: { prefix: "promo_", length: 24 },
  tax_rate: { prefix: "txr_", length: 24 },
  /** The mode follows the prefix: `cs_test_…`. Anyone with the id can pay, so most of it is random. */
  checkout_session: { prefix: "cs_", length: 58 },
  payment_method_domain: { prefix: "pmd_", length: 24 },
  ephemeral_key: { prefix: "ephkey_", length: 24 },
  line_item: { prefix: "li_", length: 24 },
  file_link: { prefix: "link_", length: 24 },
  /** Each token is named after its content. */
  account_token: { prefix: "ct_", length: 24 },
  bank_account_token: { prefix: "btok_", length: 24 },
  card_token: { prefix: "tok_", length: 24 },
  person_token: { prefix: "cpt_", length: 24 },
  pii_token: { prefix: "pii_", length: 24 },
  /** Tokens of the v2 API. */
  v2_account_token: { prefix: "accttok_", length: 44 },
  v2_person_token: { prefix: "perstok_", length: 44 },
  request: { prefix: "req_", length: 14 },
  /** The delivery of one event to one endpoint. Our own kind: Stripe does not show its deliveries. */
  delivery: { prefix: "dlv_", length: 24 },
  /** A job that resends many events. Our own kind. */
  resend_job: { prefix: "rsj_", length: 24 },
  /** The endpoint of an official CLI session, which lives as long as the session. Our own kind. */
  listener: { prefix: "lsn_", length: 24 },
  /** A signing secret. Never time-ordered: every character is random. */
  webhook_secret: { prefix: "whsec_", length: 32 },
} as const;

export type IdKind = keyof typeof ID_FORMS;

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** The alphabet in ASCII. */
const CODES = Buffer.from(ALPHABET);
/** The buffer in which ids are assembled. It is longer than any id. */
const SCRATCH = Buffer.alloc(64);
const TIME_LENGTH = 8;
const ORDER_LENGTH = 2;
const ORDERS = ALPHABET.length ** ORDER_LENGTH;

/** Makes ids. `random(n)` returns `n` random bytes. */
export interface IdSource {
  /**
   * A new id that sorts, as plain text, after every earlier id of this source: eight characters of time in
   * milliseconds, two that count within the millisecond, the rest random. New rows are then appended to an index
   * instead of scattered over it, and "newest first" is the order of ids.
   */
  newId(kind: IdKind, now: number): string;
  /** An unguessable value: `length` random characters of base 62. */
  secret(length: number): string;
}

/** An id source that uses a source of random bytes; with a seeded source it repeats its ids. */
export function createIdSource(random: (count: number) => Uint8Array): IdSource {
  let lastTime = 0;
  /** The time in the form that ids contain. A thousand ids share one. */
  let timeText = base62(0, TIME_LENGTH);
  let order = 0;
  let pool = random(POOL_BYTES);
  let used = 0;

  /** Writes random characters into the scratch from `at` to `end`. */
  function fill(at: number, end: number): void {
    while (at < end) {
      if (used === pool.length) {
        pool = random(POOL_BYTES);
        used = 0;
      }
      const byte = pool[used++] as number;
      // 248 is the largest multiple of 62 below 256: bytes above it would favour the alphabet's first letters.
      if (byte < 248) SCRATCH[at++] = CODES[byte % 62] as number;
    }
  }

  function secret(length: number): string {
    let text = "";
    for (let left = length; left > 0; left -= SCRATCH.length) {
      const part = Math.min(left, SCRATCH.length);
      fill(0, part);
      text += SCRATCH.toString("latin1", 0, part);
    }
    return text;
  }

  function startAt(time: number): void {
    lastTime = time;
    timeText = base62(time, TIME_LENGTH);
    order = 0;
  }

  return {
    newId(kind, now) {
      const { prefix, length } = ID_FORMS[kind];
      if (now > lastTime) {
        startAt(now);
      } else if (++order === ORDERS) {
        startAt(lastTime + 1);
      }
      // Written as bytes, because assembling a string from characters costs several times as much.
      const start = prefix.length;
      const randomAt = start + TIME_LENGTH + ORDER_LENGTH;
      SCRATCH.write(prefix + timeText, "latin1");
      SCRATCH[randomAt - 2] = CODES[Math.floor(order / 62)] as number;
      SCRATCH[randomAt - 1] = CODES[order % 62] as number;
      fill(randomAt, start + length);
      return SCRATCH.toString("latin1", 0, start + length);
    },
    secret,
  };
}

const POOL_BYTES = 4096;

function base62(value: number, width: number): string {
  let text = "";
  for (let rest = value; text.length < width; rest = Math.floor(rest / 62)) text = ALPHABET[rest % 62] + text;
  return text;
}
