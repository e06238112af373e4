extension Captured {
    /// Chromium's answer to an offer that `SessionDescription.offer` made.
    static let chromiumAnswerToOurs = """
        v=0
        o=- 6131542230307134756 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=msid-semantic: WMS b82a0192-4688-4f66-a8ef-725145c1b700
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:JWV8
        a=ice-pwd:N+1xqJCQVu/LgAJ0bJEYZy4Q
        a=ice-options:trickle
        a=fingerprint:sha-256 CD:19:3B:85:5A:4B:BF:2E:E5:D7:4D:EA:4B:84:45:4A:E3:38:BE:EF:FE:8F:B5:93:C4:61:30:31:5C:BE:5F:84
        a=setup:active
        a=mid:0
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=sendrecv
        a=msid:b82a0192-4688-4f66-a8ef-725145c1b700 9c190388-b504-42a9-ab6d-2ac2410453d7
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:111 opus/48000/2
        a=fmtp:111 minptime=10;useinbandfec=1
        a=ssrc:2192799132 cname:4i49E1oplx1RDtgT
        m=video 9 UDP/TLS/RTP/SAVPF 96 97
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:JWV8
        a=ice-pwd:N+1xqJCQVu/LgAJ0bJEYZy4Q
        a=ice-options:trickle
        a=fingerprint:sha-256 CD:19:3B:85:5A:4B:BF:2E:E5:D7:4D:EA:4B:84:45:4A:E3:38:BE:EF:FE:8F:B5:93:C4:61:30:31:5C:BE:5F:84
        a=setup:active
        a=mid:1
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=sendrecv
        a=msid:b82a0192-4688-4f66-a8ef-725145c1b700 a44b7840-8d0c-4bf7-891d-e0716664058a
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:96 VP8/90000
        a=rtcp-fb:96 ccm fir
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=rtpmap:97 rtx/90000
        a=fmtp:97 apt=96
        a=ssrc-group:FID 947465482 1252793530
        a=ssrc:947465482 cname:4i49E1oplx1RDtgT
        a=ssrc:1252793530 cname:4i49E1oplx1RDtgT

        """
}
