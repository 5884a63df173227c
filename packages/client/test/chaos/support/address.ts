/** One address for the fleet: a proxy that leads to whichever server is the master, as a load balancer would. */
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"

export interface Address extends AsyncDisposable {
  readonly url: string
  /** New connections go to another port. Those there are stay where they are. */
  leadTo(port: number): void
  /** Holds back what servers answer from now on, and lets it go. */
  hold(): void
  letGo(): void
}

export const address = async (port: number): Promise<Address> => {
  let target = port
  let held = false
  const open = new Set<Socket>()
  const waiting = new Set<() => void>()
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1")
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on("error", () => {})
      socket.once("close", () => {
        open.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream)
    upstream.on("data", (chunk) => {
      if (held) waiting.add(() => client.write(chunk))
      else client.write(chunk)
    })
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const bound = server.address()
  if (bound === null || typeof bound === "string") throw new Error("no port on loopback")
  return {
    url: `redis://127.0.0.1:${bound.port}`,
    leadTo: (next) => {
      target = next
    },
    hold: () => {
      held = true
    },
    letGo: () => {
      held = false
      for (const write of waiting) write()
      waiting.clear()
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, "close")
    }
  }
}
