// The way to the signaling server: Engine.IO 4 and Socket.IO 5 over WebSocket, namespace "/", text only. What is said over it is in
// Documentation/signaling.md of tchat.

import { cleanLine } from "./talk.js";

const firstWait = 1000, longestWait = 5000, answerPatience = 10000;

export class Signaling {
  isConnected = false;
  #url;
  #auth;
  #onEvent;
  #onState;
  #socket = null;
  #isWanted = false;
  #isStopping = false;
  #wait = firstWait;
  #retryTimer = null;
  #silenceTimer = null;
  #silence = 45000;
  #answers = new Map();
  #nextAnswer = 0;

  /**
   * `auth()` makes the CONNECT payload of each connection. `onEvent(name, ...payload)` gets the server's events. `onState(state, detail)`:
   * "connected"; "lost" (it is tried again); "refused" with `{ code, message }` and "dismissed" (it is not).
   */
  constructor(url, { auth, onEvent, onState }) {
    this.#url = url;
    this.#auth = auth;
    this.#onEvent = onEvent;
    this.#onState = onState;
    addEventListener("online", () => { if (this.#isWanted && !this.#socket) this.#connect(); });
  }

  open() {
    this.#isWanted = true;
    if (!this.#socket) this.#connect();
  }

  /** With a goodbye, which frees this member's place at once. */
  close() {
    this.#isWanted = false;
    if (this.isConnected) this.#send("41");
    this.#end();
  }

  emit(event, ...payload) {
    if (this.isConnected) this.#send(`42${JSON.stringify([event, ...payload])}`);
  }

  /** The server's acknowledgement, or an Error when there is none. */
  request(event, ...payload) {
    if (!this.isConnected) return Promise.reject(new Error("There is no connection to the server."));
    const id = this.#nextAnswer++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#answers.delete(id);
        reject(new Error("The server does not answer."));
      }, answerPatience);
      this.#answers.set(id, { resolve, reject, timer });
      this.#send(`42${id}${JSON.stringify([event, ...payload])}`);
    });
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    const socket = this.#socket = new WebSocket(this.#url);
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket || typeof data !== "string") return;
      this.#heard();
      try {
        this.#take(data);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;          // not JSON: as if it had not come
      }
    };
    socket.onclose = socket.onerror = () => { if (socket === this.#socket) this.#lost(); };
    this.#heard();
  }

  #heard() {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#lost(), this.#silence);
  }

  #take(packet) {
    if (packet[0] === "0") {
      const { pingInterval = 25000, pingTimeout = 20000 } = JSON.parse(packet.slice(1));
      this.#silence = pingInterval + pingTimeout;
      this.#send(`40${JSON.stringify(this.#auth())}`);
    } else if (packet === "2") {
      this.#send("3");
    } else if (packet[0] === "1") {
      this.#lost();
    } else if (packet[0] === "4") {
      this.#takeMessage(packet[1], packet.slice(2));
    }
  }

  #takeMessage(type, rest) {
    if (type === "0") {
      this.isConnected = true;
      this.#isStopping = false;
      this.#wait = firstWait;
      this.#onState("connected");
    } else if (type === "1") {
      if (this.#isStopping) return this.#lost();
      this.#isWanted = false;
      this.#end();
      this.#onState("dismissed");
    } else if (type === "2") {
      const payload = JSON.parse(rest.replace(/^\d+/, ""));
      if (!Array.isArray(payload) || typeof payload[0] !== "string") return;
      // It says goodbye to everybody then, and may be back.
      this.#isStopping ||= payload[0] === "server stopping";
      this.#onEvent(...payload);
    } else if (type === "3") {
      const id = parseInt(rest, 10), answer = this.#answers.get(id);
      if (!answer) return;
      this.#answers.delete(id);
      clearTimeout(answer.timer);
      answer.resolve(JSON.parse(rest.replace(/^\d+/, ""))[0]);
    } else if (type === "4") {
      const refusal = JSON.parse(rest);
      this.#isWanted = false;
      this.#end();
      this.#onState("refused", { code: String(refusal?.data?.code ?? ""), message: String(refusal?.message ?? "") });
    }
  }

  #send(packet) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(packet);
  }

  #end() {
    clearTimeout(this.#silenceTimer);
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#socket = null;
    this.isConnected = false;
    if (socket) socket.close();
    for (const { reject, timer } of this.#answers.values()) {
      clearTimeout(timer);
      reject(new Error("The connection to the server was lost."));
    }
    this.#answers.clear();
  }

  #lost() {
    this.#end();
    if (!this.#isWanted) return;
    const wait = this.#wait * (0.5 + Math.random() / 2);
    this.#wait = Math.min(this.#wait * 2, longestWait);
    this.#retryTimer = setTimeout(() => this.#connect(), wait);
    this.#onState("lost");
  }
}

const sentences = {
  "bad-name": "That is no name for a channel: 1 to 64 characters, without control characters.",
  "too-many-channels": "The server has as many channels as it can take. Join one that is open.",
  "password-needed": "This channel has a password.",
  "wrong-password": "That password is wrong.",
  "too-many-tries": "Too many wrong passwords.",
  "token-needed": "This server lets in only people with an invite link that carries a token. Ask for one.",
  "token-invalid": "The token in your invite link is not valid. Was the link copied whole? Ask for a new one.",
  "token-expired": "Your invite link has expired. Ask for a new one.",
  "token-scope": "Your invite link is for another channel.",
  "rate-limited": "Too much at once.",
  "not-member": "The server does not know you in this channel.",
  "malformed": "The server did not understand this page. Reload it.",
  "stopping": "The server is about to stop.",
};

/** A refusal as a sentence: what happened, and when to try again. */
export function sentenceOf({ code, message, retryAfter }) {
  // Whether a channel is full of people or of places that are held for them, only the server knows: `full` has no sentence here.
  const said = sentences[code] ?? (cleanLine(message, 300, 1000) || "The server refused without saying why.");
  return retryAfter > 0 ? `${said} Try again in ${Math.ceil(retryAfter)} s.` : said;
}
