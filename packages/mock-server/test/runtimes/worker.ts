import { createMockServer } from "../../src/index.ts"

const server = createMockServer({ slowMillis: 1 })

const answer = async (request: Request): Promise<Response> => {
  if (new URL(request.url).pathname !== "/listen") return server.fetch(request)
  const { url } = await server.listen()
  return new Response(url)
}

/** One module, served by Bun, Deno and workerd alike. What rejects is answered with the name of the error. */
export default {
  fetch: (request: Request): Promise<Response> =>
    answer(request).catch((error: unknown) => new Response(String(error), { status: 599 }))
}
