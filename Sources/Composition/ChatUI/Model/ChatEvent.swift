import MediaTypes
import Primitives
import Terminal

/// Everything that can change what is on the screen.
///
/// People are named by their ids; what is told of somebody who is not there is not taken.
public enum ChatEvent: Sendable {
    case key(Key)
    /// From terminals that tell; without it time decides.
    case keyReleased(Key)
    /// What a key could have asked for, asked for otherwise.
    case action(ChatAction)
    /// The instant that `nextDeadline` named has come.
    case deadline
    case resized(TerminalSize)
    /// At least twice a second; the time of day stands before the events of a call.
    case tick(hour: Int, minute: Int)

    // Signaling and the lobby.
    case signaling(SignalingState)
    /// The server ends, and says so; its own words, if any.
    case serverStopping(String)
    case channels([LobbyChannel])
    /// A plain server, which cannot list.
    case channelsUnsupported
    /// "HD Webcam 640x480 30", "Built-in", "direct likely (STUN answers)"; nil leaves a line as it is.
    case devices(camera: String?, microphone: String?, path: String?)

    /// What there is to choose from.
    case deviceChoices(DeviceKind, [DeviceChoice])
    /// What is used from now on: as its option names it, its name (nil: none), and "640x480 30" or nothing.
    case device(DeviceKind, id: String, name: String?, detail: String)
    /// It cannot be used, or can be no more.
    case deviceFailed(DeviceKind, id: String, MediaDeviceError)
    case pathTest(PathTestResult)
    /// Channels joined before at this server, newest first.
    case recents([String])
    /// With the left button; a cell, from 0.
    case clicked(column: Int, row: Int)
    case wheel(up: Bool)
    /// How others come into this channel.
    case invite(Invitation)
    /// What a `copy` asked for has gone to the terminal, or cannot.
    case copied(Bool)
    /// Text that was pasted; for a line that is being typed, if there is one.
    case pasted(String)

    // A call.
    /// The join of a channel has begun, whoever asked for it: the call screen opens.
    case joining(channel: String)
    /// - Parameter channel: nil: the one whose join has begun. What is told of another one comes late, as in the lobby.
    case joined(isFirst: Bool, channel: String? = nil)
    /// Back to the lobby, which says why, or asks for the password. Likewise.
    case joinFailed(ChatRefusal, channel: String? = nil)
    /// Somebody is in the channel.
    case memberArrived(String, name: String?)
    /// They are there no more, and have no connection either; a sentence, in which they may be called "The other side", or nothing.
    case memberLeft(String, reason: String)
    case named(String, String)
    /// A connection is being made; who was not there has come.
    case connecting(String)
    /// "direct", "relayed".
    case connected(String, path: String)
    /// It has changed.
    case path(String, String)
    case interrupted(String)
    case resumed(String)
    /// Their connection has ended; they may still be in the channel.
    case disconnected(String)
    case remotePicture(String, isPresent: Bool)
    /// What they let us hear and see.
    case media(String, microphone: Bool, camera: Bool)
    /// Who is speaking; nil: nobody.
    case speaker(String?)
    /// A line of the text chat; nil: we said it ourselves.
    case chat(from: String?, text: String)
    /// Whether they take text.
    case chatOpen(String, Bool)
    case verification(String, ChatVerification)
    case acquaintance(String, ChatAcquaintance)
    /// Rows of names and values for the statistics pane, as long as it is shown.
    case details([ChatDetail])
    /// A line for the pane: what the server or someone else said.
    case message(String)
    /// Like a message, but trouble.
    case failure(String)
    /// The call is over, for the reason or none: back to the lobby.
    case ended(String?)
    /// What really leaves the machine.
    case microphone(isOn: Bool)
    case camera(isOn: Bool)
    /// What this machine has to send with.
    case equipment(hasMicrophone: Bool, hasCamera: Bool)
    /// 0...1, of what the microphone hears, muted or not.
    case microphoneLevel(Double)
    case statistics(ChatStatistics)
}

/// What the user wants; the answer comes back as an event.
public enum ChatCommand: Equatable, Sendable {
    case join(channel: String, password: HiddenText?)
    case leave
    case setMicrophone(on: Bool)
    case setCamera(on: Bool)
    case say(String)
    /// By its id; the answer is a `device` or a `deviceFailed`.
    case choose(DeviceKind, id: String)
    case listDevices(DeviceKind)
    /// On the speaker.
    case playTone
    /// The words of this one were compared, and are the same on both ends.
    case confirmWords(of: String)
    /// The newest picture of someone, or the own one, into a file; the answer is a message or a failure.
    case snapshot(of: String?)
    case bell
    /// Into the clipboard, by way of the terminal; the answer is a `copied`.
    case copy(String)
    /// The screen is to be drawn whole.
    case repaint
    case quit
}
