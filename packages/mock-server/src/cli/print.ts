/** What became of what was printed. */
type Written = NodeJS.ErrnoException | undefined

/** The streams that nobody reads any more, or that have no room. What is printed on them is lost, and nothing else. */
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

/** To be called before anything is printed, by Node too: an error of a stream that has no listener ends the process. */
export const survivePrinting = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => void lost.add(stream))
}

/**
 * Prints a line. A reader that has left (`head` has its lines) or a disk that is full must not end a server that others
 * are using, so the error comes back as a value, once, and what is printed on that stream from then on is dropped.
 */
export const printLine = async (stream: NodeJS.WriteStream, line: string): Promise<Written> => {
  if (lost.has(stream)) return undefined
  return toFile(stream, `${line}\n`)
}

/** Says something on stderr, which is the last place to say anything. */
export const complain = (message: string): void => void printLine(process.stderr, `pollo-mock: ${message}`)

/** Prints on stdout, and says so where that is not possible. A reader that has left wants to hear nothing more. */
export const print = async (line: string): Promise<boolean> => {
  const error = await printLine(process.stdout, line)
  if (error === undefined || error.code === "EPIPE") return true
  complain(`cannot write to stdout: ${error.message}`)
  return false
}
