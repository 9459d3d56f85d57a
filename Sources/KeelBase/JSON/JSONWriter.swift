extension JSON {
    /// How a value is laid out.
    package enum Layout: Sendable {
        /// On one line, for journals and streams.
        case compact
        /// Indented by two spaces and ended by a newline, so that version control shows good differences.
        case pretty
    }

    /// The value as UTF-8.
    package func bytes(_ layout: Layout = .compact) -> [UInt8] {
        var writer = JSONWriter(pretty: layout == .pretty)
        writer.write(self, depth: 0)
        if layout == .pretty { writer.output.append(UInt8(ascii: "\n")) }
        return writer.output
    }

    /// The value as text.
    package func text(_ layout: Layout = .compact) -> String { String(decoding: bytes(layout), as: UTF8.self) }
}

private struct JSONWriter {
    let pretty: Bool
    var output: [UInt8] = []

    mutating func write(_ value: JSON, depth: Int) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .boolean(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .integer(let number): output.append(contentsOf: String(number).utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): write(text)
        case .array(let elements):
            list("[", "]", elements, depth) { writer, element in writer.write(element, depth: depth + 1) }
        case .object(let members):
            list("{", "}", members, depth) { writer, member in
                writer.write(member.name)
                writer.output.append(contentsOf: (writer.pretty ? ": " : ":").utf8)
                writer.write(member.value, depth: depth + 1)
            }
        }
    }

    private mutating func list<Element>(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ elements: [Element], _ depth: Int,
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        output.append(UInt8(ascii: open))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            newline(depth + 1)
            body(&self, element)
        }
        if !elements.isEmpty { newline(depth) }
        output.append(UInt8(ascii: close))
    }

    private mutating func newline(_ depth: Int) {
        guard pretty else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }

    /// Escapes what RFC 8259 section 7 demands and leaves the rest as UTF-8.
    private mutating func write(_ text: String) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case UInt8(ascii: "\n"): output.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): output.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): output.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7F: output.append(contentsOf: ("\\u00" + Hexadecimal.text([byte])).utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
