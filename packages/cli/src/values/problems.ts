/** The failures of the program itself. None of them ever holds the key. */
import type { PolloConfigError, PolloError } from "@effect-pollo/client"
import * as Data from "effect/Data"

/** Flags that are invalid or do not fit together. */
export class Misuse extends Data.TaggedError("Misuse")<{ readonly problem: string }> {}

/** The flags that name a file with a key. */
export type KeyFileFlag = "--api-key-file" | "--account"

export class KeyFileProblem extends Data.TaggedError("KeyFileProblem")<{
  readonly flag: KeyFileFlag
  /** The path, once the file could be opened. Before that the text may be a key that was typed in place of a path. */
  readonly path: string | undefined
  readonly reason: "NotFound" | "NotReadable" | "NotAFile" | "TooLarge" | "Silent"
}> {}

export class CannotListen extends Data.TaggedError("CannotListen")<{ readonly code: string }> {}

export class MockNotInstalled extends Data.TaggedError("MockNotInstalled") {}

/** Redis cannot be reached, gives no answer in time, or refuses. */
export class NoRedis extends Data.TaggedError("NoRedis")<{
  /** `Silent`: no connection or no answer; `Denied`: somebody has to change that; `Busy`: it passes by itself. */
  readonly reason: "Silent" | "Denied" | "Busy"
  /** A code of the system, or the first word of what Redis said. */
  readonly code?: string | undefined
  /** What was refused, in words, where that was a command. */
  readonly said?: string | undefined
}> {}

export class NotFreed extends Data.TaggedError("NotFreed")<{ readonly reason: "Unknown" | "Declined" }> {}

export class BelowMinimum extends Data.TaggedError("BelowMinimum")<{
  readonly availableCredits: number
  readonly min: number
}> {}

export class SpecDiffers extends Data.TaggedError("SpecDiffers")<{
  /** The names of the differences, without repetition. */
  readonly names: ReadonlyArray<string>
}> {}

/** The reader of standard output has closed the pipe. */
export class OutputClosed extends Data.TaggedError("OutputClosed") {}

export class OutputFailed extends Data.TaggedError("OutputFailed")<{ readonly code: string }> {}

/** Every failure that a command can end with. */
export type Failure =
  | PolloError
  | PolloConfigError
  | Misuse
  | KeyFileProblem
  | MockNotInstalled
  | CannotListen
  | NoRedis
  | NotFreed
  | BelowMinimum
  | SpecDiffers
  | OutputFailed
