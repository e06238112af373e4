extension Captured {
    /// Chromium's answer to `aiortcOffer`.
    static let chromiumAnswer = """
        v=0
        o=- 1392861349418357633 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=msid-semantic: WMS 68f861d6-b424-4561-8212-b5a7eacce38c
        m=audio 9 UDP/TLS/RTP/SAVPF 96 9 0 8
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:IgdY
        a=ice-pwd:enjiyRsLF0+6FcjxBZ/JdfAp
        a=ice-options:trickle
        a=fingerprint:sha-256 C5:13:5B:81:D1:E2:50:3A:DC:7D:75:CC:0C:8B:23:4D:42:38:9F:74:A4:D3:22:47:11:B2:C8:C8:4B:B8:85:24
        a=setup:active
        a=mid:0
        a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=sendrecv
        a=msid:68f861d6-b424-4561-8212-b5a7eacce38c 78900215-535f-4680-9694-65977b4e7487
        a=rtcp-mux
        a=rtpmap:96 opus/48000/2
        a=fmtp:96 minptime=10;useinbandfec=1
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=ssrc:3369378647 cname:VKA6P+5g2lcXVuhh
        m=video 9 UDP/TLS/RTP/SAVPF 97 98 99 100 101 102
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:IgdY
        a=ice-pwd:enjiyRsLF0+6FcjxBZ/JdfAp
        a=ice-options:trickle
        a=fingerprint:sha-256 C5:13:5B:81:D1:E2:50:3A:DC:7D:75:CC:0C:8B:23:4D:42:38:9F:74:A4:D3:22:47:11:B2:C8:C8:4B:B8:85:24
        a=setup:active
        a=mid:1
        a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=sendrecv
        a=msid:68f861d6-b424-4561-8212-b5a7eacce38c 3c789938-05c7-41be-afcc-6415eafc0136
        a=rtcp-mux
        a=rtpmap:97 VP8/90000
        a=rtcp-fb:97 goog-remb
        a=rtcp-fb:97 nack
        a=rtcp-fb:97 nack pli
        a=rtpmap:98 rtx/90000
        a=fmtp:98 apt=97
        a=rtpmap:99 H264/90000
        a=rtcp-fb:99 goog-remb
        a=rtcp-fb:99 nack
        a=rtcp-fb:99 nack pli
        a=fmtp:99 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
        a=rtpmap:100 rtx/90000
        a=fmtp:100 apt=99
        a=rtpmap:101 H264/90000
        a=rtcp-fb:101 goog-remb
        a=rtcp-fb:101 nack
        a=rtcp-fb:101 nack pli
        a=fmtp:101 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
        a=rtpmap:102 rtx/90000
        a=fmtp:102 apt=101
        a=ssrc-group:FID 654985779 2048314022
        a=ssrc:654985779 cname:VKA6P+5g2lcXVuhh
        a=ssrc:2048314022 cname:VKA6P+5g2lcXVuhh

        """
}
