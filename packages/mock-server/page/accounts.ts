import type { Account } from "../src/admin/types.ts"
import { watchedAccount } from "../src/admin/watched.ts"
import type { WatchedAccount, WatchedAccounts } from "../src/admin/watched.ts"
import type { BalancePoint } from "../src/values/books.ts"
import { accountPath, call, explain } from "./api.ts"
import { Card, serialOf } from "./card.ts"
import { find, setText } from "./dom.ts"

const maxCards = 100

/** The keys, the one that was seen first at the end. */
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
    for (const account of accounts) this.#put(account)
    for (const label of [...this.#cards.keys()].toSorted((a, b) => serialOf(a) - serialOf(b))) {
      if (this.#cards.size <= maxCards) break
      const card = this.#cards.get(label)
      if (card !== undefined && !card.isOpen) this.#remove(card)
    }
    this.#showCount()
  }

  #put(account: WatchedAccount): Card {
    const known = this.#cards.get(account.label)
    if (known !== undefined) {
      known.update(account)
      return known
    }
    const card = new Card(this.#template, account, this.#showOnly)
    const older = [...this.#cards.values()].filter(({ label }) => serialOf(label) < serialOf(account.label))
      .reduce<Card | undefined>((a, b) => a !== undefined && serialOf(a.label) > serialOf(b.label) ? a : b, undefined)
    this.#list.insertBefore(card.element, older?.element ?? null)
    this.#cards.set(account.label, card)
    this.#keepPlace(card.element)
    return card
  }

  /** What someone reads, or has the cursor in, must not move away because a new key shows above it. */
  #keepPlace(added: HTMLElement): void {
    const focused = document.activeElement
    const precedesFocus = this.#list.contains(focused) && focused !== null
      && (added.compareDocumentPosition(focused) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
    if (this.#scroller.scrollTop > 0 || precedesFocus) this.#scroller.scrollTop += added.offsetHeight
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
