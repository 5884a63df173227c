/** What all scenarios have in common in which the books are lost while A holds 60 of 100 credits. */
import { setTimeout } from "node:timers/promises"
import type { Machine } from "./machine.ts"
import type { Trial } from "./trial.ts"

export interface Fleet {
  readonly a: Machine
  /** Another machine than A, or A again. */
  readonly b: Machine
  /** Before A is admitted, where a fault needs to remember something. */
  readonly before?: () => Promise<unknown>
  readonly fault: () => Promise<unknown>
  /** Who asks after the fault, where that is not B. */
  readonly asksAfter?: () => Machine
}

/**
 * Controls: A is admitted before, B is not admitted beside A; after the window B gets exactly what A leaves; all is
 * free when A has ended.
 */
export const loseTheBooks = async (trial: Trial, { a, asksAfter, b, before, fault }: Fleet): Promise<void> => {
  await Promise.all([a.ready(), b.ready()])
  await trial.until("the books are open at first", async () => (await a.ask(1)) === "ran")
  await before?.()
  const hold = await a.hold(60)
  trial.control((await b.ask(60)) !== "ran", "B was admitted beside A before the fault")

  await fault()
  const next = asksAfter?.() ?? b
  // Asked for in turn: what A does not leave, and what it does.
  await trial.until("B gets what A leaves", async () => {
    trial.control((await next.ask(60)) !== "ran", "B was admitted beside A after the fault")
    return (await next.ask(40)) === "ran"
  })
  trial.control((await next.ask(41)) !== "ran", "B got more than A leaves")
  await hold.release()
  await trial.until("what A held is free", async () => (await next.ask(100)) === "ran")
}

/** A third of a lease and more: time for machines to say what they hold. */
export const aMoment = (millis = 500): Promise<void> => setTimeout(millis)
