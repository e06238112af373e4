extension CellGrid {
    /// Copies a region from the same place of another grid of the same size.
    public mutating func copy(_ region: CellRegion, from other: borrowing CellGrid) {
        guard other.columns == columns, other.rows == rows else { return }
        let area = bounds.intersection(region)
        guard !area.isEmpty else { return }
        for row in area.row..<area.endRow {
            separate(column: area.column, row: row)
            separate(column: area.endColumn, row: row)
            let start = row * columns + area.column
            for index in start..<start + area.columns {
                var word = other.glyphs[index]
                let value = word & GlyphWord.valueMask
                if value >= GlyphWord.firstCluster, word != GlyphWord.unknown {
                    // Clusters are numbered by each grid for itself.
                    if let cluster = TerminalText.clusters(other.clusters.text(value)).first {
                        word = word & ~GlyphWord.valueMask | clusters.word(cluster)
                    }
                }
                glyphs[index] = word
                foregrounds[index] = other.foregrounds[index]
                backgrounds[index] = other.backgrounds[index]
            }
        }
    }
}
