extension Captured {
    /// aiortc's offer: candidates inside, its own payload types, no `rtcp-rsize`.
    static let aiortcOffer = """
        v=0
        o=- 4004474670 4004474670 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=msid-semantic:WMS *
        m=audio 33913 UDP/TLS/RTP/SAVPF 96 9 0 8
        c=IN IP4 127.0.0.1
        a=sendrecv
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=mid:0
        a=msid:43e9ae31-2463-4051-a7ea-317109da1a3d ab101c72-591a-451e-adb5-56401218a5de
        a=rtcp:9 IN IP4 0.0.0.0
        a=rtcp-mux
        a=ssrc:2170186522 cname:9db16756-4ce4-4a6a-9bc2-5bec355a5785
        a=rtpmap:96 opus/48000/2
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=candidate:16572de626da4e5384a0ce2d0d93678a 1 udp 2130706431 127.0.0.1 33913 typ host
        a=end-of-candidates
        a=ice-ufrag:Qz1G
        a=ice-pwd:YUYTX07p1zxx6cnzFqzIlM
        a=fingerprint:sha-256 EF:D8:75:29:40:E4:10:72:3C:0D:5B:05:47:93:2D:1C:C5:BB:30:CB:3B:C5:51:E5:1D:A6:7D:E9:4B:18:2F:5E
        a=fingerprint:sha-384 22:A8:A9:3B:EC:E2:72:EF:9F:8A:B0:06:77:6A:E3:F6:28:EA:13:9C:45:F9:09:71:70:BD:85:C2:DE:5\
        A:6E:A2:4A:3A:D7:4A:66:5D:A6:59:63:D3:D0:FB:7D:9A:70:21
        a=fingerprint:sha-512 6A:03:0F:FA:36:E4:8C:30:63:37:68:BB:01:67:65:6C:23:50:A1:98:84:A1:B1:2E:00:FC:D0:8E:01:8\
        B:2A:67:B3:6B:38:3C:F3:92:8A:0F:57:DD:1F:C3:C8:14:52:AE:DF:76:51:1D:0A:D5:6D:DB:46:D7:A3:A2:59:20:D0:F9
        a=setup:actpass
        m=video 39229 UDP/TLS/RTP/SAVPF 97 98 99 100 101 102
        c=IN IP4 127.0.0.1
        a=sendrecv
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=mid:1
        a=msid:43e9ae31-2463-4051-a7ea-317109da1a3d 0b21b6f0-3fb7-4e59-9a8b-e2bc73fb4237
        a=rtcp:9 IN IP4 0.0.0.0
        a=rtcp-mux
        a=ssrc-group:FID 4090844108 121139082
        a=ssrc:4090844108 cname:9db16756-4ce4-4a6a-9bc2-5bec355a5785
        a=ssrc:121139082 cname:9db16756-4ce4-4a6a-9bc2-5bec355a5785
        a=rtpmap:97 VP8/90000
        a=rtcp-fb:97 nack
        a=rtcp-fb:97 nack pli
        a=rtcp-fb:97 goog-remb
        a=rtpmap:98 rtx/90000
        a=fmtp:98 apt=97
        a=rtpmap:99 H264/90000
        a=rtcp-fb:99 nack
        a=rtcp-fb:99 nack pli
        a=rtcp-fb:99 goog-remb
        a=fmtp:99 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
        a=rtpmap:100 rtx/90000
        a=fmtp:100 apt=99
        a=rtpmap:101 H264/90000
        a=rtcp-fb:101 nack
        a=rtcp-fb:101 nack pli
        a=rtcp-fb:101 goog-remb
        a=fmtp:101 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
        a=rtpmap:102 rtx/90000
        a=fmtp:102 apt=101
        a=candidate:16572de626da4e5384a0ce2d0d93678a 1 udp 2130706431 127.0.0.1 39229 typ host
        a=end-of-candidates
        a=ice-ufrag:Qz1G
        a=ice-pwd:YUYTX07p1zxx6cnzFqzIlM
        a=fingerprint:sha-256 EF:D8:75:29:40:E4:10:72:3C:0D:5B:05:47:93:2D:1C:C5:BB:30:CB:3B:C5:51:E5:1D:A6:7D:E9:4B:18:2F:5E
        a=fingerprint:sha-384 22:A8:A9:3B:EC:E2:72:EF:9F:8A:B0:06:77:6A:E3:F6:28:EA:13:9C:45:F9:09:71:70:BD:85:C2:DE:5\
        A:6E:A2:4A:3A:D7:4A:66:5D:A6:59:63:D3:D0:FB:7D:9A:70:21
        a=fingerprint:sha-512 6A:03:0F:FA:36:E4:8C:30:63:37:68:BB:01:67:65:6C:23:50:A1:98:84:A1:B1:2E:00:FC:D0:8E:01:8\
        B:2A:67:B3:6B:38:3C:F3:92:8A:0F:57:DD:1F:C3:C8:14:52:AE:DF:76:51:1D:0A:D5:6D:DB:46:D7:A3:A2:59:20:D0:F9
        a=setup:actpass

        """
}
