import type { JournalEntry } from "../src/journal/journal-entry.ts"
import { create, find, setText } from "./dom.ts"
import { duration, millisOf, moment, plural, timeOfDay } from "./format.ts"

const maxRows = 200

/** The style of a request's status. Each style has a colour and a shape. */
const kindOf = ({ outcome, status }: JournalEntry): string => {
  if (outcome === "open") return "open"
  if (status === null || outcome !== "sent") return "broken"
  return status < 300 ? "ok" : status < 400 ? "elsewhere" : status < 500 ? "refused" : "failed"
}

const outcomeText = ({ outcome }: JournalEntry): string => (outcome === "sent" ? "" : outcome)

const statusText = (entry: JournalEntry): string => `${entry.status ?? ""} ${outcomeText(entry)}`.trim()

const searchText = ({ attempt, key, method, path, step, ...entry }: JournalEntry): string =>
  `${key ?? "no key"} #${attempt} ${method} ${path} ${step ?? ""} ${entry.status ?? ""} ${entry.outcome}`.toLowerCase()

interface Column {
  readonly className: string
  readonly text: (entry: JournalEntry, basePath: string) => string
  /** The less important part of the text, which a narrow screen leaves out. */
  readonly minor?: (entry: JournalEntry) => string
}

const columns: ReadonlyArray<Column> = [
  { className: "time", text: ({ at }) => timeOfDay(at), minor: ({ at }) => millisOf(at) },
  { className: "key", text: ({ key }) => key ?? "no key" },
  { className: "number", text: ({ attempt }) => attempt === null ? "" : String(attempt) },
  { className: "method", text: ({ method }) => method },
  {
    className: "path",
    text: ({ path }, basePath) => path.startsWith(`${basePath}/`) ? `…${path.slice(basePath.length)}` : path
  },
  { className: "step", text: ({ step }) => step ?? "–" },
  { className: "status", text: ({ status }) => status === null ? "" : String(status), minor: outcomeText },
  { className: "number wide", text: ({ retryAfter }) => retryAfter ?? "" },
  { className: "number wide", text: ({ waitedMillis }) => waitedMillis === null ? "" : duration(waitedMillis) },
  { className: "number mid", text: ({ millis }) => millis === null ? "" : duration(millis) }
]

const emptyRow = (): HTMLTableRowElement =>
  create(
    "tr",
    "",
    ...columns.map(({ className, minor }) =>
      create("td", className, ...(minor === undefined ? [] : [create("span", ""), create("span", "minor")]))
    )
  )

interface Row {
  readonly element: HTMLTableRowElement
  entry: JournalEntry
}

/** The list of requests, the newest first. */
export class RequestList {
  readonly #body = find(document, "#requests tbody", HTMLTableSectionElement)
  readonly #filter = find(document, "#filter", HTMLInputElement)
  readonly #pause = find(document, "#pause", HTMLButtonElement)
  readonly #count = find(document, "#request-count", HTMLElement)
  readonly #none = find(document, "#no-requests", HTMLElement)
  readonly #noMatch = find(document, "#no-match", HTMLElement)
  readonly #table = find(document, "#requests", HTMLTableElement)
  readonly #rows = new Map<number, Row>()
  #basePath = ""
  /** The requests that came while the list is paused. */
  #held: Map<number, JournalEntry> | undefined = undefined

  constructor() {
    this.#filter.addEventListener("input", () => this.#applyFilter())
    this.#pause.addEventListener("click", () => this.#togglePause())
  }

  /** Shows only the requests of this key. */
  showOnly(label: string): void {
    this.#filter.value = label
    this.#applyFilter()
    this.#filter.focus()
  }

  replace(entries: ReadonlyArray<JournalEntry>, basePath: string): void {
    this.#basePath = basePath
    this.#rows.clear()
    this.#held?.clear()
    this.#body.replaceChildren()
    this.#show(entries)
  }

  add(entries: ReadonlyArray<JournalEntry>): void {
    if (this.#held === undefined) return this.#show(entries, "new")
    for (const entry of entries) this.#held.set(entry.id, entry)
    const tooMany = Math.max(0, this.#held.size - maxRows)
    for (const oldest of [...this.#held.keys()].slice(0, tooMany)) this.#held.delete(oldest)
    this.#showPause()
  }

  #togglePause(): void {
    const held = this.#held
    this.#held = held === undefined ? new Map() : undefined
    if (held !== undefined) this.#show([...held.values()], "new")
    this.#showPause()
  }

  #showPause(): void {
    const text = this.#held === undefined
      ? "Pause"
      : this.#held.size === 0
      ? "Resume"
      : `Resume, ${this.#held.size === maxRows ? `${maxRows} or more` : this.#held.size} new`
    setText(this.#pause, text)
  }

  #show(entries: ReadonlyArray<JournalEntry>, className = ""): void {
    // A row that newer rows would push out of the table at once is never drawn.
    const fresh = entries.filter(({ id }) => !this.#rows.has(id)).toSorted((a, b) => a.id - b.id).slice(-maxRows)
    for (const entry of entries) if (this.#rows.has(entry.id)) this.#put(entry, className)
    for (const entry of fresh) this.#put(entry, className)
    const tooMany = Math.max(0, this.#rows.size - maxRows)
    for (const oldest of [...this.#rows.keys()].toSorted((a, b) => a - b).slice(0, tooMany)) {
      this.#rows.get(oldest)?.element.remove()
      this.#rows.delete(oldest)
    }
    this.#showEmptiness()
  }

  #put(entry: JournalEntry, className: string): void {
    const known = this.#rows.get(entry.id)
    const row = known ?? { element: emptyRow(), entry }
    row.entry = entry
    for (const [index, { minor, text }] of columns.entries()) {
      const cell = row.element.cells[index]
      if (cell === undefined) continue
      setText(cell.firstElementChild ?? cell, text(entry, this.#basePath))
      if (minor !== undefined && cell.lastElementChild !== null) setText(cell.lastElementChild, minor(entry))
    }
    row.element.dataset["kind"] = kindOf(entry)
    row.element.title = `${entry.method} ${entry.path}, ${moment(entry.at)}`
    row.element.hidden = !this.#matches(entry)
    if (known !== undefined) return
    row.element.className = className
    this.#rows.set(entry.id, row)
    this.#body.prepend(row.element)
  }

  #matches(entry: JournalEntry): boolean {
    const text = searchText(entry)
    return this.#filter.value.toLowerCase().split(/\s+/).every((word) => text.includes(word))
  }

  #applyFilter(): void {
    for (const { element, entry } of this.#rows.values()) element.hidden = !this.#matches(entry)
    this.#showEmptiness()
  }

  #showEmptiness(): void {
    const all = this.#rows.size
    const shown = [...this.#rows.values()].filter(({ element }) => !element.hidden).length
    this.#none.hidden = all > 0
    this.#table.hidden = shown === 0
    this.#noMatch.hidden = all === 0 || shown > 0
    setText(
      this.#count,
      all === 0 ? "" : shown < all ? `${shown} of ${all}` : all === maxRows ? `the last ${maxRows}` : String(all)
    )
  }
}

/** What a screen reader says of new requests. */
export const newsOf = (entries: ReadonlyArray<JournalEntry>): string => {
  const last = entries.at(-1)
  if (last === undefined) return ""
  const { key, step } = last
  return `${plural(entries.length, "request")}. The last: ${key ?? "no key"}, ${step ?? "no step"}, ${statusText(last)}`
}
