import Primitives
import Testing

@testable import CallSession

/// Random joins, leaves, crashes and losses of three to eight; in the end everybody who is there has one connection to everybody else.
@Suite struct MeshTests {
    private static func disturb(_ mesh: Mesh, names: inout Int) {
        guard let node = mesh.nodes.randomElement(using: &mesh.random) else { return }
        switch Int.random(in: 0..<100, using: &mesh.random) {
        case 0..<25: if node.wantsIn { mesh.leave(node) } else { mesh.join(node) }
        case 25..<45: mesh.join(node)
        case 45..<60: mesh.cut(node, isSeen: true)
        case 60..<75: mesh.cut(node, isSeen: false)
        case 75..<80: mesh.restartServer()
        case 80..<86:
            mesh.kill(node)
            names += 1
            mesh.nodes.append(Mesh.Node(id: "\(UInt8.random(in: 0...255, using: &mesh.random))-\(names)"))
        default: if let other = mesh.nodes.randomElement(using: &mesh.random), other !== node { mesh.block(node, other) }
        }
    }

    /// What is wrong, of every pair; nothing is right.
    static func faults(_ mesh: Mesh) -> [String] {
        let inside = mesh.nodes.filter(\.wantsIn)
        var faults: [String] = []
        for node in mesh.nodes {
            let others = Set(inside.filter { $0 !== node && node.wantsIn }.map(\.id))
            if Set(node.peers.keys.map(\.id)) != others {
                faults.append("\(node.id) has peers \(node.peers.keys.map(\.id).sorted()), not \(others.sorted())")
            }
            if node.shown != others { faults.append("\(node.id) shows \(node.shown.sorted()), not \(others.sorted())") }
            for (id, peer) in node.peers {
                if mesh.counterpart(of: peer, to: id, at: node) == nil { faults.append("\(node.id) and \(id.id) do not agree") }
                if !peer.isConnected { faults.append("\(node.id) is not connected to \(id.id)") }
                if peer.pending != nil { faults.append("\(node.id) has an open offer to \(id.id)") }
            }
        }
        return faults
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func everyPairAgreesInTheEnd(seed: UInt64) {
        let mesh = Mesh(seed: seed)
        let count = Int.random(in: 3...8, using: &mesh.random)
        mesh.nodes = (0..<count).map { Mesh.Node(id: "\(UInt8.random(in: 0...255, using: &mesh.random))-\($0)") }
        var names = count
        for node in mesh.nodes where mesh.chance(80) { mesh.join(node) }
        for _ in 0..<Int.random(in: 5...60, using: &mesh.random) {
            mesh.run(.milliseconds(Int.random(in: 0...3000, using: &mesh.random)))
            Self.disturb(mesh, names: &names)
        }
        for node in mesh.nodes where mesh.chance(70) { mesh.join(node) }
        // The longest that anything is waited for: a ghost's heartbeat, then an attempt that leads nowhere.
        mesh.run(.seconds(30) + CallCoordinator.attemptLimit + .seconds(20))
        #expect(Self.faults(mesh) == [], "seed \(seed), \(count) members")
    }

    @Test func eightWhoComeOneByOneAreConnectedSoon() {
        let mesh = Mesh(seed: 7)
        mesh.nodes = (0..<8).map { Mesh.Node(id: "m\($0)") }
        for node in mesh.nodes {
            mesh.join(node)
            mesh.run(.milliseconds(500))
        }
        mesh.run(.seconds(2))
        #expect(Self.faults(mesh) == [])
    }

    @Test func aRestartedServerDisturbsNoConnection() {
        let mesh = Mesh(seed: 8)
        mesh.nodes = (0..<5).map { Mesh.Node(id: "m\($0)") }
        for node in mesh.nodes { mesh.join(node) }
        mesh.run(.seconds(10))
        let before = mesh.nodes.map { $0.peers.mapValues(\.session) }
        mesh.restartServer()
        mesh.run(.seconds(60))
        #expect(Self.faults(mesh) == [])
        #expect(mesh.nodes.map { $0.peers.mapValues(\.session) } == before)
    }

    @Test func aLeaverDisturbsNobody() {
        let mesh = Mesh(seed: 9)
        mesh.nodes = (0..<4).map { Mesh.Node(id: "m\($0)") }
        for node in mesh.nodes { mesh.join(node) }
        mesh.run(.seconds(10))
        func sessions() -> [[String: Int]] {
            mesh.nodes.dropFirst().map { node in
                Dictionary(uniqueKeysWithValues: node.peers.filter { $0.key.id != "m0" }.map { ($0.key.id, $0.value.session) })
            }
        }
        let before = sessions()
        mesh.leave(mesh.nodes[0])
        mesh.run(.seconds(10))
        #expect(sessions() == before && Self.faults(mesh) == [])
        mesh.join(mesh.nodes[0])
        mesh.run(.seconds(5))
        #expect(sessions() == before && Self.faults(mesh) == [])
    }
}
