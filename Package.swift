// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

let package = Package(
    name: "tchat",
    targets: [
        // CLibraries
        .target(name: "CLinux", path: "Sources/CLibraries/CLinux"),

        // Foundations
        .target(name: "Primitives", path: "Sources/Foundations/Primitives", swiftSettings: swiftSettings),
        .target(name: "ByteCoding", path: "Sources/Foundations/ByteCoding", swiftSettings: swiftSettings),
        .target(name: "MediaTypes", dependencies: ["Primitives"], path: "Sources/Foundations/MediaTypes", swiftSettings: swiftSettings),
        .target(
            name: "Threading",
            dependencies: [
                "Primitives", "CLinux",
            ],
            path: "Sources/Foundations/Threading", swiftSettings: swiftSettings),

        // Protocols
        .target(name: "ICE", dependencies: ["Primitives", "ByteCoding"], path: "Sources/Protocols/ICE", swiftSettings: swiftSettings),
        .target(name: "SDP", path: "Sources/Protocols/SDP", swiftSettings: swiftSettings),

        // Tests
        .target(name: "TestSupport", dependencies: ["Primitives", "MediaTypes"], path: "Tests/TestSupport", swiftSettings: swiftSettings),
        .testTarget(
            name: "PrimitivesTests",
            dependencies: [
                "Primitives", "TestSupport",
            ],
            path: "Tests/Foundations/Primitives", swiftSettings: swiftSettings),
        .testTarget(
            name: "ByteCodingTests",
            dependencies: [
                "ByteCoding", "TestSupport", "Primitives",
            ],
            path: "Tests/Foundations/ByteCoding", swiftSettings: swiftSettings),
        .testTarget(
            name: "MediaTypesTests",
            dependencies: [
                "MediaTypes", "TestSupport", "Primitives",
            ],
            path: "Tests/Foundations/MediaTypes", swiftSettings: swiftSettings),
        .testTarget(
            name: "ThreadingTests",
            dependencies: [
                "Threading", "TestSupport", "Primitives",
            ],
            path: "Tests/Foundations/Threading", swiftSettings: swiftSettings),
        .testTarget(name: "SDPTests", dependencies: ["SDP", "TestSupport"], path: "Tests/Protocols/SDP", swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6]
)
