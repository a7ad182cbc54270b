import type { Random } from "./random.ts";
import type { Token } from "./traces.ts";
import type { Edge, Service, World } from "./world.ts";

const HOUR_S = 3_600;
/** Within the leeway that clocks are given. */
const JUST_OVER_S = 20;
const USER = "user";

/** One service received one token. */
export type Receipt = {
  readonly token: Token;
  readonly service: Service;
  readonly trace: number;
  readonly isPresenterSeen: boolean;
};

/** All tokens of a world, and where each has been. */
export class Tokens {
  readonly #random: Random;
  readonly #own = new Map<Edge, Token>();
  readonly #issued: Token[] = [];
  readonly #passed = new Set<Token>();
  readonly #burnt = new Set<Token>();
  /** Who is seen to have received which token, in which trace, and whether from a caller that is seen. */
  readonly #receipts: Receipt[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** What a person signs in with: for the first service only, or for every one. */
  ofUser(first: Service, { services }: World, startMs: number): Token {
    const isNarrow = this.#random.chance(0.3);
    return this.#issue(USER, isNarrow ? [first.audience] : services.map(({ audience }) => audience), startMs);
  }

  /** What a caller has cached for a callee. */
  own(edge: Edge, startMs: number): Token {
    const cached = this.#own.get(edge);
    if (cached !== undefined && this.#random.chance(0.8)) return cached;
    const token = this.fresh(edge, startMs);
    this.#own.set(edge, token);
    return token;
  }

  /** Made by token exchange for one call (RFC 8693); some issuers name the client that the first token was made for. */
  exchanged({ caller, callee }: Edge, startMs: number): Token {
    const client = this.#issued.length % 2 === 0 ? USER : caller.name;
    return this.#issue(client, [callee.audience], startMs);
  }

  /** What a gateway is sent that swaps some of the tokens it sees, for each use anew; null where it passes this one. */
  swapped(token: Token): Token | null {
    return token.id % 3 === 0 ? this.#add(token.client, token.audiences, token.expiresAtS) : null;
  }

  fresh({ caller, callee }: Pick<Edge, "caller" | "callee">, startMs: number): Token {
    return this.#issue(caller.name, [callee.audience], startMs);
  }

  /** A token that ended ten minutes before it is used. */
  expired({ caller, callee }: Edge, startMs: number): Token {
    return this.#add(caller.name, [callee.audience], Math.floor(startMs / 1000) - 600);
  }

  /** A token that is addressed to nobody in the world. */
  misaddressed({ caller }: Edge, startMs: number): Token {
    return this.#issue(caller.name, ["elsewhere-api"], startMs);
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
    for (const [edge, own] of this.#own) if (own === token) this.#own.delete(edge);
  }

  isBurnt(token: Token): boolean {
    return this.#burnt.has(token);
  }

  /** Tokens that some other service made for a callee, used in an earlier trace and never passed on. */
  ofOthers(thief: Service, callee: Service, trace: number): Token[] {
    const isMadeByOther = ({ client }: Token): boolean => ![USER, thief.name, callee.name].includes(client);
    return this.#receivedBy(callee, trace)
      .filter(({ isPresenterSeen, token }) => isPresenterSeen && isMadeByOther(token))
      .map(({ token }) => token);
  }

  /** Tokens that a service received in an earlier trace and that nobody has passed on. */
  receivedEarlier(service: Service, trace: number): Token[] {
    return this.#receivedBy(service, trace).map(({ token }) => token);
  }

  #receivedBy(recipient: Service, beforeTrace: number): Receipt[] {
    return this.#receipts.filter(
      ({ service, trace, token }) =>
        service === recipient && trace < beforeTrace && !this.#passed.has(token) && !this.#burnt.has(token),
    );
  }

  #issue(client: string, audiences: readonly string[], startMs: number): Token {
    const lifeS = this.#random.chance(0.9) ? HOUR_S : -JUST_OVER_S;
    return this.#add(client, audiences, Math.floor(startMs / 1000) + lifeS);
  }

  #add(client: string, audiences: readonly string[], expiresAtS: number): Token {
    const token = { id: this.#issued.length + 1, client, audiences, expiresAtS };
    this.#issued.push(token);
    return token;
  }
}
