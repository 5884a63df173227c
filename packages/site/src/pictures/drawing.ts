/** An SVG that plays the screens of a terminal one after the other, with nothing but style sheets. */
import type { Frame, Run } from "./recording.ts"

const cell = { width: 8.4, height: 20 }
const padding = 16
/** How long the last screen stays before all begins anew. */
const restMillis = 3000

const foreground = "#e7e5e4"
/** The eight colours of a terminal, and their bright forms, on a dark ground. */
const palette = [
  "#a8a29e",
  "#fca5a5",
  "#86efac",
  "#fcd34d",
  "#93c5fd",
  "#d8b4fe",
  "#5eead4",
  "#e7e5e4",
  "#a8a29e",
  "#fca5a5",
  "#86efac",
  "#fcd34d",
  "#93c5fd",
  "#d8b4fe",
  "#5eead4",
  "#fafaf9"
]

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

const x = (column: number): string => (padding + column * cell.width).toFixed(1)
const y = (row: number): number => padding + 15 + row * cell.height

const drawn = ({ colour, column, isBold, isDim, ...run }: Run, row: number): string => {
  const text = run.text.trimEnd()
  const fill = colour === undefined ? "" : ` fill="${palette[colour] ?? foreground}"`
  const look = `${fill}${isBold ? " font-weight=\"bold\"" : ""}${isDim ? " opacity=\"0.75\"" : ""}`
  const length = (Array.from(text).length * cell.width).toFixed(1)
  return `<text x="${x(column)}" y="${y(row)}" textLength="${length}"${look}>${escaped(text)}</text>`
}

export const drawing = (
  command: string,
  frames: ReadonlyArray<Frame>,
  { columns, rows }: { readonly columns: number; readonly rows: number }
): string => {
  const first = frames[0]?.millis ?? 0
  const total = (frames.at(-1)?.millis ?? 0) - first + restMillis
  const share = (millis: number): string => ((millis - first) / total * 100).toFixed(2)
  const screens = frames.map(({ lines, millis }, index) => {
    const next = frames[index + 1]
    const end = next === undefined ? 100 : Number(share(next.millis))
    const steps = [
      ...(index === 0 ? [] : ["0%{visibility:hidden}"]),
      `${share(millis)}%{visibility:visible}`,
      ...(next === undefined ? [] : [`${end.toFixed(2)}%{visibility:hidden}`])
    ]
    return {
      style: `@keyframes f${index}{${steps.join("")}}.f${index}{animation:f${index} ${total}ms step-end infinite}`,
      svg: `<g class="f f${index}">${lines.flatMap((runs, row) => runs.map((run) => drawn(run, row + 1))).join("")}</g>`
    }
  })
  const width = Math.ceil(columns * cell.width + 2 * padding)
  const height = (rows + 1) * cell.height + 2 * padding
  const prompt: Run = { column: 0, text: `$ ${command}`, colour: 6, isBold: false, isDim: false }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"
  font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="${foreground}">
<style>text{white-space:pre}.f{visibility:hidden}
${screens.map(({ style }) => style).join("\n")}
@media (prefers-reduced-motion:reduce){.f{animation:none}.f:last-of-type{visibility:visible}}</style>
<rect width="${width}" height="${height}" rx="8" fill="#1c1917"/>
${drawn(prompt, 0)}
${screens.map(({ svg }) => svg).join("\n")}
</svg>
`
}
