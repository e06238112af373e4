#!/usr/bin/env python3
"""seeds.py - writes Corpora again: real messages and short scripts that each target begins from (Fuzz/Sources says how each reads them)."""
import re
import struct
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent / "Tests/Protocols"
COOKIE = "2112a442"


def hex_strings(path):
    """(name, bytes) of each static let with a text of hexadecimal digits."""
    for name, text in re.findall(r'static let (\w+) = bytes\(\s*"""(.*?)"""\)', path.read_text(), re.S):
        yield name, bytes.fromhex(re.sub(r"\s", "", text))


def stun(kind, *attributes):
    body = b"".join(struct.pack(">HH", number, len(value)) + value + bytes(-len(value) % 4) for number, value in attributes)
    return bytes.fromhex(f"{kind:04x}{len(body):04x}{COOKIE}") + bytes(range(12)) + body


def block(data):
    return struct.pack(">H", len(data)) + data


def xor_address(ip, port):
    return b"\0\1" + struct.pack(">H", port ^ 0x2112) + bytes(a ^ b for a, b in zip(bytes(ip), bytes.fromhex(COOKIE)))


def attribute(number, value):
    return struct.pack(">HH", number, len(value)) + value + bytes(-len(value) % 4)


RELAYED = attribute(0x16, xor_address((203, 0, 113, 1), 50000)) + attribute(0x20, xor_address((192, 0, 2, 1), 5000)) + attribute(0x0D, struct.pack(">I", 600))
CHALLENGE = attribute(0x09, b"\0\0\4\1") + attribute(0x14, b"interop") + attribute(0x15, b"nonce")
STALE = attribute(0x09, b"\0\0\4\x26") + attribute(0x14, b"interop") + attribute(0x15, b"other")


def answer(kind, body):
    return bytes((1, kind, len(body) // 4)) + body


ALLOCATED = answer(3, CHALLENGE) + answer(0, RELAYED)
INDICATION = stun(0x17, (0x12, xor_address((198, 51, 100, 2), 6000)), (0x13, b"payload"))

RTP_HEADER = bytes.fromhex("80e0fde800001000 11111111".replace(" ", ""))
WITH_EXTENSION = bytes.fromhex("90e0fde8000010001111111 1".replace(" ", "")) + bytes.fromhex("bede0001 10300000".replace(" ", ""))
KEY_FRAME = bytes.fromhex("90808012") + bytes.fromhex("10020 09d012a8002e001".replace(" ", "")) + bytes(40)
DELTA_FRAME = bytes.fromhex("90808013") + bytes.fromhex("b1020000") + bytes(30)
RTX = b"\xfd\xe7" + KEY_FRAME
RED = bytes.fromhex("ef00 4003 6f".replace(" ", "")) + bytes(8)

REPORT = bytes.fromhex("81c8000c 11111111 83aa7e80 80000000 00002ee0 00000005 00000100 00000001 40fffffe 00010002 00000009 7e808000 00010000".replace(" ", ""))
DESCRIPTION = bytes.fromhex("81ca0004 11111111 01026869 06017800 00000000".replace(" ", ""))
BYE = bytes.fromhex("81cb0002 11111111 03627965".replace(" ", ""))
NACK = bytes.fromhex("81cd0003 11111111 00000001 fffe8003".replace(" ", ""))
PLI = bytes.fromhex("81ce0002 11111111 00000001".replace(" ", ""))
FIR = bytes.fromhex("84ce0004 11111111 00000000 00000001 07000000".replace(" ", ""))
REMB = bytes.fromhex("8fce0005 11111111 00000000 52454d42 01030dee 00000001".replace(" ", ""))
FEEDBACK = bytes.fromhex("8fcd0005 11111111 00000001 00010004 00000100 20040404 04000000".replace(" ", ""))
EXTENDED = bytes.fromhex("80cf0004 11111111 04000002 83aa7e80 80000000".replace(" ", ""))


def picture(payload, flags=3):
    return bytes((flags, len(payload))) + payload


def script(flags, *steps):
    return bytes((flags,)) + b"".join(steps)


def seeds():
    all_of = {}
    messages = dict(hex_strings(TESTS / "ICE/STUN/STUNVectors.swift"))
    messages["check"] = stun(1, (0x06, b"ours:them"), (0x24, b"\x6e\0\1\xff"), (0x8029, bytes(8)), (0x25, b""))
    messages["allocate-answer"] = stun(0x103, (0x16, xor_address((203, 0, 113, 1), 50000)), (0x0D, struct.pack(">I", 600)))
    messages["role-conflict"] = stun(0x111, (0x09, b"\0\0\4\x57Role Conflict"))
    messages["unknown-attributes"] = stun(0x111, (0x09, b"\0\0\4\x14"), (0x0A, b"\x7f\xff"))
    all_of["STUN"] = messages
    permit, bind = b"\4\2\0", b"\5\2\0"
    all_of["TURN"] = {
        "allocated": ALLOCATED + permit + answer(0, b"") + bind + answer(0, b"") + b"\6" + block(b"hello") + b"\2\0",
        "stale-nonce": ALLOCATED + b"\3\x70\0" + answer(3, STALE) + answer(0, attribute(0x0D, struct.pack(">I", 600))),
        "refused": answer(3, CHALLENGE) + answer(3, attribute(0x09, b"\0\0\4\3Forbidden")),
        "mismatch": ALLOCATED + b"\3\x70\0" + answer(1, attribute(0x09, b"\0\0\4\x25")),
        "silence": b"\3\xff\xff",
        "data": ALLOCATED + permit + b"\7" + block(INDICATION) + b"\7" + block(bytes.fromhex("40000003616263") + b"\0"),
        "indication": b"\0" + block(INDICATION),
    }
    offers = {}
    for path in sorted((TESTS / "SDP/Fixtures").glob("*.swift")):
        for name, text in re.findall(r'static let (\w+) = """\n(.*?)\n\s*"""', path.read_text(), re.S):
            lines = [line.strip() for line in text.splitlines()]
            kept = "\r\n".join(lines) + "\r\n"
            while len(kept.encode()) > 2000:
                # The codecs that nobody here speaks are most of a browser's description.
                some = ("a=rtcp-fb", "a=extmap", "a=rtpmap", "a=fmtp", "a=ssrc", "a=candidate")
                del lines[max((i for i, line in enumerate(lines) if line.startswith(some)), default=len(lines) - 1)]
                kept = "\r\n".join(lines) + "\r\n"
            offers[name] = kept.encode()
    offers["candidate"] = b"candidate:1 1 udp 2122260223 192.168.1.2 50000 typ host generation 0 ufrag abcd network-id 1"
    offers["mdns"] = b"candidate:1 1 udp 2122260223 3a1c5b0e-7a2b-4e0c-9f63-2f1d3a4b5c6d.local 50000 typ host"
    offers["tcp"] = b"candidate:1 1 tcp 1518280447 192.168.1.2 9 typ host tcptype active"
    offers["reflexive"] = b"candidate:2 1 udp 1686052607 203.0.113.5 40000 typ srflx raddr 0.0.0.0 rport 0"
    offers["fingerprint"] = b"sha-256 " + b":".join([b"AB"] * 32)
    all_of["SDP"] = offers
    all_of["RTP"] = {
        "header": RTP_HEADER + KEY_FRAME,
        "extension": WITH_EXTENSION + KEY_FRAME,
        "packets": b"\0" + block(RTP_HEADER + KEY_FRAME) + b"\0" + block(WITH_EXTENSION + DELTA_FRAME) + b"\3\x05",
        "video": b"".join(bytes((0x81, 1, 3, len(p))) + p for p in (KEY_FRAME, DELTA_FRAME, DELTA_FRAME)) + b"\3\x10",
        "repair": bytes((0x81, 1, 3, len(KEY_FRAME))) + KEY_FRAME + bytes((5, 1, 0, len(RTX))) + RTX + b"\3\x10",
        "sound": b"".join(bytes((9, 1, 1, 4)) + b"\xf8\xff\xfe\0" for _ in range(4)) + b"\3\x02",
        "padding": bytes.fromhex("a0e0fde80000100011111111") + KEY_FRAME + b"\0\0\0\4",
        "contributors": bytes.fromhex("82e0fde80000100011111111") + bytes(8) + KEY_FRAME,
        "two-byte": bytes.fromhex("90e0fde80000100011111111") + bytes.fromhex("10000002010130020230310 0".replace(" ", "")) + KEY_FRAME,
    }
    all_of["RTCP"] = {
        "compound": REPORT + DESCRIPTION + BYE, "nack": NACK, "pli": PLI, "fir": FIR, "remb": REMB, "feedback": FEEDBACK, "extended": EXTENDED,
        "call": b"".join(b"\0" + block(packet) + b"\1\x05" for packet in (REPORT + DESCRIPTION, NACK, PLI, FEEDBACK, REMB)),
    }
    all_of["VP8"] = {
        "key-frame": picture(KEY_FRAME), "frames": picture(KEY_FRAME) + picture(DELTA_FRAME) * 3 + picture(DELTA_FRAME, 11),
        "parts": picture(KEY_FRAME, 2) + picture(b"\x80\x80\x80\x12" + bytes(30), 1), "gap": picture(KEY_FRAME) + picture(DELTA_FRAME, 7) + picture(DELTA_FRAME, 11),
        "descriptor": bytes.fromhex("b1f0ffff8063"), "late": picture(KEY_FRAME) + picture(DELTA_FRAME, 7) + picture(DELTA_FRAME, 0x33),
    }
    def chunk(kind, flags, value):
        return struct.pack(">BBH", kind, flags, len(value) + 4) + value + bytes(-len(value) % 4)

    word = struct.Struct(">I").pack
    sack = chunk(3, 0, word(7) + word(1 << 20) + b"\0\1\0\1" + b"\0\2\0\3" + word(5))
    initiation = chunk(1, 0, word(9) + word(1 << 20) + b"\0\x10\0\x10" + word(5) + bytes.fromhex("c0000004 80080007 c0820000".replace(" ", "")))
    reset = chunk(130, 0, bytes.fromhex("000d0012") + word(1) + word(2) + word(3) + b"\0\1" + b"\0\0")
    forward = chunk(192, 0, word(9) + b"\0\1\0\2")
    data = chunk(0, 3, word(9) + b"\0\1\0\0" + word(51) + b"hello")
    shut = b"".join(b"\1" + block(chunk(kind, 0, value)) for kind, value in ((7, word(9)), (8, b""), (14, b"")))
    opening = b"\3\0\1\0" + word(0) + b"\0\4\0\0" + b"chat"
    all_of["SCTP"] = {
        "sack": b"\1" + block(sack), "again": b"\1" + block(initiation) + b"\4\x20", "reset": b"\1" + block(reset) + b"\4\x20", "forward": b"\1" + block(forward),
        "data": b"\1" + block(data) + b"\4\x10", "shutdown": shut, "abort": b"\1" + block(chunk(6, 0, b"")), "heartbeat": b"\1" + block(chunk(4, 0, chunk(0, 1, b"1234"))),
        "cookie": b"\1" + block(chunk(10, 0, bytes(32))) + b"\1" + block(chunk(11, 0, b"")), "unknown": b"\1" + block(chunk(0xFE, 0, b"12")), "error": b"\1" + block(chunk(9, 0, b"\0\1\0\x08\0\1\0\0")),
        "channels": b"\6\0\6\1\6\2\x40\0\6\3\x40\0\4\x10\6\4\6\5\4\x20", "bent": b"\6\1\6\3\x10\0" + b"\5\2\0\7\x20" * 3, "partial": b"\6\x30\6\2\xff\0\4\x50",
        "message": b"\7" + block(opening) + b"\0\x32" + b"\7" + block(b"hello") + b"\0\x33",
    }
    all_of["DCEP"] = {
        "open": b"\0\0" + block(opening) + b"\4\0" + block(b"hello"), "ack": b"\0\1" + block(b"\2"), "unordered": b"\0\2" + block(b"\3\x81" + opening[2:8] + opening[8:]),
        "lifetime": b"\0\4" + block(b"\3\2\1\0" + word(500) + b"\0\1\0\1ap"), "twice": (b"\x40\0" + block(opening)) * 2, "closed": b"\0\0" + block(opening) + b"\x50\0" + block(opening),
        "no-utf8": b"\0\0" + block(b"\3\0\1\0" + word(0) + b"\0\2\0\0\xff\xfe"), "empty": b"\0\0" + block(opening) + b"\6\0" + block(b"\0") + b"\x27\0" + block(b"\0"),
        "unknown-type": b"\0\0" + block(b"\3\x55" + opening[2:]), "high-stream": b"\x08\xff" + block(opening), "long": b"\0\6" + block(b"\3\0\1\0" + word(0) + b"\xff\xff\xff\xff" + b"a" * 40),
    }
    check = stun(1, (0x24, b"\x6e\0\1\xff"), (0x802A, bytes(8)))
    rtp = b"".join(bytes((3, 0x80)) + struct.pack(">H", 100 + i) + b"\4" + block(p) for i, p in enumerate((KEY_FRAME, DELTA_FRAME, DELTA_FRAME)))
    wait = b"\7\x20"
    all_of["PeerConnection"] = {
        "quiet": script(0, wait), "media": script(0, rtp, wait, b"\x0c\x0f\xff", wait), "strangers": script(0, b"\0", block(check), b"\1", block(b"\x16\xfe\xfd" + bytes(20)), b"\1", block(RTP_HEADER), wait),
        "repeats": script(0, b"".join(bytes((2, i, 4 * (i % 2) + i % 4)) + b"\0\x10\x55" for i in range(8)), wait),
        "reports": script(0, b"\x0c\x0f\xff", *(b"\5" + block(p) + wait for p in (REPORT + DESCRIPTION, NACK, PLI, FIR, REMB, FEEDBACK))),
        "bye": script(0, rtp, b"\5", block(REPORT + DESCRIPTION + BYE), wait),
        "checks": script(0, b"\x08", block(check), b"\x08", block(stun(0x111, (9, b"\0\0\4\x57"))), wait),
        "early": script(1, b"\0", block(check), b"\1", block(b"\x16\xfe\xfd" + bytes(40)), b"\1", block(RTP_HEADER), wait, b"\x0d", wait),
        "chunks": script(0, b"\x10", block(sack), b"\x10", block(reset), wait, b"\x11", block(opening), b"\0\x32", b"\x11", block(b"hi"), b"\0\x33", wait),
        "channels": script(0, b"\x12\0", b"\x12\4", wait, b"\x12\5\1\0", b"\x12\6", wait, b"\x12\3"),
        "streams": script(0, b"\x14\1\0", b"\x15", block(block(check)), b"\1", b"\x14\1\1"), "resolved": script(0, b"\x0b", block(offers["mdns"].replace(b"3a1c5b0e-7a2b-4e0c-9f63-2f1d3a4b5c6d", b"a")), b"\x13\x0a\0\0\2", wait),
        "other-certificate": script(2, wait), "restart": script(0, b"\x0e\0", wait, wait), "changed": script(0, b"\x0f\x08", block(b"a=setup:passive"), wait),
        "candidate": script(0, b"\x0b", block(offers["candidate"]), b"\x0b", block(b""), wait),
        "description": script(1, b"\x09", block(offers["aiortcOffer"]) if "aiortcOffer" in offers else b"", wait),
    }
    return all_of | signaling_seeds()


def signaling_seeds():
    """For FuzzEngineIO, FuzzSocketIO, FuzzChannels, FuzzJSON, FuzzToken and FuzzHTTP."""
    def step(deed, body=None, *tail):
        return bytes((deed,)) + (b"" if body is None else block(body)) + bytes(tail)

    def wait(deed, ms):
        return bytes((deed,)) + struct.pack(">H", ms // 4)

    # FuzzEngineIO: a first byte below 3 of eight is its own deed, others are the transport's, which reads its own.
    act = 3
    get, cancel, opened, probe = (bytes((act, deed)) for deed in (0, 1, 3, 9))
    post, text, binary, drop = (lambda body: bytes((act, 2)) + block(body)), (lambda body, on=0: bytes((act, 4)) + block(body) + bytes((on,))), \
        (lambda body, on=0: bytes((act, 7)) + block(body) + bytes((on,))), (lambda on: bytes((act, 8, on)))
    engine = {
        "payload": b"4one\x1e4two\x1ebAQID\x1e2probe\x1e6", "base64": b"bAQ==\x1eb_-8", "open": b'0{"sid":"x","upgrades":[]}', "request": b"/socket.io/?EIO=4&transport=polling&sid=abc",
        "refused": b"/socket.io?EIO=3&transport=websocket&&a=b=c", "polling": b"\0" + get + post(b"4hello\x1ebAQID") + get + post(b"3") + wait(0, 25000) + get,
        "socket": b"\1" + text(b"4hello") + binary(b"\1\2") + wait(0, 25000) + text(b"3") + text(b"1"), "upgrade": b"\0" + get + probe + text(b"4hello") + get + opened + text(b"5", 1),
        "by-hand": b"\0" + opened + text(b"2probe") + wait(0, 200) + get + post(b"4during") + text(b"5") + text(b"4after"), "overlap": b"\0" + get + get, "cancelled": b"\0" + get + cancel,
        "dropped": b"\1" + text(b"4a") + drop(0), "large": b"\1" + step(1, b"x" * 900) * 2, "too-late": b"\0" + opened + wait(0, 11000) + text(b"2probe"),
    }
    joined = b'40{"name":"a","features":["group"],"resume":"0123456789abcdef"}'
    offer = b',{"channel":"c","offer":{"type":"offer","sdp":"v=0"}}'

    def client(number, deed):
        return number << 3 | deed

    def all_join(auth=b""):
        return b"".join(step(client(n, 3), auth) for n in range(3)) + b"".join(step(client(n, 1), b',"c"', 128) for n in range(3))

    def says(number, body):
        return bytes((client(number, 4), 4)) + block(body) + b"\0"
    all_sockets = b"\x0e"
    socket = {
        "event": b'42["message",1,{"a":[true]}]', "namespace": b'40/custom,{"token":"abc"}', "acknowledgement": b'4312["x"]', "binary": b'452-/custom,7["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
        "error": b'44{"message":"no"}', "query": b"40/custom?a=b,", "pair": all_sockets + all_join() + step(client(0, 1), offer, 1) + step(client(1, 1), b',"c"', 3),
        "group": all_sockets + all_join(joined[2:]) + step(client(1, 1), offer, 1) + bytes((client(2, 4), 8, 0)) + wait(client(0, 0), 16000),
        "attached": all_sockets + step(client(0, 3), b"") + says(0, b'451-["name",{"_placeholder":true,"num":0}]') + bytes((client(0, 4), 7)) + block(b"abc") + b"\0",
        "custom": all_sockets + says(0, b"40/custom,") + says(0, b'42/custom,["x",1]') + says(0, b"41/custom,"), "asked": all_sockets + step(client(0, 3), b"") + bytes((client(0, 2), 200)) + b"abc" + says(0, b'430["yes"]'),
        "refused": all_sockets + says(0, b"40/nowhere,") + says(0, b"40") + says(0, b"40"), "client": b"\1\x09\x10\0\x10\0\x0a" + step(8, b'["ready","c"]') + b"\5" + block(b"x") + b"\6" + step(1, b"2") + wait(0, 9000),
        "sent-away": b"\3\x09\x10\0\x10\0" + step(8, b'["early",1]') + b"\x0a" + step(1, b"41"), "client-refused": b"\1\x09\x10\0\x10\0" + step(1, b'44{"message":"no","data":{"code":"token-needed"}}'),
        "by-polling": b"\0" + bytes((client(0, 4), 2)) + block(b'40\x1e42["create or join","c"]') + bytes((client(0, 4), 0)),
    }
    group, plain = bytes((0, 0x17)), bytes((0, 0))
    join, relay = bytes((0x04, 0x20)), bytes((0x08, 0x00))
    channels = {
        "pair": b"\0" + plain * 3 + b"\4\0\x14\0\x24\0" + relay + b"\x07\0", "group": b"\x07" + b"\0\x13\0\x17\0\x01" + b"\4\x20\x14\x20\x24\x20" + b"\x08\x40\x18\x42\x0a",
        "mixed": b"\x07" + group + plain + b"\4\x20\x14\0" + relay * 2 + b"\3\1", "lost-and-back": b"\x07" + group * 2 + join + b"\x03\1" + group + join + b"\x0e\x3c\0" + b"\x03\1" + b"\x0e\x40\0",
        "ghost": b"\x07" + group + join + group + join, "password": b"\x07" + group + b"\4\x30\4\1" + b"\0\1" + b"\x14\x30\4\2" * 7 + b"\x14\x30\4\1",
        "tokens": b"\x2f" + group + join + b"\4\x21", "turn": b"\x17" + group + join, "list": b"\0" + plain * 2 + b"\x0a" + join + b"\x1a",
        "auth": b"\0\2" + block(b'{"name":"\\u0000x","features":["group",5],"resume":"0123456789abcdef0","token":"a.b"}') + join,
        "anything": b"\0" + plain + b"\x0b\0" + block(b'["c",{"capacity":2,"password":"x"}]') + b"\1" + b"\x0b\1" + block(b'[{"channel":"c","to":"s1","offer":{"sdp":"x"}}]') + b"\0" + b"\x0b\5" + block(b'["name"]') + b"\1",
        "two-arguments": b"\0" + plain * 2 + b"\4\0\x14\0" + b"\x0b\2" + block(b'["a",{"candidate":"candidate:1"}]') + b"\0", "stopping": b"\x07" + group + join + b"\x0d\xff" + group, "refuse": b"\0" + group + b"\x0c",
    }
    texts = {
        "object": b'{"a":1,"b":[true,false,null],"c":"x\\u00e9\\ud83d\\ude00\\n","a":-1.5e3}', "array": b"[[[]],{},0,-0,1e400,12345678901234567890]", "string": '"안녕 👋"'.encode(), "broken": b'"\\ud83d\\u0041\\/"',
        "spaces": b' {\n"a" :\t1 }\r', "deep": b"[" * 32 + b"]" * 32, "placeholder": b'{"_placeholder":true,"num":0}', "empty-name": b'{"":{"":""}}',
    }
    head = b"\0\0\0"
    tokens = {
        "all": head + b'{"exp":1900000000}', "some": head + b'{"exp":1900000000,"ch":["a","b"]}', "expired": head + b'{"exp":1}', "bent": b"\0\5\1" + b'{"exp":1900000000}', "wrong-kind": head + b'{"exp":"soon","ch":5}',
        "odd-names": head + b'{"exp":1900000000,"ch":[""," a ","\\u0007"]}', "no-claims": head + b"[]", "text": b"eyJleHAiOjE5MDAwMDAwMDB9.AAAA",
    }
    greet, socket_up = b"\4", b"\7\0"

    def asked(*lines):
        return step(0, "\r\n".join((*lines, "", "")).encode())
    http = {
        "forwarded": b" 10.1.2.3, [fd00::1]:80 ,8.8.8.8\n::ffff:1.2.3.4", "range": b"10.0.0.0/8", "path": b"/%EC%95%88?x=1", "page": b"\0" + asked("GET / HTTP/1.1", "Host: a") + b"\2\x08" + b"\2\x10",
        "polling": b"\0" + greet + b"\6\0" + block(b"40") + b"\5\0" + b"\6\0" + block(b'42["create or join","c"]') + b"\5\0", "socket": b"\0" + socket_up + b"\x08\0\3" + b"\x08\0\2" + block(b'42["create or join","c"]') + b"\x08\x81\0" + block(b"41"),
        "upgrade": b"\0" + greet + b"\x0a" + b"\x17\1\0" + b"\x18\0\2" + block(b"2probe") + b"\x05\0" + b"\x18\0\2" + block(b"5"), "two": b"\0" + socket_up + b"\x08\0\3\x0a" + b"\x17\0" + b"\x18\0\3" + b"\x0b",
        "pipelined": b"\0" + step(0, b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"), "chunked": b"\0" + greet + asked("POST /socket.io/?EIO=4&transport=polling HTTP/1.1", "Transfer-Encoding: chunked") + step(0, b"5\r\nhello\r\n0\r\n\r\n"),
        "no-http": b"\0" + step(0, b"\x16\3\1\2\0\1"), "options": b"\0" + asked("OPTIONS /socket.io/ HTTP/1.1", "Access-Control-Request-Headers: x"), "control-frames": b"\0" + socket_up + b"\x08\x89\0" + block(b"ping") + b"\x08\x88\0" + block(b"\3\xe8"),
        "fragments": b"\0" + socket_up + b"\x08\x01\0" + block(b"4") + b"\x08\x80\0" + block(b"0"), "conformance": b"\1" + asked("GET /engine.io/?EIO=4&transport=polling HTTP/1.1", "Host: a"), "refused": b"\2" + b"\x0a" * 8 + b"\x70" + block(b"GET / HTTP/1.1\r\n\r\n"),
        "token": b"\x0c" + socket_up + b"\x08\0\3", "half": b"\0" + greet + b"\5\0\x0c\x0b", "time": b"\0" + greet + b"\x0d\xff" * 4,
    }
    return {"EngineIO": engine, "SocketIO": socket, "Channels": channels, "JSON": texts, "Token": tokens, "HTTP": http}


def main():
    for target, files in seeds().items():
        folder = HERE / "Corpora" / target
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, data in files.items():
            assert len(data) <= 2048, (target, name, len(data))
            (folder / name).write_bytes(data)
        print(f"{target}: {len(files)}")


if __name__ == "__main__":
    main()
