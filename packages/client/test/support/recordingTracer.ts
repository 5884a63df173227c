/** A tracer that keeps every span it made; `named` has the attributes of those with a name. */
import { Tracer } from "effect"

export const recordingTracer = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const named = (name: string) =>
    spans.filter((span) => span.name === name).map((span) => Object.fromEntries(span.attributes))
  return { tracer, spans, named }
}
