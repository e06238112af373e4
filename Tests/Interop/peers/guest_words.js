// The page's own words.js against itself, in a browser: two ends joined by a pipe, honest and meddled with. Gives back what does not hold.
// The known numbers are those of VerificationWordsTests.swift.
(async () => {
  const { VerificationExchange, commitment, hexadecimal, wordsOf } = await import("/-/words.js");
  const failures = [], expect = (holds, what) => { if (!holds) failures.push(what); };
  const upTo = (from) => Uint8Array.from({ length: 32 }, (_, i) => from + i), all = (byte) => new Uint8Array(32).fill(byte);
  const client = upTo(0), server = upTo(100);
  expect(hexadecimal(await commitment(all(0xaa), true, client, server)) === "1ab5a42d42630c1eea5d74102ae1cd59f18821e9f658d28af563bea1a5141ba2", "the client's commitment");
  expect(hexadecimal(await commitment(all(0x55), false, client, server)) === "bccc1fcb33f5c852e187d8789ce28e611255e52eb42cfd70a86654f9cb5b771b", "the server's commitment");
  expect((await wordsOf(all(0xaa), all(0x55), client, server)).join() === "eclipse,pumpkin,blanket,panda", "the words");

  /** Both ends' verdicts. `meddle(message, isFromClient)` gives the messages that arrive in its place. */
  async function run({ meddle = (message) => [message], seenByServer = client } = {}) {
    const said = [[], []], ends = [];
    const handlers = (index) => ({
      send: (message) => { for (const one of meddle(message, index === 0)) queueMicrotask(() => ends[one.isForSender ? index : 1 - index].receive(one)); },
      show: (words) => said[index].push(words.join("-")),
      fail: (reason, isSuspicious) => said[index].push(`${isSuspicious ? "!" : "?"}${reason}`),
    });
    ends.push(new VerificationExchange({ local: client, remote: server, isClient: true }, handlers(0)));
    ends.push(new VerificationExchange(Promise.resolve({ local: server, remote: seenByServer, isClient: false }), handlers(1)));
    ends.forEach((end) => end.start());
    await new Promise((resolve) => setTimeout(resolve, 60));
    ends.forEach((end) => end.close());
    return said;
  }
  const [[one], [two]] = await run();
  expect(one && one === two && one.split("-").length === 4, `two honest ends: ${one} and ${two}`);
  const [[other]] = await run();
  expect(other !== one, "a second exchange has the same words");

  const failsBoth = async (name, options, pattern) => {
    const said = await run(options);
    expect(said.flat().some((text) => pattern.test(text)), `${name}: ${JSON.stringify(said)}`);
    expect(!said.some((texts) => texts.length === 1 && /^[a-z]+(-[a-z]+){3}$/.test(texts[0]) && said.flat().length === 1), `${name}: words alone`);
  };
  await failsBoth("other certificates", { seenByServer: upTo(50) }, /^!the other side sees other certificates/);
  await failsBoth("a second commitment", { meddle: (m) => m.type === "commit" ? [m, m] : [m] }, /^!the other side committed twice/);
  await failsBoth("a second reveal", { meddle: (m) => m.type === "reveal" ? [m, m] : [m] }, /^!the other side revealed its part twice/);
  await failsBoth("a reveal first", { meddle: (m) => m.type === "commit" ? [{ type: "reveal", nonce: "00".repeat(32) }, m] : [m] }, /^!the other side revealed its part too early/);
  await failsBoth("a reflection", { meddle: (m) => [{ ...m, isForSender: true }] }, /^!our own part came back/);
  await failsBoth("another nonce", { meddle: (m) => m.type === "reveal" ? [{ ...m, nonce: "11".repeat(32) }] : [m] }, /^!the other side sees other certificates/);
  await failsBoth("no hexadecimal number", { meddle: (m) => m.type === "commit" ? [{ ...m, hash: "zz".repeat(32) }] : [m] }, /^!the other side's part cannot be read/);
  await failsBoth("no text at all", { meddle: (m) => m.type === "commit" ? [{ ...m, hash: { length: 64 } }] : [m] }, /^!the other side's part cannot be read/);
  return failures;
})()
