// swift-tools-version: 6.2
import PackageDescription

// What Benchmarks/*.py measure beside aiortc; see Documentation/testing.md.
let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "tchat", path: "..")],
    targets: [
        .executableTarget(name: "tchat-bench", dependencies: [.product(name: "PeerLayer", package: "tchat")])
    ],
    swiftLanguageModes: [.v6]
)
