/** What can go wrong on this side of the wire. None of them ever holds the key. */
import type { PolloConfigError, PolloError } from "@effect-pollo/client"
import * as Data from "effect/Data"

/** Flags that make no sense together. */
export class Misuse extends Data.TaggedError("Misuse")<{ readonly problem: string }> {}

export class KeyFileProblem extends Data.TaggedError("KeyFileProblem")<{
  readonly path: string
  readonly reason: "NotFound" | "NotReadable" | "NotAFile" | "TooLarge"
}> {}

export class MockNotInstalled extends Data.TaggedError("MockNotInstalled") {}

/** `problem` is the mock server's own sentence, which names the address and says what to do. */
export class MockCannotListen extends Data.TaggedError("MockCannotListen")<{ readonly problem: string }> {}

export class BelowMinimum extends Data.TaggedError("BelowMinimum")<{
  readonly availableCredits: number
  readonly min: number
}> {}

export class SpecDiffers extends Data.TaggedError("SpecDiffers")<{
  /** The names of the differences, each once. */
  readonly names: ReadonlyArray<string>
}> {}

/** What writes to standard output has nobody who reads it any more. */
export class OutputClosed extends Data.TaggedError("OutputClosed") {}

export class OutputFailed extends Data.TaggedError("OutputFailed")<{ readonly code: string }> {}

/** Everything that a command can end with, other than well. */
export type Failure =
  | PolloError
  | PolloConfigError
  | Misuse
  | KeyFileProblem
  | MockNotInstalled
  | MockCannotListen
  | BelowMinimum
  | SpecDiffers
  | OutputFailed
