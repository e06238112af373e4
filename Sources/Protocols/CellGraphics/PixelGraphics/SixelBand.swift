/// Six rows of pixels on their way to sixels.
///
/// Each colour's columns become runs of equal sixels; runs of a colour that are close to each other make a span; spans that do not overlap
/// share a pass over the band, which takes fewer bytes than a pass for each colour.
struct SixelBand: Sendable {
    private struct Run {
        var length: Int32
        var next: Int32 = -1
        var sixel: UInt8
    }

    private struct Span {
        var color: UInt8
        var start: Int32
        var end: Int32
        var first: Int32
        var last: Int32
        /// In the same pass.
        var next: Int32 = -1
    }

    private struct Pass {
        var first: Int32
        var last: Int32
        var end: Int32
    }

    /// Pixels without a colour's own that its span goes on over, since a new span would take more bytes.
    private static let bridge: Int32 = 4
    /// The palette's number of each sample, eight bytes a column, the upper row first.
    private var numbers: [UInt8] = []
    /// Where each column's pixels begin, and the last one's end.
    private var starts: [Int32] = []
    private var runs: [Run] = []
    private var spans: [Span] = []
    private var passes: [Pass] = []
    /// For each colour its newest span.
    private var open = [Int32](repeating: -1, count: 256)
    /// The spans that the last column went into.
    private var latest: [Int32] = []
    private var firstColumn = 0
    private var columns = 0
    private var isDefined = [Bool](repeating: false, count: 256)
    private var selected = -1

    /// A new string, for the pixels from `left` to `right`.
    mutating func begin(_ canvas: borrowing PixelCanvas, left: Int, right: Int) {
        firstColumn = canvas.column(ofPixel: left)
        columns = canvas.column(ofPixel: right - 1) - firstColumn + 1
        starts.removeAll(keepingCapacity: true)
        for x in 0...columns { starts.append(Int32(max(left, min(right, canvas.firstPixel(ofColumn: firstColumn + x))) - left)) }
        if numbers.count < 8 * columns { numbers = Array(repeating: 0, count: 8 * columns) }
        for color in 0..<256 { isDefined[color] = false }
        selected = -1
    }

    /// Finds the colours of a row of samples, which is the band's row `line`.
    mutating func look(up canvas: borrowing PixelCanvas, row: Int, as line: Int, in palette: inout SixelPalette, pattern: [UInt8]) {
        let first = firstColumn
        let start = row * canvas.width + first
        var x = 0
        canvas.samples.withUnsafeBufferPointer { samples in
            numbers.withUnsafeMutableBufferPointer { numbers in
                while x < columns {
                    // As far as the table knows; then one is looked for, and it goes on.
                    let unknown = palette.table.withUnsafeBufferPointer { table -> Int? in
                        while x < columns {
                            let rgb = samples[start &+ x]
                            let more = UInt32(pattern[(row & 3) << 2 | (first &+ x) & 3])
                            let red = min(255, (rgb >> 16 & 255) &+ more) >> 3
                            let green = min(255, (rgb >> 8 & 255) &+ more) >> 3
                            let blue = min(255, (rgb & 255) &+ more) >> 3
                            let key = Int(red << 10 | green << 5 | blue)
                            let number = table[key]
                            if number == SixelPalette.unknown { return key }
                            numbers[x &<< 3 | line] = UInt8(truncatingIfNeeded: number)
                            x &+= 1
                        }
                        return nil
                    }
                    if let unknown { _ = palette.find(unknown) }
                }
            }
        }
    }

    /// Turns the columns into runs and spans, and spreads those over passes.
    mutating func gather(rows: Int) {
        runs.removeAll(keepingCapacity: true)
        spans.removeAll(keepingCapacity: true)
        passes.removeAll(keepingCapacity: true)
        for color in 0..<256 { open[color] = -1 }
        var former: UInt64 = 0
        let used: UInt64 = rows >= 6 ? 0xffff_ffff_ffff : (1 << UInt64(8 * rows)) - 1
        for x in 0..<columns {
            let (start, end) = (starts[x], starts[x + 1])
            let column = numbers.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8 * x, as: UInt64.self)) } & used
            if x > 0, column == former {
                for span in latest { prolong(Int(span), to: end, by: end - start) }
                continue
            }
            former = column
            latest.removeAll(keepingCapacity: true)
            var left: UInt8 = UInt8(truncatingIfNeeded: (1 << rows) - 1)
            while left != 0 {
                let first = left.trailingZeroBitCount
                let color = UInt8(truncatingIfNeeded: column >> UInt64(8 * first))
                var sixel: UInt8 = 0
                for row in first..<rows where UInt8(truncatingIfNeeded: column >> UInt64(8 * row)) == color { sixel |= 1 << row }
                left &= ~sixel
                add(color, sixel, start: start, end: end)
            }
        }
        for index in spans.indices { place(index) }
    }

    private mutating func prolong(_ span: Int, to end: Int32, by length: Int32) {
        spans[span].end = end
        runs[Int(spans[span].last)].length += length
    }

    private mutating func add(_ color: UInt8, _ sixel: UInt8, start: Int32, end: Int32) {
        let newest = open[Int(color)]
        if newest >= 0, spans[Int(newest)].end + Self.bridge >= start {
            let span = Int(newest)
            let gap = start - spans[span].end
            if gap == 0, runs[Int(spans[span].last)].sixel == sixel {
                prolong(span, to: end, by: end - start)
            } else {
                if gap > 0 { append(Run(length: gap, sixel: 0), to: span) }
                append(Run(length: end - start, sixel: sixel), to: span)
                spans[span].end = end
            }
            latest.append(newest)
            return
        }
        let run = Int32(runs.count)
        runs.append(Run(length: end - start, sixel: sixel))
        open[Int(color)] = Int32(spans.count)
        latest.append(Int32(spans.count))
        spans.append(Span(color: color, start: start, end: end, first: run, last: run))
    }

    private mutating func append(_ run: Run, to span: Int) {
        let index = Int32(runs.count)
        runs.append(run)
        runs[Int(spans[span].last)].next = index
        spans[span].last = index
    }

    /// Into the pass that ends nearest before it; spans come in the order of their starts.
    private mutating func place(_ index: Int) {
        let span = spans[index]
        var best = -1
        for pass in passes.indices where passes[pass].end <= span.start {
            if best < 0 || passes[pass].end > passes[best].end { best = pass }
        }
        if best >= 0 {
            spans[Int(passes[best].last)].next = Int32(index)
            passes[best].last = Int32(index)
            passes[best].end = span.end
        } else {
            passes.append(Pass(first: Int32(index), last: Int32(index), end: span.end))
        }
    }

    /// The band's bytes. A colour is defined where the string first uses it.
    mutating func write(_ colors: [UInt32], isLast: Bool, into output: inout PixelOutput) {
        // A run takes up to six digits and two signs; a span a definition and a gap besides.
        output.write(runs.count * 8 + spans.count * 32 + passes.count + 1) { writer in
            for (number, pass) in passes.enumerated() {
                if number > 0 { writer.byte(UInt8(ascii: "$")) }
                var (x, index) = (Int32(0), pass.first)
                while index >= 0 {
                    let span = spans[Int(index)]
                    Self.write(0, span.start - x, &writer)
                    select(Int(span.color), colors, &writer)
                    var run = span.first
                    while run >= 0 {
                        Self.write(runs[Int(run)].sixel, runs[Int(run)].length, &writer)
                        run = runs[Int(run)].next
                    }
                    (x, index) = (span.end, span.next)
                }
            }
            if !isLast { writer.byte(UInt8(ascii: "-")) }
        }
    }

    /// Some terminals take a definition for a choice too, some do not (xterm): what is defined is chosen besides.
    private mutating func select(_ color: Int, _ colors: [UInt32], _ writer: inout EscapeWriter) {
        if color == selected { return }
        selected = color
        if !isDefined[color], colors.indices.contains(color) {
            isDefined[color] = true
            writer.byte(UInt8(ascii: "#"))
            writer.number(color)
            writer.bytes(";2")
            for shift in [16, 8, 0] as [UInt32] {
                writer.byte(UInt8(ascii: ";"))
                writer.number(SixelPalette.percent(Int(colors[color] >> shift & 255)))
            }
        }
        writer.byte(UInt8(ascii: "#"))
        writer.number(color)
    }

    @inline(__always)
    private static func write(_ sixel: UInt8, _ length: Int32, _ writer: inout EscapeWriter) {
        guard length > 0 else { return }
        if length > 3 {
            writer.byte(UInt8(ascii: "!"))
            writer.number(Int(length))
            writer.byte(63 &+ sixel)
        } else {
            for _ in 0..<length { writer.byte(63 &+ sixel) }
        }
    }
}
