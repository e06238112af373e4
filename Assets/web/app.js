// The page: lobby, call, and what goes on between the two and the server.

import { Call } from "./call.js";
import { LocalMedia } from "./media.js";
import { Signaling, sentenceOf } from "./signaling.js";
import { cleanChat, cleanLine } from "./talk.js";
import { People, addLine, clearLog, element, fillChannels, fillChoice, say, show } from "./ui.js";
import { kept, ownSecret, takeToken } from "./memory.js";

const kinds = ["camera", "microphone"];
const tickEvery = 250, talkingLevel = 0.55, mostRejoins = 30;
let secret = "", token = takeToken(), channel = channelOfPath(), password = "", stoppedBy = "", rejoins = 0;
let mutedTalkUntil = 0, toldProblem = "", wakeLock = null;

// What the server answers itself, and what an address cannot hold: such channels are joined from the front alone.
const unlinkable = ["healthz", "metrics", "socket.io", "engine.io", "robots.txt", "favicon.ico", "-", ".", ".."];
const isLinkable = (name) => !unlinkable.includes(name);

function channelOfPath() {
  try {
    return cleanLine(decodeURIComponent(location.pathname.slice(1)), 64, 256);
  } catch {
    return "";
  }
}

const people = new People({ onBlocked: () => show(element("hear"), true) });

const media = new LocalMedia({
  onChange: () => {
    // Who was muted before a reload is muted after it.
    for (const kind of kinds) kept(kind, media.wanted[kind] ? "" : "off");
    showOwn();
    call.mediaChanged();
  },
  onDevices: () => showDevices(),
});

const signaling = new Signaling(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/socket.io/?EIO=4&transport=websocket`, {
  auth: () => ({ name: ownName(), features: ["group"], resume: secret, ...(token ? { token } : {}) }),
  onState: stateChanged,
  onEvent: happened,
});

const call = new Call({
  media, signaling,
  view: {
    changed: (peer) => people.show(peer),
    arrived: (peer) => addLine(`${peer.name} joined`),
    left: (peer, how) => { people.remove(peer); addLine(`${peer.name} ${how}`); },
    chat: (peer, text) => addLine(text, { from: peer.name, kind: "said" }),
  },
});

const ownName = () => cleanLine(element("name").value);

// MARK: the server

function stateChanged(state, detail) {
  switch (state) {
    case "connected":
      say(element("server"), `Connected to ${location.host}`);
      signaling.request("channels").then(listChannels, () => {});
      if (call.isInside) rejoin();
      else if (kept("call") === channel && channel) join();
      break;
    case "lost":
      say(element("server"), `No connection to ${location.host}. Trying again …`);
      if (!call.isInside) break;
      if (!stoppedBy) addLine("The connection to the server is lost. The call goes on; trying again.", { kind: "trouble" });
      stoppedBy ||= "lost";
      say(element("call-state"), "No connection to the server. The call goes on; trying again …");
      break;
    case "refused":
      // Those who see each other need no server.
      if (call.isInside && call.peers.size) notTakenBack(sentenceOf(detail));
      else refuse(sentenceOf(detail));
      break;
    case "dismissed":
      refuse("The server has ended this connection. Perhaps this call was opened in another window. Reload the page to come back here.");
  }
}

function refuse(sentence) {
  backToLobby();
  say(element("server"), `Not connected to ${location.host}`);
  say(element("problem"), sentence);
}

function happened(event, payload) {
  switch (event) {
    case "member joined": if (payload) call.memberJoined(payload); break;
    case "member left": if (payload) call.memberLeft(payload); break;
    case "handshake": call.handshake(payload ?? {}); break;
    case "icecandidate": call.candidate(payload ?? {}); break;
    case "channels": listChannels(payload); break;
    case "server stopping":
      stoppedBy = "server";
      if (call.isInside) addLine(`The server is stopping${payload?.message ? `: ${cleanLine(payload.message, 200, 800)}` : ""}. The call goes on without it.`, { kind: "trouble" });
      break;
    case "refused": if (payload) tellTrouble(payload.event === "name" ? "The server does not take your name." : sentenceOf(payload));
  }
}

function tellTrouble(text) {
  if (call.isInside) addLine(text, { kind: "trouble" });
  else say(element("problem"), text);
}

function tellName() {
  const name = ownName();
  if (name) signaling.emit("name", name);
}

function listChannels(rows) {
  if (!Array.isArray(rows)) return;
  fillChannels(rows, (name) => {
    element("channel").value = name;
    element("join-button").focus();
  });
  const here = rows.find((row) => row?.name === channel);
  say(element("join-note"), !channel ? "" : here ? `${Number(here.members) || 0} in ${channel} now${here.password ? "; it has a password" : ""}.` : `Nobody is in ${channel} yet.`);
}

// MARK: joining and leaving

const request = (name) => signaling.request("create or join", name, ...(password ? [{ password }] : []));

async function join() {
  const wanted = channel || cleanLine(element("channel").value, 64, 256);
  say(element("problem"), "");
  if (!wanted) {
    say(element("problem"), "Choose a channel, or name a new one.");
    return element("channel").focus();
  }
  password = element("password").value;
  element("join-button").disabled = true;
  say(element("join-button"), "Joining …");
  const asking = setTimeout(() => say(element("join-note"), "The browser may be asking whether this page may use camera and microphone."), 1000);
  try {
    await media.start();
    if (!signaling.isConnected) signaling.open();
    tellName();
    const answer = await request(wanted);
    if (answer?.ok) enter(answer, wanted);
    else askAgain(answer ?? {});
  } catch (error) {
    say(element("problem"), `${error.message} Try again in a moment.`);
  } finally {
    clearTimeout(asking);
    element("join-button").disabled = false;
    say(element("join-button"), "Join");
  }
}

function askAgain(refusal) {
  const isAboutPassword = ["password-needed", "wrong-password", "too-many-tries"].includes(refusal.code);
  say(element("problem"), sentenceOf(refusal));
  if (!isAboutPassword) return kept("call", "");
  show(element("password-choice"), true);
  element("password").focus();
  element("password").select();
}

function enter(answer, wanted) {
  const name = answer.channel ?? wanted;
  kept("name", ownName(), "localStorage");
  kept("call", name);
  channel = name;
  if (channelOfPath() !== name && isLinkable(name)) history.pushState(null, "", `/${encodeURIComponent(name)}`);
  show(element("lobby"), false);
  show(element("call"), true);
  document.title = `${name} – tchat`;
  say(element("call-title"), name);
  say(element("call-state"), `${location.host}`);
  clearLog();
  call.joined(answer, ownName());
  const others = [...call.peers.values()].map((peer) => peer.name);
  addLine(others.length ? `You joined ${name}. Here: ${others.join(", ")}` : `You joined ${name}. Nobody else is here yet.`);
  toldProblem = "";
  showOwn();
  people.arrange();
  stayAwake();
  element("mute").focus();
}

/** A phone that goes dark would leave the call. */
async function stayAwake() {
  if (document.visibilityState !== "visible" || element("call").hidden) return;
  wakeLock = await navigator.wakeLock?.request("screen").catch(() => null) ?? null;
}

async function rejoin() {
  tellName();
  const answer = await request(call.channel).catch(() => null);
  if (!answer || !call.isInside) return;                           // lost again: the next connection tries
  if (answer.ok) {
    rejoins = 0;
    stoppedBy = "";
    call.joined(answer, ownName());
    say(element("call-state"), location.host);
    return addLine("Back on the server.");
  }
  if (["full", "stopping", "rate-limited"].includes(answer.code) && rejoins++ < mostRejoins) {
    setTimeout(() => { if (call.isInside && signaling.isConnected) rejoin(); }, 1000 * Math.min(Math.max(Number(answer.retryAfter) || 2, 1), 15));
  } else {
    notTakenBack(sentenceOf(answer));
  }
}

function notTakenBack(sentence) {
  say(element("call-state"), `The server does not take you back: ${sentence}`);
  addLine(`The server does not take you back: ${sentence}`, { kind: "trouble" });
}

function backToLobby() {
  kept("call", "");
  for (const peer of call.peers.values()) people.remove(peer);
  call.leave();
  stoppedBy = "";
  wakeLock?.release();
  wakeLock = null;
  show(element("call"), false);
  show(element("lobby"), true);
  document.title = channel ? `${channel} – tchat` : "tchat";
  showLobby();
  showOwn();
}

function leave() {
  signaling.emit("leave", call.channel);
  backToLobby();
  signaling.request("channels").then(listChannels, () => {});
  element("join-button").focus();
}

// MARK: own camera and microphone

function showOwn() {
  const track = media.isOn("camera") ? media.track("camera") : null;
  for (const id of ["preview-picture", "own-picture"]) {
    const video = element(id), shown = video.srcObject?.getTracks()[0] ?? null;
    if (shown !== track) video.srcObject = track ? new MediaStream([track]) : null;
    video.classList.toggle("unseen", !track);
  }
  const cameraOff = media.problems.page || media.problems.camera ? "No camera" : media.wanted.camera ? "Camera starts …" : "Camera off";
  say(element("preview-text"), track ? "" : cameraOff);
  show(element("preview-text"), !track);
  say(element("own-label"), track ? "you" : `you: ${cameraOff.toLowerCase()}`);
  const problem = media.problemText;
  say(element("device-problem"), problem);
  if (!element("call").hidden && problem !== toldProblem) {
    toldProblem = problem;
    if (problem) addLine(problem, { kind: "trouble" });
  }
  const labels = { microphone: ["mute", "Mute", "Mic off: unmute"], camera: ["camera", "Stop camera", "Camera off: start"] };
  for (const kind of kinds) {
    const [id, on, off] = labels[kind], button = element(id), isOn = media.isOn(kind);
    element(`${kind}-wanted`).checked = media.wanted[kind];
    button.classList.toggle("off", !isOn);
    say(button.querySelector(".text"), isOn ? on : off);
  }
}

async function showDevices() {
  for (const kind of kinds) {
    const found = await media.devices(kind);
    for (const id of [`${kind}-choice`, `call-${kind}`]) fillChoice(element(id), found, media.currentDevice(kind), `No ${kind} that this page may use`);
  }
}

function flip(kind) { media.set(kind, !media.isOn(kind)); }

// MARK: the page

function showLobby() {
  say(element("lobby-title"), channel ? `Join ${channel}` : "tchat");
  show(element("channel-choice"), !channel);
}

async function invite() {
  if (!isLinkable(call.channel)) return addLine(`An address cannot hold this channel's name: others go to ${location.origin} and type it.`);
  const link = `${location.origin}/${encodeURIComponent(call.channel)}${token ? `#token=${encodeURIComponent(token)}` : ""}`;
  const holder = token ? " It holds your token: whoever has the link can use it." : "";
  try {
    await navigator.clipboard.writeText(link);
    addLine(`The invite link is copied.${holder}`);
  } catch {
    // No clipboard for pages without https: the person copies by hand.
    element("link").value = link;
    show(element("link"), true);
    element("link").focus();
    element("link").select();
    addLine(`Copy the invite link at the top.${holder}`);
  }
}

function sayToAll(event) {
  event.preventDefault();
  const text = cleanChat(element("text").value);
  if (!text) return;
  const readers = call.say(text);
  if (readers === 0) return addLine(call.peers.size ? "Nobody can get messages yet." : "Nobody is here to read that.", { kind: "trouble" });
  addLine(text, { from: ownName() || "you", kind: "said own" });
  if (readers < call.peers.size) addLine(`${call.peers.size - readers} of ${call.peers.size} cannot get messages.`);
  element("text").value = "";
}

function onKey(event) {
  if (element("call").hidden || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest("input, textarea, select")) return;
  const key = event.key.toLowerCase();
  if (key === "m") flip("microphone");
  else if (key === "v") flip("camera");
}

function tick() {
  const level = media.level, isInCall = !element("call").hidden;
  for (const id of ["level", "call-level"]) element(id).value = level;
  if (!isInCall) return;
  people.tick();
  const now = performance.now();
  if (media.has("microphone") && !media.wanted.microphone && level > talkingLevel) mutedTalkUntil = now + 2000;
  say(element("muted-talk"), now < mutedTalkUntil ? "You are talking, but your microphone is off." : "");
}

element("join").onsubmit = (event) => { event.preventDefault(); join(); };
element("say").onsubmit = sayToAll;
element("leave").onclick = leave;
element("invite").onclick = invite;
element("mute").onclick = () => flip("microphone");
element("camera").onclick = () => flip("camera");
element("hear").onclick = () => { people.playAll(); show(element("hear"), false); };
element("devices-button").onclick = ({ currentTarget }) => {
  const isOpen = element("devices").hidden;
  show(element("devices"), isOpen);
  currentTarget.setAttribute("aria-expanded", isOpen);
};
for (const kind of kinds) {
  element(`${kind}-wanted`).onchange = ({ target }) => media.set(kind, target.checked);
  for (const id of [`${kind}-choice`, `call-${kind}`]) element(id).onchange = ({ target }) => media.choose(kind, target.value);
}
addEventListener("keydown", onKey);
document.addEventListener("visibilitychange", stayAwake);
addEventListener("popstate", () => { if (call.isInside) leave(); channel = channelOfPath(); showLobby(); });
addEventListener("hashchange", () => {
  token = takeToken();
  if (!call.isInside) { signaling.close(); signaling.open(); say(element("problem"), ""); }
});
addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
// So that the others know at once, not when they miss something.
addEventListener("pagehide", () => { for (const peer of call.peers.values()) peer.close(); });

element("name").value = kept("name", undefined, "localStorage");
say(element("origin"), location.host);
for (const kind of kinds) media.wanted[kind] = kept(kind) !== "off";
showLobby();
showOwn();
showDevices();
setInterval(tick, tickEvery);
if (!kept("call") && matchMedia("(pointer: fine)").matches) element(element("name").value && !channel ? "channel" : "name").focus();
secret = await ownSecret();
signaling.open();
media.start();
