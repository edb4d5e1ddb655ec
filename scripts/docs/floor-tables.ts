import { RESOURCE_FLOORS, SERVER_FLOORS, STORE_FLOORS } from "../house/import-floors.ts";
import type { DocumentTable } from "./table.ts";

/**
 * What each folder of the server is for. A folder that the floor checker knows and this list does not fails `npm test`.
 */
const PURPOSES: Readonly<Record<string, string>> = {
  main: "`src/*.ts`: puts the parts together; the only place that sees implementations",
  service: "what runs beside the API: tasks, retention, the clock of a `dev` server, a node's place among others",
  http: "one server, made from the list of operations",
  dashboard: "the dashboard: its page, its sessions and its live stream",
  pages: "the pages a user sees: consent, onboarding, the Express dashboard",
  console: "our own calls, beside Stripe's",
  api: "Stripe's conventions, one file each",
  resources: "what accounts hold, and the calls on it",
  operations: "what every operation shares: parameters, answers, pages of lists, ownership",
  events: "the one door for events, and where each goes",
  deliveries: "claims, attempts, settlements",
  contracts: "store · clock · transport, and limits",
};

/** What each folder of `resources/` is for. */
const RESOURCE_PURPOSES: Readonly<Record<string, string>> = {
  lists: "`resources/*.ts`: the list of resources, and that of what falls due",
  connections: "how accounts connect and leave: OAuth, account links, login links",
  onboarding: "how an account is completed, by its user or by a test helper",
  tokens: "tokens for accounts, people, bank accounts and cards",
  checkout: "Checkout Sessions: what a customer pays on a page of the server's",
  "customer-calls": "the calls on customers, who may be connected accounts",
  "customer-state": "what is known of a customer, and how it shows",
  "setup-intents": "cards saved without a payment",
  money: "charges, refunds, disputes, transfers, top-ups, application fees, balances",
  accounts: "the calls on accounts and their capabilities",
  platforms: "making a platform and its keys",
  payouts: "payouts and their schedule",
  "external-accounts": "bank accounts and cards that accounts are paid out to",
  persons: "the people of an account",
  catalogue: "what is sold and for how much: products, prices and plans, coupons, tax rates",
  "account-changes": "the one door for a connected account: writes what differs, records the events, plans what is next",
  balance: "the ledger: balance transactions, and what is pending and available",
  "event-destinations": "the webhook endpoints as the v2 API has them",
  "thin-events": "thin events, in full",
  "webhook-endpoints": "endpoints, as Stripe's API has them",
  "token-use": "what a token stands for, used once",
  "v2-accounts": "the calls on accounts of the v2 API",
  "connected-account/v2": "how a connected account shows in the v2 API, and how what v2 says becomes what v1 says",
  "connected-account/rendering": "how a connected account shows",
  "connected-account/requirements": "what follows from what is known of it",
  "connected-account/state": "what is known of it",
  events: "events, listed, retrieved, resent and published",
  files: "uploads",
  customers: "customers, and what they pay with: payment methods, sources",
  "stripe-cli": "sessions in which the official CLI listens",
  access: "who may see and act for an account",
};

/** What each folder of `store/sqlite/` and of `store/postgres/` is for. */
const STORE_PURPOSES: Readonly<Record<string, string>> = {
  store: "the store itself: its transactions and reads",
  nodes: "the nodes of a shared database, and what they tell each other (PostgreSQL)",
  retention: "what is deleted: when it is old, or erased",
  secrets: "sealed secrets, and sealing them anew",
  deliveries: "what is due, claimed, leased and settled",
  lists: "pages of events and of deliveries, by every filter",
  transactions: "transactions that requests share, and what is known without reading it (PostgreSQL)",
  rows: "rows, read and written",
  schema: "the schema and its migrations",
  database: "the connection to the database, and how it fails",
};

/** The tables of `docs/architecture.md`: the floors, as `scripts/house/import-floors.ts` checks them. */
export function floorTables(): DocumentTable[] {
  return [
    { file: "docs/architecture.md", name: "floors", heads: ["Floor", "What it is"], rows: rowsOf(SERVER_FLOORS, PURPOSES) },
    {
      file: "docs/architecture.md",
      name: "resource floors",
      heads: ["Folder of `resources/`", "What it is"],
      rows: rowsOf(RESOURCE_FLOORS, RESOURCE_PURPOSES),
    },
    {
      file: "docs/architecture.md",
      name: "store floors",
      heads: ["Folder of an SQL store", "What it is"],
      rows: rowsOf(STORE_FLOORS, STORE_PURPOSES),
    },
  ];
}

function rowsOf(floors: readonly (readonly string[])[], purposes: Readonly<Record<string, string>>): string[][] {
  const known = new Set(floors.flat());
  for (const name of Object.keys(purposes)) if (!known.has(name)) throw new Error(`no floor is called ${name}`);
  return floors.map((names) => [
    names.map((name) => `\`${name}\``).join(" "),
    names
      .map((name) => {
        const purpose = purposes[name];
        if (purpose === undefined) throw new Error(`say in scripts/docs/floor-tables.ts what ${name} is for`);
        return names.length === 1 ? purpose : `\`${name}\`: ${purpose}`;
      })
      .join("; "),
  ]);
}
