/// Pictures in kitty's graphics protocol: RGB, in base64, in chunks; the terminal scales them to cells.
/// Source: https://sw.kovidgoyal.net/kitty/graphics-protocol/
struct KittyEncoder: Sendable {
    /// The most base64 bytes that a chunk may have.
    static let chunkBytes = 4096
    private static let samplesPerChunk = chunkBytes / 4
    /// Two base64 digits for each 12 bits, the first one in the low byte.
    private static let digits: [UInt16] = (0..<4096).map { (value: Int) in
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        return UInt16(alphabet[value >> 6]) | UInt16(alphabet[value & 63]) << 8
    }

    /// Sends samples as the image `id`, which replaces what it was, and shows it on the cells from the cursor on, which stays.
    /// Nothing is answered, so that no answer becomes a key. Text has places of its own, so that no layer (`z`) is wanted; kitty 0.26 does
    /// not clear what is under layers below the text.
    func encode(_ canvas: borrowing PixelCanvas, cells: CellRegion, id: UInt32, into output: inout PixelOutput) {
        let area = canvas.area(of: cells)
        let width = area.right - area.left
        let total = width * (area.bottom - area.top)
        let samples = canvas.samples
        let stride = canvas.width
        output.write(256) { writer in
            writer.bytes("\u{1b}_Ga=T,q=2,f=24,i=")
            writer.number(Int(id))
            writer.bytes(",p=1,C=1")
            let sizes: [(StaticString, Int)] = [
                ("s", width), ("v", area.bottom - area.top), ("c", cells.columns), ("r", cells.rows),
            ]
            for (key, value) in sizes {
                writer.byte(UInt8(ascii: ","))
                writer.bytes(key)
                writer.byte(UInt8(ascii: "="))
                writer.number(value)
            }
        }
        var done = 0
        Self.digits.withUnsafeBufferPointer { digits in
            samples.withUnsafeBufferPointer { samples in
                while done < total {
                    let count = min(Self.samplesPerChunk, total - done)
                    output.write(4 * count + 32) { writer in
                        if done > 0 { writer.bytes("\u{1b}_Gq=2") }
                        if done + count < total {
                            writer.bytes(",m=1;")
                        } else {
                            writer.bytes(done > 0 ? ",m=0;" : ";")
                        }
                        var x = area.left + done % width
                        var row = (area.top + done / width) * stride
                        for _ in 0..<count {
                            let sample = samples[row &+ x]
                            let first = UInt32(digits[Int(sample >> 12 & 0xfff)])
                            writer.word(first | UInt32(digits[Int(sample & 0xfff)]) << 16, count: 4)
                            x &+= 1
                            if x == area.right { (x, row) = (area.left, row &+ stride) }
                        }
                        writer.bytes("\u{1b}\\")
                    }
                    done += count
                }
            }
        }
    }

    /// The image and what shows it are gone.
    func delete(id: UInt32, into output: inout PixelOutput) {
        output.write(48) { writer in
            writer.bytes("\u{1b}_Ga=d,q=2,d=I,i=")
            writer.number(Int(id))
            writer.bytes("\u{1b}\\")
        }
    }
}
