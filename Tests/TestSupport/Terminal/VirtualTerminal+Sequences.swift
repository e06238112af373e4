import Primitives

// What begins with an escape.
extension VirtualTerminal {
    /// How many bytes were taken; 0: more are needed.
    mutating func escape(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard bytes.count >= 2 else { return 0 }
        switch bytes[1] {
        case UInt8(ascii: "["):
            var end = 2
            while end < bytes.count, !(0x40...0x7e).contains(bytes[end]) {
                guard (0x20..<0x40).contains(bytes[end]) else {
                    note("broken sequence \(String(decoding: bytes[2...end], as: UTF8.self).debugDescription)")
                    return end
                }
                end += 1
            }
            guard end < bytes.count else { return 0 }
            if bytes[end] == UInt8(ascii: "m"), end == 2 || bytes[2] < 0x3c { rendition(bytes[2..<end]) } else { control(bytes[2...end]) }
            return end + 1
        case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
            for index in 2..<bytes.count {
                if bytes[index] == 7, bytes[1] == UInt8(ascii: "]") {
                    string(bytes[1], Array(bytes[2..<index]))
                    return index + 1
                }
                if bytes[index] == 0x1b, index + 1 < bytes.count {
                    string(bytes[1], Array(bytes[2..<index]))
                    // Anything but a backslash has cut the string short.
                    if bytes[index + 1] != UInt8(ascii: "\\") { note("a string that is cut off") }
                    return bytes[index + 1] == UInt8(ascii: "\\") ? index + 2 : index
                }
            }
            return 0
        case UInt8(ascii: "="): isApplicationKeypad = true
        case UInt8(ascii: ">"): isApplicationKeypad = false
        case UInt8(ascii: "7"): savedCursor = (column, row, pen)
        case UInt8(ascii: "8"): restoreCursor()
        // The end of a string that was not open.
        case UInt8(ascii: "\\"): break
        case UInt8(ascii: "("), UInt8(ascii: ")"):
            guard bytes.count >= 3 else { return 0 }
            if bytes[2] != UInt8(ascii: "B") { note("character set \(bytes[2])") }
            return 3
        default: note("escape \(bytes[1])")
        }
        return 2
    }

    private mutating func restoreCursor() {
        (column, row, pen) = (min(savedCursor.column, columns - 1), min(savedCursor.row, rows - 1), savedCursor.pen)
        wrapsNext = false
    }

    /// - Parameter bytes: all after `CSI`, the final byte too.
    private mutating func control(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        let text = String(decoding: bytes, as: UTF8.self)
        let final = text.last ?? " "
        let marker: Character? = text.first.flatMap { "?><=".contains($0) ? $0 : nil }
        let body = text.dropFirst(marker == nil ? 0 : 1).dropLast()
        let intermediate = body.last.flatMap { " !$\"".contains($0) ? $0 : nil }
        let numbers = body.dropLast(intermediate == nil ? 0 : 1).split(separator: ";", omittingEmptySubsequences: false).map {
            Int($0) ?? 0
        }
        let first = numbers.first ?? 0
        switch (marker, intermediate, final) {
        case ("?", nil, "h"), ("?", nil, "l"): for mode in numbers { setMode(mode, final == "h") }
        case ("?", "$", "p"): if kind.answersModes { answer("\u{1b}[?\(first);\(currentMode(first))$y") }
        case (nil, nil, "c"): if first == 0 { answer(kind.deviceAttributes.map { "\u{1b}[?\($0)c" }) }
        case (">", nil, "c"): answer(kind.secondaryAttributes.map { "\u{1b}[>\($0)c" })
        case (">", nil, "q"): answer(kind.version.map { "\u{1b}P>|\($0)\u{1b}\\" })
        case (nil, nil, "n"): status(first)
        case (nil, nil, "t"): window(numbers)
        case ("?", nil, "u"): if kind.hasKeyboardProtocol { answer("\u{1b}[?\(keyboardFlags.last ?? 0)u") }
        case (">", nil, "u"): keyboardFlags.append(first)
        case ("<", nil, "u"): keyboardFlags.removeLast(min(keyboardFlags.count, max(1, first)))
        case ("=", nil, "u"): if keyboardFlags.isEmpty { keyboardFlags = [first] } else { keyboardFlags[keyboardFlags.count - 1] = first }
        // The Linux console's cursor; modifyOtherKeys, the cursor's shape, a soft reset, XTSMGRAPHICS.
        case ("?", nil, "c"), (">", nil, "m"), (nil, " ", "q"), (nil, "!", "p"), ("?", nil, "S"): break
        case (nil, nil, _): if !move(final, numbers) { note("control sequence \(text)") }
        default: note("control sequence \(text)")
        }
    }

    private mutating func move(_ final: Character, _ numbers: [Int]) -> Bool {
        let first = numbers.first ?? 0
        let step = max(1, first)
        let second = numbers.count > 1 ? numbers[1] : 0
        switch final {
        case "H", "f": (row, column) = (min(rows, max(1, first)) - 1, min(columns, max(1, second)) - 1)
        case "A": row = max(0, row - step)
        case "B": row = min(rows - 1, row + step)
        case "E": (row, column) = (min(rows - 1, row + step), 0)
        case "C": column = min(columns - 1, column + step)
        case "D": column = max(0, column - step)
        case "G": column = min(columns, step) - 1
        case "d": row = min(rows, step) - 1
        case "J", "K", "X":
            erase(final, first)
            return true
        case "s": savedCursor = (column, row, pen)
        case "u": restoreCursor()
        case "r":
            // Only the whole screen scrolls here.
            guard first <= 1, second == 0 || second == rows else { return false }
            (column, row) = (0, 0)
        case "h" where first == 8, "l" where first == 8: isBidiExplicit = final == "l"
        // Insert mode and new-line mode, reset as terminfo's resets do.
        case "l" where first == 4 || first == 20: break
        default: return false
        }
        wrapsNext = false
        return true
    }

    private mutating func erase(_ what: Character, _ how: Int) {
        var blank = Cell()
        blank.background = pen.background
        let here = row * columns + column
        let range: Range<Int>
        switch (what, how) {
        case ("J", 0): range = here..<cells.count
        case ("J", 1): range = 0..<here + 1
        case ("J", 2), ("J", 3): range = 0..<cells.count
        case ("K", 0): range = here..<(row + 1) * columns
        case ("K", 1): range = row * columns..<here + 1
        case ("K", 2): range = row * columns..<(row + 1) * columns
        case ("X", _): range = here..<min((row + 1) * columns, here + max(1, how))
        default:
            note("erase \(what) \(how)")
            return
        }
        for index in range {
            cells[index] = blank
            writes[index] += 1
        }
    }

    private static let knownModes: Set<Int> = [
        1, 7, 9, 12, 25, 47, 80, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 1036, 1047, 1048, 1049, 1070, 2004, 2026, 2027,
        2031, 8452,
    ]

    private mutating func setMode(_ mode: Int, _ isOn: Bool) {
        if !Self.knownModes.contains(mode) { note("mode \(mode)") }
        if mode == 2026, !isOn, privateModes[2026] == true { synchronizedFrames += 1 }
        privateModes[mode] = isOn
        guard mode == 1049 || mode == 1047 || mode == 47 else { return }
        if isOn, main == nil {
            main = Screen(cells: cells, column: column, row: row, keyboardFlags: keyboardFlags)
            cells = Array(repeating: Cell(), count: columns * rows)
            keyboardFlags = []
        } else if !isOn, let kept = main {
            main = nil
            cells = kept.cells
            keyboardFlags = kept.keyboardFlags
            if mode == 1049 { (column, row, wrapsNext) = (min(kept.column, columns - 1), min(kept.row, rows - 1), false) }
        }
    }

    private func currentMode(_ mode: Int) -> Int {
        guard let known = kind.modes[mode], known == 1 || known == 2 else { return kind.modes[mode] ?? 0 }
        return privateModes[mode].map { $0 ? 1 : 2 } ?? known
    }

    private mutating func status(_ what: Int) {
        guard kind.answersStatus else { return }
        switch what {
        case 5: answer("\u{1b}[0n")
        case 6: answer("\u{1b}[\(row + 1);\(column + 1)R")
        default: note("status \(what)")
        }
    }

    private mutating func window(_ numbers: [Int]) {
        switch numbers.first {
        case 14: answer(kind.cellPixels.map { "\u{1b}[4;\($0.height * rows);\($0.width * columns)t" })
        case 16: answer(kind.cellPixels.map { "\u{1b}[6;\($0.height);\($0.width)t" })
        case 18: if kind.answersStatus { answer("\u{1b}[8;\(rows);\(columns)t") }
        case 22: titleStack.append(title)
        case 23: if let former = titleStack.popLast() { title = former }
        default: note("window \(numbers)")
        }
    }

    /// - Parameter opener: the byte after the escape.
    private mutating func string(_ opener: UInt8, _ body: [UInt8]) {
        let text = String(decoding: body.prefix(4096), as: UTF8.self)
        if body.contains(where: { $0 < 0x20 }) { note("control in a string \(text.prefix(40).debugDescription)") }
        switch opener {
        case UInt8(ascii: "]"): command(text)
        case UInt8(ascii: "_") where body.first == UInt8(ascii: "G"):
            keep(Graphic(kind: .kitty, column: column, row: row, payload: body))
            let controls = text.prefix { $0 != ";" }.dropFirst().split(separator: ",")
            guard kind.hasKittyGraphics, controls.contains("a=q") else { return }
            answer("\u{1b}_G\(controls.first { $0.hasPrefix("i=") } ?? "i=0");OK\u{1b}\\")
        case UInt8(ascii: "P"):
            if text.hasPrefix("+q") {
                // XTGETTCAP: "RGB" in hexadecimal.
                if text == "+q524742", kind.version != nil {
                    answer(kind.saysTruecolor ? "\u{1b}P1+r524742=382F382F38\u{1b}\\" : "\u{1b}P0+r524742\u{1b}\\")
                }
            } else if text.drop(while: { $0.isNumber || $0 == ";" }).first == "q" {
                keep(Graphic(kind: .sixel, column: column, row: row, payload: body))
            } else if !text.hasPrefix("$q") {
                note("device control \(text.prefix(40))")
            }
        default: note("string \(opener)")
        }
    }

    private mutating func keep(_ graphic: Graphic) {
        if graphics.count >= 256 { graphics.removeFirst() }
        graphics.append(graphic)
    }

    private mutating func command(_ text: String) {
        let number = text.prefix { $0 != ";" }
        switch number {
        case "0", "1", "2":
            guard number != "1" else { return }
            title = String(text.dropFirst(number.count + 1))
            if titles.count >= 100 { titles.removeFirst() }
            titles.append(title ?? "")
        case "52":
            guard text.hasPrefix("52;c;"), let bytes = Base64.decode(Array(text.utf8.dropFirst(5))[...]) else {
                return note("clipboard \(text.prefix(40))")
            }
            clipboard = String(decoding: bytes, as: UTF8.self)
        // Links and colours.
        case "8", "4", "10", "11", "104", "110", "111": break
        default: note("command \(text.prefix(40))")
        }
    }

    private mutating func rendition(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        var numbers: [Int] = []
        var number = 0
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = min(100_000, number * 10 + Int(byte) - 48)
            case UInt8(ascii: ";"), UInt8(ascii: ":"):
                numbers.append(number)
                number = 0
            default: return note("rendition \(String(decoding: bytes, as: UTF8.self))")
            }
        }
        numbers.append(number)
        var index = 0
        while index < numbers.count {
            let code = numbers[index]
            index += 1
            guard code == 38 || code == 48 || code == 58 else {
                render(code)
                continue
            }
            let color: Color
            if index + 1 < numbers.count, numbers[index] == 5 {
                color = .indexed(UInt8(clamping: numbers[index + 1]))
                index += 2
            } else if index + 3 < numbers.count, numbers[index] == 2 {
                color = .rgb(UInt8(clamping: numbers[index + 1]), UInt8(clamping: numbers[index + 2]), UInt8(clamping: numbers[index + 3]))
                index += 4
            } else {
                return note("rendition \(String(decoding: bytes, as: UTF8.self))")
            }
            if code == 38 { pen.foreground = color } else if code == 48 { pen.background = color }
        }
    }

    private mutating func render(_ code: Int) {
        switch code {
        case 0: pen = Cell()
        case 1: pen.bold = true
        case 2: pen.dim = true
        case 3: pen.italic = true
        case 4: pen.underline = true
        case 5: pen.blink = true
        case 7: pen.reverse = true
        case 22: (pen.bold, pen.dim) = (false, false)
        case 23: pen.italic = false
        case 24: pen.underline = false
        case 25: pen.blink = false
        case 27: pen.reverse = false
        case 30...37: pen.foreground = .indexed(UInt8(code - 30))
        case 40...47: pen.background = .indexed(UInt8(code - 40))
        case 90...97: pen.foreground = .indexed(UInt8(code - 82))
        case 100...107: pen.background = .indexed(UInt8(code - 92))
        case 39: pen.foreground = .standard
        case 49: pen.background = .standard
        default: note("rendition \(code)")
        }
    }
}
