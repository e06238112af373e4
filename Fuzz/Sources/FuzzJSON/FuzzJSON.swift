import FuzzSupport
import JSON

/// A value from outside: what is read of it agrees with itself, and is written so that the same is read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = FuzzInput(data, count).all
    guard let value = try? RawJSON(validating: bytes) else { return 0 }
    look(value, depth: 0)
    guard let copy = try? RawJSON(validating: value.bytes), copy == value else { violated("a copy of it is not the same") }
    let written = value.decoded.encoded()
    guard let again = try? RawJSON(validating: written) else { violated("what was read is written so that it cannot be read") }
    if again.decoded.encoded() != written { violated("what was read is written differently the second time") }
    return 0
}

private func look(_ value: RawJSON, depth: Int) {
    if depth > 64 { violated("deeper than the limit") }
    _ = (value.string, value.integer, value.kind)
    for element in value.elements ?? [] { look(element, depth: depth + 1) }
    let members = value.members ?? []
    for (name, member) in members {
        look(member, depth: depth + 1)
        guard let last = members.last(where: { $0.name == name })?.value else { continue }
        if value.member(name) != last { violated("a member is not the last of its name") }
    }
    if value.elements != nil, value.members != nil { violated("an array and an object") }
}
