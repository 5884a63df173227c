/** Reads the key from the file of `--api-key-file`: a regular file, a pipe or a device. */
import { PolloConfigError } from "@effect-pollo/client"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { constants, type Stats } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { say } from "../output/print.ts"
import { printable } from "../values/figures.ts"
import { type KeyFileFlag, KeyFileProblem } from "../values/problems.ts"

/** The most bytes that are read: more than any key has, and fewer than most files that are named by mistake. */
const maxSize = 64 * 1024

/** A pipe may wait for a person who types a passphrase: `--api-key-file <(pass pollo)`. */
const patience = Duration.minutes(2)

/** How long to wait for a writer to open a named pipe. */
const writerPatience = Duration.seconds(2)

/** Reads the key. White space and a byte order mark around it come from an editor or a shell, and are removed. */
export const readKey = (path: string, flag: KeyFileFlag): Effect.Effect<string, PolloConfigError | KeyFileProblem> =>
  Effect.gen(function*() {
    const unreadable = (error: unknown) =>
      // The path is left out, because a path that cannot be opened may be a key that was typed in its place.
      new KeyFileProblem({ flag, path: undefined, reason: codeOf(error) === "ENOENT" ? "NotFound" : "NotReadable" })
    const unusable = (reason: KeyFileProblem["reason"]) => new KeyFileProblem({ flag, path, reason })
    const file = yield* Effect.acquireRelease(
      // Without this flag, opening a named pipe that has no writer would block, and Ctrl-C would not work.
      Effect.tryPromise({ try: () => open(path, constants.O_RDONLY | nonBlocking), catch: unreadable }),
      (handle) => Effect.promise(() => handle.close())
    )
    const info = yield* Effect.tryPromise({ try: () => file.stat(), catch: unreadable })
    if (info.isDirectory()) return yield* unusable("NotAFile")
    if (info.size > maxSize) return yield* unusable("TooLarge")
    yield* warnOfReaders(path, info)
    const content = yield* contentOf(file, info).pipe(
      Effect.mapError((problem) => typeof problem === "string" ? unusable(problem) : unreadable(problem.cause))
    )
    const key = textOf(content).trim()
    // An empty key would count as absent, and the environment variable would be used without notice.
    return key === "" ? yield* new PolloConfigError({ field: flag, problem: "must not be empty" }) : key
  }).pipe(Effect.scoped)

/** Windows has no such flag. */
const nonBlocking = constants.O_NONBLOCK ?? 0

const warnOfReaders = (path: string, info: Stats): Effect.Effect<void> => {
  // The mode of a pipe, such as a shell's `<(…)`, means nothing, and neither does that of a file on Windows.
  if (!info.isFile() || process.platform === "win32" || (info.mode & 0o077) === 0) return Effect.void
  const mode = (info.mode & 0o777).toString(8)
  return say(`pollo-credits: warning: other users may read ${printable(path)} (mode ${mode}); run chmod 600 on it`)
}

/** The whole content of the file, pipe or device, if it ends within the limits of size and time. */
const contentOf = Effect.fnUntraced(function*(file: FileHandle, info: Stats): Effect.fn.Return<
  Uint8Array,
  "Silent" | "TooLarge" | { readonly cause: unknown }
> {
  const started = yield* Clock.monotonicTimeNanos
  const buffer = Buffer.alloc(maxSize + 1)
  let size = 0
  while (size <= maxSize) {
    const read = yield* Effect.tryPromise({
      try: () => file.read(buffer, size, buffer.length - size, info.isFile() ? size : null),
      catch: (error) => error
    }).pipe(
      Effect.map(({ bytesRead }) => bytesRead),
      Effect.catch((error) => isNotYet(error) ? Effect.succeed("not yet" as const) : Effect.fail({ cause: error }))
    )
    if (read === 0 && (size > 0 || !info.isFIFO())) return buffer.subarray(0, size)
    if (typeof read === "number") size += read
    if (read === 0 || read === "not yet") {
      const waited = Duration.nanos((yield* Clock.monotonicTimeNanos) - started)
      const limit = read === 0 ? writerPatience : patience
      if (Duration.isGreaterThan(waited, limit)) return yield* Effect.fail("Silent" as const)
      yield* Effect.sleep("20 millis")
    }
  }
  return yield* Effect.fail("TooLarge" as const)
})

const codeOf = (error: unknown): unknown => Predicate.hasProperty(error, "code") ? error.code : undefined

const isNotYet = (error: unknown): boolean => codeOf(error) === "EAGAIN"

/** In UTF-8, or as PowerShell writes text files. */
const textOf = (bytes: Uint8Array): string =>
  new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8").decode(bytes)
