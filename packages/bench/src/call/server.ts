/** A bare server that always sends the same answer, in a process of its own. It tells its parent the port. */
import { createServer } from "node:http"

const body = Buffer.from(JSON.stringify({ availableCredits: 42, totalCredits: 100 }))
const headers = { "content-type": "application/json", "content-length": body.length }

const server = createServer((_, response) => {
  response.writeHead(200, headers)
  response.end(body)
})
server.keepAliveTimeout = 600_000
server.listen(0, "127.0.0.1", () => process.send?.(server.address()))
process.on("disconnect", () => process.exit())
