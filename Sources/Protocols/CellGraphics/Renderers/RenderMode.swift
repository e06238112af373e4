/// How a picture becomes what a terminal can show.
public enum RenderMode: String, Sendable, CaseIterable {
    case half, quadrant, sextant, braille, ascii, sixel, kitty

    /// Picture samples that a cell shows, across and down; for pixel graphics what stands for them where a size in samples is wanted.
    public var samples: (columns: Int, rows: Int) {
        switch self {
        case .half: (1, 2)
        case .quadrant: (2, 2)
        case .sextant: (2, 3)
        case .braille: (2, 4)
        case .ascii: (1, 1)
        case .sixel, .kitty: (8, 16)
        }
    }

    /// Pixels of its own protocol rather than characters.
    public var isPixels: Bool { self == .sixel || self == .kitty }
}
