import KeelBase

extension Journal {
    /// Reads a journal; nil if not even its first line was finished, which means that nothing was committed.
    static func parse(_ bytes: [UInt8], path: String) throws(StateFailure) -> Journal? {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // After the last newline stands nothing, or the beginning of a line that a crash cut off.
        let torn = lines.popLast().map { !$0.isEmpty } ?? false
        var journal: Journal?
        var version = 0
        for (index, line) in lines.enumerated() {
            guard let body = JournalLine.opened(line) else {
                // A power cut may leave blocks of the last line unwritten: only there is damage a torn end.
                guard index == lines.count - 1, !torn else {
                    throw damage(path, "line \(index + 1) of the journal is damaged")
                }
                journal?.endsTorn = true
                return journal
            }
            do throws(ReadingFault) {
                if index == 0 {
                    let (header, format) = try header(body)
                    version = format
                    journal = Journal(header: header, entries: [], endsTorn: torn)
                } else if version == 1 {
                    journal?.entries.append(try FormatOne.entry(body))
                } else {
                    journal?.entries += try entries(body)
                }
            } catch {
                if let version = error.newerVersion { throw .newerFormat(path, version, known: formatVersion) }
                throw damage(path, "line \(index + 1): \(ForeignText(error.reason))")
            }
        }
        return journal
    }

    private static func damage(_ path: String, _ reason: String) -> StateFailure {
        StateFailure(
            .corrupt, path: path, reason,
            remedy:
                "the state beside it is whole; move the journal away to go on without what that run committed last, and plan to see what that is; the vault still holds all grants"
        )
    }

    private static func header(_ body: [UInt8]) throws(ReadingFault) -> (Header, version: Int) {
        guard let json = try? JSON(parsing: body), let version = json["journal"]?.integer else {
            throw ReadingFault(0, "it does not begin like a journal")
        }
        guard version <= formatVersion else { throw ReadingFault(newer: version) }
        guard version > 0, let lineage = json["lineage"]?.string, let serial = json["serial"]?.integer,
            let run = json["run"]?.string
        else { throw ReadingFault(0, "it does not begin like a journal") }
        return (
            Header(
                lineage: lineage, serial: serial, vault: json["vault"]?.string, run: run,
                operation: json["operation"]?.string, who: json["who"]?.string), version
        )
    }

    private static func entries(_ body: [UInt8]) throws(ReadingFault) -> [Entry] {
        var cursor = JSONCursor(body)
        var entries: [Entry] = []
        try cursor.enterObject("entries")
        while let name = try cursor.nextName() {
            guard name == "entries" else {
                try cursor.skipValue()
                continue
            }
            try cursor.enterArray(name)
            while try cursor.nextElement() { entries.append(try cursor.entry()) }
        }
        try cursor.end()
        guard !entries.isEmpty else { throw JSONCursor.malformed(0, "entries") }
        return entries
    }
}

extension JSONCursor {
    fileprivate mutating func entry() throws(ReadingFault) -> Journal.Entry {
        let start = offset
        var address: ResourceAddress?
        var from: ResourceAddress?
        var record: ResourceRecord?
        var hasRecord = false
        try enterObject("entry")
        while let name = try nextName() {
            switch name {
            case "address": address = try self.address(name)
            case "from": from = try self.address(name)
            case "record":
                hasRecord = true
                if try !null() { record = try self.record() }
            default: try skipValue()
            }
        }
        guard let address, hasRecord else { throw Self.malformed(start, "address or record") }
        return Journal.Entry(address, record, from: from)
    }
}
