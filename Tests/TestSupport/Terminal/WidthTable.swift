import Glibc

/// How many columns the C library gives a character, as most terminals do: a judge that knows nothing of the program's own tables.
enum WidthTable {
    static func columns(_ scalar: Unicode.Scalar) -> Int {
        scalar.value < UInt32(table.count) ? Int(table[Int(scalar.value)]) : scalar.value < 0x40000 ? 2 : scalar.value < 0xe0000 ? 1 : 0
    }

    private static let table: [UInt8] = {
        let locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
        let former = locale.flatMap { uselocale($0) }
        defer {
            if let former { uselocale(former) }
            if let locale { freelocale(locale) }
        }
        // Declared for XPG sources only, and so unknown to Swift.
        typealias Width = @convention(c) (wchar_t) -> Int32
        guard let symbol = dlsym(nil, "wcwidth") else { return [] }
        let wcwidth = unsafeBitCast(symbol, to: Width.self)
        return (0..<0x20000).map { value in
            // What is not assigned takes one, as terminals have it.
            let width = wcwidth(wchar_t(value))
            return width < 0 ? 1 : UInt8(min(2, width))
        }
    }()
}
