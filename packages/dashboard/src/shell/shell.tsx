import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useLocation, useRoute } from "wouter";
import { useClient } from "../api/client-context.ts";
import { type Connection, useConnection, useReason } from "../api/connection.ts";
import { modePath } from "../api/place.ts";
import { keyOf, type Session, useSigning } from "../api/session.ts";
import { ExactTimes } from "../design/exact-times.tsx";
import { onShortcut, useShortcut } from "../design/shortcuts.ts";
import { Badge } from "../design/state.tsx";
import { Toasts, tell } from "../design/toasts.tsx";
import { Keys } from "./keys.tsx";
import { PLACES, type Place } from "./places.ts";
import { Search } from "./search.tsx";
import { ThemeButton } from "./theme-button.tsx";
import { TurnedClock } from "./turned-clock.tsx";
import { useUnread } from "./use-unread.ts";

interface ShellProps {
  session: Session;
  children: ReactNode;
}

/** The frame of every page: the name, the mode, the search and the navigation. */
export function Shell({ session, children }: ShellProps): ReactNode {
  const [keysShown, setKeysShown] = useState(false);
  const { mode } = useClient();
  const key = keyOf(session, mode);
  const places = PLACES.filter(({ path }) => isOffered(path, session));
  useEffect(() => {
    document.addEventListener("keydown", onShortcut);
    return () => document.removeEventListener("keydown", onShortcut);
  }, []);
  useShortcut("?", () => setKeysShown(true));
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="top">
        <Link href="/live" className="brand" aria-label="Carabiner">
          <Mark />
          <span className="brand-name">Carabiner</span>
        </Link>
        <ModeSwitch session={session} />
        {session.development && <TurnedClock />}
        <Search />
        <LiveMark />
        {session.operator !== null && <PlatformSwitch session={session} />}
        {session.signed_in_with === "key" && (
          <span className="platform-name soft" title={`You are signed in with a key of ${session.account}`}>
            <bdi>{session.name ?? session.account}</bdi>
          </span>
        )}
        {key?.startsWith("rk_") && <Badge title={`${key} sees and does what its permissions allow`}>restricted key</Badge>}
        {session.read_only && <Badge title="This session shows, and changes nothing">read only</Badge>}
        <ThemeButton />
        <button
          type="button"
          className="icon keys-button"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          onClick={() => setKeysShown(true)}
        >
          ?
        </button>
        {session.signed_in_with !== null && <SignOutButton />}
      </header>
      <nav className="places" aria-label="Pages">
        {places.map((place) => (
          <PlaceLink key={place.path} place={place} />
        ))}
      </nav>
      <main id="content" tabIndex={-1}>
        <TroubleBanner />
        {children}
      </main>
      <Toasts />
      <ExactTimes />
      {keysShown && <Keys places={places} onClose={() => setKeysShown(false)} />}
    </div>
  );
}

/** Whether a page is useful to the user who is signed in. */
function isOffered(path: string, { development, read_only: readOnly, operator }: Session): boolean {
  if (path === "/clock") return development;
  if (path === "/audit") return operator !== null;
  return path !== "/publish" || !readOnly;
}

function PlaceLink({ place: { path, name, letter } }: { place: Place }): ReactNode {
  const [, navigate] = useLocation();
  const [here] = useRoute(`${path}/*?`);
  const link = useRef<HTMLAnchorElement>(null);
  useShortcut(`g ${letter}`, () => navigate(path));
  useEffect(() => {
    if (!here) return;
    // On a narrow screen the navigation is one line that is wider than the screen.
    const show = (): void => link.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
    show();
    window.addEventListener("resize", show);
    return () => window.removeEventListener("resize", show);
  }, [here]);
  return (
    <Link ref={link} href={path} className={here ? "place here" : "place"} aria-current={here ? "page" : undefined} title={`g ${letter}`}>
      {name}
    </Link>
  );
}

/** Test and live, by colour and by word, on every page. */
function ModeSwitch({ session: { modes } }: { session: Session }): ReactNode {
  const { mode } = useClient();
  const [location] = useLocation();
  const other = mode === "test" ? "live" : "test";
  const list = /^\/[^/]*/.exec(location)?.[0] ?? "";
  return (
    <span className="mode">
      <Badge tone={mode === "test" ? "waiting" : "quiet"}>{mode === "test" ? "Test mode" : "Live mode"}</Badge>
      {modes.includes(other) && (
        <a href={modePath(other) + list} className="mode-other" title={`Show what is in ${other} mode`}>
          <span className="mode-switch">Switch to </span>
          {other}
        </a>
      )}
    </span>
  );
}

/** The platform that an operator sees, with a link to the others. */
function PlatformSwitch({ session: { account, name, operator } }: { session: Session }): ReactNode {
  const { choose } = useSigning();
  return (
    <button
      type="button"
      className="quiet platform-switch"
      title={`${name ?? account}. Choose another platform. You are the operator ${operator}.`}
      onClick={() => choose(null).catch((error: Error) => tell(error.message, { tone: "bad" }))}
    >
      <bdi>{name ?? account}</bdi> ▾
    </button>
  );
}

function SignOutButton(): ReactNode {
  const { signOut } = useSigning();
  return (
    <button type="button" className="quiet" onClick={() => signOut().catch((error: Error) => tell(error.message, { tone: "bad" }))}>
      Sign out
    </button>
  );
}

const LIVE_WORDS: Readonly<Record<Connection, string>> = { answering: "live", away: "away", "signed-out": "signed out", unable: "unable" };

function LiveMark(): ReactNode {
  const connection = useConnection();
  return (
    <span className={`live-mark ${connection}`} role="status">
      <span aria-hidden="true">{connection === "answering" ? "●" : "○"}</span>
      <span className="live-word">{LIVE_WORDS[connection]}</span>
    </span>
  );
}

/** Says what is wrong with the server, or with the source of a part of the page. */
function TroubleBanner(): ReactNode {
  const connection = useConnection();
  const reason = useReason();
  const unread = useUnread();
  if (connection === "away")
    return (
      <p className="banner bad" role="alert">
        {reason} What you see is from before; this page asks every two seconds and goes on by itself.
      </p>
    );
  if (connection === "unable")
    return (
      <p className="banner bad" role="alert">
        The server says that it cannot work now: “<bdi>{reason}</bdi>” What you see may be from before; this page asks every two seconds and
        goes on by itself.
      </p>
    );
  if (connection === "signed-out" || unread === "") return null;
  return (
    <p className="banner" role="status">
      A part of this page could not be read, and is missing or from before: “<bdi>{unread}</bdi>” It is asked for again by itself.
    </p>
  );
}

function Mark(): ReactNode {
  return (
    <svg
      viewBox="0 0 24 24"
      className="brand-mark"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.4"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M20 15v1a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5h6a5 5 0 0 1 4.6 3" />
      <path d="M20 9.5 17.6 15" />
    </svg>
  );
}
