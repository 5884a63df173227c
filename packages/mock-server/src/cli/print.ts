/** The error of a write, or `undefined` if it succeeded. */
type Written = NodeJS.ErrnoException | undefined

/**
 * The streams that nobody reads any more, or whose disk is full. Lines for them are dropped, and the program goes on.
 */
const lost = new WeakSet<NodeJS.WriteStream>()

const isErrno = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error

const toFile = (stream: NodeJS.WriteStream, text: string): Promise<Written> =>
  new Promise((resolve) => {
    const fail = (error: unknown): void => {
      lost.add(stream)
      resolve(isErrno(error) ? error : new Error(String(error)))
    }
    try {
      // Some streams tell of an error by a callback, others throw it.
      stream.write(text, (error) => (error ? fail(error) : resolve(undefined)))
    } catch (error) {
      fail(error)
    }
  })

/** Call this before anything is printed, even by Node: an error of a stream that has no listener ends the process. */
export const survivePrinting = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => void lost.add(stream))
}

/**
 * Prints a line. A reader that has left (`head` has its lines) or a disk that is full must not end a server that others
 * are using, so the error comes back as a value, once, and what is printed on that stream from then on is dropped.
 */
const printLine = async (stream: NodeJS.WriteStream, line: string): Promise<Written> => {
  if (lost.has(stream)) return undefined
  return toFile(stream, `${line}\n`)
}

/** What a program prints. */
export interface Printer {
  /** Says something on stderr, in the name of the program. Where that fails there is nowhere left to say so. */
  readonly complain: (message: string) => void
  /** Prints on stdout, and complains if that fails. A reader that has left does not count as a failure. */
  readonly print: (line: string) => Promise<boolean>
}

/** A real key. A mock server needs none, and one that was typed by mistake must not end up in a log. */
const realKey = /pollo_(?=[\w-]*[A-Z\d]|[\w-]{24})[\w-]{8,}/g

export const printerOf = (program: string): Printer => {
  const complain = (message: string): void =>
    void printLine(process.stderr, `${program}: ${message.replaceAll(realKey, "<redacted>")}`)
  return {
    complain,
    print: async (line) => {
      const error = await printLine(process.stdout, line)
      if (error === undefined || error.code === "EPIPE") return true
      complain(`cannot write to stdout: ${error.message}`)
      return false
    }
  }
}
