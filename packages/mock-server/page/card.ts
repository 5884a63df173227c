import type { Account } from "../src/admin/types.ts"
import type { WatchedAccount } from "../src/admin/watched.ts"
import type { BalancePoint } from "../src/values/books.ts"
import { drawChart, merge } from "./chart.ts"
import { wireControls } from "./controls.ts"
import { create, find, setText } from "./dom.ts"
import { credits, moment, plural, roughly } from "./format.ts"

/** A clock that differs from the system's by less than this is not called ahead or behind. */
const tellableMillis = 1500

const countedStep = /^(.+)_x(\d+)$/

const stepsOf = ({ moreSteps, reservedSteps }: WatchedAccount): ReadonlyArray<Node> => {
  const chips = reservedSteps.map((written, index) => {
    const [, name = written, times] = countedStep.exec(written) ?? []
    const chip = create("span", "chip", name)
    const repeats = moreSteps === 0 && index === reservedSteps.length - 1
    if (repeats) chip.append(create("span", "quiet", " ∞"), create("span", "hidden", " from then on"))
    else if (times !== undefined) chip.append(create("span", "quiet", ` ×${times}`))
    return chip
  })
  const separated = chips.flatMap((chip, index) => index === 0 ? [chip] : [create("span", "then", "then"), chip])
  return moreSteps > 0 ? [...separated, create("span", "quiet", `and ${moreSteps} more`)] : separated
}

const factsOf = (account: Account, ahead: number): string =>
  [
    ...(Math.abs(ahead) < tellableMillis ? [] : [`${roughly(Math.abs(ahead))} ${ahead > 0 ? "ahead" : "behind"}`]),
    ...(account.drainPerMinute > 0 ? [`drains ${credits(account.drainPerMinute)} a minute`] : []),
    ...(account.reportedCredits === account.availableCredits ? [] : [`reads ${credits(account.reportedCredits)}`]),
    ...(account.limit === null
      ? []
      : [`limit ${Math.floor(account.limit.tokens)} of ${plural(account.limit.capacity, "token")}`]),
    ...(account.scheduled > 0 ? [`${account.scheduled} scheduled`] : []),
    ...(account.refused > 0 ? [`${account.refused} refused`] : [])
  ].join(" · ")

const booksOf = (account: Account): ReadonlyArray<readonly [string, number]> => [
  ["Granted", account.grantedCredits],
  ["Spent", account.spentCredits],
  ["Drained", account.drainedCredits],
  ["Expired", account.expiredCredits],
  ["Lowest", account.lowestCredits],
  ["Requests", account.attempts]
]

/** Keys are numbered in the order in which the server first saw them, at the end of their label. */
export const serialOf = (label: string): number => Number(label.slice(label.lastIndexOf("…") + 1))

/** One key: its balance, plan and clock, and the controls. */
export class Card {
  readonly element: HTMLElement
  readonly label: string
  readonly serial: number
  readonly #toggle: HTMLButtonElement
  readonly #controls: HTMLElement
  readonly #mark = create("span", "mark", "")
  #account: Account
  #points: ReadonlyArray<BalancePoint> = []
  #steps = ""
  /** By how much the key's clock is ahead of the browser's. */
  #ahead = 0

  constructor(template: HTMLTemplateElement, account: WatchedAccount, showOnly: (label: string) => void) {
    const { label } = account
    this.element = find(document.importNode(template.content, true), "article", HTMLElement)
    this.label = label
    this.serial = serialOf(label)
    this.#account = account
    this.#toggle = find(this.element, "[data-toggle]", HTMLButtonElement)
    this.#controls = find(this.element, "[data-controls]", HTMLElement)
    this.#toggle.replaceChildren(label, this.#mark)
    this.#toggle.id = `key-${this.serial}`
    this.#controls.id = `controls-${this.serial}`
    this.#toggle.setAttribute("aria-controls", this.#controls.id)
    this.element.setAttribute("aria-labelledby", this.#toggle.id)
    this.#toggle.addEventListener("click", () => {
      this.#setOpen(!this.isOpen)
      if (this.isOpen) this.element.scrollIntoView({ block: "nearest" })
    })
    wireControls(this.element, label, {
      isFrozen: () => this.#account.clock.frozen,
      showOnly: () => showOnly(label)
    })
    this.update(account)
  }

  get isOpen(): boolean {
    return !this.#controls.hidden
  }

  /** Shows the controls, and puts the cursor into the first one. */
  open(): void {
    this.#setOpen(true)
    find(this.#controls, "input", HTMLInputElement).focus()
    this.element.scrollIntoView({ block: "nearest" })
  }

  /** Forgets the points of the chart, because the key was reset. */
  forget(): void {
    this.#points = []
  }

  update(account: WatchedAccount): void {
    this.#account = account
    this.#points = merge(this.#points, account.points)
    this.#ahead = account.clock.now - Date.now()
    const { availableCredits, clock, moreSteps, reservedSteps, totalCredits } = account
    setText(find(this.element, "[data-available]", HTMLElement), credits(availableCredits))
    setText(find(this.element, "[data-total]", HTMLElement), credits(totalCredits))
    if (account.mark !== undefined) setText(this.#mark, ` .${account.mark}`)
    const steps = `${reservedSteps.join()} ${moreSteps}`
    if (steps !== this.#steps) find(this.element, "[data-plan]", HTMLElement).replaceChildren(...stepsOf(account))
    this.#steps = steps
    find(this.element, "[data-frozen]", HTMLElement).hidden = !clock.frozen
    setText(find(this.element, "[data-action=freeze]", HTMLElement), clock.frozen ? "Resume" : "Freeze")
    find(this.element, "[data-books]", HTMLElement).replaceChildren(
      ...booksOf(account).map(([name, value]) =>
        create("div", "", create("dt", "", name), create("dd", "", credits(value)))
      )
    )
    this.tick()
  }

  /** Lets the clock of the key go on. */
  tick(): void {
    const { clock } = this.#account
    const now = clock.frozen ? clock.now : Date.now() + this.#ahead
    const time = find(this.element, "[data-clock]", HTMLTimeElement)
    setText(time, moment(now))
    time.dateTime = new Date(now).toISOString()
    setText(find(this.element, "[data-facts]", HTMLElement), factsOf(this.#account, now - Date.now()))
    drawChart(find(this.element, ".chart", HTMLElement), this.#points, now)
  }

  #setOpen(isOpen: boolean): void {
    this.#controls.hidden = !isOpen
    this.#toggle.setAttribute("aria-expanded", String(isOpen))
    this.element.classList.toggle("open", isOpen)
  }
}
