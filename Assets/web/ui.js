// What is shown. Nothing here knows of connections; texts from others go in as text, never as markup.

import { cleanLine } from "./talk.js";

export const element = (id) => document.getElementById(id);

const mostLines = 300, speakingLevel = 0.03, speakingFor = 800, tileRatio = 4 / 3;

export function show(target, isShown) { target.hidden = !isShown; }

/** Sets a text only when it has changed, so that nothing is read aloud twice. */
export function say(target, text) {
  if (target.textContent !== text) target.textContent = text;
  if (target.matches(".problem, .notice")) show(target, Boolean(text));
}

function copyOf(id) { return element(id).content.firstElementChild.cloneNode(true); }

// MARK: the log

export function addLine(text, { from = "", kind = "news" } = {}) {
  const log = element("log"), line = document.createElement("li"), time = document.createElement("time"), body = document.createElement("span");
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  line.className = kind;
  time.textContent = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  body.textContent = text;
  line.append(time, " ");
  if (from) {
    const name = document.createElement("b");
    name.textContent = `${from}: `;
    line.append(name);
  }
  line.append(body);
  log.append(line);
  while (log.children.length > mostLines) log.firstElementChild.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

export function clearLog() { element("log").replaceChildren(); }

// MARK: lists

/** `options` are `{ id, label }`. */
export function fillChoice(select, options, chosen, hint) {
  select.replaceChildren(...(options.length ? options : [{ id: "", label: hint }]).map(({ id, label }) => new Option(label, id, false, id === chosen)));
  select.disabled = !options.length;
}

/** `channels` are the server's rows; `choose(name)` when one is taken. */
export function fillChannels(channels, choose) {
  const rows = channels.filter((row) => typeof row?.name === "string").slice(0, 200).map((row) => {
    const item = copyOf("channel-template"), button = item.querySelector("button");
    const people = Array.isArray(row.names) ? row.names.slice(0, 8).map((name) => cleanLine(name)).filter(Boolean).join(", ") : "";
    const facts = [`${Number(row.members) || 0} of ${Number(row.capacity) || "?"}`, people, row.password ? "password" : ""];
    item.querySelector(".name").textContent = cleanLine(row.name, 64, 256);
    button.querySelector(".dim").textContent = facts.filter(Boolean).join(" · ");
    button.onclick = () => choose(row.name);
    return item;
  });
  element("channels").replaceChildren(...rows);
  show(element("open-channels"), rows.length > 0);
}

// MARK: people

export class People {
  #shown = new Map();
  /** `onBlocked()`: the browser wants a click before it plays sound. */
  constructor({ onBlocked }) {
    this.onBlocked = onBlocked;
    new ResizeObserver(() => this.arrange()).observe(element("stage"));
  }

  show(peer) {
    let found = this.#shown.get(peer);
    if (!found) {
      found = { tile: copyOf("tile-template"), row: copyOf("person-template"), heardAt: -Infinity };
      found.video = found.tile.querySelector("video");
      found.audio = found.tile.querySelector("audio");
      found.video.srcObject = peer.picture;
      found.audio.srcObject = peer.sound;
      found.video.addEventListener("resize", () => this.update(peer));
      this.#shown.set(peer, found);
      element("tiles").append(found.tile);
      element("people").append(found.row);
      this.arrange();
    }
    for (const one of [found.video, found.audio]) {
      if (one.paused && one.srcObject.getTracks().length) one.play().catch((error) => { if (error.name === "NotAllowedError") this.onBlocked(); });
    }
    this.update(peer);
  }

  remove(peer) {
    const found = this.#shown.get(peer);
    if (!found) return;
    this.#shown.delete(peer);
    found.video.srcObject = found.audio.srcObject = null;
    found.tile.remove();
    found.row.remove();
    this.arrange();
  }

  playAll() { for (const { audio } of this.#shown.values()) audio.play().catch(() => {}); }

  /** What changes by itself: who speaks, and how long something takes. */
  tick() {
    for (const [peer, found] of this.#shown) {
      if (peer.level > speakingLevel) found.heardAt = performance.now();
      this.update(peer);
    }
  }

  update(peer) {
    const found = this.#shown.get(peer);
    if (!found) return;
    const { tile, row, video } = found, isConnected = peer.state === "connected";
    const isSpeaking = isConnected && peer.tells.microphone && performance.now() - found.heardAt < speakingFor;
    const picture = peer.picture.getVideoTracks()[0];
    const hasPicture = isConnected && peer.tells.camera && Boolean(picture) && !picture.muted && video.videoWidth > 0;
    const off = isConnected ? [peer.tells.microphone ? "" : "mic off", peer.tells.camera ? "" : "camera off"].filter(Boolean).join(", ") : "";
    tile.classList.toggle("speaking", isSpeaking);
    video.classList.toggle("unseen", !hasPicture);
    video.setAttribute("aria-label", `Picture of ${peer.name}`);
    const text = tile.querySelector(".no-picture");
    show(text, !hasPicture);
    if (!hasPicture) say(text, whyNoPicture(peer));
    for (const place of [tile, row]) say(place.querySelector(".name"), peer.name);
    say(tile.querySelector(".speaks"), isSpeaking ? "speaking" : "");
    say(tile.querySelector(".off"), off);
    say(row.querySelector(".state"), [stateOf(peer), off, isSpeaking ? "speaking" : ""].filter(Boolean).join(" · "));
    const words = row.querySelector(".words"), verification = isConnected ? peer.verification : null;
    words.classList.toggle("trouble", Boolean(verification?.failed));
    words.classList.toggle("found", Boolean(verification?.words));
    say(words, textOf(verification));
  }

  /** As many columns as make the pictures largest; each peer is told how large its own is. */
  arrange() {
    const tiles = element("tiles"), count = this.#shown.size, { clientWidth: width, clientHeight: height } = element("stage");
    show(element("alone"), count === 0);
    if (!count || !width || !height) return;
    const isNarrow = matchMedia("(max-width: 720px)").matches;
    const sizeWith = (columns) => Math.min(width / columns, height / Math.ceil(count / columns) * tileRatio);
    let best = 1;
    for (let columns = 2; columns <= count && !isNarrow; columns++) if (sizeWith(columns) > sizeWith(best)) best = columns;
    tiles.style.setProperty("--columns", best);
    tiles.classList.toggle("single", count === 1);
    requestAnimationFrame(() => {
      for (const [peer, { tile }] of this.#shown) peer.setScreen(tile.clientWidth * devicePixelRatio, tile.clientHeight * devicePixelRatio);
    });
  }
}

function stateOf(peer) {
  if (peer.isAbsent) return "lost the server, will be back";
  return { waiting: "waiting", connecting: "connecting", connected: "connected", interrupted: "interrupted" }[peer.state];
}

function whyNoPicture(peer) {
  const seconds = Math.floor((performance.now() - peer.since) / 1000);
  switch (peer.state) {
    case "connected": return peer.tells.camera ? "No picture yet" : "Camera off";
    case "interrupted": return `Nothing comes from ${peer.name} for the moment. Waiting … ${seconds} s`;
    default: return `Connecting to ${peer.name} … ${seconds} s`;
  }
}

function textOf(verification) {
  if (!verification) return "";
  if (verification.words) return verification.words.join("-");
  if (verification.failed) return `Not to be trusted: ${verification.failed}. Hang up, and use another server.`;
  return `Cannot be verified: ${verification.impossible}.`;
}
