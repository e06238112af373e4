import CQREncode
import Glibc

/// The modules of a QR code (libqrencode): a square, without the light margin that readers need around it.
public struct QRCode: Equatable, Sendable {
    /// Why a text has no code; a sentence.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// Modules that have to be light on each side (ISO/IEC 18004).
    public static let quietZone = 4
    /// What fits at level M, in bytes.
    public static let mostBytes = 2331

    /// In modules, 21 to 177.
    public let size: Int
    /// Row by row; true: dark.
    public let modules: [Bool]

    /// As bytes, with error correction of level M, in the smallest version that takes them.
    /// - Throws: for nothing, and for more than `mostBytes`.
    public init(_ text: String) throws(Failure) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= Self.mostBytes else {
            throw Failure(description: "A QR code holds 1 to \(Self.mostBytes) bytes, and not \(bytes.count).")
        }
        guard let code = QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else {
            throw Failure(description: "The QR code cannot be made: \(String(cString: strerror(errno))).")
        }
        defer { QRcode_free(code) }
        size = Int(code.pointee.width)
        modules = UnsafeBufferPointer(start: code.pointee.data, count: size * size).map { $0 & 1 == 1 }
    }

    /// Dark; light for what is outside.
    public subscript(column: Int, row: Int) -> Bool {
        (0..<size).contains(column) && (0..<size).contains(row) && modules[row * size + column]
    }
}
