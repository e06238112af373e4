extension I420Frame {
    /// The whole picture in another size: each new pixel is the mean of those it covers, or, enlarged, the nearest one.
    public func scaled(width newWidth: Int, height newHeight: Int) -> I420Frame {
        guard newWidth != width || newHeight != height else { return self }
        var result = I420Frame(width: newWidth, height: newHeight, time: time)
        scale(0, width, height, into: &result.bytes, 0, result.width, result.height)
        for plane in 0..<2 {
            scale(
                chromaOffset + plane * chromaCount, chromaWidth, chromaHeight, into: &result.bytes,
                result.chromaOffset + plane * result.chromaCount, result.chromaWidth, result.chromaHeight)
        }
        return result
    }

    private func scale(
        _ offset: Int, _ width: Int, _ height: Int, into output: inout [UInt8], _ newOffset: Int, _ newWidth: Int, _ newHeight: Int
    ) {
        let source = bytes.span
        var target = output.mutableSpan
        let columns = (0..<newWidth).map { Self.covered($0, of: newWidth, in: width) }
        for row in 0..<newHeight {
            let rows = Self.covered(row, of: newHeight, in: height)
            for column in 0..<newWidth {
                let across = columns[column]
                var sum = 0
                for y in rows {
                    let start = offset + y * width
                    for x in across { sum += Int(source[start + x]) }
                }
                let count = rows.count * across.count
                target[newOffset + row * newWidth + column] = UInt8(truncatingIfNeeded: (sum + count / 2) / count)
            }
        }
    }

    /// The old pixels under a new one: at least one.
    private static func covered(_ index: Int, of count: Int, in old: Int) -> Range<Int> {
        let start = index * old / count
        return start..<max(start + 1, (index + 1) * old / count)
    }
}
