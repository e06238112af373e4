import CallSession
import ChatUI

extension CallSession {
    /// Carries out what a screen and lines alike ask of a call; gives what the model is to be told of it, nil: nothing.
    func carryOut(_ command: ChatCommand) -> ChatEvent? {
        switch command {
        case .leave:
            leave()
            listChannels()
        case .setMicrophone(let isOn):
            setMuted(!isOn)
            return .microphone(isOn: isOn)
        case .setCamera(let isOn):
            setCameraEnabled(isOn)
            return .camera(isOn: isOn)
        case .say(let text):
            say(text)
            return .chat(from: nil, text: text)
        case .confirmWords(let id): confirmWords(of: id)
        default: break
        }
        return nil
    }
}
