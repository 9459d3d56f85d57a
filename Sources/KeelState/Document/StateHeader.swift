import KeelBase

/// What a state says of itself around its payload.
struct StateHeader: Sendable, Equatable {
    var version: Int?
    var serial: Int?
    var lineage: String?
    var vault: String?
    var written: Written?

    /// Reads a state, with its payload left to `payload`, which returns whether to go on behind it. So a text that is cut
    /// off within the payload can be read for its header.
    init(
        _ cursor: inout JSONCursor, payload: (inout JSONCursor) throws(ReadingFault) -> Bool
    ) throws(ReadingFault) {
        cursor.skipBlanks()
        try cursor.enterObject("the state")
        while let name = try cursor.nextName() {
            switch name {
            case "version": version = try cursor.integer(name)
            case "serial": serial = try cursor.integer(name)
            case "lineage": lineage = try cursor.text(name)
            case "vault": vault = try cursor.text(name)
            case "written": written = try cursor.written()
            case "payload": if try !payload(&cursor) { return }
            default: try cursor.skipValue()
            }
        }
    }
}

extension JSONCursor {
    fileprivate mutating func written() throws(ReadingFault) -> Written {
        let start = offset
        var texts: [String: String] = [:]
        var at: Timestamp?
        try enterObject("written")
        while let name = try nextName() {
            if name == "at" { at = try time("written.at") } else { texts[name] = try text("written.\(name)") }
        }
        guard let at, let run = texts["run"], let operation = texts["operation"], let who = texts["who"] else {
            throw Self.malformed(start, "written")
        }
        return Written(run: run, operation: operation, who: who, at: at)
    }
}
