/** All that can happen next in a world. */
import { empty } from "../../src/internal/budget/holds.ts"
import { startOf } from "../../src/internal/budget/tallies.ts"
import {
  copy,
  copyBooks,
  type Events,
  type Machine,
  newMachine,
  type Rules,
  type Setting,
  type World
} from "./fleet.ts"
import { admit, begin, conclude, renew } from "./world.ts"

export interface Move {
  readonly what: string
  readonly world: World
  readonly broken: "overspent" | "limit exceeded" | "false alarm" | undefined
}

/** A reading that is under way may show it. */
const show = (world: World): void => {
  if (!world.recent.includes(world.balance)) world.recent.push(world.balance)
  for (const { phase, shown } of world.machines) {
    if (phase === "reading" && !shown.includes(world.balance)) shown.push(world.balance)
  }
}

const brokenIn = ({ alarm, balance, charged }: World, { limit, strangers }: Rules): Move["broken"] => {
  if (limit !== undefined) return Math.max(0, ...charged.values()) > limit.credits ? "limit exceeded" : undefined
  if (strangers !== "ignored") return alarm ? "false alarm" : undefined
  return balance < 0 ? "overspent" : undefined
}

const idle = (machine: Machine): void =>
  void Object.assign(machine, { phase: "idle", ticket: undefined, shown: [], age: 0, job: undefined, renewed: true })

export const moves = (from: World, rules: Rules, setting: Setting): ReadonlyArray<Move> => {
  const next: Array<Move> = []
  const go = (what: string, change: (world: World) => void) => {
    const world = copy(from)
    change(world)
    next.push({ what, world, broken: brokenIn(world, rules) })
  }
  /** Something that may happen so many times. */
  const rarely = (event: keyof Events, what: string, change: (world: World) => void, when = true) => {
    if (!when || from.left[event] === 0) return
    go(what, (world) => {
      world.left = { ...world.left, [event]: world.left[event] - 1 }
      change(world)
    })
  }
  let mayTick = from.tick < (setting.until ?? Number.POSITIVE_INFINITY)

  from.machines.forEach((before, index) => {
    const name = "ABC"[index] ?? ""
    const on = (change: (machine: Machine, world: World) => void) => (world: World) => {
      const machine = world.machines[index]
      if (machine !== undefined) change(machine, world)
    }
    const { age, asks, cut, job, paused, phase } = before

    rarely("die", `${name} dies, and a new machine takes its place`, (world) => {
      world.machines[index] = newMachine(asks)
    }, phase !== "idle" || before.saw.name !== "" || (rules.memory && before.known.name !== ""))
    if (paused !== undefined) {
      if (paused >= setting.silence) mayTick = false
      return go(
        `${name} goes on`,
        on((machine) => {
          machine.paused = undefined
          machine.renewed = false
        })
      )
    }
    const pausable = phase === "answer" || (phase === "job" && !setting.pauseAnswer)
    rarely("pause", `${name} is paused`, on((machine) => void (machine.paused = 0)), pausable)
    if (job?.charged === false && phase === "job") {
      go(
        `${name}'s job is charged`,
        on((machine, world) => {
          if (machine.job !== undefined) machine.job.charged = true
          world.balance--
          const period = startOf(job.since, rules.limit?.every ?? 1)
          world.charged.set(period, (world.charged.get(period) ?? 0) + 1)
          show(world)
        })
      )
    }
    if (cut !== undefined) {
      if (cut >= setting.silence) mayTick = false
      return go(
        `${name} reaches the store again`,
        on((machine) => {
          machine.cut = undefined
          machine.renewed = false
        })
      )
    }
    rarely("cut", `${name} is cut off from the store`, on((machine) => void (machine.cut = 0)), phase === "job")

    if (phase === "idle" && asks > 0) {
      go(
        `${name} asks for a number`,
        on((machine, world) => {
          const ticket = begin(world, machine, rules)
          if (ticket === undefined) return
          const shown = rules.lag > 0 ? [...world.recent] : [world.balance]
          Object.assign(machine, { phase: "reading", asks: asks - 1, ticket, age: 0, shown })
        })
      )
    }
    if (phase === "reading") {
      if (age >= setting.slowReading) mayTick = false
      for (const available of before.shown) {
        go(
          `${name} reads ${available} and the store decides`,
          on((machine, world) => {
            const { ticket } = machine
            if (ticket === undefined) return
            const id = `m.${world.ids++}`
            const admitted = admit(world, machine, rules, { ticket, available, id })
            idle(machine)
            if (admitted) Object.assign(machine, { phase: "answer", job: admitted })
          })
        )
      }
    }
    if (phase === "answer" && job !== undefined) {
      if (age >= setting.answer) mayTick = false
      if (age > rules.lateAnswer) {
        go(
          `${name} finds the answer too late and gives its hold back`,
          on((machine, world) => {
            conclude(world, machine, rules, job)
            idle(machine)
          })
        )
      } else {go(
          `${name} has the answer and starts its job`,
          on((machine) => void Object.assign(machine, { phase: "job" }))
        )}
      rarely("lostAnswer", `${name} loses the answer and gives up`, on(idle))
    }
    if (phase === "job" && job !== undefined) {
      const renewed = on((machine) => void (machine.renewed = true))
      if (!before.renewed) {
        mayTick = false
        go(`${name} renews`, (world) => {
          on((machine) => renew(world, machine, rules, job))(world)
          renewed(world)
        })
        rarely("lostCommand", `${name} renews, which is lost`, renewed)
      }
      go(
        `${name} says what became of its job`,
        on((machine, world) => {
          conclude(world, machine, rules, job)
          idle(machine)
        })
      )
      rarely("lostCommand", `${name} says what became of its job, which is lost`, on(idle))
    }
  })

  if (mayTick) {
    go("a tick", (world) => {
      world.tick++
      world.recent = [world.balance]
      for (const machine of world.machines) {
        if (machine.paused !== undefined) machine.paused++
        else if (machine.cut !== undefined) machine.cut++
        else if (machine.phase === "job") machine.renewed = false
        if (machine.phase === "reading" || machine.phase === "answer") machine.age++
      }
    })
  }

  rarely("topUp", "a top-up", (world) => {
    world.balance++
    show(world)
  })
  const { kept } = from
  const restarted = (world: World) => {
    world.node = { run: world.runs, reign: world.runs++ }
  }
  rarely("snapshot", "a snapshot is taken", (world) => {
    world.kept = copyBooks(world.books)
  }, from.books.name !== "")
  rarely("restart", "the store restarts with all its data", restarted)
  rarely("rollback", "the store restarts from the snapshot", (world) => {
    restarted(world)
    if (kept !== undefined) world.books = copyBooks(kept)
  }, kept !== undefined)
  rarely("restore", "the snapshot is restored by hand", (world) => {
    if (kept !== undefined) world.books = copyBooks(kept)
  }, kept !== undefined)
  rarely("wipe", "the store restarts empty", (world) => {
    restarted(world)
    world.books = empty()
  })
  rarely("vanish", "the books vanish, the store goes on", (world) => {
    world.books = empty()
  })
  rarely("promote", "a replica that stands at the snapshot is promoted", (world) => {
    world.old = { run: world.node.run, books: copyBooks(world.books) }
    restarted(world)
    if (kept !== undefined) world.books = copyBooks(kept)
  }, kept !== undefined)
  rarely("failback", "the old master is promoted again", (world) => {
    const { old } = from
    if (old === undefined) return
    world.node = { run: old.run, reign: world.runs++ }
    world.books = copyBooks(old.books)
    world.old = undefined
  }, from.old !== undefined)
  rarely("ahead", "the store's clock jumps ahead", (world) => void (world.skew += setting.jump))
  rarely("back", "the store's clock goes back", (world) => void (world.skew -= setting.jump))
  return next
}
