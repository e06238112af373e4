extension Captured {
    /// aiortc's answer to `chromiumOffer`.
    static let aiortcAnswer = """
        v=0
        o=- 4004474658 4004474658 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=group:BUNDLE 0 1 2
        a=msid-semantic:WMS *
        m=audio 41450 UDP/TLS/RTP/SAVPF 111 9 0 8
        c=IN IP4 127.0.0.1
        a=sendrecv
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=mid:0
        a=msid:7c75e3dd-fc6e-455c-9f54-755cb5772f63 83bcfdd4-00e6-4cd0-bbb6-740c020506f8
        a=rtcp:9 IN IP4 0.0.0.0
        a=rtcp-mux
        a=ssrc:994763959 cname:67c16779-eaa0-4277-a53d-dc9db6ee791e
        a=rtpmap:111 opus/48000/2
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=candidate:16572de626da4e5384a0ce2d0d93678a 1 udp 2130706431 127.0.0.1 41450 typ host
        a=end-of-candidates
        a=ice-ufrag:GLzf
        a=ice-pwd:Lzi9Q93NLxWsWPoMGSLrtZ
        a=fingerprint:sha-256 3F:35:2B:5C:58:75:6D:78:99:F0:E1:DA:C3:5C:7D:D5:7D:7F:16:F8:0D:79:33:7C:07:EE:E9:ED:09:B2:87:22
        a=fingerprint:sha-384 C0:77:61:DD:C1:B1:BE:29:2A:14:76:06:FB:22:37:B1:F6:FA:76:5F:D5:D4:78:A9:50:83:6F:9F:A6:2\
        9:5D:01:66:20:59:69:16:E7:C4:02:E3:66:36:98:EA:1C:89:23
        a=fingerprint:sha-512 2E:14:AB:2D:39:71:8D:8E:C1:7A:79:BD:36:AB:B0:47:0B:84:97:0B:2E:B9:01:F9:AB:DB:D7:92:5B:8\
        D:08:B1:0A:4E:B2:2F:81:56:28:9C:1B:16:C6:6A:C7:5C:34:6E:58:93:5E:37:C1:1A:49:FD:54:6F:E7:6A:4E:83:E3:60
        a=setup:active
        m=video 41450 UDP/TLS/RTP/SAVPF 96 97 102 103 108 109
        c=IN IP4 127.0.0.1
        a=sendrecv
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=mid:1
        a=msid:7c75e3dd-fc6e-455c-9f54-755cb5772f63 97e7765b-1247-4590-89df-b2615d56aee3
        a=rtcp:9 IN IP4 0.0.0.0
        a=rtcp-mux
        a=ssrc-group:FID 2107865193 4284879384
        a=ssrc:2107865193 cname:67c16779-eaa0-4277-a53d-dc9db6ee791e
        a=ssrc:4284879384 cname:67c16779-eaa0-4277-a53d-dc9db6ee791e
        a=rtpmap:96 VP8/90000
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=rtcp-fb:96 goog-remb
        a=rtpmap:97 rtx/90000
        a=fmtp:97 apt=96
        a=rtpmap:102 H264/90000
        a=rtcp-fb:102 nack
        a=rtcp-fb:102 nack pli
        a=rtcp-fb:102 goog-remb
        a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
        a=rtpmap:103 rtx/90000
        a=fmtp:103 apt=102
        a=rtpmap:108 H264/90000
        a=rtcp-fb:108 nack
        a=rtcp-fb:108 nack pli
        a=rtcp-fb:108 goog-remb
        a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
        a=rtpmap:109 rtx/90000
        a=fmtp:109 apt=108
        a=candidate:16572de626da4e5384a0ce2d0d93678a 1 udp 2130706431 127.0.0.1 41450 typ host
        a=end-of-candidates
        a=ice-ufrag:GLzf
        a=ice-pwd:Lzi9Q93NLxWsWPoMGSLrtZ
        a=fingerprint:sha-256 3F:35:2B:5C:58:75:6D:78:99:F0:E1:DA:C3:5C:7D:D5:7D:7F:16:F8:0D:79:33:7C:07:EE:E9:ED:09:B2:87:22
        a=fingerprint:sha-384 C0:77:61:DD:C1:B1:BE:29:2A:14:76:06:FB:22:37:B1:F6:FA:76:5F:D5:D4:78:A9:50:83:6F:9F:A6:2\
        9:5D:01:66:20:59:69:16:E7:C4:02:E3:66:36:98:EA:1C:89:23
        a=fingerprint:sha-512 2E:14:AB:2D:39:71:8D:8E:C1:7A:79:BD:36:AB:B0:47:0B:84:97:0B:2E:B9:01:F9:AB:DB:D7:92:5B:8\
        D:08:B1:0A:4E:B2:2F:81:56:28:9C:1B:16:C6:6A:C7:5C:34:6E:58:93:5E:37:C1:1A:49:FD:54:6F:E7:6A:4E:83:E3:60
        a=setup:active
        m=application 41450 UDP/DTLS/SCTP webrtc-datachannel
        c=IN IP4 127.0.0.1
        a=mid:2
        a=sctp-port:5000
        a=max-message-size:262144
        a=candidate:16572de626da4e5384a0ce2d0d93678a 1 udp 2130706431 127.0.0.1 41450 typ host
        a=end-of-candidates
        a=ice-ufrag:GLzf
        a=ice-pwd:Lzi9Q93NLxWsWPoMGSLrtZ
        a=fingerprint:sha-256 3F:35:2B:5C:58:75:6D:78:99:F0:E1:DA:C3:5C:7D:D5:7D:7F:16:F8:0D:79:33:7C:07:EE:E9:ED:09:B2:87:22
        a=fingerprint:sha-384 C0:77:61:DD:C1:B1:BE:29:2A:14:76:06:FB:22:37:B1:F6:FA:76:5F:D5:D4:78:A9:50:83:6F:9F:A6:2\
        9:5D:01:66:20:59:69:16:E7:C4:02:E3:66:36:98:EA:1C:89:23
        a=fingerprint:sha-512 2E:14:AB:2D:39:71:8D:8E:C1:7A:79:BD:36:AB:B0:47:0B:84:97:0B:2E:B9:01:F9:AB:DB:D7:92:5B:8\
        D:08:B1:0A:4E:B2:2F:81:56:28:9C:1B:16:C6:6A:C7:5C:34:6E:58:93:5E:37:C1:1A:49:FD:54:6F:E7:6A:4E:83:E3:60
        a=setup:active

        """
}
