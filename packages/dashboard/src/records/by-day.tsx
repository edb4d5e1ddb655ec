import { type ReactNode, useMemo } from "react";
import type { FiguresOfHour } from "../api/answers.ts";
import { Chart } from "../design/chart.tsx";
import { daysOf } from "./days.ts";

/** Deliveries by day, if the newest deliveries that are counted span more than one day. */
export function ByDay({ hours }: { hours: readonly FiguresOfHour[] }): ReactNode {
  const days = useMemo(() => daysOf(hours), [hours]);
  const times = useMemo(() => days.map(({ at }) => at), [days]);
  const series = useMemo(
    () => [
      { name: "Delivered", colour: "--accent", values: days.map(({ delivered }) => delivered) },
      { name: "Failed", colour: "--bad", values: days.map(({ failed }) => failed) },
    ],
    [days],
  );
  if (days.length < 2) return null;
  return <Chart label="Deliveries by day" kind="bars" times={times} series={series} words={String} height={120} at={DAYS} />;
}

const dayOf = (at: number): string => new Date(at * 1_000).toISOString().slice(0, 10);

const DAYS = { name: "Day (UTC)", words: dayOf, mark: (at: number): string => dayOf(at).slice(5) };
