/** What is the same for all spans of a drawn path. */
type PathOptions = {
  readonly trace?: number;
  /** Seconds after the start of the case. */
  readonly atS?: number;
  /** Resource attributes, as in a drawing. */
  readonly resource?: string;
  /** Attributes of the calling spans. */
  readonly calling?: string;
  /** Attributes of the last called span. */
  readonly called?: string;
  /** The header that carries the tokens; `authorization` where absent. */
  readonly header?: string;
};

const SEGMENT = /^(?<service>[\w/-]+)(?:\((?<tok>\w+)\))?(?<status>\d{3})?$/u;

/**
 * Draws a trace from `web(T) > orders(T) > stock(U)403`: each service is called with the token in parentheses and
 * answers with the status, 200 where none stands. With `*` before it the first one was not called: a job, or a timer.
 */
export function drawPath(path: string, options: PathOptions = {}): string {
  const { trace = 1, atS = 0, resource = "" } = options;
  const around = `${resource === "" ? "" : ` [${resource}]`} +${atS}`;
  const segments = path.replace("*", "").split(" > ").map(readSegment);
  const kinds = segments.flatMap((segment, index) => [
    ...(index === 0 ? [] : [callingSpan(segments[index - 1]?.service ?? "", segment, options)]),
    ...(index === 0 && path.startsWith("*") ? [] : [calledSpan(segment, index === segments.length - 1, options)]),
  ]);
  const spans = kinds.map(({ service, kind, attributes }, index) => {
    const id = trace * 100 + index;
    return `${service} ${kind}#${id}${index === 0 ? "" : `<${id - 1}`}@${trace} {${attributes.join(", ")}}${around}`;
  });
  return spans.join("; ");
}

type Span = { readonly service: string; readonly kind: "C" | "S"; readonly attributes: readonly string[] };

function callingSpan(service: string, callee: Segment, { calling = "" }: PathOptions): Span {
  return { service, kind: "C", attributes: ["http.request.method=GET", `peer=${callee.service}`, ...some(calling)] };
}

function calledSpan({ service, tok, status }: Segment, isLast: boolean, { called = "", header }: PathOptions): Span {
  const answer = ["http.request.method=GET", `http.route=/${service}`, `http.response.status_code=${status}`];
  const shown = tok === undefined ? [] : [`${header === undefined ? "tok" : `tok.${header}`}=${tok}`];
  return { service, kind: "S", attributes: [...answer, ...shown, ...some(isLast ? called : "")] };
}

type Segment = { readonly service: string; readonly tok: string | undefined; readonly status: number };

function readSegment(text: string): Segment {
  const groups = SEGMENT.exec(text)?.groups;
  if (groups?.service === undefined) throw new Error(`cannot read the segment "${text}"`);
  return { service: groups.service, tok: groups.tok, status: Number(groups.status ?? 200) };
}

function some(attributes: string): readonly string[] {
  return attributes === "" ? [] : [attributes];
}
