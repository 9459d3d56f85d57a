import KeelBase

extension StateDocument {
    /// Reads what `bytes()` writes, and what older versions wrote. All of it must be JSON; of the records only the heads
    /// are made into values.
    ///
    /// - Throws: `StateFailure` with `.corrupt` or `.newerFormat`.
    package init(parsing bytes: [UInt8], path: String) throws(StateFailure) {
        do throws(ReadingFault) {
            switch try Self.version(of: bytes) {
            case 1: self = try FormatOne.document(bytes, path)
            case Self.formatVersion: try self.init(scanning: bytes, path: path)
            case let version: throw ReadingFault(newer: version)
            }
        } catch {
            if let version = error.newerVersion { throw .newerFormat(path, version, known: Self.formatVersion) }
            throw .corrupt(path, error, in: bytes)
        }
    }

    /// The format of a state. It stands first wherever no foreign tool has sorted the members.
    private static func version(of bytes: [UInt8]) throws(ReadingFault) -> Int {
        var cursor = JSONCursor(bytes)
        cursor.skipBlanks()
        try cursor.enterObject("the state")
        while let name = try cursor.nextName() {
            guard name == "version" else {
                try cursor.skipValue()
                continue
            }
            let start = cursor.offset
            let version = try cursor.integer(name)
            guard version > 0 else { throw JSONCursor.malformed(start, name) }
            return version
        }
        throw ReadingFault(0, "it has no version")
    }

    private init(scanning bytes: [UInt8], path: String) throws(ReadingFault) {
        var cursor = JSONCursor(bytes)
        var table: RecordTable?
        let header = try StateHeader(&cursor) { cursor throws(ReadingFault) in
            guard table == nil else { throw cursor.fault("payload stands twice") }
            table = try cursor.payload()
            return true
        }
        try cursor.end()
        guard let serial = header.serial else { throw JSONCursor.malformed(0, "serial") }
        guard let lineage = header.lineage else { throw JSONCursor.malformed(0, "lineage") }
        guard let table else { throw JSONCursor.malformed(0, "payload.plain") }
        self.init(
            serial: serial, lineage: lineage, vault: header.vault, written: header.written, path: path, table: table)
    }
}

extension JSONCursor {
    fileprivate mutating func payload() throws(ReadingFault) -> RecordTable {
        let start = offset
        var table: RecordTable?
        try enterObject("payload")
        while let name = try nextName() {
            guard name == "plain" else {
                try skipValue()
                continue
            }
            try enterObject("payload.plain")
            while let name = try nextName() {
                if name == "resources", table == nil { table = try resources() } else { try skipValue() }
            }
        }
        guard let table else { throw Self.malformed(start, "payload.plain.resources") }
        return table
    }

    private mutating func resources() throws(ReadingFault) -> RecordTable {
        var table = RecordTable()
        try enterObject("resources")
        while let name = try nextName() {
            let start = offset
            guard let address = ResourceAddress(parsing: name) else {
                throw Self.malformed(start, "an address: \(name)")
            }
            do throws(ReadingFault) {
                guard table.append(try storedRecord(), at: address) else {
                    throw ReadingFault(start, "it stands twice")
                }
            } catch {
                throw ReadingFault(error.offset, "\(name): \(error.reason)")
            }
        }
        return table
    }
}
