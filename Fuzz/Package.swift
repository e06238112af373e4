// swift-tools-version: 6.2
import PackageDescription

// libFuzzer over what reads the network; `make fuzz` builds with the sanitizer and runs all. See Documentation/testing.md.
let peerLayer: Target.Dependency = .product(name: "PeerLayer", package: "tchat")
let signalingLayer: Target.Dependency = .product(name: "SignalingLayer", package: "tchat")
let nio: [Target.Dependency] =
    ["NIOCore", "NIOEmbedded", "NIOHTTP1"].map { .product(name: $0, package: "swift-nio") }
    + [.product(name: "Logging", package: "swift-log")]

func targets(_ names: [String], _ dependencies: [Target.Dependency]) -> [Target] {
    names.map { .executableTarget(name: "Fuzz\($0)", dependencies: dependencies) }
}

let package = Package(
    name: "Fuzz",
    dependencies: [
        .package(name: "tchat", path: ".."),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
    ],
    targets: [
        .target(name: "FuzzSupport", dependencies: [peerLayer]),
        .target(name: "FuzzServerSupport", dependencies: ["FuzzSupport", signalingLayer]),
    ] + targets(["STUN", "TURN", "SDP", "RTP", "RTCP", "VP8", "SCTP", "DCEP", "PeerConnection"], ["FuzzSupport", peerLayer])
        + targets(["EngineIO", "SocketIO", "Channels", "JSON", "Token"], ["FuzzSupport", "FuzzServerSupport", signalingLayer])
        + targets(["HTTP"], ["FuzzSupport", "FuzzServerSupport", signalingLayer] + nio),
    swiftLanguageModes: [.v6]
)
