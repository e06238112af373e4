/// A part of a picture that is sent as one: a rectangle of cells, counted from the picture's corner, with nothing but picture in it.
struct PixelPiece: Equatable, Sendable {
    var cells: CellRegion
    /// The image that shows it, where images have numbers.
    var image: Int
    /// The terminal shows it as it was sent last, as far as no text went over it.
    var isSent = false
    /// The terminal has an image of that number, though perhaps not as it is to be now.
    var hasImage = false
}

/// A picture cut into pieces, around all that lies over it.
struct PixelPieces: Sendable {
    private(set) var all: [PixelPiece] = []
    private var mask: [Bool] = []
    /// Images have one byte of an id.
    static let most = 255
    private static let columnPixels = 64
    private static let rowPixels = 48

    /// Cuts anew if the mask has changed, and gives the images that nobody shows any more. Pieces that stay keep theirs.
    ///
    /// - Parameters:
    ///   - mask: whether a cell is to show the picture, row by row.
    ///   - areKept: what is on the screen stays there, however it was cut.
    mutating func cut(_ mask: [Bool], columns: Int, rows: Int, cell: CellPixels, areKept: Bool) -> [Int] {
        guard mask != self.mask, columns > 0, rows > 0, mask.count == columns * rows else { return [] }
        let isFirst = self.mask.isEmpty
        self.mask = mask
        var wide = max(4, (Self.columnPixels + cell.width - 1) / cell.width)
        var high = Self.evenRows(cell.height)
        var rectangles = Self.rectangles(mask, columns: columns, rows: rows, wide: wide, high: high)
        while rectangles.count > Self.most, wide < columns || high < rows {
            (wide, high) = (wide * 2, high * 2)
            rectangles = Self.rectangles(mask, columns: columns, rows: rows, wide: wide, high: high)
        }
        let former = Dictionary(all.map { ($0.cells, $0) }, uniquingKeysWith: { first, _ in first })
        let wanted = Set(rectangles)
        let gone = all.filter { !wanted.contains($0.cells) }
        let taken = Set(all.map(\.image)).subtracting(gone.map(\.image))
        let images = Set(all.filter(\.hasImage).map(\.image))
        let areAllSent = all.allSatisfy(\.isSent)
        var next = (0..<Self.most).lazy.filter { !taken.contains($0) }.makeIterator()
        all = rectangles.prefix(Self.most).compactMap { cells in
            if let piece = former[cells] { return piece }
            return next.next().map {
                PixelPiece(cells: cells, image: $0, isSent: areKept && !isFirst && areAllSent, hasImage: images.contains($0))
            }
        }
        let reused = Set(all.map(\.image))
        return gone.filter(\.hasImage).map(\.image).filter { !reused.contains($0) }
    }

    mutating func markSent(_ index: Int) { (all[index].isSent, all[index].hasImage) = (true, true) }

    /// To be sent again, in place of what is on the screen.
    mutating func forget(where isMeant: (CellRegion) -> Bool = { _ in true }) {
        for index in all.indices where isMeant(all[index].cells) { all[index].isSent = false }
    }

    /// As many rows of cells as sixels, six pixels high, fill without a rest.
    private static func evenRows(_ height: Int) -> Int {
        let even = height % 6 == 0 ? 1 : height % 3 == 0 ? 2 : height % 2 == 0 ? 3 : 6
        return even * max(1, (rowPixels + even * height - 1) / (even * height))
    }

    /// Rows with the same cells free go together, up to the next multiple of `high`; what is free in them is cut at multiples of `wide`, so
    /// that most pieces stay as they are when something is laid over a few.
    private static func rectangles(_ mask: [Bool], columns: Int, rows: Int, wide: Int, high: Int) -> [CellRegion] {
        func line(_ row: Int) -> ArraySlice<Bool> { mask[row * columns..<(row + 1) * columns] }
        var found: [CellRegion] = []
        var row = 0
        while row < rows {
            let limit = min(rows, row - row % high + high)
            var end = row + 1
            while end < limit, line(end).elementsEqual(line(row)) { end += 1 }
            var column = 0
            while column < columns {
                guard mask[row * columns + column] else {
                    column += 1
                    continue
                }
                let limit = min(columns, column - column % wide + wide)
                var right = column + 1
                while right < limit, mask[row * columns + right] { right += 1 }
                found.append(CellRegion(column: column, row: row, columns: right - column, rows: end - row))
                column = right
            }
            row = end
        }
        return found
    }
}
