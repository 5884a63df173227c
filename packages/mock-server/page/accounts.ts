import type { Account } from "../src/admin/types.ts"
import { watchedAccount } from "../src/admin/watched.ts"
import type { WatchedAccount, WatchedAccounts } from "../src/admin/watched.ts"
import type { BalancePoint } from "../src/values/books.ts"
import { accountPath, call, explain } from "./api.ts"
import { Card, serialOf } from "./card.ts"
import { find, setText } from "./dom.ts"

const maxCards = 100

/**
 * The first card whose lower edge is below this height. The cards stand one below the other, so a binary search finds
 * it.
 */
const firstBelow = (cards: ReadonlyArray<HTMLElement>, height: number): HTMLElement | undefined => {
  let [low, high] = [0, cards.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const card = cards[middle]
    if (card !== undefined && card.offsetTop + card.offsetHeight > height) high = middle
    else low = middle + 1
  }
  return cards[low]
}

/** The list of keys. The key that the server saw first is at the end. */
export class AccountList {
  readonly #list = find(document, "#accounts", HTMLElement)
  readonly #scroller = find(document, "#keys .scroll", HTMLElement)
  readonly #none = find(document, "#no-keys", HTMLElement)
  readonly #count = find(document, "#key-count", HTMLElement)
  readonly #template = find(document, "#account", HTMLTemplateElement)
  readonly #form = find(document, "#open-form", HTMLFormElement)
  readonly #problem = find(document, "#open-problem", HTMLElement)
  readonly #cards = new Map<string, Card>()
  readonly #showOnly: (label: string) => void
  #keys = 0

  constructor(showOnly: (label: string) => void) {
    this.#showOnly = showOnly
    setInterval(() => {
      if (!document.hidden) { for (const card of this.#cards.values()) card.tick() }
    }, 1000)
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault()
      void this.#openKey()
    })
  }

  replace({ accounts, keys }: WatchedAccounts): void {
    const labels = new Set(accounts.map(({ label }) => label))
    for (const card of this.#cards.values()) {
      card.forget()
      if (!labels.has(card.label)) this.#remove(card)
    }
    this.update({ accounts, keys })
  }

  update({ accounts, keys }: WatchedAccounts): void {
    this.#keys = keys
    // A key that newer keys would push out of the list at once is never drawn.
    const newest = accounts.filter(({ label }) => !this.#cards.has(label))
      .toSorted((a, b) => serialOf(b.label) - serialOf(a.label))
      .slice(0, maxCards)
    const place = this.#place()
    for (const account of accounts) this.#cards.get(account.label)?.update(account)
    for (const account of newest.toReversed()) this.#put(account)
    for (const card of [...this.#cards.values()].toSorted((a, b) => a.serial - b.serial)) {
      if (this.#cards.size <= maxCards) break
      if (!card.isOpen) this.#remove(card)
    }
    this.#keepPlace(place)
    this.#showCount()
  }

  #put(account: WatchedAccount): Card {
    const known = this.#cards.get(account.label)
    if (known !== undefined) {
      known.update(account)
      return known
    }
    const card = new Card(this.#template, account, this.#showOnly)
    let older: Card | undefined
    for (const other of this.#cards.values()) {
      if (other.serial < card.serial && (older === undefined || other.serial > older.serial)) older = other
    }
    this.#list.insertBefore(card.element, older?.element ?? null)
    this.#cards.set(account.label, card)
    return card
  }

  /**
   * The card that a person reads or types in, and its place on the screen. New keys above the card must not move it
   * away. Call this once before a change and once after it, because each call makes the browser lay out the page.
   */
  #place(): { readonly element: HTMLElement; readonly top: number } | undefined {
    const focused = document.activeElement
    const { scrollTop } = this.#scroller
    if (scrollTop === 0 && !this.#list.contains(focused)) return undefined
    const cards = [...this.#list.children].filter((card) => card instanceof HTMLElement)
    const element = cards.find((card) => card.contains(focused)) ?? firstBelow(cards, scrollTop)
    return element === undefined ? undefined : { element, top: element.offsetTop }
  }

  #keepPlace(place: { readonly element: HTMLElement; readonly top: number } | undefined): void {
    if (place?.element.isConnected === true) this.#scroller.scrollTop += place.element.offsetTop - place.top
  }

  #remove(card: Card): void {
    card.element.remove()
    this.#cards.delete(card.label)
  }

  #showCount(): void {
    const shown = this.#cards.size
    this.#none.hidden = shown > 0
    setText(this.#count, shown === 0 ? "" : shown < this.#keys ? `${shown} of ${this.#keys}` : String(shown))
  }

  /** Shows a key that someone has typed in. The server makes its account if it has none. */
  async #openKey(): Promise<void> {
    const input = find(this.#form, "input", HTMLInputElement)
    try {
      const account: Account = await (await call("GET", accountPath(input.value))).json()
      const history = await call("GET", `${accountPath(account.label)}/history`)
      const { points }: { readonly points: ReadonlyArray<BalancePoint> } = await history.json()
      this.#keys = Math.max(this.#keys, this.#cards.size + (this.#cards.has(account.label) ? 0 : 1))
      this.#put(watchedAccount(account, points)).open()
      this.#showCount()
      this.#problem.hidden = true
      input.value = ""
    } catch (error) {
      setText(this.#problem, explain(error))
      this.#problem.hidden = false
    }
  }
}
