/// Glyphs of more than one scalar (a letter and its marks), numbered for the grid's words. Numbers are never taken back. Bounded: when full, marks
/// are dropped.
struct ClusterTable: Sendable {
    /// The grid's words have room for as many.
    private static let mostNumbers = 0xe_0000
    private let capacity: Int
    private(set) var utf8: [[UInt8]] = []
    private var numbers: [[UInt8]: UInt32] = [:]

    /// For a grid of so many cells: room for a screen full of different ones, and some thousand more before it has to be begun anew.
    init(cells: Int) { capacity = min(Self.mostNumbers, 4096 + cells) }

    var isFull: Bool { utf8.count >= capacity }

    /// The grid's word for a cluster, without flags.
    mutating func word(_ cluster: TextCluster) -> UInt32 {
        guard !cluster.marks.isEmpty else { return cluster.base.value }
        let bytes = Array(cluster.text.utf8)
        if let number = numbers[bytes] { return GlyphWord.firstCluster + number }
        guard !isFull else { return cluster.base.value }
        let number = UInt32(utf8.count)
        utf8.append(bytes)
        numbers[bytes] = number
        return GlyphWord.firstCluster + number
    }

    func text(_ value: UInt32) -> String {
        if let scalar = Unicode.Scalar(value) { return String(scalar) }
        let number = Int(value) - Int(GlyphWord.firstCluster)
        return utf8.indices.contains(number) ? String(decoding: utf8[number], as: UTF8.self) : " "
    }
}
