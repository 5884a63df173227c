/** What can go wrong on this side of the wire. None of them ever holds the key. */
import type { PolloConfigError, PolloError } from "@effect-pollo/client"
import * as Data from "effect/Data"

/** Flags that make no sense together. */
export class Misuse extends Data.TaggedError("Misuse")<{ readonly problem: string }> {}

/** The flags that name a file with a key. */
export type KeyFileFlag = "--api-key-file" | "--account"

export class KeyFileProblem extends Data.TaggedError("KeyFileProblem")<{
  readonly flag: KeyFileFlag
  /** Known once there is such a file: before that it may be a key, put in the place of a path. */
  readonly path: string | undefined
  readonly reason: "NotFound" | "NotReadable" | "NotAFile" | "TooLarge" | "Silent"
}> {}

export class CannotListen extends Data.TaggedError("CannotListen")<{ readonly code: string }> {}

export class MockNotInstalled extends Data.TaggedError("MockNotInstalled") {}

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
  | CannotListen
  | BelowMinimum
  | SpecDiffers
  | OutputFailed
