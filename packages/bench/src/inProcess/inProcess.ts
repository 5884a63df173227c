/** The call without a socket: what the client itself costs, over a transport that answers from memory. */
import { type Plan, race, ratio } from "../call/rounds.ts"
import { atMost, type Gate, type Section, show, showSpread } from "../report.ts"
import { median } from "../statistics.ts"

const plans = {
  full: { launches: 5, rounds: 5, millis: 250, warmUp: 40_000, ways: [1] },
  quick: { launches: 2, rounds: 3, millis: 150, warmUp: 40_000, ways: [1] }
} satisfies Record<string, Plan>

const names = {
  canned: "a canned response, by hand",
  plainWeb: "plain Effect 4, a web response",
  oursWeb: "**ours, a web response**",
  plainOther: "plain Effect 4, another response",
  oursOther: "**ours, another response**"
}

export const inProcess = async (quick: boolean, progress: (text: string) => void): Promise<Section> => {
  const plan = quick ? plans.quick : plans.full
  const module = new URL("entrants.ts", import.meta.url).href
  const entrants = Object.entries(names).map(([exported, name]) => ({ name, module, exported }))
  const [launches = new Map<string, never>()] =
    (await race(entrants, "https://pollo.ai/credit/balance", plan, progress)).values()
  const gate = (who: string, to: string, figure: "elapsed" | "cpu"): Gate =>
    atMost(
      `${who} to ${to}, ${figure === "cpu" ? "processor time" : "elapsed"}`.replaceAll("**", ""),
      ratio(launches, who, to, figure),
      1.05
    )
  return {
    title: "The call without a socket",
    text: "The transport answers from memory, in a later turn. What is left is the client's own work. "
      + `Medians of ${plan.launches} launches of ${plan.rounds} rounds.`,
    columns: ["", "to plain Effect 4, a web response", "µs a call"],
    rows: entrants.map(({ name }) => [
      name,
      showSpread(ratio(launches, name, names.plainWeb, "elapsed")),
      show(median((launches.get(name) ?? []).map(({ elapsed }) => elapsed)))
    ]),
    gates: (["elapsed", "cpu"] as const).flatMap((figure) => [
      gate(names.oursWeb, names.plainWeb, figure),
      gate(names.oursOther, names.plainOther, figure)
    ])
  }
}
