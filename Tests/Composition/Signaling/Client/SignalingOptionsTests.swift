import JSON
import Testing

@testable import Signaling

@Suite struct SignalingOptionsTests {
    @Test func theConnectPayloadSaysWhoThisIs() {
        let options = SignalingOptions(name: "ada", token: "t", resume: "0123456789abcdef")
        #expect(options.auth == ["name": "ada", "features": ["group"], "resume": "0123456789abcdef", "token": "t"])
        #expect(SignalingOptions(resume: "short").auth == ["features": ["group"]])
    }

    @Test func eachClientHasASecretOfItsOwn() {
        let secrets = (0..<100).map { _ in SignalingOptions().resume }
        #expect(Set(secrets).count == secrets.count && secrets.allSatisfy { $0.utf8.count == 32 })
    }
}
