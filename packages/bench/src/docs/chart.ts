/** The picture of the call in `docs/benchmarks.md`. */
import * as Plot from "@observablehq/plot"
import { parseHTML } from "linkedom"
import type { Bar } from "../call/call.ts"

export const chart = (bars: ReadonlyArray<Bar>): string => {
  const { document } = parseHTML("<html></html>")
  const svg = Plot.plot({
    document,
    width: 760,
    height: 480,
    marginLeft: 190,
    x: { label: "time of a call, in those of bare fetch (less is better)", grid: true },
    y: { label: null },
    fy: { label: null },
    color: { domain: ["ours", "others"], range: ["#0f766e", "#a8a29e"] },
    marks: [
      Plot.barX(bars.filter(({ ways }) => ways === 64), {
        x: "ratio",
        y: "name",
        fill: ({ name }: Bar) => name.startsWith("ours") ? "ours" : "others",
        sort: { y: "x" }
      }),
      Plot.ruleX([1], { stroke: "#1c1917", strokeDasharray: "4 3" }),
      Plot.text(bars.filter(({ ways }) => ways === 64), {
        x: "ratio",
        y: "name",
        text: ({ ratio }: Bar) => ratio.toFixed(2),
        dx: 16
      })
    ]
  })
  // A picture that a page links to is XML, and no element of that page.
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg")
  return `${svg.outerHTML}\n`
}
