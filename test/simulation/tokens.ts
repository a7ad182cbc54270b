import type { Random } from "./random.ts";
import type { Claims, Token, Visit } from "./traces.ts";
import type { Edge, Manner, Service, World } from "./world.ts";

const HOUR_S = 3_600;
/** Within the leeway that clocks are given. */
const JUST_OVER_S = 20;
/** The client that people sign in with. */
export const USER = "user";
/** What tokens may do; exchanged ones may do less. */
export const SCOPES = ["read", "write"] as const;
const NARROW = [SCOPES[0]] as const;

/** One service received one token. */
export type Receipt = {
  readonly token: Token;
  readonly service: Service;
  readonly trace: number;
  readonly isPresenterSeen: boolean;
  /** How often it had been passed on, as far as spans show. */
  readonly forwards: number;
};

type Issued = { readonly client: string; readonly audiences: readonly string[]; readonly claims: Claims | null };

/** When and where a token is made. */
type Moment = Pick<Visit, "environment" | "startMs">;

/** All tokens of a world, and where each has been. */
export class Tokens {
  readonly #random: Random;
  /** Each environment has a cache of its own. */
  readonly #own = new Map<string, Token>();
  readonly #issued: Token[] = [];
  readonly #passed = new Set<Token>();
  readonly #burnt = new Set<Token>();
  /** Who is seen to have received which token, in which trace, and whether from a caller that is seen. */
  readonly #receipts: Receipt[] = [];

  readonly #manner: Manner;

  constructor(random: Random, manner: Manner) {
    this.#random = random;
    this.#manner = manner;
  }

  /** What a person signs in with: for the first service only, or for every one. */
  ofUser(first: Service, { services }: World, at: Moment): Token {
    const isNarrow = this.#random.chance(0.3);
    const subject = `person-${this.#issued.length % 3}`;
    const audiences = isNarrow ? [first.audience] : services.map(({ audience }) => audience);
    return this.#issue(
      { client: USER, audiences, claims: { subject, isPerson: true, actor: null, scopes: SCOPES } },
      at,
    );
  }

  /** What a caller has cached for a callee. */
  own(edge: Edge, { edges }: World, at: Moment): Token {
    const { caller, callee } = edge;
    const callees = edges.filter((each) => each.caller === caller && each.callee !== caller);
    const isShared = caller.hasSharedCache;
    const key = [at.environment, caller.name, ...(isShared ? [] : [callee.name])].join(" ");
    const cached = this.#own.get(key);
    if (cached !== undefined && this.#random.chance(0.8)) return cached;
    const token = isShared
      ? this.#ofService(
          caller,
          callees.map((each) => each.callee),
          at,
        )
      : this.fresh(edge, at);
    this.#own.set(key, token);
    return token;
  }

  /**
   * Made by token exchange for one call (RFC 8693); some issuers name the client that the first token was made for. Where
   * nobody's token was received, it is the caller's own.
   */
  exchanged(edge: Edge, received: Token | null, at: Moment): Token {
    const { caller, callee } = edge;
    if (this.#manner === "honest" && received?.claims?.isPerson !== true) return this.fresh(edge, at);
    const client = this.#issued.length % 2 === 0 ? USER : caller.name;
    const subject = received?.claims?.subject ?? "";
    const isNamed = client === USER || this.#issued.length % 3 === 0;
    const claims = { subject, isPerson: true, actor: isNamed ? caller.name : null, scopes: NARROW };
    return this.#issue({ client, audiences: [callee.audience], claims }, at);
  }

  /** What a gateway is sent that swaps some of the tokens it sees, for each use anew; null where it passes this one. */
  swapped(token: Token): Token | null {
    return token.id % 3 === 0 ? this.#add(token) : null;
  }

  fresh({ caller, callee }: Pick<Edge, "caller" | "callee">, at: Moment): Token {
    return this.#ofService(caller, [callee], at);
  }

  /** A token that ended ten minutes before it is used. */
  expired({ caller, callee }: Edge, at: Moment): Token {
    const expiresAtS = Math.floor(at.startMs / 1000) - 600;
    const { environment } = at;
    return this.#add({ client: caller.name, environment, audiences: [callee.audience], expiresAtS, claims: null });
  }

  /** A token that is addressed to nobody in the world. */
  misaddressed({ caller }: Edge, at: Moment): Token {
    return this.#issue({ client: caller.name, audiences: ["elsewhere-api"], claims: null }, at);
  }

  receive(receipt: Receipt): void {
    this.#receipts.push(receipt);
  }

  /** Notes that a service passed the token on. */
  pass(token: Token): void {
    this.#passed.add(token);
  }

  /** Notes that a token was misused: honest services leave it alone from now on, so that one misdeed stays one. */
  burn(token: Token): void {
    this.#burnt.add(token);
    for (const [key, own] of this.#own) if (own === token) this.#own.delete(key);
  }

  isBurnt(token: Token): boolean {
    return this.#burnt.has(token);
  }

  /** How often a token had been passed on when a service received it, by the shortest way; null where it never did. */
  leastForwards(held: Token, holder: Service): number | null {
    const receipts = this.#receipts.filter(({ token, service }) => token === held && service === holder);
    return receipts.length === 0 ? null : Math.min(...receipts.map(({ forwards }) => forwards));
  }

  /** Tokens that a caller made for a callee in another environment, used there in an earlier trace. */
  ofElsewhere({ caller, callee }: Edge, environment: string, trace: number): Token[] {
    const receipts = this.#receivedBy(callee, trace).filter(({ isPresenterSeen }) => isPresenterSeen);
    return receipts
      .map(({ token }) => token)
      .filter((token) => token.client === caller.name && token.environment !== environment);
  }

  /** Tokens that some other service made for a callee, used in an earlier trace and never passed on. */
  ofOthers(thief: Visit, callee: Service, trace: number): Token[] {
    const isMadeByOther = ({ client, environment }: Token): boolean =>
      ![USER, thief.service.name, callee.name].includes(client) && environment === thief.environment;
    return this.#receivedBy(callee, trace)
      .filter(({ isPresenterSeen, token }) => isPresenterSeen && isMadeByOther(token))
      .map(({ token }) => token);
  }

  /** Tokens that a service received in an earlier trace and that nobody has passed on. */
  receivedEarlier({ service, environment }: Visit, trace: number): Token[] {
    const tokens = this.#receivedBy(service, trace).map(({ token }) => token);
    return tokens.filter((token) => token.environment === environment);
  }

  #receivedBy(recipient: Service, beforeTrace: number): Receipt[] {
    return this.#receipts.filter(
      ({ service, trace, token }) =>
        service === recipient && trace < beforeTrace && !this.#passed.has(token) && !this.#burnt.has(token),
    );
  }

  #ofService({ name }: Service, callees: readonly Service[], at: Moment): Token {
    const claims = { subject: name, isPerson: false, actor: null, scopes: NARROW };
    return this.#issue({ client: name, audiences: callees.map(({ audience }) => audience), claims }, at);
  }

  #issue({ claims, ...said }: Issued, at: Moment): Token {
    const lifeS = this.#random.chance(0.9) ? HOUR_S : -JUST_OVER_S;
    const expiresAtS = Math.floor(at.startMs / 1000) + lifeS;
    const isTelling = this.#manner === "honest";
    return this.#add({ ...said, environment: at.environment, expiresAtS, claims: isTelling ? claims : null });
  }

  #add(said: Omit<Token, "id">): Token {
    const token = { ...said, id: this.#issued.length + 1 };
    this.#issued.push(token);
    return token;
  }
}
