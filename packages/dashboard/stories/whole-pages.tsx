import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { sayAway, sayUnable, tellConnection } from "../src/api/connection.ts";
import type { Session } from "../src/api/session.ts";
import { SinglePage } from "../src/design/panes.tsx";
import { Shell } from "../src/shell/shell.tsx";
import { ChoosePlatformPage } from "../src/sign-in/choose-platform-page.tsx";
import { SignInAgain } from "../src/sign-in/sign-in-again.tsx";
import { SignInPage } from "../src/sign-in/sign-in-page.tsx";
import { ATTEMPTS } from "./attempts.tsx";

const WITH_KEY: Session = {
  signed_in_with: "key",
  development: false,
  account: "acct_0VcOyVxP018poGiU",
  name: "Rocket Rides",
  operator: null,
  modes: ["test", "live"],
  keys: ["sk_test_****1234", "sk_live_****1234"],
  read_only: false,
  ends_at: null,
  idle_seconds: 1_800,
};

const OPERATOR: Session = {
  ...WITH_KEY,
  signed_in_with: "operator_key",
  name: "A platform with a name that is as long as names of platforms come",
  operator: "rita",
  keys: ["op_****1234"],
  read_only: true,
};

const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
queries.setQueryData(["session", "platforms"], {
  pages: [
    {
      data: [
        { id: "acct_0VcOyVxP018poGiU", name: "Rocket Rides", country: "US" },
        { id: "acct_0VcOyVxP018poGiV", name: "", country: "DE" },
        { id: "acct_0VcOyVxP018poGiW", name: "A name as long as the most patient of founders could think of ".repeat(2), country: "FR" },
      ],
      has_more: false,
    },
  ],
  pageParams: [null],
});

function Saying({ say, children }: { say: () => void; children: ReactNode }): ReactNode {
  useEffect(() => {
    say();
    return () => tellConnection("answering");
  }, [say]);
  return children;
}

const away = (): void => sayAway("The server does not answer.");
const unable = (): void => sayUnable("Nothing can be stored: the database /srv/carabiner/data/carabiner.db is in use by another process.");

const PAGE = (
  <SinglePage title="A page">
    <p>What is around it is the story.</p>
  </SinglePage>
);

/** What is a page of its own, by the word that shows it: `/stories/#shell`. */
const WHOLE_PAGES: Readonly<Record<string, ReactNode>> = {
  shell: <Shell session={WITH_KEY}>{PAGE}</Shell>,
  "shell-restricted": <Shell session={{ ...WITH_KEY, modes: ["test"], keys: ["rk_test_****1234"] }}>{PAGE}</Shell>,
  "shell-operator": <Shell session={OPERATOR}>{PAGE}</Shell>,
  "shell-away": (
    <Saying say={away}>
      <Shell session={WITH_KEY}>{PAGE}</Shell>
    </Saying>
  ),
  "shell-unable": (
    <Saying say={unable}>
      <Shell session={WITH_KEY}>{PAGE}</Shell>
    </Saying>
  ),
  "sign-in": <SignInPage note="Sign in with a secret key of your platform." />,
  "sign-in-again": (
    <Shell session={WITH_KEY}>
      {PAGE}
      <SignInAgain />
    </Shell>
  ),
  "choose-platform": <ChoosePlatformPage session={{ ...OPERATOR, account: null, name: null }} />,
  ...Object.fromEntries(
    Object.entries(ATTEMPTS).map(([name, attempt]) => [
      name,
      <main key={name} className="page" style={{ height: "100vh" }}>
        <div className="detail">
          <h1>An attempt</h1>
          {attempt}
        </div>
      </main>,
    ]),
  ),
};

/** The names of whole pages, for links to them. */
export const WHOLE_PAGE_NAMES: readonly string[] = Object.keys(WHOLE_PAGES);

/** A whole page by its name; null for a name that is none. */
export function wholePage(name: string): ReactNode {
  const page = WHOLE_PAGES[name];
  return page === undefined ? null : <QueryClientProvider client={queries}>{page}</QueryClientProvider>;
}
