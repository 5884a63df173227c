import type { BalancePoint } from "../src/values/books.ts"
import { find, setText } from "./dom.ts"
import { credits, roughly, timeOfDay } from "./format.ts"

const width = 300
const height = 40
const margin = 3
const maxPoints = 240

/** The time since the last change takes up at most this share of the chart, so that an idle key keeps its picture. */
const idleShare = 0.15
const idleMillis = 2000

/** Of several equal balances in a row, keeps the first and the last. */
const withoutMiddles = (points: ReadonlyArray<BalancePoint>): ReadonlyArray<BalancePoint> =>
  points.filter(({ availableCredits }, index) =>
    points[index - 1]?.availableCredits !== availableCredits
    || points[index + 1]?.availableCredits !== availableCredits
  )

/** The known points and the new ones, in the order of time. A new point replaces a known one of the same moment. */
export const merge = (
  known: ReadonlyArray<BalancePoint>,
  come: ReadonlyArray<BalancePoint>
): ReadonlyArray<BalancePoint> => {
  const moments = new Set(come.map(({ at }) => at))
  const all = [...known.filter(({ at }) => !moments.has(at)), ...come].toSorted((a, b) => a.at - b.at)
  return withoutMiddles(all).slice(-maxPoints)
}

/** The balance as a line over time. A drain slopes; a grant or a spend is a step. */
export const drawChart = (chart: Element, points: ReadonlyArray<BalancePoint>, now: number): void => {
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined) return
  const span = last.at - first.at
  const end = Math.min(Math.max(now, last.at), last.at + Math.max(idleMillis, span * idleShare))
  const balances = points.map(({ availableCredits }) => availableCredits)
  const highest = Math.max(...balances)
  const lowest = Math.min(...balances)
  const isLevel = highest === lowest

  chart.classList.toggle("level", isLevel)
  const x = (at: number, index: number): number =>
    // On a frozen clock everything happens at once: then the order takes the place of the time.
    end > first.at ? ((at - first.at) / (end - first.at)) * width : (index / points.length) * width
  const y = (balance: number): number =>
    isLevel ? height / 2 : margin + ((highest - balance) / (highest - lowest)) * (height - 2 * margin)

  const line = [
    ...points.map(({ at, availableCredits }, index) => `${x(at, index).toFixed(1)} ${y(availableCredits).toFixed(1)}`),
    `${width} ${y(last.availableCredits).toFixed(1)}`
  ].join("L")
  find(chart, ".line", SVGPathElement).setAttribute("d", `M${line}`)
  find(chart, ".area", SVGPathElement).setAttribute("d", `M${line}L${width} ${height}L0 ${height}Z`)
  setText(find(chart, "[data-highest]", HTMLElement), credits(highest))
  setText(find(chart, "[data-lowest]", HTMLElement), credits(lowest))
  setText(find(chart, "[data-from]", HTMLElement), timeOfDay(first.at))
  setText(find(chart, "[data-to]", HTMLElement), timeOfDay(end))
  find(chart, "svg", SVGSVGElement).setAttribute(
    "aria-label",
    isLevel
      ? `Balance: ${credits(highest)}, unchanged`
      : `Balance over ${roughly(end - first.at)}: from ${credits(first.availableCredits)} to `
        + `${credits(last.availableCredits)}, between ${credits(lowest)} and ${credits(highest)}`
  )
}
