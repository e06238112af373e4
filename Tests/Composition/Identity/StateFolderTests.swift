import Identity
import Testing

@Suite struct StateFolderTests {
    @Test(
        arguments: [
            (["XDG_STATE_HOME": "/state", "HOME": "/home/ada"], "/state/tchat"), (["HOME": "/home/ada"], "/home/ada/.local/state/tchat"),
            (["XDG_STATE_HOME": "relative", "HOME": "/home/ada"], "/home/ada/.local/state/tchat"),
            (["XDG_STATE_HOME": "", "HOME": "/home/ada"], "/home/ada/.local/state/tchat"), (["HOME": ""], nil), ([:], nil),
        ] as [([String: String], String?)])
    func isWhereXDGSays(environment: [String: String], path: String?) {
        #expect(StateFolder(environment: { environment[$0] })?.path == path)
    }
}
