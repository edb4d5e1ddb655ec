/** A page of the dashboard. */
export interface Place {
  path: string;
  name: string;
  /** The letter after `g` that goes there. */
  letter: string;
}

/** The pages, in the order in which the navigation has them. */
export const PLACES: readonly Place[] = [
  { path: "/live", name: "Live", letter: "l" },
  { path: "/events", name: "Events", letter: "e" },
  { path: "/deliveries", name: "Deliveries", letter: "d" },
  { path: "/endpoints", name: "Endpoints", letter: "w" },
  { path: "/accounts", name: "Accounts", letter: "a" },
  { path: "/requests", name: "Requests", letter: "q" },
  { path: "/publish", name: "Publish", letter: "p" },
  { path: "/clock", name: "Clock", letter: "c" },
  { path: "/system", name: "System", letter: "s" },
];
