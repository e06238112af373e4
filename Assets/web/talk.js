// What is said to one other person's program over data channels: text on `chat`, and on `control` who hears and sees what, how large the
// picture is wanted, and the verification. As PeerTalk.swift and Protocols/CallControl of tchat.

import * as Words from "./words.js";

const control = "control", controlProtocol = "tchat-control-1", chat = "chat";
const openPatience = 2000, helloPatience = 5000, spacing = 100, longestControl = 4096, mostChannels = 16;

const unfit = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Cn}\p{Co}\p{Bidi_Control}\uFEFF]/gu;
const byteLength = (text) => new TextEncoder().encode(text).length;
const graphemes = globalThis.Intl?.Segmenter ? new Intl.Segmenter("en", { granularity: "grapheme" }) : null;

function cut(text, characters, bytes) {
  let kept = "", count = 0, size = 0;
  for (const part of graphemes ? graphemes.segment(text) : text) {
    const character = part.segment ?? part;
    size += byteLength(character);
    if (++count > characters || size > bytes) break;
    kept += character;
  }
  return kept;
}

/** One line without controls, as a name. */
export const cleanLine = (text, characters = 32, bytes = 128) =>
  cut(String(text ?? "").slice(0, characters * 16).replace(unfit, "").trim(), characters, bytes).trim();

/** A chat message as it may be shown or sent; empty when nothing is left. What is too long is cut and ends with an ellipsis. */
export function cleanChat(text) {
  const lines = String(text).slice(0, 32768).split(/\r\n|[\n\r\u0085\u2028\u2029]/).map((line) => line.replaceAll("\t", " ").replace(unfit, ""));
  while (lines.length && !lines[0]) lines.shift();
  const whole = lines.join("\n").trim(), kept = lines.slice(0, 40).join("\n").trim();
  const short = cut(kept, 2000, 4096);
  return short === whole ? whole : `${cut(kept, 1999, 4093)}…`;
}

/** So many at once, so many a second after that. */
class Allowance {
  constructor(most, perSecond) { Object.assign(this, { most, perSecond, left: most, last: performance.now() }); }
  take() {
    const now = performance.now();
    this.left = Math.min(this.most, this.left + (now - this.last) / 1000 * this.perSecond);
    this.last = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}

export class PeerTalk {
  #connection;
  #exchange;
  #channels = new Map();
  #opened = new Set();
  #heardHello = false;
  #isFailed = false;
  #verdict = "";
  #timers = [];
  #slots = { media: {}, screen: {} };
  #chatAllowance = new Allowance(20, 5);
  #controlAllowance = new Allowance(50, 50);

  /**
   * `on` has `chat(text)`, `chatOpen(isOpen)`, `hello(name)`, `media({ microphone, camera })`, `screen({ width, height })` and
   * `verification({ words } | { failed } | { impossible })`.
   */
  constructor(connection, { isOfferer, name, ends, on }) {
    this.#connection = connection;
    this.name = name;
    this.on = on;
    this.isOfferer = isOfferer;
    this.ends = ends;
    connection.addEventListener("datachannel", ({ channel }) => this.#adopt(channel));
    if (isOfferer) this.#openMissing();
  }

  /** The connection stands, so both certificates are known. */
  begin() {
    if (this.#exchange || !this.ends) return;
    if (Words.isPossible()) {
      this.#exchange = new Words.VerificationExchange(this.ends(), {
        send: (message) => this.#send(message),
        show: (words) => this.#conclude({ words }),
        // A network that stood still is no attack.
        fail: (reason, isSuspicious) => this.#conclude(isSuspicious ? { failed: reason } : { impossible: reason }),
      });
    }
    this.ends = null;
    for (const channel of this.#channels.values()) if (channel.label === control && channel.readyState === "open") this.#greet(channel);
    if (!this.#connection.sctp) return this.#conclude({ impossible: "the other side has no data channels" });
    if (!this.isOfferer) this.#after(openPatience, () => this.#openMissing());
    if (!this.#heardHello) this.#after(helloPatience, () => { if (!this.#heardHello) this.#conclude({ impossible: "the other side is not tchat" }); });
  }

  /** False when nobody can get it. */
  say(text) {
    const channel = this.#open(chat);
    if (!channel) return false;
    channel.send(text);
    return true;
  }

  setMedia(microphone, camera) { this.#tell("media", { type: "media", microphone, camera }); }

  /** In picture samples; 0 by 0: no picture is wanted. The cells are a terminal's: here about those of its usual font. */
  setScreen(width, height) {
    this.#tell("screen", { type: "screen", columns: Math.max(1, Math.round(width / 8)), rows: Math.max(1, Math.round(height / 16)), width, height });
  }

  close() {
    this.#timers.forEach(clearTimeout);
    this.#exchange?.close();
    this.on = {};
  }

  #after(milliseconds, step) { this.#timers.push(setTimeout(step, milliseconds)); }

  #openMissing() {
    for (const [label, protocol] of [[control, controlProtocol], [chat, ""]]) {
      if (this.#opened.has(label) || this.#connection.signalingState === "closed") continue;
      this.#adopt(this.#connection.createDataChannel(label, { protocol }));
    }
  }

  // Every channel of these labels is listened to; what is sent takes the first that is open.
  #adopt(channel) {
    if (this.#channels.size >= mostChannels || ![chat, control].includes(channel.label)) return;
    this.#opened.add(channel.label);
    this.#channels.set(channel, channel);
    const isOpen = () => {
      if (channel.label === chat) this.on.chatOpen?.(true);
      else if (!this.ends) this.#greet(channel);
    };
    if (channel.readyState === "open") isOpen(); else channel.onopen = isOpen;
    channel.onmessage = ({ data }) => this.#take(channel.label, typeof data === "string" ? data : "");
    channel.onclose = () => {
      this.#channels.delete(channel);
      if (channel.label === chat && !this.#open(chat)) this.on.chatOpen?.(false);
    };
  }

  #open(label) { return [...this.#channels.keys()].find((channel) => channel.label === label && channel.readyState === "open"); }

  #greet(channel) {
    if (this.#open(control) !== channel || this.isGreeted) return;
    this.isGreeted = true;
    // The certificate is this connection's alone.
    const features = this.#exchange ? ["words", "ephemeral"] : ["ephemeral"];
    this.#send({ type: "hello", version: 1, program: "tchat page", features, name: this.name });
    for (const kind of ["media", "screen"]) this.#flush(kind);
  }

  #send(message) { this.#open(control)?.send(JSON.stringify(message)); }

  // The latest wins, so that a window being dragged does not become a flood that the other side's inbox refuses.
  #tell(kind, message) {
    this.#slots[kind].wanted = JSON.stringify(message);
    this.#flush(kind);
  }

  #flush(kind) {
    const slot = this.#slots[kind], channel = this.#open(control);
    if (!channel || !this.isGreeted || slot.timer || !slot.wanted || slot.wanted === slot.told) return;
    channel.send(slot.told = slot.wanted);
    slot.timer = setTimeout(() => {
      slot.timer = null;
      this.#flush(kind);
    }, spacing);
  }

  #take(label, text) {
    this.begin();
    if (label === chat) {
      const shown = this.#chatAllowance.take() ? cleanChat(text) : "";
      if (shown) this.on.chat?.(shown);
      return;
    }
    if (!this.#controlAllowance.take() || text.length > longestControl) return;
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (message && typeof message === "object") this.#takeControl(message);
  }

  #takeControl(message) {
    const isSize = (number) => Number.isInteger(number) && number >= 0;
    switch (message.type) {
      case "hello":
        if (this.#heardHello || !(message.version >= 1)) return;
        this.#heardHello = true;
        this.on.hello?.(cleanLine(message.name));
        if (!this.#exchange) this.#conclude({ impossible: "this page is not on https, so the browser lends it no cryptography" });
        else if (!Array.isArray(message.features) || !message.features.includes("words")) this.#conclude({ impossible: "the other side's program is too old or has no cryptography" });
        else this.#exchange.start();
        break;
      case "media":
        if (typeof message.microphone === "boolean" && typeof message.camera === "boolean") this.on.media?.(message);
        break;
      case "screen":
        if ([message.columns, message.rows, message.width, message.height].every(isSize)) this.on.screen?.(message);
        break;
      case "commit": case "reveal": this.#exchange?.receive(message);
    }
  }

  // A failure stands, whatever is said later.
  #conclude(verdict) {
    const text = JSON.stringify(verdict);
    if (this.#isFailed || text === this.#verdict) return;
    this.#isFailed = Boolean(verdict.failed);
    this.#verdict = text;
    this.on.verification?.(verdict);
  }
}
