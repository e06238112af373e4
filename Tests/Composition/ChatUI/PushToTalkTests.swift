import Primitives
import Terminal
import Testing

@testable import ChatUI

@Suite struct PushToTalkTests {
    /// A call whose microphone is off, and which does as it is told.
    private struct Caller {
        var session = Session.inCall()

        init() { perform([.setMicrophone(on: false)]) }

        @discardableResult
        mutating func perform(_ commands: [ChatCommand]) -> [ChatCommand] {
            for case .setMicrophone(let isOn) in commands { session.send(.microphone(isOn: isOn)) }
            return commands
        }

        mutating func press(_ key: Key, at milliseconds: Int) -> [ChatCommand] {
            session.now = .zero + .milliseconds(milliseconds)
            return perform(session.press(key))
        }

        mutating func send(_ event: ChatEvent, at milliseconds: Int) -> [ChatCommand] {
            session.now = .zero + .milliseconds(milliseconds)
            return perform(session.send(event))
        }
    }

    private let space = Key.character(" ")

    @Test func itIsOpenWhileTheKeyRepeats() {
        var caller = Caller()
        #expect(caller.press(space, at: 1000) == [.setMicrophone(on: true)])
        #expect(caller.session.model.talk.isOpen && caller.session.model.isMicrophoneOn)
        // The pause before the first repeat may be 500 ms long; then one comes every 33 ms.
        for time in stride(from: 1500, through: 3000, by: 33) { #expect(caller.press(space, at: time).isEmpty) }
        #expect(caller.session.model.nextDeadline == .zero + .milliseconds(2985 + 600))
        #expect(caller.send(.deadline, at: 2985 + 599).isEmpty)
        #expect(caller.send(.deadline, at: 2985 + 600) == [.setMicrophone(on: false)])
        #expect(!caller.session.model.talk.isOpen && !caller.session.model.isMicrophoneOn && caller.session.model.nextDeadline == nil)
        #expect(caller.send(.deadline, at: 9000).isEmpty)
    }

    @Test func itClosesAtOnceWhereTheTerminalTellsOfTheRelease() {
        var caller = Caller()
        _ = caller.press(space, at: 0)
        #expect(caller.send(.keyReleased(.character("x")), at: 90).isEmpty)
        #expect(caller.send(.keyReleased(space), at: 100) == [.setMicrophone(on: false)])
        #expect(caller.send(.keyReleased(space), at: 110).isEmpty && caller.session.model.nextDeadline == nil)
    }

    @Test func aMicrophoneThatIsOnIsLeftAlone() {
        var caller = Caller()
        #expect(caller.press(.character("m"), at: 0) == [.setMicrophone(on: true)])
        #expect(caller.press(space, at: 10).isEmpty && caller.session.model.nextDeadline == nil)
        #expect(caller.send(.keyReleased(space), at: 20).isEmpty)
        #expect(caller.session.model.isMicrophoneOn)
    }

    @Test func muteWinsOverAHeldKey() {
        var caller = Caller()
        _ = caller.press(space, at: 0)
        #expect(caller.press(.character("m"), at: 50) == [.setMicrophone(on: false)])
        #expect(!caller.session.model.talk.isOpen)
        #expect(caller.send(.deadline, at: 5000).isEmpty)
    }

    @Test func whateverElseTurnsItOffEndsIt() {
        var caller = Caller()
        _ = caller.press(space, at: 0)
        #expect(caller.send(.microphone(isOn: false), at: 50).isEmpty)
        #expect(!caller.session.model.talk.isOpen)
    }

    @Test func leavingClosesIt() {
        var caller = Caller()
        _ = caller.press(space, at: 0)
        #expect(caller.press(.character("q"), at: 50) == [.setMicrophone(on: false), .leave])
        #expect(!caller.session.model.isMicrophoneOn)
        // Thrown out of the call: then time closes it.
        caller = Caller()
        _ = caller.press(space, at: 0)
        _ = caller.send(.ended("gone"), at: 50)
        #expect(caller.send(.tick(hour: 1, minute: 2), at: 600) == [.setMicrophone(on: false)])
    }

    @Test func typedSpacesAreSpaces() {
        var caller = Caller()
        caller.session.send(.chatOpen("a", true))
        _ = caller.press(.character("t"), at: 0)
        #expect(caller.press(space, at: 10).isEmpty && !caller.session.model.talk.isOpen)
        #expect(caller.session.model.call.draft?.text == " ")
        // Held when the typing begins, it closes in time.
        caller = Caller()
        caller.session.send(.chatOpen("a", true))
        _ = caller.press(space, at: 0)
        _ = caller.press(.character("t"), at: 10)
        for time in stride(from: 33, to: 600, by: 33) { _ = caller.press(space, at: time) }
        #expect(caller.send(.deadline, at: 600) == [.setMicrophone(on: false)])
    }

    @Test func nothingHappensWithoutAMicrophoneOrOutsideOfACall() {
        var caller = Caller()
        caller.session.send(.equipment(hasMicrophone: false, hasCamera: true))
        #expect(caller.press(space, at: 0).isEmpty)
        var lobby = Session()
        lobby.send(.microphone(isOn: false))
        #expect(lobby.press(space).isEmpty && !lobby.model.talk.isOpen)
    }

    @Test func ctrlAndAltMakeItAnotherKey() {
        var caller = Caller()
        for key in [Key.control("@"), .alt(" "), .alt("m"), .control("m")] { #expect(caller.press(key, at: 0).isEmpty) }
    }
}
