#!/usr/bin/env python3
"""aiortc_rates.py - aiortc's side of what tchat-bench measures, in the same words.

usage: aiortc_rates.py srtp-send --port PORT [--seconds 3] [--size 1200]
       aiortc_rates.py data-channel --role offer|answer [--seconds 5] [--size 16384]
"""
import argparse
import asyncio
import json
import sys
import time

import aioice.ice
import pylibsrtp
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc import rtcdtlstransport
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket

MOST_BUFFERED = 1 << 20


def say(**line):
    print(json.dumps(line), flush=True)


async def send_srtp(o):
    """Packets as its sender makes them, then its own DTLS transport's `_send_rtp`, over its ICE connection's `send`, down to asyncio's datagram transport."""
    loop = asyncio.get_running_loop()
    connection = aioice.ice.Connection(ice_controlling=True)
    _, protocol = await loop.create_datagram_endpoint(lambda: aioice.ice.StunProtocol(connection), local_addr=("127.0.0.1", 0))

    class Pair:
        remote_addr = ("127.0.0.1", o.port)

    Pair.protocol = protocol
    connection._nominated = {1: Pair}
    policy = pylibsrtp.Policy(key=bytes([7] * 28), ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM)

    class Ice:
        _send = connection.send

    transport = object.__new__(rtcdtlstransport.RTCDtlsTransport)
    transport._state = rtcdtlstransport.State.CONNECTED
    transport._tx_srtp = pylibsrtp.Session(policy)
    transport._transport = Ice
    transport._RTCDtlsTransport__tx_bytes = transport._RTCDtlsTransport__tx_packets = 0
    payload, sequence, extensions, history = bytes(o.size - 20), 0, HeaderExtensionsMap(), {}
    extensions.configure(RTCRtpParameters(headerExtensions=[RTCRtpHeaderExtensionParameters(id=1, uri="urn:ietf:params:rtp-hdrext:sdes:mid")]))
    stop, began = time.monotonic() + o.seconds, time.process_time()
    while time.monotonic() < stop:
        for _ in range(32):
            # A packet as its RTCRtpSender makes one.
            packet = RtpPacket(payload_type=96, sequence_number=sequence, timestamp=sequence * 3000)
            packet.ssrc, packet.payload, packet.extensions.mid = 1, payload, "0"
            history[packet.sequence_number % 128] = packet
            await transport._send_rtp(packet.serialize(extensions))
            sequence = (sequence + 1) & 0xFFFF
        await asyncio.sleep(0)
    packets, used = transport._RTCDtlsTransport__tx_packets, time.process_time() - began
    say(packets=packets, cpuSeconds=used, perCPUSecond=packets / used)


async def read_description(kind):
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    return RTCSessionDescription(sdp=json.loads(line)["sdp"], type=kind)


async def carry_data(o):
    aioice.ice.get_host_addresses = lambda use_ipv4=True, use_ipv6=True: ["127.0.0.1"]
    connection, opened, ended = RTCPeerConnection(), asyncio.Event(), asyncio.Event()
    got = {"bytes": 0, "first": None, "last": None}

    def on_message(data):
        got["last"] = time.monotonic()
        if got["first"] is None:
            got["first"] = got["last"]
        else:
            got["bytes"] += len(data)

    @connection.on("datachannel")
    def on_channel(channel):
        channel.on("message", on_message)
        opened.set()

    connection.on("connectionstatechange", lambda: ended.set() if connection.connectionState in ("closed", "failed") else None)
    if o.role == "offer":
        channel = connection.createDataChannel("bench")
        channel.on("open", opened.set)
        await connection.setLocalDescription(await connection.createOffer())
        say(sdp=connection.localDescription.sdp)
        await connection.setRemoteDescription(await read_description("answer"))
    else:
        await connection.setRemoteDescription(await read_description("offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        say(sdp=connection.localDescription.sdp)
    began = time.process_time()
    await asyncio.wait_for(opened.wait(), 15)
    stop = time.monotonic() + o.seconds
    if o.role == "offer":
        low, message = asyncio.Event(), bytes(o.size)
        channel.bufferedAmountLowThreshold = MOST_BUFFERED // 2
        channel.on("bufferedamountlow", low.set)
        while time.monotonic() < stop:
            while channel.bufferedAmount + o.size <= MOST_BUFFERED:
                channel.send(message)
            low.clear()
            try:
                await asyncio.wait_for(low.wait(), max(0.001, stop - time.monotonic()))
            except asyncio.TimeoutError:
                pass
    else:
        try:
            await asyncio.wait_for(ended.wait(), o.seconds + 1)
        except asyncio.TimeoutError:
            pass
    seconds = (got["last"] or 0) - (got["first"] or 0)
    say(bytes=got["bytes"], megabitsPerSecond=got["bytes"] * 8 / 1e6 / seconds if seconds else 0, cpuSeconds=time.process_time() - began)
    await connection.close()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=("srtp-send", "data-channel"))
    p.add_argument("--port", type=int, default=9)
    p.add_argument("--seconds", type=int, default=3)
    p.add_argument("--size", type=int)
    p.add_argument("--role", choices=("offer", "answer"))
    o = p.parse_args()
    o.size = o.size or (1200 if o.what == "srtp-send" else 16384)
    asyncio.run(send_srtp(o) if o.what == "srtp-send" else carry_data(o))


if __name__ == "__main__":
    main()
