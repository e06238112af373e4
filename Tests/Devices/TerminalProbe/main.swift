import CellGraphics
import Glibc
import Primitives
import Terminal
import Threading

// The terminal device in a process of its own, for the tests to send keys and signals to. It shows each event as text.
// Arguments: `crash` to trap after the first key, `flood` to fill the screen anew at each turn, `capabilities` to print those and end,
// `lingers` to go on for half a second after the terminal has been given back, `hangs` to never end then.

func describe(_ event: TerminalEvent) -> String {
    switch event {
    case .key(let key): "key \(key)"
    case .keyReleased(let key): "released \(key)"
    case .mouse(let mouse): "mouse \(mouse.kind) \(mouse.column),\(mouse.row)"
    case .paste(let text): "paste [\(text)]"
    case .answered: "answered"
    case .resized(let size): "resized \(size.columns)x\(size.rows)"
    case .resumed(let size): "resumed \(size.columns)x\(size.rows)"
    case .wake: "wake"
    case .writable: "writable"
    case .terminate(let signal): "terminate \(signal)"
    case .hangUp: "hang up"
    }
}

let arguments = CommandLine.arguments.dropFirst()
do {
    guard let wake = EventDescriptor() else { exit(3) }
    let device = try TerminalDevice(wakes: [wake])
    if arguments.contains("capabilities") {
        device.close()
        print(device.capabilities.summary.joined(separator: "\n"))
        exit(0)
    }
    var encoder = EscapeEncoder(mode: .truecolor)
    var grid = CellGrid(columns: device.size.columns, rows: device.size.rows)
    var lines = ["ready \(getpid())"]
    var shown = 0
    loop: while true {
        while shown < lines.count {
            grid.clear(CellRegion(column: 0, row: shown % max(1, grid.rows), columns: grid.columns, rows: 1))
            grid.put("\(shown) \(lines[shown])", column: 0, row: shown % max(1, grid.rows))
            shown += 1
        }
        if arguments.contains("flood"), device.isReadyForFrame {
            for row in 1..<max(2, grid.rows) {
                for column in 0..<grid.columns {
                    grid.put("x", column: column, row: row, foreground: CellColor(rgb: UInt32.random(in: 0...0xff_ffff)))
                }
            }
        }
        encoder.encode(grid)
        device.present(encoder.output)
        for event in device.readEvents(until: nil) {
            if event != .writable { lines.append(describe(event)) }
            switch event {
            case .key(.character("q")), .terminate, .hangUp: break loop
            case .key(.character("w")): wake.signal()
            case .key(.character("t")): device.setTitle("tchat: \u{1b}]0;evil\u{7}수진")
            case .key(.character("b")): device.ringBell()
            case .key(.character("c")): device.copy("https://x.org/\u{1b}]0;a\u{7}수\n")
            case .key(.character("?")): device.ask()
            case .key(.character("s")): while true { pause() }
            case .key(.character("e")): perror("a library's message")
            case .key where arguments.contains("crash"): lines.removeAll(keepingCapacity: lines[lines.count].isEmpty)
            case .resized(let size), .resumed(let size):
                grid = CellGrid(columns: size.columns, rows: size.rows)
                encoder.repaint()
                shown = 0
            default: break
            }
        }
    }
    device.close(isEnding: true)
    if arguments.contains("lingers") {
        // A signal cuts a sleep short.
        let end = MonotonicClock.now() + .milliseconds(500)
        while MonotonicClock.now() < end { usleep(10_000) }
    }
    while arguments.contains("hangs") { pause() }
    if !arguments.contains("flood") { print("left") }
} catch {
    print(error)
    exit(2)
}
