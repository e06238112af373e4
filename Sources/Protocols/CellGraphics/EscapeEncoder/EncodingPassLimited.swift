extension EncodingPass {
    /// Text from the top, then picture cells from `first` round to it again, as far as there is room; gives where to go on, and the share of
    /// the cells that are up to date now.
    mutating func runLimited(
        from first: Int, _ cells: Int, until limit: UnsafeMutablePointer<UInt8>, _ target: CellPointers, _ shown: MutableCellPointers,
        _ clusters: ClusterTable, _ palette: PaletteView?, _ writer: inout EscapeWriter
    ) -> (resumeIndex: Int, progress: Double) {
        guard cells > 0 else { return (0, 1) }
        let first = first < cells ? first : 0
        guard run(.text, from: 0, to: cells, until: limit, target, shown, clusters, palette, &writer) == cells else { return (first, 0) }
        let upper = run(.pictures, from: first, to: cells, until: limit, target, shown, clusters, palette, &writer)
        guard upper == cells else { return (upper, Double(upper - first) / Double(cells)) }
        let lower = run(.pictures, from: 0, to: first, until: limit, target, shown, clusters, palette, &writer)
        // Nothing is left: the next cut frame may as well go on from here.
        return (lower, lower == first ? 1 : Double(cells - first + lower) / Double(cells))
    }
}
