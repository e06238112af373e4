// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

let package = Package(
    name: "tchat",
    products: [
        .executable(name: "tchat", targets: ["tchat"]),
        // For the nested packages Fuzz and Benchmarks alone.
        .library(
            name: "PeerLayer",
            targets: [
                "PeerConnection", "ICE", "SDP", "RTP", "SCTP", "CallControl", "DTLS", "SRTP", "JSON", "Primitives", "ByteCoding",
                "MediaTypes",
                "DatagramSocket", "Threading", "CLinux", "TestSupport",
            ]),
        .library(name: "SignalingLayer", targets: ["Signaling", "SocketIO", "Channels", "JSON", "Primitives"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/LebJe/TOMLKit.git", from: "0.6.0"),
    ],
    targets: [
        // CLibraries
        .systemLibrary(name: "CNcurses", path: "Sources/CLibraries/CNcurses", providers: [.apt(["libncursesw5-dev"])]),
        .systemLibrary(name: "CV4L2", path: "Sources/CLibraries/CV4L2", pkgConfig: "libv4l2", providers: [.apt(["libv4l-dev"])]),
        .systemLibrary(name: "CALSA", path: "Sources/CLibraries/CALSA", pkgConfig: "alsa", providers: [.apt(["libasound2-dev"])]),
        .systemLibrary(name: "CVPX", path: "Sources/CLibraries/CVPX", pkgConfig: "vpx", providers: [.apt(["libvpx-dev"])]),
        .systemLibrary(name: "COpus", path: "Sources/CLibraries/COpus", pkgConfig: "opus", providers: [.apt(["libopus-dev"])]),
        .systemLibrary(name: "CSRTP", path: "Sources/CLibraries/CSRTP", pkgConfig: "libsrtp2", providers: [.apt(["libsrtp2-dev"])]),
        .systemLibrary(name: "COpenSSL", path: "Sources/CLibraries/COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CSpeexDSP", path: "Sources/CLibraries/CSpeexDSP", pkgConfig: "speexdsp", providers: [.apt(["libspeexdsp-dev"])]),
        .systemLibrary(name: "CPNG", path: "Sources/CLibraries/CPNG", pkgConfig: "libpng16", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(
            name: "CQREncode", path: "Sources/CLibraries/CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .target(name: "CLinux", path: "Sources/CLibraries/CLinux"),
        .target(name: "CTerminalGuard", path: "Sources/CLibraries/CTerminalGuard"),

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
        .target(
            name: "RTP",
            dependencies: [
                "Primitives", "ByteCoding", "MediaTypes",
            ],
            path: "Sources/Protocols/RTP", swiftSettings: swiftSettings),
        .target(name: "SCTP", dependencies: ["Primitives", "ByteCoding"], path: "Sources/Protocols/SCTP", swiftSettings: swiftSettings),
        .target(name: "JSON", path: "Sources/Protocols/JSON", swiftSettings: swiftSettings),
        .target(
            name: "CallControl",
            dependencies: [
                "Primitives", "ByteCoding", "JSON",
            ],
            path: "Sources/Protocols/CallControl", swiftSettings: swiftSettings),
        .target(
            name: "SocketIO",
            dependencies: [
                "Primitives", "JSON", .product(name: "DequeModule", package: "swift-collections"),
            ],
            path: "Sources/Protocols/SocketIO", swiftSettings: swiftSettings),
        .target(name: "Channels", dependencies: ["Primitives", "JSON"], path: "Sources/Protocols/Channels", swiftSettings: swiftSettings),
        .target(
            name: "CellGraphics",
            dependencies: [
                "MediaTypes", "Primitives",
            ],
            path: "Sources/Protocols/CellGraphics", swiftSettings: swiftSettings),
        .target(
            name: "TestPattern",
            dependencies: [
                "MediaTypes", "Primitives",
            ],
            path: "Sources/Protocols/TestPattern", swiftSettings: swiftSettings),

        // Devices
        .target(name: "DTLS", dependencies: ["COpenSSL", "Primitives"], path: "Sources/Devices/DTLS", swiftSettings: swiftSettings),
        .target(name: "Secrets", dependencies: ["COpenSSL"], path: "Sources/Devices/Secrets", swiftSettings: swiftSettings),
        .target(name: "SRTP", dependencies: ["CSRTP", "DTLS"], path: "Sources/Devices/SRTP", swiftSettings: swiftSettings),
        .target(
            name: "DatagramSocket",
            dependencies: [
                "CLinux", "Primitives", "Threading",
            ],
            path: "Sources/Devices/DatagramSocket", swiftSettings: swiftSettings),
        .target(
            name: "NetworkWatch",
            dependencies: [
                "CLinux", "Primitives", "Threading",
            ],
            path: "Sources/Devices/NetworkWatch", swiftSettings: swiftSettings),
        .target(
            name: "VideoCodec",
            dependencies: [
                "CVPX", "MediaTypes", "Primitives",
            ],
            path: "Sources/Devices/VideoCodec", swiftSettings: swiftSettings),
        .target(
            name: "AudioCodec",
            dependencies: [
                "COpus", "MediaTypes", "Primitives",
            ],
            path: "Sources/Devices/AudioCodec", swiftSettings: swiftSettings),
        .target(
            name: "MediaFiles",
            dependencies: [
                "MediaTypes", "Primitives", "CSpeexDSP", "Threading",
            ],
            path: "Sources/Devices/MediaFiles", swiftSettings: swiftSettings),
        .target(
            name: "Camera",
            dependencies: [
                "CV4L2", "MediaTypes", "Primitives", "Threading",
            ],
            path: "Sources/Devices/Camera", swiftSettings: swiftSettings),
        .target(
            name: "Sound",
            dependencies: [
                "CALSA", "MediaTypes", "Primitives", "Threading",
            ],
            path: "Sources/Devices/Sound", swiftSettings: swiftSettings),
        .target(
            name: "Terminal",
            dependencies: [
                "CNcurses", "CTerminalGuard", "CellGraphics", "Primitives", "Threading",
            ],
            path: "Sources/Devices/Terminal", swiftSettings: swiftSettings),

        .target(name: "PNGFile", dependencies: ["CPNG", "MediaTypes"], path: "Sources/Devices/PNGFile", swiftSettings: swiftSettings),
        .target(name: "QRCode", dependencies: ["CQREncode"], path: "Sources/Devices/QRCode", swiftSettings: swiftSettings),

        // Composition
        .target(
            name: "PeerConnection",
            dependencies: [
                "ICE", "SDP", "RTP", "SCTP", "DTLS", "SRTP", "MediaTypes", "Primitives", "ByteCoding",
            ],
            path: "Sources/Composition/PeerConnection", swiftSettings: swiftSettings),
        .target(
            name: "MediaPipeline",
            dependencies: [
                "RTP", "VideoCodec", "AudioCodec", "MediaFiles", "TestPattern", "MediaTypes", "Primitives", "Threading",
            ],
            path: "Sources/Composition/MediaPipeline", swiftSettings: swiftSettings),
        .target(
            name: "Signaling",
            dependencies: [
                "CLinux", "SocketIO", "Channels", "Secrets", "GuestPage", "JSON", "TLSClient", "Primitives",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"), .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            path: "Sources/Composition/Signaling", swiftSettings: swiftSettings),
        // `web` is a link to Assets/web.
        .target(
            name: "GuestPage", path: "Sources/Composition/GuestPage", resources: [.embedInCode("web")], swiftSettings: swiftSettings),
        .target(
            name: "TLSClient",
            dependencies: [
                "Primitives", .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Sources/Composition/TLSClient", swiftSettings: swiftSettings),
        .target(
            name: "StreamSockets",
            dependencies: [
                "TLSClient", "Primitives", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Sources/Composition/StreamSockets", swiftSettings: swiftSettings),
        .target(
            name: "Identity",
            dependencies: [
                "CallControl", "DTLS", "Primitives",
            ],
            path: "Sources/Composition/Identity", swiftSettings: swiftSettings),
        .target(
            name: "ChatUI",
            dependencies: [
                "CellGraphics", "Terminal", "QRCode", "MediaTypes", "Primitives",
            ],
            path: "Sources/Composition/ChatUI", swiftSettings: swiftSettings),
        .target(
            name: "CallSession",
            dependencies: [
                "PeerConnection", "MediaPipeline", "Signaling", "StreamSockets", "DatagramSocket", "NetworkWatch", "Camera", "Sound",
                "MediaFiles", "TestPattern", "CallControl", "Identity", "JSON", "Threading", "Primitives", "MediaTypes", "ICE", "RTP",
                "SDP", "SCTP",
                "DTLS", "SRTP",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Composition/CallSession", swiftSettings: swiftSettings),

        // tchat
        .executableTarget(
            name: "tchat",
            dependencies: [
                "CLinux", "CallSession", "PeerConnection", "ChatUI", "Identity", "Terminal", "CellGraphics", "Signaling", "Channels",
                "Secrets",
                "MediaPipeline", "MediaFiles", "PNGFile", "QRCode", "Camera", "Sound", "TestPattern", "JSON", "Threading", "Primitives",
                "MediaTypes",
                .product(name: "ArgumentParser", package: "swift-argument-parser"), .product(name: "TOMLKit", package: "TOMLKit"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/tchat", swiftSettings: swiftSettings),

        // Tests
        .target(name: "TestSupport", dependencies: ["Primitives", "MediaTypes"], path: "Tests/TestSupport", swiftSettings: swiftSettings),
        .target(
            name: "TestCertificates",
            dependencies: [
                "COpenSSL", "Primitives", .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/TestCertificates", swiftSettings: swiftSettings),
        .target(name: "VirtualTimeOfDay", path: "Tests/VirtualTimeOfDay"),
        .target(
            name: "TURNSimulation",
            dependencies: [
                "ICE", "Primitives", "ByteCoding",
            ],
            path: "Tests/TURNSimulation", swiftSettings: swiftSettings),
        .executableTarget(
            name: "TerminalProbe",
            dependencies: [
                "Terminal", "CellGraphics", "Threading", "Primitives",
            ],
            path: "Tests/Devices/TerminalProbe", swiftSettings: swiftSettings),
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
        .testTarget(
            name: "ICETests",
            dependencies: [
                "ICE", "TestSupport", "Primitives", "ByteCoding", "DTLS", "TURNSimulation",
            ],
            path: "Tests/Protocols/ICE", swiftSettings: swiftSettings),
        .testTarget(name: "SDPTests", dependencies: ["SDP", "TestSupport"], path: "Tests/Protocols/SDP", swiftSettings: swiftSettings),
        .testTarget(
            name: "RTPTests",
            dependencies: [
                "RTP", "TestSupport", "Primitives", "ByteCoding", "MediaTypes",
            ],
            path: "Tests/Protocols/RTP", swiftSettings: swiftSettings),
        .testTarget(
            name: "SCTPTests",
            dependencies: [
                "SCTP", "TestSupport", "Primitives", "ByteCoding",
            ],
            path: "Tests/Protocols/SCTP", swiftSettings: swiftSettings),
        .testTarget(
            name: "CallControlTests",
            dependencies: [
                "CallControl", "TestSupport", "Primitives", "ByteCoding", "JSON", "DTLS",
            ],
            path: "Tests/Protocols/CallControl", swiftSettings: swiftSettings),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"], path: "Tests/Protocols/JSON", swiftSettings: swiftSettings),
        .testTarget(
            name: "SocketIOTests",
            dependencies: [
                "SocketIO", "TestSupport", "Primitives", "JSON", .product(name: "DequeModule", package: "swift-collections"),
            ],
            path: "Tests/Protocols/SocketIO", swiftSettings: swiftSettings),
        .testTarget(
            name: "ChannelsTests",
            dependencies: [
                "Channels", "TestSupport", "Primitives", "JSON", "DTLS",
            ],
            path: "Tests/Protocols/Channels", swiftSettings: swiftSettings),
        .testTarget(
            name: "CellGraphicsTests",
            dependencies: [
                "CellGraphics", "TestSupport", "MediaTypes", "Primitives",
            ],
            path: "Tests/Protocols/CellGraphics", swiftSettings: swiftSettings),
        .testTarget(
            name: "TestPatternTests",
            dependencies: [
                "TestPattern", "TestSupport", "MediaTypes", "Primitives",
            ],
            path: "Tests/Protocols/TestPattern", swiftSettings: swiftSettings),
        .testTarget(
            name: "DTLSTests",
            dependencies: [
                "DTLS", "TestSupport", "COpenSSL", "Primitives", "VirtualTimeOfDay",
            ],
            path: "Tests/Devices/DTLS", swiftSettings: swiftSettings),
        .testTarget(
            name: "SecretsTests",
            dependencies: [
                "Secrets", "TestSupport",
            ],
            path: "Tests/Devices/Secrets", swiftSettings: swiftSettings),
        .testTarget(
            name: "SRTPTests",
            dependencies: [
                "SRTP", "TestSupport", "CSRTP", "DTLS",
            ],
            path: "Tests/Devices/SRTP", swiftSettings: swiftSettings),
        .testTarget(
            name: "DatagramSocketTests",
            dependencies: [
                "DatagramSocket", "TestSupport", "CLinux", "Primitives", "Threading",
            ],
            path: "Tests/Devices/DatagramSocket", swiftSettings: swiftSettings),
        .testTarget(
            name: "NetworkWatchTests",
            dependencies: [
                "NetworkWatch", "TestSupport", "CLinux", "Primitives", "Threading",
            ],
            path: "Tests/Devices/NetworkWatch", swiftSettings: swiftSettings),
        .testTarget(
            name: "VideoCodecTests",
            dependencies: [
                "VideoCodec", "TestSupport", "CVPX", "MediaTypes", "Primitives", "TestPattern",
            ],
            path: "Tests/Devices/VideoCodec", swiftSettings: swiftSettings),
        .testTarget(
            name: "AudioCodecTests",
            dependencies: [
                "AudioCodec", "TestSupport", "COpus", "MediaTypes", "Primitives",
            ],
            path: "Tests/Devices/AudioCodec", swiftSettings: swiftSettings),
        .testTarget(
            name: "MediaFilesTests",
            dependencies: [
                "MediaFiles", "TestSupport", "MediaTypes", "Primitives", "CSpeexDSP", "Threading",
            ],
            path: "Tests/Devices/MediaFiles", swiftSettings: swiftSettings),
        .testTarget(
            name: "CameraTests",
            dependencies: [
                "Camera", "TestSupport", "CV4L2", "MediaTypes", "Primitives", "Threading",
            ],
            path: "Tests/Devices/Camera", swiftSettings: swiftSettings),
        .testTarget(
            name: "SoundTests",
            dependencies: [
                "Sound", "TestSupport", "CALSA", "MediaTypes", "Primitives", "Threading",
            ],
            path: "Tests/Devices/Sound", swiftSettings: swiftSettings),
        .testTarget(
            name: "PNGFileTests",
            dependencies: [
                "PNGFile", "TestSupport", "CPNG", "MediaTypes", "Primitives",
            ],
            path: "Tests/Devices/PNGFile", swiftSettings: swiftSettings),
        .testTarget(name: "QRCodeTests", dependencies: ["QRCode"], path: "Tests/Devices/QRCode", swiftSettings: swiftSettings),
        .testTarget(
            name: "TerminalTests",
            dependencies: [
                "Terminal", "TestSupport", "CNcurses", "CTerminalGuard", "CellGraphics", "Primitives", "Threading",
                "TerminalProbe",
            ],
            path: "Tests/Devices/Terminal", swiftSettings: swiftSettings),
        .testTarget(
            name: "PeerConnectionTests",
            dependencies: [
                "PeerConnection", "TestSupport", "ICE", "SDP", "RTP", "SCTP", "DTLS", "SRTP", "MediaTypes", "Primitives", "ByteCoding",
                "VirtualTimeOfDay", "TURNSimulation",
            ],
            path: "Tests/Composition/PeerConnection", swiftSettings: swiftSettings),
        .testTarget(
            name: "MediaPipelineTests",
            dependencies: [
                "MediaPipeline", "TestSupport", "RTP", "VideoCodec", "AudioCodec", "MediaFiles", "TestPattern", "MediaTypes",
                "Primitives", "Threading",
            ],
            path: "Tests/Composition/MediaPipeline", swiftSettings: swiftSettings),
        .testTarget(
            name: "SignalingTests",
            dependencies: [
                "Signaling", "TestSupport", "TestCertificates", "COpenSSL", "SocketIO", "Channels", "Secrets", "JSON", "TLSClient",
                "Primitives",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "Logging", package: "swift-log"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            path: "Tests/Composition/Signaling", swiftSettings: swiftSettings),
        .testTarget(
            name: "GuestPageTests",
            dependencies: [
                "GuestPage", "CallControl",
            ],
            path: "Tests/Composition/GuestPage", swiftSettings: swiftSettings),
        .testTarget(
            name: "TLSClientTests",
            dependencies: [
                "TLSClient", "TestSupport", "Primitives", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/Composition/TLSClient", swiftSettings: swiftSettings),
        .testTarget(
            name: "StreamSocketsTests",
            dependencies: [
                "StreamSockets", "TestSupport", "TestCertificates", "TLSClient", "Primitives",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/Composition/StreamSockets", swiftSettings: swiftSettings),
        .testTarget(
            name: "IdentityTests",
            dependencies: [
                "Identity", "TestSupport", "CallControl", "DTLS", "Primitives",
            ],
            path: "Tests/Composition/Identity", swiftSettings: swiftSettings),
        .testTarget(
            name: "ChatUITests",
            dependencies: [
                "ChatUI", "TestSupport", "CellGraphics", "Terminal", "QRCode", "MediaTypes", "Primitives",
            ],
            path: "Tests/Composition/ChatUI", swiftSettings: swiftSettings),
        .testTarget(
            name: "CallSessionTests",
            dependencies: [
                "CallSession", "TestSupport", "PeerConnection", "MediaPipeline", "Signaling", "DatagramSocket", "Camera",
                "Sound", "MediaFiles", "TestPattern", "CallControl", "Identity", "JSON", "Threading", "Primitives", "MediaTypes", "ICE",
                "RTP", "SDP", "SCTP", "DTLS", "SRTP", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Composition/CallSession", swiftSettings: swiftSettings),
        .testTarget(
            name: "tchatTests",
            dependencies: [
                "tchat", "TestSupport", "TestCertificates", "CLinux", "CallSession", "ChatUI", "Terminal", "CellGraphics", "Signaling",
                "MediaPipeline", "MediaFiles", "Camera", "Sound", "TestPattern", "JSON", "Threading", "Primitives", "Channels", "Secrets",
                "MediaTypes", "Identity", "PNGFile", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/tchat", exclude: ["Screens/Golden"], swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6]
)
