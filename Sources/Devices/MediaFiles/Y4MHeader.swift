import MediaTypes

/// The first line of a Y4M file: `YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg`.
struct Y4MHeader: Equatable {
    static let magic = "YUV4MPEG2"
    /// No header is longer; a file whose first line is, is none of these.
    static let mostBytes = 1024

    var width: Int
    var height: Int
    var framesPerSecond: Double

    /// - Parameter line: without its line feed.
    init(_ line: String, file: String) throws(MediaDeviceError) {
        func bad(_ what: String) -> MediaDeviceError { MediaDeviceError(.malformed, "\(file): \(what).") }
        let parts = line.split(separator: " ")
        guard parts.first == Self.magic[...] else { throw bad("it does not begin with \(Self.magic), so it is no Y4M file") }
        var width: Int?
        var height: Int?
        var rate = 30.0
        for part in parts.dropFirst() {
            let value = part.dropFirst()
            switch part.first {
            case "W": width = Int(value)
            case "H": height = Int(value)
            case "F":
                let terms = value.split(separator: ":").map { Int($0) }
                guard terms.count == 2, let top = terms[0], let bottom = terms[1], top >= 0, bottom >= 0, (top == 0) == (bottom == 0) else {
                    throw bad("its frame rate is no fraction")
                }
                // 0:0 stands for unknown.
                if bottom > 0 { rate = Double(top) / Double(bottom) }
            case "C":
                guard ["420", "420jpeg", "420mpeg2", "420paldv"].contains(value) else {
                    let shown = String(value.prefix(16).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "?" })
                    throw MediaDeviceError(.unsupported, "\(file): its pixels are C\(shown); only 4:2:0 with 8 bits (C420) can be used.")
                }
            default: break
            }
        }
        guard let width, let height, (1...16384).contains(width), (1...16384).contains(height) else {
            throw bad("its header names no size from 1x1 to 16384x16384")
        }
        guard rate >= 0.1, rate <= 1000 else { throw bad("its frame rate is not between 0.1 and 1000") }
        self.width = width
        self.height = height
        framesPerSecond = rate
    }
}
