import CallSession
import Glibc
import JSON
import Primitives

/// Tells what happens in a call without a terminal: in JSON lines, or else in sentences.
struct HeadlessReport {
    /// Nil: sentences are wanted.
    let lines: JSONLines?
    /// Whom there is a connection to.
    private(set) var connected: Set<CallMemberID> = []
    private var names: [CallMemberID: String] = [:]
    /// Of the event that is being told.
    private var time = Instant.zero

    init(lines: JSONLines?) { self.lines = lines }

    /// - Parameter at: when it happened.
    mutating func take(_ event: CallEvent, at time: Instant) {
        self.time = time
        switch event {
        case .joined(let channel, let isFirst):
            write("joined", [JSONMember("channel", .string(channel)), JSONMember("first", .bool(isFirst))])
            say("Joined \(channel)" + (isFirst ? "; waiting for someone else." : "."))
        case .ready: write("ready")
        case .memberArrived(let id, let name):
            names[id] = name
            write("member-joined", whose(id))
        case .memberLeft(let id, let reason):
            write("member-left", whose(id) + [JSONMember("reason", .string(reason))])
            names[id] = nil
        case .peerNamed(let id, let name): names[id] = name
        case .connected(let id, let path, _):
            connected.insert(id)
            write("connected", whose(id) + [JSONMember("pair", .string(path))])
            say(names[id].map { "Connected to \($0): \(path)." } ?? "Connected: \(path).")
        case .firstFrame(let id, let width, let height, _):
            let size = [JSONMember("width", .integer(Int64(width))), JSONMember("height", .integer(Int64(height)))]
            write("first-frame", whose(id) + size)
            say("The first picture\(names[id].map { " of \($0)" } ?? "") is here, \(width)x\(height).")
        case .peerLeft(let id, let reason):
            connected.remove(id)
            write("peer-left", whose(id) + [JSONMember("reason", .string(reason))])
            say(connected.isEmpty ? "\(reason) Waiting." : reason)
        case .left: connected = []
        case .signalingConnected(let id): write("signaling-connected", [JSONMember("id", .string(id))])
        case .signalingLost(let text):
            write("signaling-lost", [JSONMember("message", .string(text))])
            failed(text)
        case .signalingStopping(let text):
            write("server-stopping", [JSONMember("message", .string(text))])
            complain(Self.sentence(text))
        case .error(let text): failed(text)
        case .deviceFailed(_, _, let error): failed(error.description)
        case .message(let text): say(text)
        case .interrupted(let id):
            write("interrupted", whose(id))
            say("Nothing comes from \(names[id] ?? "the other side") at the moment.")
        case .resumed(let id):
            write("resumed", whose(id))
            say("\(names[id] ?? "The other side") is back.")
        case .chat, .peerMedia, .path, .verification, .acquaintance: told(event)
        case .joining, .joinFailed, .connecting, .chatOpen, .channels, .listUnsupported, .device, .deviceList, .pathTest: break
        }
    }

    /// What a member's program, or the path to it, has told.
    private func told(_ event: CallEvent) {
        switch event {
        case .chat(let id, let text):
            write("chat", whose(id) + [JSONMember("from", "them"), JSONMember("text", .string(text))])
            say("\(names[id] ?? "They"): \(text)")
        case .peerMedia(let id, let microphone, let camera):
            write("peer-media", whose(id) + [JSONMember("microphone", .bool(microphone)), JSONMember("camera", .bool(camera))])
        case .path(let id, let isRelayed, let summary, let pair):
            let kind: JSONValue = isRelayed ? "relayed" : "direct"
            write(
                "path",
                whose(id) + [JSONMember("kind", kind), JSONMember("summary", .string(summary)), JSONMember("pair", .string(pair))])
        case .verification(let id, let verification): report(verification, of: id)
        case .acquaintance(let id, let acquaintance): report(acquaintance, of: id)
        default: break
        }
    }

    private func write(_ event: String, _ members: [JSONMember] = []) { lines?.write(event, at: time, members) }

    func failed(_ sentence: String) {
        write("error", [JSONMember("message", .string(sentence))])
        complain(sentence)
    }

    private func report(_ verification: CallVerification, of id: CallMemberID) {
        func tell(_ members: [JSONMember]) { write("verification", whose(id) + members) }
        let whom = names[id].map { "you and \($0)" } ?? "you"
        switch verification {
        case .words(let words):
            let text = words.joined(separator: "-")
            tell([JSONMember("state", "words"), JSONMember("words", .string(text))])
            say("Words: \(text). The same on the other end: nobody sits between \(whom).")
        case .impossible(let why):
            tell([JSONMember("state", "not-verifiable"), JSONMember("reason", .string(why))])
            say("It cannot be verified that nobody sits between \(whom): \(why).")
        case .failed(let why):
            tell([JSONMember("state", "failed"), JSONMember("reason", .string(why))])
            complain("Somebody may sit between \(whom): \(why).")
        }
    }

    private func report(_ acquaintance: CallAcquaintance, of id: CallMemberID) {
        func tell(_ state: String, _ members: [JSONMember] = []) {
            write("known-peer", whose(id) + [JSONMember("state", .string(state))] + members)
        }
        switch acquaintance {
        case .unknown: tell("unnamed")
        case .firstSeen: tell("first-seen")
        case .known(let since, let isVerified):
            tell("known", [JSONMember("since", .string(since)), JSONMember("verified", .bool(isVerified))])
        case .changed(let since):
            tell("changed", [JSONMember("since", .string(since))])
            let whose = names[id].map { "\($0)'s key" } ?? "The other side's key"
            complain("\(whose) has changed; the name was known with another one since \(since).")
        }
    }

    private func whose(_ id: CallMemberID) -> [JSONMember] {
        [JSONMember("member", .string(id))] + (names[id].map { [JSONMember("name", .string($0))] } ?? [])
    }

    private func say(_ text: String) {
        guard lines == nil else { return }
        writeFully(Array((printable(text) + "\n").utf8), to: STDOUT_FILENO)
    }

    /// A server's words may have no full stop.
    private static func sentence(_ text: String) -> String { text.last.map { ".!?".contains($0) } == true ? text : text + "." }
}
