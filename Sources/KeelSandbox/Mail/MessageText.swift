/// A message's header and body (RFC 5322 section 2), as far as servers look into them.
struct MessageText {
    /// Name and unfolded value, as bytes, because a header may hold any.
    let fields: [(name: String, value: [UInt8], whole: [UInt8])]
    /// With the empty line that ends it.
    let header: [UInt8]
    let body: [UInt8]

    init(_ bytes: [UInt8]) {
        var fields: [(name: String, value: [UInt8], whole: [UInt8])] = []
        var rest = bytes[...]
        while let feed = rest.firstIndex(of: 10) {
            let whole = rest[...feed]
            let line = whole.filter { $0 != 13 && $0 != 10 }
            rest = rest[rest.index(after: feed)...]
            if line.isEmpty { break }
            if line.first == UInt8(ascii: " ") || line.first == UInt8(ascii: "\t"), let last = fields.popLast() {
                fields.append((last.name, last.value + line, last.whole + whole))
            } else {
                let name = line.prefix { $0 != UInt8(ascii: ":") }
                let value = line.dropFirst(name.count + 1).drop { $0 == UInt8(ascii: " ") }
                fields.append((String(decoding: name, as: UTF8.self), Array(value), Array(whole)))
            }
        }
        self.fields = fields
        header = Array(bytes[..<rest.startIndex])
        body = Array(rest)
    }

    /// The value of the first field of that name.
    func field(_ name: String) -> [UInt8]? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The address in a field such as `From`: what is between the last angle brackets, else all of it.
    func address(_ name: String) -> (display: [UInt8], address: String)? {
        guard let value = field(name) else { return nil }
        guard let open = value.lastIndex(of: UInt8(ascii: "<")),
            let close = value[open...].firstIndex(of: UInt8(ascii: ">"))
        else { return ([], String(decoding: value, as: UTF8.self)) }
        let quotes: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\"")]
        let display = value[..<open].drop { quotes.contains($0) }.reversed().drop { quotes.contains($0) }.reversed()
        return (Array(display), String(decoding: value[value.index(after: open)..<close], as: UTF8.self))
    }
}
