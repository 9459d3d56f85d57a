/// A text in which `${...}` may stand, taken apart. `$${` is a literal `${`.
struct ReferenceText {
    enum Part {
        case literal(ArraySlice<UInt8>)
        case reference(Reference)
        /// A `${` without its `}`, from here to the end.
        case unclosed(Range<Int>)
    }

    let parts: [Part]

    init(_ bytes: ArraySlice<UInt8>) {
        var parts: [Part] = []
        var start = bytes.startIndex
        var index = start
        func flush(to end: Int) { if end > start { parts.append(.literal(bytes[start..<end])) } }
        while let dollar = bytes[index...].firstIndex(of: UInt8(ascii: "$")) {
            let rest = bytes[dollar...]
            if rest.starts(with: Self.escaped) {
                flush(to: dollar)
                // Its last two bytes are what it stands for.
                start = dollar + 1
                index = dollar + Self.escaped.count
            } else if rest.starts(with: Self.opening) {
                flush(to: dollar)
                let inner = rest.dropFirst(Self.opening.count)
                let end = inner.firstIndex { $0 == UInt8(ascii: "}") || $0 == UInt8(ascii: "{") || $0 == 0x0A }
                guard let end, bytes[end] == UInt8(ascii: "}") else {
                    parts.append(.unclosed(dollar..<bytes.endIndex))
                    self.parts = parts
                    return
                }
                parts.append(.reference(Reference(inner[..<end], at: dollar..<end + 1)))
                start = end + 1
                index = start
            } else {
                index = dollar + 1
            }
        }
        flush(to: bytes.endIndex)
        self.parts = parts
    }

    var references: [Reference] {
        parts.compactMap { if case .reference(let reference) = $0 { reference } else { nil } }
    }

    /// The reference that is the whole text.
    var only: Reference? {
        if parts.count == 1, case .reference(let reference) = parts[0] { reference } else { nil }
    }

    /// Whether something may have to be replaced: nearly every text has no such sign.
    static func mayRefer(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.contains(UInt8(ascii: "$")) && bytes.firstRange(of: opening) != nil
    }

    private static let opening = Array("${".utf8)
    private static let escaped = Array("$${".utf8)
}

/// One `${NAMESPACE.NAME}`.
struct Reference {
    enum Namespace: String, CaseIterable {
        /// A variable of the project.
        case variable = "var"
        /// A column of the item that a set's template is filled from.
        case item
    }

    /// What stands between the braces.
    let written: String
    /// Nil: nobody knows it.
    let namespace: Namespace?
    /// What stands behind the first dot.
    let name: String
    /// Its bytes, with the braces.
    let bytes: Range<Int>

    init(_ inner: ArraySlice<UInt8>, at bytes: Range<Int>) {
        let dot = inner.firstIndex(of: UInt8(ascii: ".")) ?? inner.endIndex
        written = String(decoding: inner, as: UTF8.self)
        namespace = Namespace(rawValue: String(decoding: inner[..<dot], as: UTF8.self))
        name = String(decoding: inner[dot...].dropFirst(), as: UTF8.self)
        self.bytes = bytes
    }
}
