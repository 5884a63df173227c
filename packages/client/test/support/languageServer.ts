/** What an editor shows: asks TypeScript's own language server. */
import { spawn } from "node:child_process"
import { fileURLToPath, pathToFileURL } from "node:url"

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly result?: { readonly contents?: { readonly value?: string } } | null
}

const folder = fileURLToPath(new URL("../../", import.meta.url))
/** The compiler of the workspace, by its path: it is a program here and no dependency of this package. */
const bin = fileURLToPath(new URL("../../../../node_modules/.bin/", import.meta.url))

/** The hover texts of a file of this folder that need not exist, at these offsets. */
export const hover = async (text: string, offsets: ReadonlyArray<number>): Promise<ReadonlyArray<string>> => {
  const server = spawn(`${bin}tsc`, ["--lsp", "--stdio"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] })
  try {
    const pending = new Map<number, (answer: Answer) => void>()
    let received = Buffer.alloc(0)
    const send = (message: object) => {
      const body = JSON.stringify({ jsonrpc: "2.0", ...message })
      server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    }
    server.stdout.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      for (;;) {
        const end = received.indexOf("\r\n\r\n")
        const length = Number(/content-length: (\d+)/i.exec(received.subarray(0, Math.max(0, end)).toString())?.[1])
        if (end < 0 || received.length < end + 4 + length) return
        const answer: Answer = JSON.parse(received.subarray(end + 4, end + 4 + length).toString())
        received = received.subarray(end + 4 + length)
        if (answer.id === undefined) continue
        // The server asks for settings and the like, and takes no answer for none.
        if (answer.method === undefined) pending.get(answer.id)?.(answer)
        else send({ id: answer.id, result: null })
      }
    })
    let last = 0
    const request = (method: string, params: object) =>
      new Promise<Answer>((resolve) => {
        pending.set(++last, resolve)
        send({ id: last, method, params })
      })
    const capabilities = { textDocument: { hover: { contentFormat: ["markdown"] } } }
    await request("initialize", { processId: process.pid, rootUri: pathToFileURL(folder).href, capabilities })
    send({ method: "initialized", params: {} })
    const uri = pathToFileURL(`${folder}test/hover-probe.ts`).href
    send({
      method: "textDocument/didOpen",
      params: { textDocument: { uri, languageId: "typescript", version: 1, text } }
    })
    const answers: Array<string> = []
    for (const offset of offsets) {
      const before = text.slice(0, offset).split("\n")
      const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
      const { result } = await request("textDocument/hover", { textDocument: { uri }, position })
      answers.push(result?.contents?.value ?? "")
    }
    return answers
  } finally {
    server.kill()
  }
}
