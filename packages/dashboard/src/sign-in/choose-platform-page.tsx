import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Page } from "../api/answers.ts";
import { createClient } from "../api/client.ts";
import { useFailure } from "../api/failure-of.ts";
import { type Session, useSigning } from "../api/session.ts";
import { Failed, Loading } from "../design/notice.tsx";
import { Badge } from "../design/state.tsx";
import { Toasts, tell } from "../design/toasts.tsx";

/** A platform as operators see it in the list. */
interface Platform {
  id: string;
  name: string;
  country: string;
}

/** How many platforms are loaded at once. */
const PAGE_ROWS = 100;

const PLATFORMS_KEY = ["session", "platforms"];

/**
 * Asks an operator for the platform to show. The open page is shown again afterwards, because the address has not
 * changed.
 */
export function ChoosePlatformPage({ session }: { session: Session }): ReactNode {
  const { choose, signOut } = useSigning();
  const list = useInfiniteQuery({
    queryKey: PLATFORMS_KEY,
    queryFn: ({ pageParam, signal }) =>
      createClient("test").get<Page<Platform>>(
        "/console/session/platforms",
        { limit: PAGE_ROWS, ...(pageParam === null ? {} : { starting_after: pageParam }) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ data, has_more: more }) => (more ? (data.at(-1)?.id ?? null) : null),
  });
  const sayFailed = (error: Error): void => tell(error.message, { tone: "bad" });
  const error = useFailure(PLATFORMS_KEY, list);
  const platforms = list.data?.pages.flatMap(({ data }) => data);
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <h1>Choose a platform</h1>
        <p className="soft">
          You are signed in as the operator <bdi>{session.operator}</bdi>.{" "}
          {session.read_only && <Badge title="This session shows, and changes nothing">read only</Badge>}
        </p>
        {platforms === undefined && (error === null ? <Loading /> : <Failed error={error} retry={() => void list.refetch()} />)}
        {platforms?.length === 0 && (
          <p>
            This server has no platform yet. <code>carabiner platforms create</code> makes one.
          </p>
        )}
        <ul className="platform-choices" aria-label="Platforms">
          {platforms?.map(({ id, name }) => (
            <li key={id}>
              <button type="button" onClick={() => choose(id).catch(sayFailed)}>
                <bdi>{name === "" ? id : name}</bdi> <code>{id}</code>
              </button>
            </li>
          ))}
        </ul>
        {list.hasNextPage && (
          <button type="button" className="quiet" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </button>
        )}
        <button type="button" className="quiet" onClick={() => signOut().catch(sayFailed)}>
          Sign out
        </button>
      </div>
      <Toasts />
    </main>
  );
}
