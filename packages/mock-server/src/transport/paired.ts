import { Duplex } from "node:stream"

type Done = (error?: Error | null) => void

const systemError = (code: string, syscall: string, errno: number): Error =>
  Object.assign(new Error(`${syscall} ${code}`), { code, errno, syscall })

/**
 * One end of a connection in memory. It does what HTTP clients and servers notice of TCP: what is written arrives in a
 * later turn, a full reader holds the writer back, one direction can end before the other, a destroyed end looks closed
 * from the other side, and a reset is `ECONNRESET` there.
 */
class PairedSocket extends Duplex {
  #peer: PairedSocket | undefined = undefined
  #held: Done | undefined = undefined

  static pair(): readonly [client: PairedSocket, server: PairedSocket] {
    // As `net.connect` and `http.Server` have it: a server may answer a client that has ended its side.
    const client = new PairedSocket({ allowHalfOpen: false })
    const server = new PairedSocket({ allowHalfOpen: true })
    client.#peer = server
    server.#peer = client
    return [client, server]
  }

  override _read(): void {
    const held = this.#held
    this.#held = undefined
    held?.()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#deliver(chunk, done)
  }

  /** What was written in one go arrives in one piece. */
  override _writev(chunks: ReadonlyArray<{ readonly chunk: Uint8Array }>, done: Done): void {
    this.#deliver(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: Done): void {
    setImmediate(() => {
      this.#peer?.push(null)
      done()
    })
  }

  override _destroy(error: Error | null, done: Done): void {
    const held = this.#held
    this.#held = undefined
    held?.(systemError("EPIPE", "write", -32))
    setImmediate(() => {
      if (this.#peer?.destroyed === false) this.#peer.push(null)
    })
    done(error)
  }

  /** As of `net.Socket`. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once("finish", () => this.destroy())
  }

  /** As of `net.Socket`. */
  resetAndDestroy(): this {
    const peer = this.#peer
    setImmediate(() => void peer?.destroy(systemError("ECONNRESET", "read", -104)))
    return this.destroy()
  }

  #deliver(bytes: Uint8Array, done: Done): void {
    setImmediate(() => {
      const peer = this.#peer
      if (peer === undefined || peer.destroyed) done(systemError("EPIPE", "write", -32))
      else if (peer.push(bytes)) done()
      else peer.#held = done
    })
  }
}

/** Two ends of a new connection that no port and no kernel is part of. */
export const socketPair = PairedSocket.pair
