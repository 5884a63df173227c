/**
 * Holds prose to 120 columns and to plain words. The formatter breaks code, and leaves comments and Markdown as they
 * are.
 *
 * Tables and code blocks of Markdown are not prose, and a line whose only long part is one link cannot be broken.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const widest = 120

/** Turns of phrase that a reader whose second language is English has to read twice. */
const riddles: ReadonlyArray<readonly [phrase: RegExp, plain: string]> = [
  [/(?<!there )\b(?:is|are) none\b/i, "say what it is: \"an invalid cost\""],
  [/(?<!nothing|nobody|all) but for\b/i, "say \"except for\""],
  [/\bwhoever\b/i, "name who it is"],
  [/\bnothing that is not\b/i, "say what it is, without the double negation"],
  [/\bfor want of\b/i, "say \"because there is no\""],
  [/\bwithout a word\b/i, "say \"silently\""],
  [/, be it\b/i, "say \"even if it is\""],
  [/\bat the most\b/i, "say \"at most\""],
  [/\bhands? (?:it|them|these types) on\b/i, "say \"exports again\" or \"passes\""],
  [/\bis (?:every|no)body's\b/i, "say whom it concerns"],
  [/\bworth a word\b/i, "say what is reported"]
]

const sources = ["*.ts", "scripts/**/*.ts", "packages/*/{src,test,page}/**/*.ts"]
const documents = ["*.md", ".changeset/*.md", "docs/**/*.md", "packages/*/*.md"]

/** The text without tables and blocks of code, line by line, so that the numbers of lines stay. */
const proseOfMarkdown = (text: string): ReadonlyArray<string> => {
  let fenced = false
  return text.split("\n").map((line) => {
    const fence = /^\s*```/.test(line)
    if (fence) fenced = !fenced
    return fence || fenced || /^\s*\|/.test(line) ? "" : line
  })
}

/** Comments alone, where an example or a table of a doc comment is not prose either. */
const proseOfSource = (text: string): ReadonlyArray<string> => {
  const lines = text.split("\n").map((line) => /^\s*(?:\/\/|\/\*|\*)/.test(line) ? line : "")
  const prose = proseOfMarkdown(lines.map((line) => line.replace(/^\s*\* ?/, "")).join("\n"))
  return lines.map((line, index) => prose[index] === "" ? "" : line)
}

/** A link has no place where it can be broken, and an emoji of two halves is one column. */
const columns = (line: string): number => Array.from(line.replaceAll(/\]\([^)]*\)|https?:\/\/\S+/g, "")).length

const problems = (line: string): ReadonlyArray<string> => [
  ...(columns(line) > widest ? [`${columns(line)} columns, at most ${widest}`] : []),
  ...riddles.flatMap(([phrase, plain]) => {
    const said = phrase.exec(line)?.[0]
    return said === undefined ? [] : [`"${said.trim()}": ${plain}`]
  })
]

const problemsOf = (pattern: ReadonlyArray<string>, prose: (text: string) => ReadonlyArray<string>) =>
  globSync(pattern, { cwd: root, exclude: ["**/node_modules/**", "**/dist/**", "docs/reference/**"] }).flatMap((file) =>
    prose(readFileSync(join(root, file), "utf8")).flatMap((line, index) =>
      problems(line).map((problem) => `${file}:${index + 1}: ${problem}`)
    )
  )

const found = [...problemsOf(sources, proseOfSource), ...problemsOf(documents, proseOfMarkdown)]
for (const line of found) console.error(line)
if (found.length > 0) process.exitCode = 1
