import CellGraphics

/// What is told on demand.
extension PlainLines {
    public func people(_ model: ChatModel) -> [String] {
        let call = model.call
        guard model.screen == .call, !call.people.isEmpty else { return [line(model.words.plainNobody, model)] }
        return call.people.map { line("\($0.number)  \(model.words.plainPerson($0, name: call.name(of: $0)))", model) }
    }

    /// The words of each connection, and what to do with them.
    public func verification(_ model: ChatModel) -> [String] {
        let call = model.call
        guard model.screen == .call, !call.people.isEmpty else { return [line(model.words.plainNobody, model)] }
        return call.people.map { person in
            let name = call.name(of: person)
            let prefix = call.isGroup ? "\(person.number)  " : ""
            return switch person.verification {
            case .pending: line(prefix + model.words.plainNoWords(name), model)
            case .impossible(let why), .failed(let why): line("\(prefix)\(name): \(why)", model)
            case .words(let words):
                line(prefix + model.words.plainWords(name, words.joined(separator: " "), isVerified: person.isVerified), model)
            }
        }
    }

    public func invitation(_ invitation: Invitation, _ model: ChatModel) -> [String] {
        let texts = [invitation.link, model.words.inviteHow(invitation.reach)] + (invitation.hasToken ? [model.words.inviteToken] : [])
        return texts.filter { !$0.isEmpty }.map { line($0, model) }
    }

    /// - Parameter number: nil: of the one who is there alone.
    /// - Returns: whose words were compared, or why that cannot be said.
    public func confirmation(_ number: Int?, _ model: ChatModel) -> (id: String?, line: String) {
        let people = model.call.people
        let person = number.map { number in people.first { $0.number == number } } ?? (people.count == 1 ? people.first : nil)
        guard model.screen == .call, let person else { return (nil, line(model.words.plainWhom, model)) }
        let name = model.call.name(of: person)
        guard case .words = person.verification else { return (nil, line(model.words.plainNoWords(name), model)) }
        return (person.id, line(model.words.plainConfirmed(name), model))
    }

    /// - Parameter details: of the connection that is looked at; none: what matters is enough.
    public func statistics(_ model: ChatModel, details: [ChatDetail]) -> [String] {
        guard model.screen == .call, !model.call.people.isEmpty else { return [line(model.words.plainNobody, model)] }
        let now = model.call.statistics
        func whole(_ number: Double) -> String { number.isFinite ? "\(Int(max(0, min(1e9, number)).rounded()))" : "0" }
        var facts = now.roundTripMilliseconds.map { ["\(whole($0)) ms"] } ?? []
        facts += [
            "\(whole(now.framesPerSecond)) fps", "\(whole(now.kilobitsPerSecond)) kb/s",
            "\(model.words.plainLoss) \(whole(now.lossPercent)) %",
        ]
        return [line(facts.joined(separator: ", "), model)] + details.map { line("\($0.name): \($0.value)", model) }
    }

    public func help(_ model: ChatModel) -> [String] {
        model.words.plainHelp(isInCall: model.screen == .call, keys: model.keys).map { line($0, model) }
    }
}
