import CallSession
import CellGraphics
import ChatUI
import Glibc
import MediaTypes
import PNGFile
import Primitives
import Signaling
import Terminal
import Threading

// What keys of a call ask of the machine: snapshots, the invitation, bell and title.
extension ScreenLoop {
    /// What the terminal can, for the keys that go round through it.
    mutating func offerChoices() {
        let terminal = terminal.capabilities
        model.tone = picture.tone
        model.colorMode = screen.colorMode
        model.colorModes = picture.colorModes(terminal)
        model.renderModes = PictureOptions.styles(terminal, on: model.size, isRecorded: recording != nil)
        model.attention.ringsBell = !options.noBell
    }

    /// After every event: what the terminal is told besides its picture.
    mutating func followModel() {
        if screen.colorMode != model.colorMode { screen.colorMode = model.colorMode }
        guard !options.noTitle, title != model.title else { return }
        title = model.title
        terminal.setTitle(title)
    }

    mutating func showInvitation(to channel: String, _ now: Instant) {
        tell(.invite(Invitation(server: place.url, channel: channel, token: token)), now)
    }

    mutating func performAction(_ command: ChatCommand, _ now: Instant) {
        switch command {
        case .bell: terminal.ringBell()
        case .copy(let text): tell(.copied(terminal.copy(text)), now)
        case .snapshot(let id): snapshot(of: id, now)
        default: break
        }
    }

    /// The newest picture, as it came. Packing it and the disk take their time, on a thread of their own.
    private mutating func snapshot(of id: String?, _ now: Instant) {
        let (words, channel) = (model.words, model.call.channel)
        let feed = id.map { session.picture(of: $0) } ?? session.ownPicture
        guard let frame = feed?.latest.frame else { return tell(.failure(words.snapshotGone), now) }
        let answer = snapshots.begin(now: now) { Self.write(frame, of: channel, words) }
        if answer == .noThread { tell(.failure(words.snapshotWithoutThread), now) }
    }

    private static func write(_ frame: I420Frame, of channel: String, _ words: Words) -> CallEvent {
        guard
            let folder = SnapshotPlace.folder(environment: Environment.variable, file: Self.smallFile, exists: { access($0, X_OK) == 0 })
        else { return .error(words.snapshotWithoutFolder) }
        var seconds = time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        // Several tchats may write in one second.
        let names = (1...9).map { SnapshotPlace.name(channel: channel, time: parts, attempt: $0) }
        do throws(PNGFile.Failure) {
            return .message(words.snapshotSaved(shortened(try PNGFile.write(frame, in: folder, as: names))))
        } catch {
            return .error(words.snapshotFailed(error.description))
        }
    }

    /// With `~` for the home folder.
    private static func shortened(_ path: String) -> String {
        guard let home = Environment.variable("HOME"), home.count > 1, path.hasPrefix(home + "/") else { return path }
        return "~" + path.dropFirst(home.count)
    }

    /// At most 64 kB; nil: it cannot be read.
    private static func smallFile(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}

extension Invitation {
    /// - Parameter token: what this side was let in with; it goes into the link, for without it the link would let nobody in.
    init(server: ServerURL, channel: String, token: String?) {
        // Of the server's own pages, and of what cannot be written there, no link leads to the channel.
        let link = InviteLink(server: server, channel: channel, token: token)
        guard let read = try? InviteLink(link.description), read.channel == channel else {
            self.init(link: "", reach: .byNameAlone, hasToken: false)
            return
        }
        let isLoopback = server.host == "localhost" || server.host == "::1" || server.host.hasPrefix("127.")
        self.init(
            link: link.description,
            reach: isLoopback ? .thisMachine : server.isSecure ? .everybody : .noBrowser, hasToken: token != nil)
    }
}
