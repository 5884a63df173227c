import { createServer } from "node:http"

const body = JSON.stringify({ availableCredits: 1000, totalCredits: 1000 })

createServer((_request, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body)
}).listen(Number(process.argv[2]), "127.0.0.1")
