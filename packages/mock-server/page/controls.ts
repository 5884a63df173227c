import type { Account, ClockState, PlanState } from "../src/admin/types.ts"
import { accountPath, call, explain } from "./api.ts"
import { find, setText } from "./dom.ts"
import { credits, duration } from "./format.ts"

const steps = (document.querySelector<HTMLElement>("#steps")?.dataset["steps"] ?? "").split(" ")

/** Splits a plan into its finished steps and the step that the person is typing. */
const lastStep = /^(.*[\s,])?([^\s,]*)$/

/** Suggests steps for the last word of a plan. */
const suggestSteps = (input: HTMLInputElement): void => {
  const suggestions = find(document, "#steps", HTMLDataListElement)
  input.setAttribute("list", suggestions.id)
  const suggest = (): void => {
    const [, written = ""] = lastStep.exec(input.value) ?? []
    suggestions.replaceChildren(...steps.map((step) => new Option("", written + step)))
  }
  input.addEventListener("focus", suggest)
  input.addEventListener("input", suggest)
}

interface Context {
  readonly isFrozen: () => boolean
  readonly showOnly: () => void
}

/** Connects the controls of a key to the admin API. The card itself changes when the server's event arrives. */
export const wireControls = (card: HTMLElement, label: string, { isFrozen, showOnly }: Context): void => {
  const message = find(card, "[data-message]", HTMLElement)
  message.id = `message-${label.slice(label.lastIndexOf("…") + 1)}`
  const path = accountPath(label)
  const clockPath = `/clock/${encodeURIComponent(label)}`

  /** Runs an action, and shows its result or its error beside the controls. */
  const attempt = async (action: () => Promise<string>, input?: HTMLInputElement): Promise<void> => {
    const tell = (text: string, isProblem: boolean): void => {
      setText(message, text)
      message.classList.toggle("problem", isProblem)
      if (isProblem) {
        input?.setAttribute("aria-invalid", "true")
        input?.setAttribute("aria-describedby", message.id)
      } else {
        for (const invalid of card.querySelectorAll("[aria-invalid]")) {
          invalid.removeAttribute("aria-invalid")
          invalid.removeAttribute("aria-describedby")
        }
      }
    }
    try {
      tell(await action(), false)
    } catch (error) {
      tell(explain(error), true)
    }
  }

  const onSubmit = (name: string, action: (form: HTMLFormElement, submitter: string) => Promise<string>): void => {
    const form = find(card, `[data-form=${name}]`, HTMLFormElement)
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      const submitter = event.submitter instanceof HTMLButtonElement ? event.submitter.value : ""
      void attempt(() => action(form, submitter), find(form, "input", HTMLInputElement))
    })
  }
  const onClick = (name: string, action: () => Promise<string>): void =>
    find(card, `[data-action=${name}]`, HTMLButtonElement).addEventListener("click", () => void attempt(action))

  onSubmit("credits", async (form, submitter) => {
    const amount = find(form, "input", HTMLInputElement).valueAsNumber
    const isTopUp = submitter === "top-up"
    const response = await call("POST", `${path}/${isTopUp ? "top-up" : "spend"}`, { body: { credits: amount } })
    const { availableCredits }: Account = await response.json()
    return `${isTopUp ? "Topped up" : "Spent"} ${credits(amount)}, ${credits(availableCredits)} available`
  })

  const plan = find(card, "[name=steps]", HTMLInputElement)
  suggestSteps(plan)
  onSubmit("plan", async () => {
    const steps = plan.value.split(/[\s,]+/).filter((step) => step !== "")
    const { next }: PlanState = await (await call("PUT", `${path}/plan`, { body: { steps } })).json()
    return `Plan set, the next request gets ${next}`
  })

  onSubmit("clock", async (form) => {
    const amount = find(form, "input", HTMLInputElement).valueAsNumber
    const millis = amount * Number(find(form, "select", HTMLSelectElement).value)
    await call("POST", `${clockPath}/advance`, { body: { millis } })
    return `Advanced by ${duration(millis)}`
  })

  onClick("freeze", async () => {
    const response = await call("POST", `${clockPath}/${isFrozen() ? "resume" : "freeze"}`)
    const { frozen }: ClockState = await response.json()
    return frozen ? "The clock stands still" : "The clock runs"
  })

  onClick("reset", async () => {
    await call("POST", `/reset?key=${encodeURIComponent(label)}`)
    return "Begun anew"
  })

  find(card, "[data-action=only]", HTMLButtonElement).addEventListener("click", showOnly)
}
