import Channels
import Testing

/// What plain clients see, to the byte.
@Suite struct SeedFlowTests {
    @Test func greets() {
        var room = Room()
        #expect(room.connect("S") == ["S [\"connect success\",\"S\"]"])
    }

    @Test func pairsTwoAndRefusesTheThird() {
        var room = Room("A", "B", "X")
        #expect(room.send("A", #"["create or join","방-1"]"#) == [#"A ["message","A님이 방에 입장하셨습니다."]"#])
        #expect(
            room.send("B", #"["create or join","\ubc29-1"]"#) == [
                #"A ["ready","방-1"]"#, #"B ["ready","방-1"]"#, #"A ["message","B님이 방에 입장하셨습니다."]"#, #"B ["message","B님이 방에 입장하셨습니다."]"#,
                #"A ["message","연결을 시작합니다."]"#, #"B ["message","연결을 시작합니다."]"#,
            ])
        #expect(room.send("X", #"["create or join","방-1"]"#) == [#"X ["channel join failed","방-1 is full"]"#])
    }

    @Test func relaysToTheOther() {
        var room = Room.pair()
        #expect(
            room.send("A", #"["handshake",{"channel":"c","offer":{"type":"offer","sdp":"v=0\r\n"},"extra":1}]"#) == [
                #"B ["handshake",{"offer":{"type":"offer","sdp":"v=0\r\n"}}]"#
            ])
        #expect(
            room.send("B", #"["handshake",{"channel":"c","answer":{"type":"answer","sdp":"v=0"}}]"#) == [
                #"A ["handshake",{"answer":{"type":"answer","sdp":"v=0"}}]"#
            ])
        #expect(
            room.send("B", #"["handshake",{"answer":{ "a" : 1 },"channel":"\u0063","offer":{}}]"#) == [
                #"A ["handshake",{"offer":{},"answer":{ "a" : 1 }}]"#
            ])
        #expect(
            room.send("A", #"["icecandidate",{"channel":"c","candidate":null}]"#) == [
                #"B ["icecandidate",{"candidate":null,"iceCandidate":null}]"#
            ])
        #expect(room.channels.relayed == 4)
    }

    @Test func tellsTheOtherOfALeave() {
        var room = Room.pair()
        #expect(
            room.send("A", #"["leave","c"]"#) == [
                #"B ["message","A님이 퇴장하셨습니다."]"#, #"B ["closeConnection","c"]"#, #"B ["wait","c"]"#,
            ])
        #expect(room.send("A", #"["leave","c"]"#) == [])
        #expect(room.send("A", #"["create or join","c"]"#).first == #"B ["ready","c"]"#)
    }

    /// Two of the seed's defects show in its traffic: candidates go out under the key that its own client does not read, and
    /// `closeConnection`, which its text promises after the leave message, is not sent.
    @Test func givesWhatWasCaptured() {
        var room = Room()
        var expected: [String: [String]] = [:]
        var got: [String: [String]] = [:]
        var sockets: [String: String] = [:]
        func take(_ lines: [String]) {
            for line in lines {
                let space = line.firstIndex(of: " ") ?? line.endIndex
                got[String(line[..<space]), default: []].append(String(line[space...].dropFirst()))
            }
        }
        for line in CapturedFlow.lines {
            if line.isSent {
                take(room.send(sockets[line.client] ?? "?", line.text))
                continue
            }
            if line.text.hasPrefix(#"["connect success","#) {
                let socket = String(line.text.split(separator: "\"").dropFirst(3).first ?? "?")
                sockets[line.client] = socket
                take(room.connect(socket))
            }
            let socket = sockets[line.client] ?? "?"
            if line.text.hasPrefix(#"["wait","#) { expected[socket, default: []].append(#"["closeConnection","방-1"]"#) }
            var text = line.text
            if text.hasPrefix(#"["icecandidate",{"candidate":"#) {
                let value = text.dropFirst(#"["icecandidate",{"candidate":"#.count).dropLast(2)
                text = #"["icecandidate",{"candidate":\#(value),"iceCandidate":\#(value)}]"#
            }
            expected[socket, default: []].append(text)
        }
        #expect(got == expected)
        #expect(sockets.count == 3 && expected.values.reduce(0) { $0 + $1.count } == 24)
    }
}
