// swift-tools-version: 6.2
import PackageDescription

// libFuzzer over what reads the network; `make fuzz` builds with the sanitizer and runs all. See Documentation/testing.md.
let peerLayer: Target.Dependency = .product(name: "PeerLayer", package: "tchat")

let package = Package(
    name: "Fuzz",
    dependencies: [.package(name: "tchat", path: "..")],
    targets: [.target(name: "FuzzSupport", dependencies: [peerLayer])]
        + ["STUN", "TURN", "SDP", "RTP", "RTCP", "VP8", "SCTP", "DCEP", "PeerConnection"].map {
            .executableTarget(name: "Fuzz\($0)", dependencies: ["FuzzSupport", peerLayer])
        },
    swiftLanguageModes: [.v6]
)
