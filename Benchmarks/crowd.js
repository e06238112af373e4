#!/usr/bin/env node
/* Many members of a signaling server's channels, over raw WebSockets.
 * usage: NODE_PATH=/usr/share/nodejs node crowd.js MODE URL [--channels 100] [--each 7] [--label L] [--minutes 10] [--rate 200] [--seed 1]
 * watch: one group member in each channel L-0, L-1 ...; says `{"event":"watching"}` when all are in, and `{"event":"told","left":n,"ms":t}` each
 *        time that all have seen --each members leave, t counted from the first who left. Ends with its standard input.
 * fill:  --each group members in each channel; says `{"event":"filled"}`, then waits to be killed.
 * probe: as watch, but ends at once and says how many channels had somebody in them.
 * churn: for --minutes, --rate times a second somebody connects, joins, leaves, relays, goes politely, is lost, comes back with its
 *        secret, or polls and is never heard of again; at the end all are lost at once. */
"use strict";
const WebSocket = require("ws"), http = require("http");
const [mode, url] = process.argv.slice(2), options = {};
for (let i = 4; i < process.argv.length; i += 2) options[process.argv[i].replace(/^--/, "")] = process.argv[i + 1];
const channels = Number(options.channels || 100), each = Number(options.each || 7), label = options.label || "crowd";
const say = (event, more = {}) => console.log(JSON.stringify({ event, ...more }));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let errors = 0;

// Numbers that are the same for the same seed (mulberry32).
let state = Number(options.seed || 1);
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

/* A connected member; `ask` gives what an event is acknowledged with, `heard` gets the others' events. */
function connect(auth) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, "ws") + "/socket.io/?EIO=4&transport=websocket", { perMessageDeflate: false });
    const answers = new Map(), deadline = setTimeout(() => socket.terminate(), 60000);
    let number = 0, isUp = false;
    socket.ask = (...event) => new Promise((answer) => { answers.set(++number, answer); socket.send(`42${number}${JSON.stringify(event)}`); });
    socket.tell = (...event) => socket.send(`42${JSON.stringify(event)}`);
    socket.on("message", (data) => {
      const text = data.toString();
      if (text === "2") return socket.send("3");
      if (text[0] === "0") return socket.send("40" + (auth ? JSON.stringify(auth) : ""));
      if (text.startsWith("43")) {
        const start = text.indexOf("["), id = Number(text.slice(2, start)), answer = answers.get(id);
        answers.delete(id);
        if (answer) answer(...JSON.parse(text.slice(start)));
      } else if (text.startsWith("42")) {
        const [name, ...values] = JSON.parse(text.slice(2));
        if (name === "connect success" && !isUp) { isUp = true; clearTimeout(deadline); resolve(socket); }
        else if (socket.heard) socket.heard(name, ...values);
      }
    });
    socket.on("error", () => {});
    socket.on("close", () => { clearTimeout(deadline); if (!isUp) reject(new Error("no connection")); if (!socket.isDone) errors++; });
  });
}

/* Runs `work(0)` ... `work(count - 1)`, some at a time. */
async function many(count, work, atOnce = 100) {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, async () => { while (next < count) await work(next++); }));
}

async function member(k, name) {
  const socket = await connect({ name, features: ["group"] });
  socket.answer = await socket.ask("create or join", `${label}-${k}`);
  if (!socket.answer.ok) throw new Error(`not let into ${label}-${k}: ${socket.answer.code}`);
  return socket;
}

async function watch() {
  const gone = new Array(channels).fill(0), reasons = {};
  let first = 0, isTold = 0;
  await many(channels, async (k) => {
    const socket = await member(k, "watcher");
    socket.heard = (name, facts) => {
      if (name !== "member left") return;
      first = first || performance.now();
      reasons[facts.reason] = (reasons[facts.reason] || 0) + 1;
      if (++gone[k] === each && ++isTold === channels) {
        say("told", { left: gone.reduce((a, b) => a + b, 0), ms: performance.now() - first, reasons });
        gone.fill(0); first = isTold = 0;
      }
    };
  });
  say("watching");
  process.stdin.resume();
  process.stdin.on("end", () => process.exit(0));
  // So that one who waits in vain says how far it got.
  process.on("SIGUSR1", () => say("seen", { left: gone.reduce((a, b) => a + b, 0), reasons }));
}

async function fill() {
  await many(channels * each, (i) => member(i % channels, `m${i}`));
  say("filled", { errors });
  setInterval(() => {}, 1e6);
}

async function probe() {
  let occupied = 0;
  await many(channels, async (k) => {
    const socket = await member(k, "probe");
    if (socket.answer.members.length) occupied++;
    socket.isDone = true;
    socket.terminate();
  });
  say("probed", { occupied });
  process.exit(0);
}

async function churn() {
  const present = [], lost = [], end = performance.now() + Number(options.minutes || 10) * 60000, rate = Number(options.rate || 200);
  const counts = {}, most = Number(options.most || 400);
  const pick = (list) => list[random(list.length)];
  const arrive = async (auth) => {
    try { const socket = await connect(auth); socket.auth = auth; socket.isDone = true; present.push(socket); } catch { errors++; }
  };
  const go = (socket, how) => { present.splice(present.indexOf(socket), 1); how(); };
  const deeds = {
    come: () => { if (present.length < most) arrive(random(3) ? { name: `n${random(100)}`, features: ["group"], resume: `secret-${random(1e9)}-${random(1e9)}` } : undefined); },
    join: () => { const socket = pick(present); socket && socket.tell("create or join", socket.channel = `churn-${random(channels)}`); },
    leave: () => { const socket = pick(present); socket && socket.tell("leave", socket.channel); },
    relay: () => { const socket = pick(present); socket && socket.tell("handshake", { channel: socket.channel, offer: { type: "offer", sdp: "v=0\r\n".repeat(random(400)) } }); },
    list: () => { const socket = pick(present); socket && random(20) === 0 && socket.tell("channels"); },
    nonsense: () => { const socket = pick(present); socket && socket.tell(pick(["icecandidate", "handshake", "unknown", "name"]), pick([null, 5, {}, [[]]])); },
    goPolitely: () => { const socket = pick(present); socket && go(socket, () => { socket.send("41"); socket.close(); }); },
    drop: () => { const socket = pick(present); socket && go(socket, () => { socket.terminate(); if (socket.auth) lost.push(socket.auth); }); },
    comeBack: () => { if (lost.length) arrive(lost.splice(random(lost.length), 1)[0]); lost.length > 100 && lost.shift(); },
    // A GET that is given up, and a session that is opened and forgotten.
    poll: () => { const request = http.get(url + "/socket.io/?EIO=4&transport=polling", (answer) => answer.resume()); request.on("error", () => {}); random(2) || setTimeout(() => request.destroy(), random(20)); },
    notHTTP: () => { const request = http.request(url + `/${pick(["", "x", "healthz", "socket.io/?EIO=3", "socket.io/?sid=x"])}`, { method: pick(["GET", "POST", "PUT"]) }, (answer) => answer.resume()); request.on("error", () => {}); request.end("x".repeat(random(2000))); },
  };
  const names = Object.keys(deeds).concat("come", "join", "join", "relay", "relay", "come");
  const began = performance.now();
  for (let done = 0; performance.now() < end; await sleep(5)) {
    for (; done < (performance.now() - began) / 1000 * rate; done++) { const name = pick(names); counts[name] = (counts[name] || 0) + 1; deeds[name](); }
  }
  say("churned", { counts, present: present.length, errors });
  process.exit(0);
}

const modes = { watch, fill, probe, churn };
modes[mode]().catch((error) => { say("failed", { message: String(error) }); process.exit(1); });
