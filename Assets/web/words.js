// The words that two people read aloud to each other, and the exchange behind them: Documentation/verification.md of tchat.
// The same as VerificationWords.swift and VerificationExchange.swift; a test compares the lists, another the words of both programs.

export const list = `
  acorn airport album alpine amber anchor animal apple arctic artist atlas autumn award bakery ballet bamboo barrel basket
  battery bedroom bicycle biscuit blanket blossom bottle branch brick bridge bronze bubble bucket burger button cabin cactus
  camera candle canvas captain carpet castle ceiling cherry chicken chimney cinema circle citrus clock clover coffee comet
  compass copper cowboy crayon crystal cushion dancer denim diamond doctor dolphin dragon drawer eagle earth eclipse editor
  elbow emerald engine falcon farmer feather finger flute forest fossil frozen galaxy garden garlic giant giraffe glacier glove
  grape guitar gymnast hammer harbor harvest hazel helmet honey hotel hunter husky iceberg igloo insect island ivory jacket
  jaguar jelly jewel jigsaw juice jungle kayak kitchen kiwi koala ladder lagoon lantern laptop lawyer lemon leopard library
  lizard lobster lunch magnet mango maple market meadow mirror mitten morning mosaic muffin museum mustard napkin nature needle
  nephew nickel noodle nurse nutmeg oasis ocean octopus office olive onion opera orange orchid ostrich otter oxygen palace panda
  paper parade parrot pastry peanut pelican pencil pepper piano picnic pigeon pillow pilot pirate planet potato prince pumpkin
  puzzle pyramid python queen quilt rabbit radio ribbon river robot rocket rooster saddle salad salmon sandal school scooter
  shadow silver slipper snail soccer sofa soldier spider spinach sponge stadium statue storm street student sugar summer sushi
  sweater switch syrup table teacher temple tennis thunder tiger toast torch tourist trumpet tulip tunnel turkey turtle uncle
  uniform vacuum valley vanilla velvet victory village vinegar violin volcano voyage waffle wagon walnut walrus window winter
  wolf wombat yacht yellow yogurt zebra zigzag`.trim().split(/\s+/);

const bytesOf = (text) => new TextEncoder().encode(text);
const commitmentLabel = bytesOf("tchat-control-1 commitment\n"), wordsLabel = bytesOf("tchat-control-1 words\n");

/** Only where the page is a secure context: elsewhere browsers have no crypto.subtle. */
export const isPossible = () => Boolean(globalThis.crypto?.subtle);

export async function sha256(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

export const hexadecimal = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** No bytes at all for what is no hexadecimal number, so that the exchange fails aloud. */
export function bytesOfHexadecimal(text) {
  if (typeof text !== "string" || text.length > 128 || !/^([0-9a-f]{2})*$/i.test(text)) return new Uint8Array();
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Who commits is one byte: 1 the DTLS client, 0 the server. */
export const commitment = (nonce, byClient, clientFingerprint, serverFingerprint) =>
  sha256(commitmentLabel, Uint8Array.of(byClient ? 1 : 0), clientFingerprint, serverFingerprint, nonce);

export async function wordsOf(clientNonce, serverNonce, clientFingerprint, serverFingerprint) {
  const digest = await sha256(wordsLabel, clientFingerprint, serverFingerprint, clientNonce, serverNonce);
  return Array.from(digest.subarray(0, 4), (byte) => list[byte]);
}

const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/**
 * Commit first, reveal then. One for each DTLS association; anything out of order fails, also after the words, and there is no second try.
 * `ends` is a promise of `{ local, remote, isClient }`: both certificates' SHA-256, 32 bytes each, and whether this side is the DTLS client.
 * `send(message)`, `show(words)` and `fail(reason, isSuspicious)` are called in the order of what happens.
 */
export class VerificationExchange {
  static patience = 30000;
  #state = "idle";
  #own = crypto.getRandomValues(new Uint8Array(32));
  #ownCommitment = null;
  #theirs = null;
  #ends = null;
  #queue;
  #timer = null;

  constructor(ends, { send, show, fail }) {
    Object.assign(this, { send, show, failed: fail });
    // One step at a time: hashing takes its time, and messages must not overtake it.
    this.#queue = Promise.resolve(ends).then(async (found) => {
      this.#ends = found;
      if (found?.local?.length !== 32 || found?.remote?.length !== 32) return this.#fail("the certificates have no SHA-256 fingerprint");
      this.#ownCommitment = await this.#commitmentTo(this.#own, found.isClient);
    }).catch(() => this.#fail("the certificates cannot be read"));
  }

  #commitmentTo(nonce, byClient) {
    const { local, remote, isClient } = this.#ends;
    return isClient ? commitment(nonce, byClient, local, remote) : commitment(nonce, byClient, remote, local);
  }

  start() {
    this.#next(() => {
      if (this.#state !== "idle") return;
      this.#state = "committed";
      this.#timer = setTimeout(() => this.#next(() => {
        if (this.#state !== "words") this.#fail("the other side did not answer in time", false);
      }), VerificationExchange.patience);
      this.send({ type: "commit", hash: hexadecimal(this.#ownCommitment) });
      if (this.#theirs) this.#reveal();
    });
  }

  receive(message) {
    if (message.type === "commit") this.#next(() => this.#takeCommitment(bytesOfHexadecimal(message.hash)));
    if (message.type === "reveal") this.#next(() => this.#takeNonce(bytesOfHexadecimal(message.nonce)));
  }

  close() {
    clearTimeout(this.#timer);
    this.#state = "failed";
  }

  #next(step) {
    this.#queue = this.#queue.then(() => this.#state === "failed" ? undefined : step()).catch(() => this.#fail("the check broke down"));
  }

  #takeCommitment(hash) {
    if (this.#theirs) return this.#fail("the other side committed twice");
    if (hash.length !== 32) return this.#fail("the other side's part cannot be read");
    if (equal(hash, this.#ownCommitment)) return this.#fail("our own part came back; somebody may sit in the middle");
    this.#theirs = hash;
    if (this.#state === "committed") this.#reveal();
  }

  #reveal() {
    this.#state = "revealed";
    this.send({ type: "reveal", nonce: hexadecimal(this.#own) });
  }

  async #takeNonce(nonce) {
    if (this.#state === "words") return this.#fail("the other side revealed its part twice");
    if (this.#state !== "revealed") return this.#fail("the other side revealed its part too early");
    if (nonce.length !== 32) return this.#fail("the other side's part cannot be read");
    if (equal(nonce, this.#own)) return this.#fail("our own part came back; somebody may sit in the middle");
    const { local, remote, isClient } = this.#ends;
    if (!equal(await this.#commitmentTo(nonce, !isClient), this.#theirs)) {
      return this.#fail("the other side sees other certificates than this one; somebody may sit in the middle");
    }
    const words = isClient ? await wordsOf(this.#own, nonce, local, remote) : await wordsOf(nonce, this.#own, remote, local);
    if (this.#state !== "revealed") return;
    clearTimeout(this.#timer);
    this.#state = "words";
    this.show(words);
  }

  #fail(reason, isSuspicious = true) {
    if (this.#state === "failed") return;
    clearTimeout(this.#timer);
    this.#state = "failed";
    this.failed(reason, isSuspicious);
  }
}
