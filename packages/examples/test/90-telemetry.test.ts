import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const file = fileURLToPath(new URL("../src/90-telemetry.ts", import.meta.url))

it("90-telemetry sends spans, metrics and logs to the collector that it starts", async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { env: { NO_COLOR: "1" } })
  const rows = stdout.split("\n").slice(3, -2).map((line) =>
    line.split("│").slice(2, -1).map((cell) => cell.trim().replaceAll("'", ""))
  )
  const of = (signal: string) => rows.filter(([first]) => first === signal).map((row) => row.slice(1))
  expect(stderr).toBe("")
  expect(of("span").map(([name, , attributes]) => [name, attributes]).toSorted()).toEqual([
    ["GET", "http.request.method=GET http.request.resend_count=1 http.response.status_code=200"],
    ["GET", "http.request.method=GET http.response.status_code=401 error.type=401"],
    ["GET", "http.request.method=GET http.response.status_code=500 error.type=500"],
    ["PolloCredits.getBalance", "pollo.attempts=1 pollo.outcome=PolloUnauthorized"],
    ["PolloCredits.getBalance", "pollo.attempts=2 pollo.outcome=Success"]
  ])
  expect(
    of("metric").map(([name, value = "", attributes]) => [name, value.replace(/in [\d.]+ /, "in ? "), attributes])
  ).toEqual([
    [
      "http.client.request.duration",
      "1 in ? s",
      "http.request.method=GET http.response.status_code=500 error.type=500"
    ],
    ["http.client.request.duration", "1 in ? s", "http.request.method=GET http.response.status_code=200"],
    [
      "http.client.request.duration",
      "1 in ? s",
      "http.request.method=GET http.response.status_code=401 error.type=401"
    ],
    ["pollo.client.requests", "3", ""],
    ["pollo.client.retries", "1", ""],
    ["pollo.client.outcomes", "1", "outcome=Success"],
    ["pollo.client.outcomes", "1", "outcome=PolloUnauthorized"],
    ["pollo.client.duration", "2 in ? ms", ""],
    ["pollo.credits.available", "5", ""]
  ])
  expect(of("log").map(([level, message]) => [level, message])).toEqual([
    ["Warn", "5 credits left"],
    ["Error", "no balance: PolloUnauthorized"]
  ])
})
