import { serve } from "@hono/node-server"
import { Hono } from "hono"

const app = new Hono().get(
  "/api/platform/credit/balance",
  (c) => c.json({ availableCredits: 1000, totalCredits: 1000 })
)

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(process.argv[2]) })
