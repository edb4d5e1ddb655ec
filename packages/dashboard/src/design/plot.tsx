import { type ReactNode, useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

/** One line or one kind of bar of a chart. */
export interface PlotSeries {
  name: string;
  /** The token of its colour: `--accent`. */
  colour: string;
  values: readonly (number | null)[];
}

/** What a chart shows. */
export interface PlotProps {
  label: string;
  kind: "bars" | "lines";
  /** Unix seconds, in ascending order. */
  times: readonly number[];
  series: readonly PlotSeries[];
  /** How a value is written. */
  words(value: number): string;
  /** How a time is written below its bar, if the times are days and not moments. */
  mark?: ((time: number) => string) | undefined;
  height: number;
}

/** Draws a chart on a canvas. Bars are stacked. Loaded when a page has a chart. */
export function Plot(props: PlotProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const { kind, times, series, words, mark, height } = props;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const style = getComputedStyle(element);
    const colour = (token: string): string => resolved(element, style.getPropertyValue(token));
    const axis = {
      stroke: colour("--soft"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: "11px sans-serif",
    };
    // The highest stack is drawn first, and the lower ones over it.
    const stacks = kind === "bars" ? stacked(series) : series.map(({ values }) => values);
    const drawn = series.map((one, index) => ({ one, values: stacks[index] ?? [] }));
    if (kind === "bars") drawn.reverse();
    const bars = uPlot.paths.bars?.({ size: [0.7, 24] });
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          // Half a bar of space at each end, so that no bar is cut off.
          x: { range: (_, min, max) => (kind === "bars" ? [min - apart(times) / 2, max + apart(times) / 2] : [min, max]) },
          y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.05] },
        },
        axes: [
          mark === undefined ? axis : { ...axis, size: 26, splits: () => thinned(times), values: (_, at) => at.map(mark) },
          { ...axis, size: 52, space: 20, values: (_, ticks) => ticks.map(words) },
        ],
        series: [
          {},
          ...drawn.map(({ one }) => ({
            label: one.name,
            stroke: colour(one.colour),
            width: kind === "bars" ? 0 : 1.5,
            points: { show: kind === "lines" && times.length < 40, size: 4 },
            ...(kind === "bars" ? { fill: colour(one.colour), ...(bars === undefined ? {} : { paths: bars }) } : {}),
          })),
        ],
      },
      [[...times], ...drawn.map(({ values }) => [...values])] as uPlot.AlignedData,
      element,
    );
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.destroy();
    };
  }, [kind, times, series, words, mark, height]);
  return <div ref={place} className="plot" style={{ height }} aria-hidden="true" />;
}

/** Seconds from one bar to the next. */
const apart = ([first = 0, second = first + 60]: readonly number[]): number => second - first;

/** The most marks below bars. */
const MOST_MARKS = 6;

/** As many of these times as have room for their marks, evenly spaced. */
function thinned(times: readonly number[]): number[] {
  const step = Math.ceil(times.length / MOST_MARKS);
  return times.filter((_, index) => index % step === 0);
}

function stacked(series: readonly PlotSeries[]): number[][] {
  const sums: number[] = [];
  return series.map(({ values }) =>
    values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0);
      return sums[index];
    }),
  );
}

/** A colour as a canvas understands it: the page resolves `light-dark()`, but a canvas does not. */
function resolved(element: HTMLElement, colour: string): string {
  element.style.color = colour;
  const known = getComputedStyle(element).color;
  element.style.color = "";
  return known;
}
